//! Markdown write-ups, one rule at a time.

mod audits;
mod habits;
mod ranks;
mod sections;
mod spelling;
mod templates;
mod whole;

use chrono::NaiveDate;
use postmortem_sync::{
    model::{
        conventions::Conventions,
        ids::SourceName,
        postmortem::{Document, DocumentFinding, Postmortem, TrackerRef},
        terms::{Claimed, Kind, Priority},
    },
    source::read_bytes,
};

use crate::build::date;

fn document(text: &str) -> Document {
    let conventions = Conventions {
        default_repository: Some("acme/platform".to_owned()),
        jira_projects: vec!["PLAT".to_owned()],
        ..Conventions::default()
    };
    read_bytes(&SourceName::from("here"), "folder/2026-01-20-leak.html.md.erb", text.as_bytes(), &conventions)
}

fn read(text: &str) -> Postmortem {
    let document = document(text);
    document.postmortem.known().cloned().unwrap_or_else(|| panic!("{:?}", document.diagnostics))
}

fn findings(text: &str) -> Vec<DocumentFinding> {
    read(text).findings
}

/// The findings of an `Action items` section.
fn actions(text: &str) -> Vec<DocumentFinding> {
    findings(&format!("# Leak\n\n## Action items\n\n{text}\n"))
}

fn action(text: &str) -> DocumentFinding {
    let mut found = actions(text);
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0)
}

fn titles(found: &[DocumentFinding]) -> Vec<&str> {
    found.iter().map(|finding| finding.title.as_str()).collect()
}

/// Codes of everything noticed, with its line.
fn codes(text: &str) -> Vec<(String, usize)> {
    document(text).diagnostics.iter().map(|noted| (noted.code.clone(), noted.line)).collect()
}

fn has(text: &str, code: &str, line: usize) {
    let codes = codes(text);
    assert!(codes.contains(&(code.to_owned(), line)), "{code} on line {line}: {codes:?}");
}

fn issue(number: u64) -> TrackerRef {
    TrackerRef::Github { host: None, repository: "acme/platform".to_owned(), number }
}

#[test]
fn each_item_below_an_action_heading_is_a_finding() {
    let found = findings(
        "# Leak\n\n## 5. Follow-up Actions:\n\n- Rotate keys\n- Add alerts\n\n## Timeline\n\n- 10:00 began\n",
    );
    assert_eq!(titles(&found), ["Rotate keys", "Add alerts"]);
    assert_eq!(found[1].line, 6);
}

#[test]
fn headings_are_recognised_in_other_words_and_languages() {
    for heading in [
        "Action Items",
        "ACTION ITEM(S)",
        "Corrective and Preventative Measures",
        "Next steps",
        "Remediation",
        "Follow-ups",
        "Actions planned",
        "Éléments d’action",
        "再発防止策",
        "Maßnahmen",
        "Action items & followups",
        "Preventive actions",
    ] {
        assert_eq!(findings(&format!("## {heading}\n\n- Rotate keys\n")).len(), 1, "{heading}");
    }
    for heading in ["Timeline", "Lessons learned", "Follow-up timeline", "Impact", "Security", "Attendees"] {
        assert_eq!(findings(&format!("## {heading}\n\n- Rotate keys\n")).len(), 0, "{heading}");
    }
}

#[test]
fn an_underlined_heading_is_a_heading() {
    assert_eq!(findings("Action items\n------------\n\n- Rotate keys\n").len(), 1);
}

#[test]
fn a_section_ends_at_a_heading_of_its_own_level() {
    let text = "## Action items\n\n### Keys\n\n- Rotate\n\n### Timeline\n\n- 10:00 began\n\n### Alerts\n\n- Add\n\n## Notes\n\n- No\n";
    assert_eq!(titles(&findings(text)), ["Rotate", "Add"]);
}

#[test]
fn checkboxes_claim_what_they_show() {
    let found = actions("- [x] Rotate keys\n- [ ] Add alerts");
    assert_eq!([found[0].claimed, found[1].claimed], [Claimed::Done, Claimed::None]);
    assert_eq!(titles(&found), ["Rotate keys", "Add alerts"]);
}

#[test]
fn status_words_count_only_where_they_are_status_words() {
    for text in [
        "- Rotate keys (done)",
        "- ✅ Rotate keys",
        "- Rotate keys **DONE**",
        "- Rotate keys. DONE in #4",
        "- [Done] Rotate keys",
    ] {
        assert_eq!(action(text).claimed, Claimed::Done, "{text}");
        assert!(action(text).title.starts_with("Rotate keys"), "{text}: {}", action(text).title);
        assert!(!action(text).title.to_lowercase().contains("done"), "{text}: {}", action(text).title);
    }
    for text in [
        "- Say what can be done next",
        "- Set the flag to `DONE`",
        "- Watch keys (monitoring done in grafana)",
    ] {
        assert_eq!(action(text).claimed, Claimed::None, "{text}");
    }
    assert_eq!(action("- Rotate keys (in progress)").claimed, Claimed::InProgress);
    assert_eq!(action("- 🚧 Rotate keys").claimed, Claimed::InProgress);
}

#[test]
fn a_heading_may_claim_for_all_below_it() {
    let found = findings(
        "## Remediation\n\n### Immediate (completed)\n\n- Rotate\n\n### Later (planned or in-progress)\n\n- Alert\n",
    );
    assert_eq!([found[0].claimed, found[1].claimed], [Claimed::Done, Claimed::None]);
}

#[test]
fn what_nobody_will_do_waits_for_a_person() {
    for text in [
        "- Rotate keys (won't do)",
        "- Rotate keys (Cancelled)",
        "- Rotate keys **REJECTED**",
        "- [x] Rotate keys (won’t do)",
        "- ~~Rotate keys~~",
        "- ~~Rotate keys~~ #4",
        "- [ ] ~~Rotate keys~~",
        "### Rejected\n\n- Rotate keys",
        "| Action | Status |\n|-|-|\n| Rotate keys | Won't do |",
        "| Action | Status |\n|-|-|\n| Rotate keys | Cancelled, see #4 |",
    ] {
        let read = read(&format!("## Action items\n\n{text}\n"));
        assert_eq!(read.findings, [], "{text}");
        let [candidate] = read.candidates.as_slice() else { panic!("{text}: {:?}", read.candidates) };
        assert_eq!(
            (candidate.text.as_str(), candidate.reason.as_str()),
            ("Rotate keys", "declined"),
            "{text}"
        );
    }
    assert_eq!(action("- ~~Rotate keys~~ (done)").claimed, Claimed::Done);
    assert_eq!(action("- ~~Rotate keys~~ Rotate certificates").title, "Rotate certificates");
    assert_eq!(action("- Say why we won't do this").title, "Say why we won't do this");
}

#[test]
fn a_bold_lead_is_the_title() {
    let finding = action("- **Rotate keys**: all of them, [as agreed](https://wiki.example/x).");
    assert_eq!(finding.title, "Rotate keys");
    assert_eq!(finding.description.as_deref(), Some("all of them, [as agreed](https://wiki.example/x)."));
    assert_eq!(action("- **Rotate** all keys").title, "Rotate all keys");
}

#[test]
fn a_long_line_gives_its_first_sentence() {
    let rest = "It is long. ".repeat(12);
    let finding = action(&format!("- Rotate keys, e.g. those of the pipeline. {rest}"));
    assert_eq!(finding.title, "Rotate keys, e.g. those of the pipeline.");
    assert!(finding.description.unwrap().starts_with("It is long."));
}

#[test]
fn wrapping_does_not_change_a_finding() {
    let one = action("- **Rotate keys**: all of them (owner: @ann)");
    let wrapped = action("- **Rotate\n  keys**: all of\n  them (owner:\n  @ann)");
    assert_eq!((one.title, one.owner), (wrapped.title, wrapped.owner));
}

#[test]
fn nested_items_are_details_of_their_finding() {
    let finding = action("- Rotate keys\n    - those of the pipeline\n    - [x] those of people");
    assert_eq!(finding.claimed, Claimed::None);
    assert_eq!(finding.description.as_deref(), Some("- those of the pipeline\n- [x] those of people"));
}

#[test]
fn checkboxes_below_a_colon_are_findings_of_their_own() {
    let found = actions("- Harden the pipeline:\n  - [x] pin actions\n  - [ ] rotate keys");
    assert_eq!(titles(&found), ["Harden the pipeline: pin actions", "Harden the pipeline: rotate keys"]);
    assert_eq!(found[0].claimed, Claimed::Done);
}

#[test]
fn bullets_behind_a_numbered_item_with_a_bold_lead_are_its_details() {
    let text = "1. **Rotate**\nWe rotate:\n\n- these\n- those\n\n2. **Alert**\n\n- soon\n";
    assert_eq!(titles(&actions(text)), ["Rotate", "Alert"]);
}

#[test]
fn a_bold_list_item_may_announce_the_actions() {
    let text = "- **Impact**: none\n- **Review actions**:\n  - Rotate keys\n  - Add alerts\n- **Context**:\n  - Nothing\n";
    assert_eq!(titles(&findings(text)), ["Rotate keys", "Add alerts"]);
    let below = "- **Impact**: none\n\n- **Review actions**:\n\n1. Rotate keys\n2. Add alerts\n";
    assert_eq!(titles(&findings(below)), ["Rotate keys", "Add alerts"]);
}

#[test]
fn a_bold_paragraph_may_announce_the_actions() {
    let text = "## Lessons\n\n**Actions planned:**\n\n- Rotate keys\n\n**Action taken:** We added alerts.\n\n**Impact:**\n\n- none\n";
    let found = findings(text);
    assert_eq!(titles(&found), ["Rotate keys", "We added alerts."]);
    assert_eq!([found[0].claimed, found[1].claimed], [Claimed::None, Claimed::Done]);
}

#[test]
fn words_behind_a_label_only_introduce_the_list_that_follows() {
    for text in [
        "**Action items:** these were agreed on\n- Rotate keys\n- Add alerts\n",
        "**Action items:** these were agreed on.\n\n1. Rotate keys\n2. Add alerts\n",
        "**Action items**: these\n\n| Action | Owner |\n|-|-|\n| Rotate keys | |\n| Add alerts | |\n",
        "Action items:\n\n- Rotate keys\n- Add alerts\n",
        "- Impact: none\n- Action items:\n  - Rotate keys\n  - Add alerts\n",
        "## Action items\n\n- Follow-ups:\n  - Rotate keys\n  - Add alerts\n",
    ] {
        let read = read(&format!("# Leak\n\n{text}"));
        assert_eq!(titles(&read.findings), ["Rotate keys", "Add alerts"], "{text}");
        assert_eq!((read.candidates.len(), codes(text).len()), (0, 0), "{text}: {:?}", codes(text));
    }
    let prose = "**Action items:** we will rotate keys.\n\n**Impact:** none\n\n- Rotate\n";
    assert_eq!((findings(prose).len(), read(prose).candidates.len()), (0, 1));
    assert_eq!(findings("Impact:\n\n- none\n").len(), 0);
}

#[test]
fn a_table_of_actions_is_read_by_its_headers() {
    let text = "| Action Item | Type | Owner | Issue # | Priority | Due Date | Status |\n|-|-|-|-|-|-|-|\n\
                | Rotate keys | Prevent | @ann | acme/keys#7 | P0 | 2026-03-01 | DONE |\n| Alert | Detect | | | P2 |\n| | | | | | | |\n";
    let found = actions(text);
    assert_eq!(titles(&found), ["Rotate keys", "Alert"]);
    assert_eq!(
        (found[0].kind, found[0].priority, found[0].due),
        (Some(Kind::Prevent), Some(Priority::P0), Some(date("2026-03-01")))
    );
    assert_eq!((found[0].owner.as_deref(), found[0].claimed), (Some("@ann"), Claimed::Done));
    assert_eq!(
        found[0].trackers,
        [TrackerRef::Github { host: None, repository: "acme/keys".to_owned(), number: 7 }]
    );
    assert_eq!((found[1].owner.as_deref(), found[1].priority), (None, Some(Priority::P2)));
}

#[test]
fn a_table_counts_outside_a_section_unless_it_is_a_history() {
    let plan = "## Notes\n\n| Action | Owner |\n|-|-|\n| Rotate | @ann |\n";
    assert_eq!(findings(plan).len(), 1);
    let history = "## What happened\n\n| Time | Action | Who |\n|-|-|-|\n| 10:00 | Rotated keys | @ann |\n";
    assert_eq!(findings(history).len(), 0);
    let timeline = "## Timeline\n\n| Action | Who |\n|-|-|\n| Rotated keys | @ann |\n";
    assert_eq!(findings(timeline).len(), 0);
}

#[test]
fn a_column_nobody_knows_is_named() {
    has("## Action items\n\n| Action | Mood |\n|-|-|\n| Rotate | good |\n", "unmapped_column", 3);
}

#[test]
fn owners_are_read_where_they_are_named() {
    for text in [
        "- Rotate keys. Owner: @ann",
        "- Rotate keys (owner: @ann)",
        "- @ann Rotate keys",
        "- Rotate keys - @ann",
        "- Rotate keys\n  - Owner: @ann",
    ] {
        assert_eq!(action(text).owner.as_deref(), Some("@ann"), "{text}");
    }
    assert_eq!(action("- Rotate keys (Ann calls for a meeting)").owner, None);
    assert_eq!(action("- Rotate keys (owner: Ann Lee)").owner.as_deref(), Some("Ann Lee"));
    assert_eq!(action("- Rotate keys. Owner: TBD").owner, None);
    assert_eq!(action("- Rotate keys (owner: @ann)").title, "Rotate keys");
}

#[test]
fn only_iso_dates_are_deadlines() {
    let day: Option<NaiveDate> = Some(date("2026-03-01"));
    for text in
        ["- Rotate keys (due: 2026-03-01)", "- Rotate keys by 2026-03-01", "- Rotate keys 📅 2026-03-01"]
    {
        assert_eq!((action(text).due, action(text).title.as_str()), (day, "Rotate keys"), "{text}");
    }
    assert_eq!(action("- Rotate keys (due: 8/3/2014)").due, None);
    has("## Action items\n\n- Rotate keys (due: 8/3/2014)\n", "ambiguous_date", 3);
    has("## Action items\n\n| Action | Due |\n|-|-|\n| Rotate | 24/07/25 |\n", "ambiguous_date", 5);
}

#[test]
fn references_are_recognised_in_every_form() {
    let text = "- Rotate [keys][k] see https://git.example/acme/keys/issues/3, acme/keys#4, #5 and PLAT-6\n\n[k]: https://github.com/acme/keys/pull/2\n";
    let github = |host: Option<&str>, number| TrackerRef::Github {
        host: host.map(str::to_owned),
        repository: "acme/keys".to_owned(),
        number,
    };
    let pull = TrackerRef::PullRequest {
        host: Some("github.com".to_owned()),
        repository: "acme/keys".to_owned(),
        number: 2,
    };
    let jira = TrackerRef::Jira { host: None, key: "PLAT-6".to_owned() };
    assert_eq!(
        action(text).trackers,
        [pull, github(Some("git.example"), 3), github(None, 4), issue(5), jira]
    );
    let url = TrackerRef::Jira { host: Some("acme.example".to_owned()), key: "OPS-1".to_owned() };
    assert_eq!(action("- Rotate https://acme.example/browse/OPS-1").trackers, [url]);
}

#[test]
fn what_only_looks_like_a_reference_is_none() {
    for text in [
        "- Use UTF-8",
        "- Mend CVE-2021",
        "- Post in #alerts",
        "- Set `#5`",
        "- Room a#5",
        "- Fix [it](https://chat.example/#5)",
        "- Keep #0",
    ] {
        assert_eq!(action(text).trackers, [], "{text}");
    }
}

#[test]
fn a_reference_at_the_end_is_not_part_of_the_title() {
    for text in [
        "- Rotate keys ([#5](https://github.com/a/b/issues/5))",
        "- Rotate keys <https://github.com/a/b/issues/5>",
        "- Rotate keys [Issue](https://github.com/a/b/issues/5)",
        "- Rotate keys: #5",
    ] {
        assert_eq!(action(text).title, "Rotate keys", "{text}");
    }
    assert_eq!(action("- #5").title, "acme/platform#5");
    assert_eq!(action("- https://github.com/a/b/issues/5").title, "a/b#5");
    assert_eq!(
        action("- Created a [ticket](https://github.com/a/b/issues/5) to rotate").title,
        "Created a ticket to rotate"
    );
}

#[test]
fn a_link_to_many_issues_is_a_candidate() {
    let text = "## Action items\n\n- See https://github.com/a/b/issues?q=is%3Aopen\n";
    assert_eq!(read(text).candidates[0].reason, "collection_link");
    assert_eq!(findings(text).len(), 0);
    has(text, "collection_link", 3);
}

#[test]
fn prose_in_a_section_is_left_to_a_person() {
    let text = "## Action items\n\nWe will rotate keys.\n";
    assert_eq!(read(text).candidates.len(), 1);
    has(text, "prose_candidate", 3);
    has(text, "only_candidates", 0);
    let introduced = "## Action items\n\nThese are agreed.\n\n- Rotate\n";
    assert_eq!(read(introduced).candidates, []);
}

#[test]
fn a_mark_in_running_text_is_a_candidate() {
    let post = read("## Timeline\n\n[Action Item] limit the rate\n");
    assert_eq!(post.candidates[0].reason, "actions_elsewhere");
}

#[test]
fn a_bare_number_after_the_word_for_a_pull_request_is_evidence_and_no_issue() {
    let pull =
        |number| TrackerRef::PullRequest { host: None, repository: "acme/platform".to_owned(), number };
    assert_eq!(action("- Rotate the key, begun in PR #9").trackers, [pull(9)]);
    assert_eq!(action("- Rotate the key (pull request #9)").trackers, [pull(9)]);
    assert_eq!(action("- Rotate the key, see #9").trackers, [issue(9)]);
}
