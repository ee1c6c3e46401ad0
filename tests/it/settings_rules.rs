//! Rules of the configuration: what they name, what shadows them, their templates.

use postmortem_sync::{
    model::{
        postmortem::Level,
        rule::{Destination, Outcome},
    },
    plan::render::{VARIABLES, render},
};

use super::{
    build,
    settings::{CREATE, PEOPLE, folder, lines, load, load_in, refused, with, with_rules},
};

#[test]
fn an_unknown_class_suggests_the_nearest_one() {
    refused(
        &with_rules(&format!("  - name: a\n    when: {{ class: [technical_lapse, manual_eror] }}\n{CREATE}")),
        &[
            "main.yaml:10:38: `manual_eror` is not one of technical_lapse, procedural_failure, manual_error, process_flaw, communication_glitch, unknown_attack_vector | did you mean `manual_error`?",
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
fn a_template_with_a_syntax_error_is_told_with_its_line() {
    refused(
        &with_rules(
            "  - name: a\n    create:\n      tracker: github\n      repository: acme/x\n      max_tlp: AMBER\n\
             \x20     title: \"{{ finding.key\"\n      body: |\n        Fine.\n        {% if finding.due %}\n",
        ),
        &[
            "main.yaml:14:14: this template cannot be read: unexpected end of input, expected end of variable block | values are written `{{ finding.title }}`, conditions `{% if finding.due %}…{% endif %}`",
            "main.yaml:17:9: this template cannot be read: unexpected end of input, expected end of block | values are written `{{ finding.title }}`, conditions `{% if finding.due %}…{% endif %}`",
        ],
    );
    let main = with_rules(
        "  - name: a\n    create: { tracker: github, repository: acme/x, max_tlp: AMBER, body: { file: body.md } }\n",
    );
    let folder = folder(&[("main.yaml", &main), ("people.yaml", PEOPLE), ("body.md", "ok\n\n{{ }}\n")]);
    let noticed = load_in(folder.path()).unwrap_err();
    assert_eq!(
        lines(&noticed, Level::Error),
        [
            "body.md:3:0: this template cannot be read: unexpected end of variable block | values are written `{{ finding.title }}`, conditions `{% if finding.due %}…{% endif %}`"
        ]
    );
}

#[test]
fn a_template_with_an_unknown_variable_suggests_the_nearest_one() {
    refused(
        &with_rules(
            "  - name: a\n    create:\n      tracker: jira\n      project: PLAT\n      max_tlp: AMBER\n\
             \x20     fields: { f: \"{{ finding.sevrity }}\" }\n      body: |\n        {% for l in finding.labels %}{{ l }}{{ loop.index }}{% endfor %}\n        {{ postmortem.name }}\n",
        ),
        &[
            "main.yaml:14:20: templates have no `finding.sevrity` | did you mean `finding.severity`?",
            "main.yaml:17:9: templates have no `postmortem.name` | did you mean `postmortem.id`?",
        ],
    );
}

#[test]
fn every_variable_that_the_check_accepts_is_offered_by_rendering() {
    let settings = load(&with("")).unwrap();
    let Outcome::Create(to) = &settings.rules[0].then else { panic!("a destination") };
    for name in VARIABLES {
        let title = Some(format!("{{{{ {name} is defined }}}}"));
        let to = Destination { title, ..to.clone() };
        let rendered = render(&to, &build::finding("PM-1/F1"), &settings.policy).unwrap();
        assert_eq!(rendered.title, "True", "{name}");
    }
}

#[test]
fn a_template_that_fails_with_sample_values_is_told_with_its_line() {
    let told = |title: &str, what: &str| {
        let rule = format!(
            "  - name: a\n    create:\n      tracker: github\n      repository: acme/x\n      max_tlp: AMBER\n      title: \"{title}\"\n"
        );
        refused(&with_rules(&rule), &[&format!("main.yaml:14:14: {what}")]);
    };
    let jinja = "filters, tests and functions are those of Jinja, such as `| upper` or `| default('none')`";
    let optional =
        "not every finding has every value: write `{{ finding.due or 'none' }}`, or ask with `{% if %}`";
    told("{{ finding.title | uper }}", &format!("this template fails: filter uper is unknown | {jinja}"));
    told(
        "{{ finding.team + '!' }}",
        &format!(
            "this template fails: tried to use + operator on unsupported types none and string | {optional}"
        ),
    );
    told(
        "{% for n in range(60000) %}x{% endfor %}",
        "this template fails: engine ran out of fuel | shorten its loops: a template may take 50,000 steps",
    );
    told(
        "{% if finding.team %}{{ finding.team }}{% endif %}",
        "this title comes to nothing for some findings | write something that every finding has, such as `{{ finding.title }}`",
    );
}

#[test]
fn fields_that_a_tracker_lacks_or_that_the_worker_writes_are_refused() {
    let rule = |to: &str| format!("  - name: a\n    create: {{ {to}, max_tlp: AMBER }}\n");
    refused(
        &with_rules(&rule("tracker: jira, project: PLAT, fields: { summary: x, customfield_1: y }")),
        &["main.yaml:10:55: the worker writes `summary` itself | what goes into it comes from `title`"],
    );
    refused(
        &with_rules(&rule("tracker: github, repository: acme/x, fields: { severity: high }")),
        &["main.yaml:10:52: GitHub issues have no further fields | use `labels`, `type`, `title` and `body`"],
    );
}

#[test]
fn a_variable_without_its_group_is_recognised() {
    refused(
        &with_rules(
            "  - name: a\n    create: { tracker: github, repository: acme/x, max_tlp: AMBER, title: \"{{ severity }}\" }\n",
        ),
        &["main.yaml:10:75: templates have no `severity` | did you mean `finding.severity`?"],
    );
}

#[test]
fn a_rule_whose_condition_is_misspelt_is_not_told_to_shadow_others() {
    refused(
        &with_rules(&format!(
            "  - name: a\n    when: {{ taem: x }}\n{CREATE}  - name: b\n    when: {{ team: y }}\n{CREATE}"
        )),
        &["main.yaml:10:13: `taem` is not a known key here | did you mean `team`?"],
    );
}
