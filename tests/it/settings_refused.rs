//! Wrong configurations: each is told with file, line, column and what to do.

use postmortem_sync::model::postmortem::Level;
use postmortem_sync::settings::general::StoreAddress;

use super::settings::{BASE, CREATE, PEOPLE, folder, lines, load, load_in, refused, with, with_rules};

#[test]
fn an_unknown_key_suggests_the_nearest_one() {
    refused(
        &with("shedule: {}\n"),
        &["main.yaml:11:1: `shedule` is not a known key here | did you mean `schedule`?"],
    );
    refused(
        &BASE.replace("kind: github,", "pcae: {}, kind: github,").replace("rules:\n", ""),
        &["main.yaml:6:21: `pcae` is not a known key here | did you mean `pace`?"],
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
fn two_jiras_on_one_host_are_not_taken_for_one() {
    let more = |url: &str| {
        let entry =
            format!("  - {{ name: other, kind: jira-dc, url: \"{url}\", token: {{ env: TOKEN }} }}\nrules:");
        with("").replace("rules:", &entry)
    };
    let first = "https://tools.example/jira";
    let text = more(&format!("{first}2")).replace("https://acme.atlassian.net", first);
    refused(
        &text,
        &[
            "main.yaml:8:40: `jira` and `other` are two sites on tools.example: their issues have the same numbers and could not be told apart | reach one of them by another host name, or follow it with a configuration and a register of its own",
        ],
    );
}

#[test]
fn an_address_of_files_has_to_say_where_each_is() {
    for address in ["https://git.example.org/postmortems", "git.example.org/{path}"] {
        refused(
            &with("").replace("files: [", &format!("address: \"{address}\", files: [")),
            &[
                "main.yaml:4:28: this does not say where a file is | write it like `https://git.example.org/postmortems/blob/main/{path}`",
            ],
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
            "people.yaml:9:3: `emial` is not a known key here | did you mean `email`?",
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
            "main.yaml:11:9: the health pages have no log-in, so they are served on loopback only | write `127.0.0.1:8321`, and put a proxy in front for others",
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
fn a_file_that_is_not_yaml_is_told_once() {
    let folder = folder(&[("main.yaml", "instance: [\n")]);
    assert_eq!(lines(&load_in(folder.path()).unwrap_err(), Level::Error).len(), 1);
}

#[test]
fn an_empty_mode_is_not_a_missing_one() {
    for empty in ["mode:\n", "mode: \"\"\n", "mode: ~\n"] {
        let noticed = load(&with("").replace("mode: full\n", empty)).unwrap_err();
        let told = lines(&noticed, Level::Error);
        assert!(told.len() == 1 && told[0].starts_with("main.yaml:2:"), "{empty}: {told:#?}");
        assert!(told[0].contains("`mode` is empty: somebody must choose"), "{empty}: {told:#?}");
    }
}

#[test]
fn a_value_of_another_shape_is_told_how_to_write_it() {
    refused(
        &with("settle: 0s\ncooldown: 5000d\nlimits: 5\npeople: [a]\n").replace("[\"*.md\"]", "\"*.md\""),
        &[
            "main.yaml:4:26: must be a list, not text | write it as a list: `[\"*.md\"]`",
            "main.yaml:11:9: `0s` is no time at all | write a number and a unit, such as `90s`, `20m`, `24h`, `7d` or `1h30m`",
            "main.yaml:12:11: `5000d` is more than ten years | write a number and a unit, such as `90s`, `20m`, `24h`, `7d` or `1h30m`",
            "main.yaml:13:9: must be a mapping, not a number | write a mapping with the keys creates, closes, changed_share",
            "main.yaml:14:9: must be text, not a list | The people directory. Left out: `people.yaml`, if it exists.",
        ],
    );
}

#[test]
fn what_a_person_should_look_at_is_a_warning() {
    let main = with_rules(
        "  - name: a\n    when: { team: paymnets }\n    create: { tracker: github, repository: acme/x }\n",
    );
    let warnings = lines(&load(&main).unwrap().warnings, Level::Warning);
    assert_eq!(
        warnings,
        [
            "main.yaml:7:13: no rule creates issues in the tracker `jira` | issues that documents cite are followed even so",
            "main.yaml:10:19: nobody of the people directory is in a team `paymnets` | did you mean `payments`?",
            "main.yaml:11:13: without `max_tlp` only findings classified CLEAR are sent here; documents that do not say are AMBER | add the highest classification that everybody who reads this place may see, such as `max_tlp: AMBER`",
        ]
    );
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

#[test]
fn one_label_for_two_states_is_refused() {
    refused(
        &with("labels: { verified: Postmortem-Overdue }\n"),
        &[
            "main.yaml:11:21: `Postmortem-Overdue` is the label of `labels.overdue` as well | give each its own label",
        ],
    );
}

#[test]
fn both_ways_to_write_a_file_of_the_register_mean_the_same() {
    let store = |text: &str| load(&with(&format!("store: {text}\n"))).unwrap().store;
    assert_eq!(store("sqlite:/var/lib/r.db"), StoreAddress::Sqlite("/var/lib/r.db".into()));
    assert_eq!(store("sqlite:///var/lib/r.db"), StoreAddress::Sqlite("/var/lib/r.db".into()));
    assert_eq!(store("postgres://u@h/d"), StoreAddress::Postgres("postgres://u@h/d".into()));
}

#[test]
fn a_word_of_another_type_is_told_what_it_may_be() {
    refused(
        &with("settle: 20\ncooldown: true\nlisten: 8321\non_unknown: 3\ndeadlines:\n  overrides:\n    high: { remediate_days: 10d }\n")
            .replace("mode: full", "mode: true")
            .replace("{ env: TOKEN } }\n  - { name: jira", "{} }\n  - { name: jira"),
        &[
            "main.yaml:2:7: `true` is not a mode | `observe` writes nothing to trackers, `create-only` opens issues, `upsert` also keeps owner, labels, date and comments, `full` also keeps the status; begin with `observe`",
            "main.yaml:6:42: this mapping must not be empty | write a mapping with one of the keys env, file",
            "main.yaml:11:9: must be text, not a number | write it like `20m`",
            "main.yaml:12:11: must be text, not true or false | write it like `24h`",
            "main.yaml:13:9: must be text, not a number | write it like `127.0.0.1:8321`",
            "main.yaml:14:13: must be text, not a number | write it like `retry`",
            "main.yaml:17:29: `10d` is not never | Days to remediate, or `never` for never overdue.",
        ],
    );
}

#[test]
fn a_beginning_suggests_every_name_that_begins_so() {
    refused(
        &with("").replace("kind: jira-cloud", "kind: jira"),
        &[
            "main.yaml:7:25: `jira` is not one of github, jira-cloud, jira-dc | did you mean `jira-dc` or `jira-cloud`?",
        ],
    );
}

#[test]
fn a_colon_without_a_blank_is_told_where_it_is() {
    refused(
        &with("").replace("mode: full", "mode:full"),
        &["main.yaml:2:5: a `:` is part of the text unless a blank follows | write `key: value`"],
    );
}

#[test]
fn a_register_in_memory_is_refused() {
    refused(
        &with("store: \"sqlite::memory:\"\n"),
        &[
            "main.yaml:11:8: a register in memory would forget every issue | write it like `sqlite:postmortem-sync.db`",
        ],
    );
}
