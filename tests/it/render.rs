//! Titles, bodies and fields of issues.

use postmortem_sync::{
    model::{
        cycle::NoteKind,
        deadline::Policy,
        finding::Finding,
        rule::{Above, Destination, Outcome},
        terms::Tlp,
    },
    plan::{
        action::Action,
        plan,
        render::{Rendered, render},
    },
};

use crate::build::{context, date, destination, finding, reword, rule, unlinked};

const KEY: &str = "PM-1/F1";

fn rendered(destination: &Destination, finding: &Finding) -> Result<Rendered, String> {
    render(destination, finding, &Policy::review_default())
}

fn default_of(finding: &Finding) -> Rendered {
    rendered(&destination("github", "acme/payments"), finding).unwrap()
}

fn titled(template: &str) -> Destination {
    Destination { title: Some(template.to_owned()), ..destination("github", "acme/payments") }
}

fn bodied(template: &str) -> Destination {
    Destination { body: Some(template.to_owned()), ..destination("github", "acme/payments") }
}

fn full() -> Finding {
    let mut finding = finding(KEY);
    reword(&mut finding, |words| words.title = "Rotate the signing keys".to_owned());
    reword(&mut finding, |words| words.description = Some("They were in the build cache.".to_owned()));
    reword(&mut finding, |words| words.criteria = Some("An old key is refused.".to_owned()));
    reword(&mut finding, |words| words.postmortem_title = "Keys leaked".to_owned());
    finding.stated.postmortem_url = Some("https://wiki.example.com/pm-1".to_owned());
    finding
}

#[test]
fn the_default_says_what_by_when_and_how_it_is_checked() {
    let Rendered { title, body, fields } = default_of(&full());
    assert_eq!(title, "Rotate the signing keys");
    assert!(fields.is_empty());
    for part in [
        "### What is asked\n\nRotate the signing keys\n\nThey were in the build cache.\n",
        "### How we will know that it worked\n\nAn old key is refused.\n",
        "2026-04-21: 60 days for severity medium.",
        "close this issue as done; that is enough. A reviewer verifies it afterwards.\nIf it will not be done, say why",
        "Finding PM-1/F1 of [Keys leaked](https://wiki.example.com/pm-1).",
    ] {
        assert!(body.contains(part), "{part:?} is not in {body}");
    }
    assert_eq!(body.trim(), body);
}

#[test]
fn the_default_does_without_what_is_not_stated() {
    let mut bare = finding(KEY);
    bare.clock.due = None;
    reword(&mut bare, |words| words.postmortem_title = "Keys leaked".to_owned());
    let body = default_of(&bare).body;
    assert!(body.contains("None, severity medium."), "{body}");
    assert!(body.contains("Please describe in a comment"), "{body}");
    assert!(body.ends_with("Finding PM-1/F1 of Keys leaked."), "{body}");
}

#[test]
fn the_default_says_who_verifies_and_why_the_day_is_that_day() {
    let mut asked = full();
    asked.stated.reviewers = vec!["Eli Novak".to_owned(), "@mallory".to_owned()];
    asked.clock.due = Some(date("2026-04-02"));
    asked.stated.due = asked.clock.due;
    let body = default_of(&asked).body;
    assert!(body.contains("A reviewer (Eli Novak, ") && !body.contains("@mallory"), "{body}");
    assert!(body.contains("2026-04-02: the day that its write-up asks for."), "{body}");
    asked.stated.tlp = Tlp::AmberStrict;
    let place = Destination { above: Above::Minimal, ..destination("github", "acme/payments") };
    let body = rendered(&place, &asked).unwrap().body;
    assert!(!body.contains("Novak"), "{body}");
}

#[test]
fn summary_and_actors_of_the_postmortem_are_not_offered() {
    for secret in ["postmortem.summary", "postmortem.actors", "finding.evidence", "finding.owner"] {
        assert!(rendered(&bodied(&format!("{{{{ {secret} }}}}")), &full()).is_err(), "{secret}");
    }
}

#[test]
fn foreign_text_is_inert_wherever_a_template_puts_it() {
    let mut hostile = full();
    let text = "@alice fixes #1".to_owned();
    reword(&mut hostile, |words| words.title.clone_from(&text));
    reword(&mut hostile, |words| words.description = Some(text.clone()));
    reword(&mut hostile, |words| words.criteria = Some(text.clone()));
    hostile.stated.team = Some(text.clone());
    hostile.stated.labels = vec![text.clone()];
    reword(&mut hostile, |words| words.postmortem_title.clone_from(&text));
    let template = "{{ finding.title }}|{{ finding.description }}|{{ finding.criteria }}|{{ finding.team }}|\
                    {{ finding.labels | join(', ') }}|{{ finding.labels }}|{{ postmortem.title }}";
    let body = rendered(&bodied(template), &hostile).unwrap().body;
    assert!(!body.contains("@a") && !body.contains("#1"), "{body}");
}

#[test]
fn a_key_that_is_more_than_a_key_is_inert() {
    let body = default_of(&Finding { key: "@alice #1/F1".into(), ..full() }).body;
    assert!(!body.contains("@a") && !body.contains("#1"), "{body}");
    assert!(default_of(&full()).body.contains("PM-1/F1"), "a plain one can be copied");
}

#[test]
fn the_address_of_the_postmortem_is_ours_and_stays() {
    for url in [
        "https://github.com/acme/postmortems/pull/7",
        "https://github.com/acme/postmortems/commit/a1b2c3d4e5",
        "https://wiki.example.com/@team/pm_(draft)",
    ] {
        let mut linked = full();
        linked.stated.postmortem_url = Some(url.to_owned());
        let body = default_of(&linked).body;
        assert!(body.replace("%28", "(").replace("%29", ")").contains(&format!("]({url})")), "{body}");
    }
}

#[test]
fn an_address_cannot_break_out_of_its_link() {
    for url in [
        "https://x.example/) @alice fixes #1 (",
        "https://x.example/\n\n@alice",
        "https://x.example/>@alice<",
    ] {
        let mut hostile = full();
        hostile.stated.postmortem_url = Some(url.to_owned());
        let body = default_of(&hostile).body;
        let link = body.lines().last().unwrap().strip_prefix("Finding PM-1/F1 of [Keys leaked](").unwrap();
        let target = link.strip_suffix(").").unwrap();
        assert!(!target.contains(|c: char| c.is_whitespace() || "()<>".contains(c)), "{target}");
    }
}

#[test]
fn an_address_of_another_kind_is_not_linked() {
    for url in ["javascript:alert(1)", "file:///etc/passwd", "wiki.example.com/pm", ""] {
        let mut odd = full();
        odd.stated.postmortem_url = Some(url.to_owned());
        assert!(default_of(&odd).body.ends_with("of Keys leaked."), "{url}");
    }
}

#[test]
fn a_template_can_use_what_is_offered() {
    let template = "[{{ finding.severity|upper }}] {{ finding.title }} ({{ finding.key }}, {{ policy }})";
    let title = rendered(&titled(template), &full()).unwrap().title;
    assert_eq!(
        title,
        "[MEDIUM] Rotate the signing keys (PM-1/F1, review-default)".replace("PM-1", "PM-\u{2060}1")
    );
}

#[test]
fn fields_are_rendered_by_their_id() {
    let mut to = destination("jira", "PLAT");
    to.fields = [("customfield_10050".to_owned(), "{{ finding.severity }}".to_owned())].into();
    let fields = rendered(&to, &full()).unwrap().fields;
    assert_eq!(fields["customfield_10050"], "medium");
}

#[test]
fn a_template_that_is_wrong_is_named() {
    let mut to = destination("jira", "PLAT");
    to.fields = [("customfield_1".to_owned(), "{{ finding.nope }}".to_owned())].into();
    for (to, name) in [
        (titled("{{ finding.titel }}"), "`title`"),
        (bodied("{% if %}"), "`body`"),
        (bodied("{{ finding.title | shout }}"), "`body`"),
        (to, "`customfield_1`"),
    ] {
        let error = rendered(&to, &full()).unwrap_err();
        assert!(error.contains(name), "{error}");
    }
}

#[test]
fn a_template_that_is_wrong_holds_the_finding() {
    let context = postmortem_sync::plan::snapshot::Context {
        rules: vec![rule("payments", Outcome::Create(titled("{{ finding.titel }}")))],
        ..context()
    };
    let plan = plan(&context, &[unlinked(full())]);
    assert_eq!(plan.actions, Vec::<Action>::new());
    assert_eq!(plan.notes[0].kind, NoteKind::Held);
    assert!(plan.notes[0].why.contains("`title`"), "{}", plan.notes[0].why);
}

#[test]
fn a_template_that_runs_away_is_stopped() {
    let runaway = "{% for a in range(10000) %}{% for b in range(10000) %}x{% endfor %}{% endfor %}";
    let error = rendered(&bodied(runaway), &full()).unwrap_err();
    assert!(error.contains("`body`"), "{error}");
}

#[test]
fn a_title_of_nothing_is_an_error() {
    let error = rendered(&titled("{% if false %}x{% endif %} "), &full()).unwrap_err();
    assert!(error.contains("`title`"), "{error}");
}

#[test]
fn a_title_is_cut_between_characters_as_people_see_them() {
    let flag = "\u{1f1e9}\u{1f1ea}";
    let mut long = full();
    reword(&mut long, |words| words.title = flag.repeat(300));
    let title = default_of(&long).title;
    let whole = title.strip_suffix('…').unwrap();
    assert_eq!(whole.replace(flag, ""), "", "no flag is cut in half");
    reword(&mut long, |words| words.title = "é".repeat(250));
    assert_eq!(default_of(&long).title, "é".repeat(250), "what fits is not cut");
    reword(&mut long, |words| words.title = "é".repeat(251));
    assert_eq!(default_of(&long).title, format!("{}…", "é".repeat(249)));
}

#[test]
fn a_title_fits_every_tracker_whatever_it_is_made_of() {
    let family = "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}\u{200d}\u{1f466}";
    for piece in [family, "a", "\u{1f600}", "e\u{301}\u{302}\u{303}", "語"] {
        let mut long = full();
        reword(&mut long, |words| words.title = piece.repeat(400));
        let title = default_of(&long).title;
        assert!(title.encode_utf16().count() <= 255 && title.chars().count() <= 256, "{}", title.len());
        assert!(title.encode_utf16().count() > 200, "no more is cut than needed");
    }
    let mut tower = full();
    reword(&mut tower, |words| words.title = format!("a{}", "\u{301}".repeat(2000)));
    let title = default_of(&tower).title;
    assert!(title.encode_utf16().count() <= 255 && title.starts_with('a'), "{}", title.len());
}

#[test]
fn a_text_of_any_length_leaves_room_for_what_we_say() {
    let mut long = full();
    reword(&mut long, |words| words.description = Some("very long ".repeat(20_000)));
    reword(&mut long, |words| words.criteria = Some("very long ".repeat(20_000)));
    let body = default_of(&long).body;
    assert!(body.encode_utf16().count() <= 32_000, "Jira takes 32767");
    assert!(body.contains('…') && body.ends_with("of [Keys leaked](https://wiki.example.com/pm-1)."));
}

#[test]
fn a_text_with_a_credential_is_not_rendered_and_the_credential_is_not_repeated() {
    let planted = [
        ("a GitHub token", format!("ghp_{}", "a1B2".repeat(9))),
        ("a GitHub token", format!("github_pat_{}", "11ABCDE0_x".repeat(5))),
        ("an AWS access key", "AKIAIOSFODNN7EXAMPLE".to_owned()),
        ("a private key", "-----BEGIN OPENSSH PRIVATE KEY-----".to_owned()),
        ("a Slack token", "xoxb-1234567890-abcdef".to_owned()),
        ("a JSON web token", format!("eyJhbGciOi.eyJzdWIiOiIx.{}", "s".repeat(30))),
        ("an Atlassian token", format!("ATATT3xFfGF0{}", "k".repeat(40))),
        ("an Atlassian token", format!("ATATT3x{}", "k+/=_".repeat(6))),
        ("a Slack webhook", format!("https://hooks.slack.com/services/{}", "T0/B1_x-y/".repeat(3))),
    ];
    for (name, secret) in planted {
        let places: [fn(&mut Finding, String); 4] = [
            |finding, text| reword(finding, |words| words.title = text),
            |finding, text| reword(finding, |words| words.description = Some(text)),
            |finding, text| reword(finding, |words| words.criteria = Some(text)),
            |finding, text| reword(finding, |words| words.postmortem_title = text),
        ];
        for put in places {
            let mut finding = full();
            put(&mut finding, format!("rotate {secret} today"));
            let refused = rendered(&destination("github", "acme/payments"), &finding).unwrap_err();
            assert!(refused.contains(name) && !refused.contains(&secret), "{refused}");
        }
    }
}

#[test]
fn words_that_only_begin_like_a_credential_are_text() {
    let mut finding = full();
    reword(&mut finding, |words| words.title = "Rename AKIA to ASIA, and ghp_ in notghp_abc, eyJ".to_owned());
    reword(&mut finding, |words| {
        words.description = Some("see xoxb- and glpat- and npm_config_registry".to_owned())
    });
    assert!(rendered(&destination("github", "acme/payments"), &finding).is_ok());
    let broken =
        "ATATT3x and so on, for more than thirty characters; hooks.slack.com/services/ and what follows it";
    reword(&mut finding, |words| words.description = Some(broken.to_owned()));
    assert!(rendered(&destination("github", "acme/payments"), &finding).is_ok());
}

#[test]
fn above_its_clearance_a_place_gets_the_minimal_text_only_where_the_rule_says_so() {
    let mut finding = full();
    finding.stated.tlp = Tlp::AmberStrict;
    let held = destination("github", "acme/payments");
    assert!(rendered(&held, &finding).unwrap_err().contains("may hold TLP:AMBER at most"));
    let minimal = Destination { above: Above::Minimal, ..held };
    let text = rendered(&minimal, &finding).unwrap();
    let title = text.title.replace('\u{2060}', "");
    assert_eq!(title, format!("Security follow-up {}", finding.key));
    let words = finding.stated.words_inside();
    let team = finding.stated.team.as_ref();
    let secret = [Some(&words.title), words.description.as_ref(), words.criteria.as_ref(), team];
    for secret in secret.into_iter().flatten().chain([&words.postmortem_title]) {
        assert!(!text.body.contains(secret.as_str()), "{secret} is in {}", text.body);
    }
    assert!(text.body.contains(&finding.clock.due.unwrap().to_string()));
    finding.stated.tlp = Tlp::Red;
    assert!(rendered(&minimal, &finding).unwrap_err().contains("RED never leaves"));
}

#[test]
fn what_comes_to_nothing_is_left_out_and_never_called_none() {
    let mut finding = full();
    (finding.stated.team, finding.stated.kind) = (None, None);
    let mut to = titled("{{ finding.kind }}{{ finding.title }}");
    let field = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    to.fields = [
        field("blank", " {{ finding.team }} "),
        field("named", "{\"name\": \"{{ finding.team }}\"}"),
        field("listed", "[{\"id\": \"{{ finding.kind }}\"}, null]"),
        field("said", "team: {{ finding.team }}"),
        field("zero", "0"),
    ]
    .into();
    let Rendered { title, fields, .. } = rendered(&to, &finding).unwrap();
    assert_eq!(title, "Rotate the signing keys");
    assert_eq!(fields, [field("said", "team: "), field("zero", "0")].into());
}
