//! Wrong configurations: each is told with file, line, column and what to do.

use postmortem_sync::{model::postmortem::Level, settings::Settings, settings::secret::Environment};
use secrecy::ExposeSecret as _;

use super::settings::{BASE, CREATE, PEOPLE, folder, lines, load, load_in, refused, with, with_rules};

#[test]
fn an_unknown_key_suggests_the_nearest_one() {
    refused(&with("trakers: []\n"), &["main.yaml:11:1: unknown key | did you mean `trackers`?"]);
    refused(
        &BASE.replace("kind: github,", "knid: github, kind: github,").replace("rules:\n", ""),
        &["main.yaml:6:5: unknown key `knid` | did you mean `kind`?"],
    );
}

#[test]
fn an_unknown_class_suggests_the_nearest_one() {
    refused(
        &with_rules(&format!("  - name: a\n    when: {{ class: [technical_lapse, manual_eror] }}\n{CREATE}")),
        &[""],
    );
}

#[test]
fn a_missing_mode_is_explained() {
    refused(
        &with("").replace("mode: full\n", ""),
        &[
            "main.yaml:1:1: `mode` is missing: somebody must choose what may be written to the trackers | `observe` writes nothing to trackers, `create-only` opens issues, `upsert` also keeps owner, labels, date and comments, `full` also keeps the status; begin with `observe`",
        ],
    );
}

#[test]
fn an_unknown_mode_is_explained() {
    refused(
        &with("").replace("mode: full\n", "mode: ful\n"),
        &[
            "main.yaml:2:7: `ful` is not a mode | did you mean `full`? `observe` writes nothing to trackers, `create-only` opens issues, `upsert` also keeps owner, labels, date and comments, `full` also keeps the status; begin with `observe`",
        ],
    );
}

#[test]
fn an_unknown_tracker_suggests_the_nearest_one() {
    refused(
        &with_rules("  - name: a\n    create: { tracker: githab, repository: acme/x, max_tlp: AMBER }\n"),
        &["main.yaml:10:24: there is no tracker `githab` | did you mean `github`?"],
    );
}

#[test]
fn a_tracker_that_is_wrong_otherwise_is_still_known_to_the_rules() {
    refused(
        &with("").replace("kind: github, token: { env: TOKEN }", "kind: github"),
        &[
            "main.yaml:6:5: the tracker `github` has no credential | add `token: { env: NAME }` or `token: { file: PATH }`",
        ],
    );
}

#[test]
fn a_place_of_the_other_kind_of_tracker_is_refused() {
    refused(
        &with_rules(
            "  - name: a\n    create:\n      tracker: jira\n      repository: acme/x\n      max_tlp: AMBER\n\
             \x20 - name: b\n    create:\n      tracker: github\n      project: PLAT\n      max_tlp: AMBER\n",
        ),
        &[
            "main.yaml:12:19: `jira` is of kind jira-cloud and has no repository | write `project: PLAT`",
            "main.yaml:17:16: `github` is of kind github and has no project | write `repository: acme/payments`",
        ],
    );
}

#[test]
fn a_rule_that_an_earlier_one_shadows_is_refused() {
    let rule = |name: &str, when: &str| format!("  - name: {name}\n    when: {when}\n{CREATE}");
    let message = "the rule `b` can never match: `a` takes everything it would | move it above `a`, or give that rule a narrower `when`";
    let shadowed = |a: &str, b: &str| {
        refused(&with_rules(&(rule("a", a) + &rule("b", b))), &[&format!("main.yaml:12:5: {message}")]);
    };
    shadowed("{}", "{ team: x }");
    shadowed("{ team: [X, y] }", "{ team: x }");
    shadowed("{ severity: { at_least: medium } }", "{ severity: [critical, high], class: manual_error }");
    shadowed("{ labels: a }", "{ labels: [a, b] }");
    shadowed("{ postmortem: \"PM-*\" }", "{ postmortem: \"PM-2026-*\" }");
    shadowed("{ route: engineering }", "{}");
    shadowed("{ work: [bug, change_request] }", "{}");
}

#[test]
fn a_rule_that_can_still_match_is_accepted() {
    let rule = |name: &str, when: &str| format!("  - name: {name}\n    when: {when}\n{CREATE}");
    for (a, b) in [
        ("{ team: x }", "{}"),
        ("{ severity: { at_least: high } }", "{ severity: { at_least: medium } }"),
        ("{ labels: [a, b] }", "{ labels: a }"),
        ("{ postmortem: \"PM-2026-*\" }", "{ postmortem: \"PM-*\" }"),
        ("{}", "{ route: process }"),
        ("{ kind: [prevent, detect, mitigate, repair, investigate, process] }", "{}"),
    ] {
        let loaded = load(&with_rules(&(rule("a", a) + &rule("b", b))));
        assert!(loaded.is_ok(), "{a} then {b}: {:#?}", loaded.unwrap_err());
    }
}

#[test]
fn red_is_never_a_clearance() {
    refused(
        &with_rules("  - name: a\n    create: { tracker: github, repository: acme/x, max_tlp: RED }\n"),
        &[
            "main.yaml:10:61: RED never leaves the register, so no place can be cleared for it | use AMBER+STRICT for the strictest place",
        ],
    );
}

#[test]
fn an_unknown_time_zone_suggests_the_nearest_one() {
    let message = |zone: &str| format!("main.yaml:12:13: there is no time zone `{zone}`");
    for (zone, near) in
        [("Europe/Lodnon", "Europe/London"), ("Berlin", "Europe/Berlin"), ("new york", "America/New_York")]
    {
        refused(
            &with(&format!("schedule:\n  timezone: {zone}\n")),
            &[&format!("{} | did you mean `{near}`?", message(zone))],
        );
    }
}

#[test]
fn schedules_that_cannot_run_are_refused() {
    refused(
        &with("schedule:\n  sync: \"*/90 * * * *\"\n  review: 0 8 1 * Mon\n"),
        &[
            "main.yaml:12:9: the minute field `*/90` is not valid: 0-59, lists, ranges and steps such as `*/10` | write it like `*/5 * * * *` or `0 0 8 * * Mon-Fri`",
            "main.yaml:13:11: day of month (`1`) and weekday (`Mon`) are both restricted, which cron tools read in different ways | write `*` for one of the two",
        ],
    );
}

#[test]
fn addresses_that_would_leak_or_mislead_are_refused() {
    let jira = |url: &str| with("").replace("https://acme.atlassian.net", url);
    let at = "main.yaml:7:42: ";
    refused(
        &jira("http://acme.atlassian.net"),
        &[&format!(
            "{at}plain http would send the token readable to everybody | use https; http is for loopback only"
        )],
    );
    refused(
        &jira("ftp://acme.atlassian.net"),
        &[&format!("{at}this address is neither http nor https | begin it with `https://`")],
    );
    refused(
        &jira("acme.atlassian.net"),
        &[&format!(
            "{at}this address is not complete | write a complete address such as `https://acme.atlassian.net`"
        )],
    );
    refused(
        &jira("https://acme.atlassian.net/browse/PLAT-1"),
        &[&format!(
            "{at}this is the address of a page, not of the site | end it before `/browse` or `/rest`"
        )],
    );
    refused(
        &jira("https://bot:hunter2@acme.atlassian.net"),
        &[&format!(
            "{at}this address holds a user name or password | give the secret by reference: `token: {{ env: NAME }}`"
        )],
    );
    assert!(load(&jira("http://127.0.0.1:8080/jira/")).is_ok());
    assert!(load(&jira("http://[::1]:8080")).is_ok());
    let loaded = load(&jira("https://Acme.Atlassian.net/jira/")).unwrap();
    assert_eq!(loaded.trackers[1].url, "https://acme.atlassian.net/jira");
    assert_eq!(loaded.trackers[1].host.as_str(), "acme.atlassian.net");
}

#[test]
fn a_shared_address_takes_its_identity_from_the_site() {
    let shared =
        with("").replace("https://acme.atlassian.net", "https://api.atlassian.com/ex/jira/11111111-2222");
    refused(
        &shared,
        &[
            "main.yaml:7:42: this address serves every Jira Cloud site, so issues need the address that people open | add `browse_url: https://SITE.atlassian.net`",
        ],
    );
    let complete =
        shared.replace("kind: jira-cloud,", "kind: jira-cloud, browse_url: \"https://acme.atlassian.net\",");
    assert_eq!(load(&complete).unwrap().trackers[1].host.as_str(), "acme.atlassian.net");
}

fn with_jira(keys: &str) -> String {
    let jira = format!(
        "  - name: dc\n    kind: jira-dc\n    url: https://jira.acme.example\n    token: {{ env: TOKEN }}\n{keys}rules:\n"
    );
    with("").replace("rules:\n", &jira)
}

#[test]
fn a_status_map_that_would_flap_is_refused() {
    refused(
        &with_jira("    statuses: { In Review: in_progress }\n    targets:\n      done: in review\n"),
        &[
            "main.yaml:14:13: `in review` is written for done but read as in_progress: the status would flap | choose another target, or set `statuses: { in review: done }`",
        ],
    );
    refused(
        &with_jira("    targets: { in_progress: Doing, done: doing }\n"),
        &[
            "main.yaml:12:44: `doing` is written for done and for in_progress: it can only be read as one of them | give each its own status",
        ],
    );
    refused(
        &with_jira("    resolutions: { declined: Nope }\n"),
        &[
            "main.yaml:12:30: an issue closed with `Nope` would read back as done, not as declined | add `Nope` to `declined_resolutions`",
        ],
    );
    refused(
        &with_jira("    targets: { done: Done, declined: Done }\n"),
        &[
            "main.yaml:12:38: `Done` is written for declined and for done: it can only be read as one of them | give each its own status",
        ],
    );
    let told_apart = "    targets: { done: Done, declined: Done }\n    resolutions: { declined: Won't Do }\n";
    assert!(load(&with_jira(told_apart)).is_ok());
}

#[test]
fn keys_of_another_kind_of_tracker_are_refused() {
    refused(
        &with("").replace("kind: github,", "kind: github, email: a@b.example, statuses: { Done: done },"),
        &[
            "main.yaml:6:42: a tracker of kind github has no `email` | only `kind: jira-cloud` has it",
            "main.yaml:6:67: a tracker of kind github has no `statuses` | only Jira has it: GitHub issues are open or closed",
        ],
    );
    refused(
        &with("").replace("email: bot@acme.example, ", ""),
        &[
            "main.yaml:7:5: the tracker `jira` has no `email` | add the e-mail address of the account that the token belongs to",
        ],
    );
}

#[test]
fn a_template_with_a_syntax_error_is_told_with_its_line() {
    refused(
        &with_rules(
            "  - name: a\n    create:\n      tracker: github\n      repository: acme/x\n      max_tlp: AMBER\n\
             \x20     title: \"{{ finding.key\"\n      body: |\n        Fine.\n        {% if finding.due %}\n",
        ),
        &[
            "main.yaml:14:14: this template cannot be read: unexpected end of input, expected end of variable block",
            "main.yaml:17:9: this template cannot be read: unexpected end of input, expected end of if",
        ],
    );
    let main = with_rules(
        "  - name: a\n    create: { tracker: github, repository: acme/x, max_tlp: AMBER, body: { file: body.md } }\n",
    );
    let folder = folder(&[("main.yaml", &main), ("people.yaml", PEOPLE), ("body.md", "ok\n\n{{ }}\n")]);
    let noticed = load_in(folder.path()).unwrap_err();
    assert_eq!(lines(&noticed, Level::Error), ["body.md:3:0: this template cannot be read: "]);
}

#[test]
fn a_holiday_that_does_not_exist_is_refused() {
    refused(
        &with("deadlines:\n  calendar: { holidays: [2026-12-25, 2026-02-30] }\n"),
        &[
            "main.yaml:12:38: `2026-02-30` is not a date | write an existing date as year-month-day, such as `2026-12-25`",
        ],
    );
    let main = with("deadlines:\n  calendar: de\n");
    let files = [
        ("main.yaml", main.as_str()),
        ("people.yaml", PEOPLE),
        ("calendars/de.yaml", "holidays:\n  - 25.12.2026\n"),
    ];
    let noticed = load_in(folder(&files).path()).unwrap_err();
    assert_eq!(
        lines(&noticed, Level::Error),
        [
            "de.yaml:2:5: `25.12.2026` is not a date | write an existing date as year-month-day, such as `2026-12-25`"
        ]
    );
}

#[test]
fn an_account_of_two_people_is_refused() {
    let people = "alice:\n  github: alice\n  reviewer: true\nbob:\n  github: Alice\n  jira: a:1\ncarol:\n  jira: a:1\n  emial: c@x.example\n";
    let noticed = load_in(folder(&[("main.yaml", &with("")), ("people.yaml", people)]).path()).unwrap_err();
    assert_eq!(
        lines(&noticed, Level::Error),
        [
            "people.yaml:5:11: this github account belongs to `alice` already, on line 2 | each account belongs to one person",
            "people.yaml:8:9: this jira account belongs to `bob` already, on line 6 | each account belongs to one person",
            "people.yaml:9:3: unknown key `emial` | did you mean `email`?",
        ]
    );
}

#[test]
fn names_that_are_used_twice_are_refused() {
    refused(
        &with(&format!("  - name: all\n    when: {{ route: process }}\n{CREATE}")),
        &["main.yaml:11:11: there are two rules `all`; the first is on line 9 | rename one of them"],
    );
}

#[test]
fn an_instance_name_that_no_marker_could_carry_is_refused() {
    refused(
        &with("").replace("instance: acme", "instance: Acme Security"),
        &[
            "main.yaml:1:11: the instance's name has other characters than lower-case letters, digits and hyphens | write it like `acme-security`",
        ],
    );
}

#[test]
fn single_values_out_of_range_are_refused() {
    refused(
        &with(
            "listen: 0.0.0.0:80\nsettle: 20 minutes\nlimits: { changed_share: 0.0 }\nstore: mysql:x\nlabel: two words\n",
        ),
        &[
            "main.yaml:11:9: health, metrics and the reviewer page have no log-in, so they are served on loopback only | put a proxy with a log-in in front, or write `127.0.0.1:8321`",
            "main.yaml:12:9: `20 minutes` is not a length of time | write a number and a unit, such as `90s`, `20m`, `24h`, `7d` or `1h30m`",
            "main.yaml:13:26: a share of 0 would stop every cycle | to write nothing, use `mode: observe`",
            "main.yaml:14:8: this is neither a SQLite file nor a PostgreSQL address | write it like `sqlite:postmortem-sync.db`",
            "main.yaml:15:8: the label `two words` has a space, which Jira refuses | write it like `two-words`",
        ],
    );
}

#[test]
fn every_mistake_is_told_at_once() {
    let main = "mode: all\nsources: [{ name: a, files: [\"/x\"] }]\ntrackers:\n  - { name: t, kind: github, url: \"http://x.example\" }\n\
                rules:\n  - { name: r, when: { source: b }, create: { tracker: u, repository: a/b, max_tlp: RED } }\nsettle: x\n";
    let noticed = load(main).unwrap_err();
    let told = lines(&noticed, Level::Error);
    assert_eq!(told.len(), 9, "{told:#?}");
    assert!(noticed.is_sorted(), "in the order of lines");
}

#[test]
fn a_file_that_is_not_there_or_not_yaml_is_told() {
    let folder = folder(&[("main.yaml", "instance: [\n")]);
    assert_eq!(lines(&load_in(folder.path()).unwrap_err(), Level::Error).len(), 1);
    let missing = Settings::load(&folder.path().join("none.yaml"), Environment::new(|_| None)).unwrap_err();
    assert!(lines(&missing, Level::Error)[0].starts_with("none.yaml:0:0: this file cannot be read: "));
}

// -- warnings -----------------------------------------------------------------------------------------------------

#[test]
fn what_a_person_should_look_at_is_a_warning() {
    let main = with_rules(
        "  - name: a\n    when: { team: paymnets }\n    create: { tracker: github, repository: acme/x }\n",
    );
    let warnings = lines(&load(&main).unwrap().warnings, Level::Warning);
    assert_eq!(
        warnings,
        [
            "main.yaml:7:11: no rule creates issues in the tracker `jira` | issues that documents cite are followed even so",
            "main.yaml:10:19: nobody of the people directory is in a team `paymnets` | did you mean `payments`?",
            "main.yaml:11:13: without `max_tlp` only findings classified CLEAR are sent here; documents that do not say are AMBER | add the highest classification that everybody who reads this place may see, such as `max_tlp: AMBER`",
        ]
    );
}

// -- secrets ------------------------------------------------------------------------------------------------------

const LITERAL: &str = "ghp_notARealTokenButItLooksLikeOne";

#[test]
fn a_secret_written_into_the_file_is_refused_and_never_repeated() {
    for literal in [
        format!("token: {LITERAL}"),
        format!("token: {{ env: {LITERAL} }}"),
        format!("token: {{ file: {LITERAL} }}"),
        format!("token: {{ env: {LITERAL}, file: x }}"),
        format!("token: [{LITERAL}]"),
        format!("token: {{ value: {LITERAL} }}"),
        format!("{LITERAL}: x"),
        format!("app: {{ id: 1, installation: 2, private_key: {LITERAL} }}"),
        format!("app: {LITERAL}"),
    ] {
        let noticed = load(
            &with("").replace("kind: github, token: { env: TOKEN }", &format!("kind: github, {literal}")),
        )
        .unwrap_err();
        assert!(!format!("{noticed:?}").contains(LITERAL), "{literal}: {noticed:#?}");
        assert!(noticed.iter().any(|d| d.level == Level::Error && d.line == 6), "{literal}: {noticed:#?}");
    }
    refused(
        &with("").replace("kind: github, token: { env: TOKEN }", &format!("kind: github, token: {LITERAL}")),
        &[
            "main.yaml:6:42: a secret is written here; only references to secrets are accepted | keep it elsewhere and write `{ env: NAME }` or `{ file: PATH }`; if this file was shared, revoke it",
        ],
    );
}

#[test]
fn a_secret_is_read_when_it_is_asked_for_and_trimmed() {
    let settings = load(&with("")).unwrap();
    let postmortem_sync::settings::tracker::Credential::Token(token) = &settings.trackers[0].credential
    else {
        panic!("a token")
    };
    let secret = settings.secret(token).unwrap();
    assert_eq!(secret.expose_secret(), "s3cret-value");
    assert!(!format!("{settings:?} {secret:?}").contains("s3cret"));
}

#[test]
fn a_secret_that_cannot_be_used_is_told_by_its_reference() {
    let main =
        with("").replace("kind: github, token: { env: TOKEN }", "kind: github, token: { file: secret.txt }");
    let told = |text: Option<&str>| {
        let mut files = vec![("main.yaml", main.as_str()), ("people.yaml", PEOPLE)];
        files.extend(text.map(|text| ("secret.txt", text)));
        let folder = folder(&files);
        let settings = load_in(folder.path()).unwrap();
        let postmortem_sync::settings::tracker::Credential::Token(token) = &settings.trackers[0].credential
        else {
            panic!("a token")
        };
        match settings.secret(token) {
            Ok(secret) => secret.expose_secret().to_owned(),
            Err(error) => format!("{}:{} {}", error.line, error.column, error.message)
                .replace(&format!("{}/", folder.path().display()), ""),
        }
    };
    assert_eq!(told(Some("  abc \n")), "abc");
    assert_eq!(
        told(Some("-----BEGIN KEY-----\nabc\n-----END KEY-----\n")),
        "-----BEGIN KEY-----\nabc\n-----END KEY-----"
    );
    assert_eq!(told(None), "6:42 the secret's file `secret.txt` cannot be read: entity not found");
    assert_eq!(told(Some(" \n")), "6:42 the secret's file `secret.txt` is empty");
    assert_eq!(told(Some("a\nb")), "6:42 the secret's file `secret.txt` contains control characters");
}

#[test]
fn an_unset_variable_is_told_by_its_name() {
    let settings =
        load(&with("").replace("kind: github, token: { env: TOKEN }", "kind: github, token: { env: OTHER }"))
            .unwrap();
    let postmortem_sync::settings::tracker::Credential::Token(token) = &settings.trackers[0].credential
    else {
        panic!("a token")
    };
    assert_eq!(
        settings.secret(token).unwrap_err().message,
        "the secret's environment variable `OTHER` is not set"
    );
}

#[test]
fn a_store_address_with_a_password_is_refused_and_never_repeated() {
    for store in ["postgres://u:hunter2@h/d", "postgres://u@h/d?password=hunter2"] {
        let noticed = load(&with(&format!("store: {store}\n"))).unwrap_err();
        assert_eq!(
            lines(&noticed, Level::Error),
            [
                "main.yaml:11:8: this address holds a password | leave it out and set `PGPASSWORD` or `PGPASSFILE`"
            ]
        );
    }
}

#[test]
fn the_digest_changes_with_every_file_that_was_read() {
    let digest = |main: &str, people: &str| {
        load_in(folder(&[("main.yaml", main), ("people.yaml", people)]).path()).unwrap().digest
    };
    let base = digest(&with(""), PEOPLE);
    assert_eq!(base, digest(&with(""), PEOPLE));
    assert_ne!(base, digest(&with("\n# more\n"), PEOPLE));
    assert_ne!(base, digest(&with(""), &format!("{PEOPLE}\n# more\n")));
}
