//! Files of the configuration: those that are not there, not readable or not what they should be, and shipped ones.

use std::fs;

use postmortem_sync::{
    model::postmortem::Level,
    settings::{Settings, secret::Environment},
};

use super::settings::{folder, lines, load, load_in, refused, with};

/// A small configuration, which names nothing but what is shipped.
const SKETCH: &str = r#"
instance: acme-security
store: sqlite:postmortem-sync.db
mode: full
schedule: { sync: "0 */5 * * * *", review: "0 0 8 * * Mon-Fri", timezone: Europe/London }
sources:
  - { name: postmortems, files: ["postmortems/**/*.md"], default_repository: acme/platform }
trackers:
  - { name: github, kind: github, url: https://api.github.com, token: { env: GITHUB_TOKEN } }
  - { name: jira, kind: jira-cloud, url: https://acme.atlassian.net, email: bot@acme.example, token: { file: /run/secrets/jira } }
rules:
  - name: payments
    when: { class: [technical_lapse, manual_error], team: payments, severity: { at_least: medium } }
    create: { tracker: github, repository: acme/payments, labels: [security], max_tlp: AMBER }
  - name: platform
    when: { team: platform }
    create: { tracker: jira, project: PLAT, type: { bug: Bug, change_request: Story }, fields: { customfield_10050: "{{ finding.severity }}" } }
  - name: process
    when: { route: [process, cross_org] }
    register: { group: security-response }
deadlines: { policy: review-default, calendar: uk }
limits: { creates: 50, closes: 25, changed_share: 0.3 }
"#;

#[test]
fn a_shipped_calendar_needs_no_file() {
    let settings = load_in(folder(&[("main.yaml", SKETCH)]).path()).unwrap();
    assert_eq!(settings.policy.calendar.name, "uk");
    assert!(settings.policy.calendar.holidays.contains(&"2027-12-28".parse().unwrap()));
}

#[test]
fn a_calendar_beside_the_main_file_goes_before_a_shipped_one() {
    let files = [("main.yaml", SKETCH), ("calendars/uk.yaml", "holidays: [2031-01-01]\n")];
    let settings = load_in(folder(&files).path()).unwrap();
    assert_eq!(settings.policy.calendar.holidays.len(), 1);
    let shipped = load_in(folder(&[("main.yaml", SKETCH)]).path()).unwrap();
    assert_ne!(settings.digest, shipped.digest);
}

#[test]
fn a_calendar_that_is_nowhere_is_told() {
    for (name, help) in [
        ("UK", "did you mean `uk`, which is shipped?"),
        ("mars", "create the file, or write the calendar here: `{ weekend: [Sat, Sun], holidays: [] }`"),
    ] {
        let noticed = load(&with(&format!("deadlines: {{ calendar: {name} }}\n"))).unwrap_err();
        let [told] = lines(&noticed, Level::Error).try_into().unwrap_or_else(|told| panic!("{told:#?}"));
        assert!(told.starts_with(&format!("main.yaml:11:24: there is no calendar `{name}`: ")), "{told}");
        assert!(told.ends_with(&format!(" | {help}")), "{told}");
    }
}

#[test]
fn a_main_file_that_is_not_there_says_how_to_begin() {
    let folder = folder(&[]);
    let missing = Settings::load(&folder.path().join("none.yaml"), Environment::new(|_| None)).unwrap_err();
    assert_eq!(
        lines(&missing, Level::Error),
        [
            "none.yaml:0:0: there is no such file | `init` writes a first one; `--config FILE` names another; `config/postmortem-sync.yaml` is an example, and `demo` needs none"
        ]
    );
}

#[test]
fn a_main_file_that_is_no_text_is_told_with_the_place() {
    let folder = folder(&[("main.yaml", "")]);
    fs::write(folder.path().join("main.yaml"), b"instance: acme\nmode: \xff\n").unwrap();
    let noticed = load_in(folder.path()).unwrap_err();
    assert_eq!(
        lines(&noticed, Level::Error),
        ["main.yaml:2:7: this is not UTF-8 text | save the file as UTF-8"]
    );
    let inside = Settings::load(folder.path(), Environment::new(|_| None)).unwrap_err();
    let told = lines(&inside, Level::Error);
    assert!(told[0].ends_with(":0:0: this is a folder | name the file inside it"), "{told:?}");
}

#[test]
fn an_empty_main_file_is_told() {
    for text in ["", "\n\n", "# nothing yet\n", "---\n"] {
        let noticed = load(text).unwrap_err();
        assert_eq!(lines(&noticed, Level::Error).len(), 1, "{text:?}: {noticed:#?}");
        assert!(noticed[0].message.contains("empty"), "{text:?}: {noticed:#?}");
    }
}

#[test]
fn a_people_directory_that_is_not_there_is_told_where_it_is_named() {
    let files = [("main.yaml", with("people: staff.yaml\n"))];
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let noticed = load_in(folder(&files).path()).unwrap_err();
    let told = lines(&noticed, Level::Error);
    assert!(told[0].starts_with("main.yaml:11:9: there is no people directory `"), "{told:?}");
    assert!(told[0].ends_with("staff.yaml` | paths are relative to this file's folder"), "{told:?}");
}

#[test]
fn a_register_without_a_folder_is_told_and_may_follow_later() {
    let settings = load(&with("store: sqlite:data/register.db\n")).unwrap();
    let told = lines(&settings.warnings, Level::Warning);
    assert!(told.iter().any(|told| told.starts_with("main.yaml:11:8: there is no folder `")), "{told:?}");
}

#[test]
fn a_repeated_key_hides_nothing_else() {
    refused(
        &with("settle: 20m\nsettle: 30m\nlimits: { creates: many }\nlisten: nowhere\n"),
        &[
            "main.yaml:12:1: the key `settle` is already on line 11 | keep one of the two",
            "main.yaml:13:20: must be a whole number, not text | Most issues created in one cycle; the most severe go first, the rest follow later. Left out: 50.",
            "main.yaml:14:9: this is not an address with a port | write it like `127.0.0.1:8321`, or `null` for none",
        ],
    );
}

#[test]
fn a_year_without_holidays_is_told_where_the_calendar_is_named() {
    let settings = load(&with("deadlines: { calendar: { holidays: [2026-12-25] } }\n")).unwrap();
    let told = lines(&[settings.without_holidays(2027)], Level::Warning);
    assert_eq!(
        told,
        [
            "main.yaml:11:24: the calendar `inline` lists no holidays for 2027 | list them; until then business days of 2027 may come too early"
        ]
    );
}
