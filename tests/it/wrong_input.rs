//! Wrong configurations and documents, as `check` of the real program tells them: file, line, column, what to do.

use std::{fs, os::unix::fs::PermissionsExt as _};

use super::rig::spawn;

const MAIN: &str = "\
instance: acme
mode: full
sources:
  - { name: docs, files: [\"docs/*\"] }
trackers:
  - { name: github, kind: github, token: { file: TOKEN } }
  - { name: jira, kind: jira-cloud, url: \"https://acme.atlassian.net\", email: bot@acme.example, token: { file: TOKEN } }
rules:
  - name: payments
    when: { team: payments, class: technical_lapse }
    create: { tracker: github, repository: acme/payments, max_tlp: AMBER }
  - name: platform
    when: { severity: { at_least: high } }
    create: { tracker: jira, project: PLAT, max_tlp: AMBER }
";

const PEOPLE: &str =
    "ana: { github: ana, team: payments, reviewer: true }\nbo: { github: bo, jira: \"557058:1\" }\n";

const DOCUMENT: &str = "\
format: postmortem/1
id: PM-1
title: A leak
incident:
  id: INC-1
  severity: high
findings:
  - id: F1
    title: Mend it
    class: technical_lapse
  - id: F2
    title: Write it down
    class: procedural_failure
    due: 2026-12-01
";

/// A token as somebody might paste it.
const SECRET: &str = "ghp_0123456789abcdefghijABCDEFGHIJ012345";

/// A mistake: its name, the file that has it, what is replaced by what, and what is told.
type Mistake = (&'static str, &'static str, &'static str, &'static str, &'static str);

const CONFIGURATIONS: [Mistake; 11] = [
    (
        "a key that does not exist",
        "postmortem-sync.yaml",
        "rules:",
        "rulez:",
        "postmortem-sync.yaml:8:1: error[schema]: `rulez` is not a known key here\n    help: did you mean `rules`?",
    ),
    (
        "no mode",
        "postmortem-sync.yaml",
        "mode: full\n",
        "",
        "postmortem-sync.yaml:1:1: error[mode]: `mode` is missing: somebody must choose what may be written to the trackers\n    help: `observe` writes nothing to trackers, `create-only` opens issues, `upsert` also keeps owner, labels, date and comments, `full` also keeps the status; begin with `observe`",
    ),
    (
        "a mode that does not exist",
        "postmortem-sync.yaml",
        "mode: full",
        "mode: ful",
        "postmortem-sync.yaml:2:7: error[mode]: `ful` is not a mode\n    help: did you mean `full`? `observe` writes nothing to trackers, `create-only` opens issues, `upsert` also keeps owner, labels, date and comments, `full` also keeps the status; begin with `observe`",
    ),
    (
        "a class that does not exist",
        "postmortem-sync.yaml",
        "class: technical_lapse",
        "class: [technical_laps]",
        "postmortem-sync.yaml:10:37: error[schema]: `technical_laps` is not one of technical_lapse, procedural_failure, manual_error, process_flaw, communication_glitch, unknown_attack_vector\n    help: did you mean `technical_lapse`?",
    ),
    (
        "a tracker that does not exist",
        "postmortem-sync.yaml",
        "tracker: jira,",
        "tracker: jria,",
        "postmortem-sync.yaml:14:24: error[unknown_tracker]: there is no tracker `jria`\n    help: did you mean `jira`?",
    ),
    (
        "a secret in the file",
        "postmortem-sync.yaml",
        "{ name: github, kind: github, token: { file: TOKEN } }",
        "{ name: github, kind: github, token: ghp_0123456789abcdefghijABCDEFGHIJ012345 }",
        "postmortem-sync.yaml:6:42: error[secret]: a secret is written here; only references to secrets are accepted\n    help: keep it elsewhere and write `{ env: NAME }` or `{ file: PATH }`; if this file was shared, revoke it",
    ),
    (
        "a rule that never matches",
        "postmortem-sync.yaml",
        "    when: { severity: { at_least: high } }",
        "    when: { team: payments, class: technical_lapse, severity: high }",
        "postmortem-sync.yaml:12:5: error[shadowed_rule]: the rule `platform` can never match: `payments` takes everything it would\n    help: move it above `payments`, or give that rule a narrower `when`",
    ),
    (
        "a place of the other kind",
        "postmortem-sync.yaml",
        "project: PLAT",
        "repository: PLAT",
        "postmortem-sync.yaml:14:42: error[place]: `jira` is of kind jira-cloud and has no repository\n    help: write `project: PLAT`",
    ),
    (
        "a template that cannot be read",
        "postmortem-sync.yaml",
        "project: PLAT,",
        "project: PLAT, title: \"{{ finding.tittle }}\",",
        "postmortem-sync.yaml:14:52: error[template]: templates have no `finding.tittle`\n    help: did you mean `finding.title`?",
    ),
    (
        "an account of two people",
        "people.yaml",
        "github: bo",
        "github: ANA",
        "people.yaml:2:15: error[duplicate_account]: this github account belongs to `ana` already, on line 1\n    help: each account belongs to one person",
    ),
    (
        "not YAML at all",
        "postmortem-sync.yaml",
        "  - { name: docs, files: [\"docs/*\"] }",
        "  - { name: docs, files: [\"docs/*\" }",
        "postmortem-sync.yaml:5:1: error[syntax]: this is not well-formed YAML: invalid indentation\n    help: check the indentation, and quote text with special characters",
    ),
];

const DOCUMENTS: [Mistake; 6] = [
    (
        "a class that does not exist",
        "docs/PM-1.yaml",
        "class: technical_lapse",
        "class: technical_laps",
        "docs/PM-1.yaml:10:12: error[invalid_document]: /findings/0/class: `technical_laps` is not one of technical_lapse, procedural_failure, manual_error, process_flaw, communication_glitch, unknown_attack_vector\n    help: did you mean `technical_lapse`?",
    ),
    (
        "a key that does not exist",
        "docs/PM-1.yaml",
        "    due: 2026-12-01",
        "    duedate: 2026-12-01",
        "docs/PM-1.yaml:14:5: error[invalid_document]: /findings/1/duedate: `duedate` is not a known key here\n    help: did you mean `due`?",
    ),
    (
        "a date that does not exist",
        "docs/PM-1.yaml",
        "2026-12-01",
        "2026-02-30",
        "docs/PM-1.yaml:14:10: error[impossible_date]: /findings/1/due: `2026-02-30` is no day that exists\n    help: correct the date",
    ),
    (
        "an id that is used twice",
        "docs/PM-1.yaml",
        "id: F2",
        "id: F1",
        "docs/PM-1.yaml:11:9: error[duplicate_id]: /findings/1/id: the id `F1` is already used on line 8\n    help: give it an id of its own; ids are never reused",
    ),
    (
        "no severity",
        "docs/PM-1.yaml",
        "  severity: high\n",
        "",
        "docs/PM-1.yaml:5:3: error[invalid_document]: /incident: `severity` is missing\n    help: write one of critical, high, medium, low, info",
    ),
    (
        "a time without an offset",
        "docs/PM-1.yaml",
        "  id: INC-1",
        "  id: INC-1\n  detected: 2026-01-20T15:35:00",
        "docs/PM-1.yaml:6:13: error[invalid_document]: /incident/detected: `2026-01-20T15:35:00` does not have the right form\n    help: A date such as 2026-03-04, or a time with its offset such as 2026-03-04T09:00:00+01:00; a bare local time is refused",
    ),
];

#[test]
fn wrong_configurations_are_told_with_place_and_help() {
    for mistake in CONFIGURATIONS {
        refused(mistake);
    }
}

#[test]
fn wrong_documents_are_told_with_place_and_help() {
    for mistake in DOCUMENTS {
        refused(mistake);
    }
}

#[test]
fn what_is_right_is_accepted() {
    let (code, stderr) = check(&[]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
}

#[track_caller]
fn refused((name, file, from, to, told): Mistake) {
    let (code, stderr) = check(&[(file, from, to)]);
    assert!(!stderr.contains(SECRET), "{stderr}");
    let problems: Vec<&str> = stderr.lines().filter(|line| !line.starts_with("error: ")).collect();
    assert_eq!(problems.join("\n"), told, "{name}");
    assert_eq!(code, Some(2), "{name}");
}

/// Exit code and words of `check` after some replacements.
fn check(changes: &[(&str, &str, &str)]) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("docs")).unwrap();
    for (name, text) in [
        ("postmortem-sync.yaml", MAIN),
        ("people.yaml", PEOPLE),
        ("docs/PM-1.yaml", DOCUMENT),
        ("TOKEN", "a-token"),
    ] {
        let mut text = text.to_owned();
        for (_, from, to) in changes.iter().filter(|(file, ..)| *file == name) {
            assert!(text.contains(from), "{name} has no `{from}`");
            text = text.replacen(from, to, 1);
        }
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        // Whoever can read a secret is told of it.
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    let ran = spawn(folder.path(), &["check"]).wait();
    (ran.code, ran.stderr)
}
