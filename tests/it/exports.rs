//! Tables that other tools export: `DefectDojo`'s findings and the views of GitHub's projects.

use postmortem_sync::model::terms::{Claimed, Severity};

use crate::scanned::{post, scanned};

const DOJO: &str = "id,title,severity,date,active,verified,false_p,duplicate,out_of_scope,risk_accepted,under_review,\
    is_mitigated,mitigated,mitigation,description,cve,cwe,numerical_severity,planned_remediation_date,url\n";

#[test]
fn a_findings_export_of_defectdojo_says_what_is_open_done_accepted_and_repeated() {
    let text = format!(
        "{DOJO}\
        11,Weak digest,High,2026-03-01,True,True,False,False,False,False,False,False,,Use SHA-256,Tokens use MD5,CVE-2026-1,327,S1,2026-09-01,https://x.example/1\n\
        12,Old parser,Critical,2026-03-01,False,True,False,False,False,False,False,True,2026-04-01,Update it,,,1104,S0,,\n\
        13,Gone by itself,Low,2026-03-01,False,False,False,False,False,False,False,False,,,,,1,S3,,\n\
        14,Not real,Medium,2026-03-01,False,False,True,False,False,False,False,False,,,,,1,S2,,\n\
        15,Lived with,Medium,2026-03-01,False,True,False,False,False,True,False,False,,,,,1,S2,,\n\
        16,Somebody else's,Info,2026-03-01,True,True,False,False,True,False,False,False,,,,,1,S4,,\n\
        17,Weak digest again,High,2026-03-01,False,False,False,True,False,False,False,False,,,,,327,S1,,\n"
    );
    let document = scanned("dojo.csv", &text);
    let read = post(&document);
    let found: Vec<_> = read
        .findings
        .iter()
        .map(|one| (one.id.as_deref().unwrap(), one.title.as_str(), one.severity, one.claimed))
        .collect();
    let expected = [
        ("11", "Weak digest", Some(Severity::High), Claimed::None),
        ("12", "Old parser", Some(Severity::Critical), Claimed::Done),
        ("13", "Gone by itself", Some(Severity::Low), Claimed::Done),
    ];
    assert_eq!(found, expected);
    let first = &read.findings[0];
    assert_eq!(first.due.map(|due| due.to_string()).as_deref(), Some("2026-09-01"));
    let said = first.description.as_deref().unwrap();
    assert!(["Use SHA-256", "Tokens use MD5", "CVE-2026-1"].iter().all(|part| said.contains(part)), "{said}");
    assert!(!said.contains("x.example") && first.trackers.is_empty());
    let asked: Vec<&str> = read.candidates.iter().map(|one| one.text.as_str()).collect();
    assert_eq!(asked, ["Not real", "Lived with", "Somebody else's"]);
    let told = document.diagnostics.iter().find(|noted| noted.code == "duplicate_row").unwrap();
    assert!(told.line == 8 && told.message.contains("Weak digest again"), "{told:?}");
    assert!(!document.diagnostics.iter().any(|noted| noted.code == "unmapped_column"), "{document:?}");
}

#[test]
fn the_address_in_a_view_of_a_github_project_is_the_issue() {
    let text = "Title\tURL\tAssignees\tStatus\tLabels\tMilestone\tLinked pull requests\tDue date\n\
        Rotate the keys\thttps://github.com/acme/api/issues/12\tana, bo\tIn Progress\tsecurity\tQ3\t\t2026-09-01\n\
        Drop the old login\thttps://github.com/acme/api/issues/13\t\tDone\t\t\thttps://github.com/acme/api/pull/14\t\n\
        Only a draft\t\t\tTodo\t\t\t\t\n";
    for (path, text) in
        [("view.tsv", text.to_owned()), ("view.csv", text.replace(", bo", "").replace('\t', ","))]
    {
        let document = scanned(path, &text);
        let read = post(&document);
        let found: Vec<_> = read
            .findings
            .iter()
            .map(|one| {
                let trackers: Vec<String> = one.trackers.iter().map(ToString::to_string).collect();
                (one.title.as_str(), trackers.join(" "), one.claimed)
            })
            .collect();
        let address = |number: u64| format!("https://github.com/acme/api/issues/{number}");
        let expected = [
            ("Rotate the keys", address(12), Claimed::InProgress),
            ("Drop the old login", address(13), Claimed::Done),
            ("Only a draft", String::new(), Claimed::None),
        ];
        assert_eq!(found, expected);
        assert_eq!(read.findings[0].due.map(|due| due.to_string()).as_deref(), Some("2026-09-01"));
        assert!(read.findings[0].owner.as_deref().unwrap().starts_with("ana"));
        assert_eq!(document.diagnostics, [], "{path}");
    }
}

#[test]
fn a_table_of_ones_own_is_not_taken_for_an_export() {
    let document =
        scanned("a.csv", "Title,Severity,Active,URL\nRotate the keys,High,False,https://x.example/1\n");
    assert_eq!(post(&document).findings[0].claimed, Claimed::None);
    let unmapped = document.diagnostics.iter().filter(|noted| noted.code == "unmapped_column").count();
    assert_eq!(unmapped, 2, "{:?}", document.diagnostics);
}
