//! Descriptions of Jira issues, in Atlassian documents and in wiki text: what a reader sees there is what is read.

use std::collections::{BTreeMap, BTreeSet};

use postmortem_sync::{
    model::{
        conventions::Conventions,
        ids::SourceName,
        issue::{IssueText, Markup},
        observed::Observed,
        postmortem::{Document, DocumentFinding, Postmortem},
        terms::Tlp,
    },
    source::issues::read_issues_of,
};
use serde_json::{Value, json};

fn read(issue: IssueText) -> Document {
    let people =
        BTreeMap::from([("5b10:1".to_owned(), "bo".to_owned()), ("bo.login".to_owned(), "bo".to_owned())]);
    let conventions = Conventions { jira_projects: vec!["PLAT".to_owned()], ..Conventions::default() };
    let issue = IssueText { key: "PIR-4".to_owned(), title: "Leak".to_owned(), ..issue };
    read_issues_of(&SourceName::from("incidents"), &[issue], &people, 1 << 20, &conventions).remove(0)
}

fn of_wiki(text: &str) -> Document {
    read(IssueText { markup: Markup::Wiki, body: text.to_owned(), ..IssueText::default() })
}

fn of_adf(content: &Value) -> Document {
    let document = json!({"type": "doc", "version": 1, "content": content});
    read(IssueText { markup: Markup::Adf, body: document.to_string(), ..IssueText::default() })
}

fn known(document: &Document) -> &Postmortem {
    let Observed::Known(postmortem) = &document.postmortem else { panic!("{:#?}", document.diagnostics) };
    postmortem
}

/// A finding as one line: its title, its owner, its deadline, what is claimed and its references.
fn line(finding: &DocumentFinding) -> String {
    let mut line = finding.title.clone();
    let mut add = |what: &str, text: String| line.push_str(&format!(" {what}={text}"));
    finding.owner.iter().for_each(|owner| add("owner", owner.clone()));
    finding.due.iter().for_each(|due| add("due", due.to_string()));
    if finding.claimed.to_string() != "none" {
        add("claims", finding.claimed.to_string());
    }
    finding.trackers.iter().for_each(|issue| add("issue", issue.to_string()));
    line
}

fn lines(document: &Document) -> Vec<String> {
    known(document).findings.iter().map(line).collect()
}

fn codes(document: &Document) -> Vec<(usize, &str)> {
    document.diagnostics.iter().map(|noted| (noted.line, noted.code.as_str())).collect()
}

/// Codes of what only descriptions of issues have noticed about them.
pub(crate) fn codes_noticed() -> BTreeSet<String> {
    let body = "## Action items\n\n- Rotate the token\n".to_owned();
    let narrowed =
        IssueText { markup: Markup::Wiki, body, level: Some("Security".to_owned()), ..IssueText::default() };
    let unshown = IssueText { markup: Markup::Unshown, ..IssueText::default() };
    let all = [read(narrowed), read(unshown), of_adf(&json!([{"type": "futureList"}]))];
    all.iter().flat_map(|document| &document.diagnostics).map(|noted| noted.code.clone()).collect()
}

fn text(text: &str) -> Value {
    json!({"type": "text", "text": text})
}

fn marked(words: &str, marks: &Value) -> Value {
    json!({"type": "text", "text": words, "marks": marks})
}

fn paragraph(content: &[Value]) -> Value {
    json!({"type": "paragraph", "content": content})
}

fn heading(words: &str) -> Value {
    json!({"type": "heading", "attrs": {"level": 2}, "content": [text(words)]})
}

fn item(content: &[Value]) -> Value {
    json!({"type": "listItem", "content": content})
}

fn bullets(items: &[Value]) -> Value {
    json!({"type": "bulletList", "content": items})
}

fn task(state: &str, content: &[Value]) -> Value {
    json!({"type": "taskItem", "attrs": {"localId": "1", "state": state}, "content": content})
}

fn tasks(items: &[Value]) -> Value {
    json!({"type": "taskList", "attrs": {"localId": "0"}, "content": items})
}

fn mention(id: &str, words: &str) -> Value {
    json!({"type": "mention", "attrs": {"id": id, "text": words}})
}

#[test]
fn tasks_of_a_document_have_owners_days_and_states() {
    let day = json!({"type": "date", "attrs": {"timestamp": "1780272000000"}});
    let card = json!({"type": "inlineCard", "attrs": {"url": "https://acme.example/browse/PLAT-7"}});
    let document = of_adf(&json!([
        heading("Action items"),
        tasks(&[
            task("TODO", &[mention("5b10:1", "@Bo B. Berg"), text(" Rotate the token by "), day]),
            tasks(&[task("TODO", &[text("Tell the customers")])]),
            task("DONE", &[text("Close the port "), mention("5b10:9", "@Ana Ruiz")]),
            task("TODO", &[text("Scan the history "), card]),
        ]),
    ]));
    assert_eq!(
        lines(&document),
        [
            "Rotate the token by owner=bo due=2026-06-01",
            "Close the port owner=Ana Ruiz claims=done",
            "Scan the history issue=https://acme.example/browse/PLAT-7",
        ],
        "{:#?}",
        document.diagnostics
    );
    let findings = &known(&document).findings;
    assert_eq!(findings.iter().map(|one| one.line).collect::<Vec<_>>(), [2, 4, 5]);
    assert!(format!("{:?}", findings[0]).contains("Tell the customers"), "what is below a task describes it");
}

#[test]
fn lists_quotes_boxes_and_rules_of_a_document_are_what_they_are_on_a_page() {
    let strong = marked("Owner:", &json!([{"type": "strong"}]));
    let link = marked(
        "the plan",
        &json!([{"type": "link", "attrs": {"href": "https://github.com/acme/keys/issues/7"}}]),
    );
    let document = of_adf(&json!([
        {"type": "panel", "attrs": {"panelType": "info"}, "content": [paragraph(&[text("All is well again.")])]},
        {"type": "rule"},
        {"type": "expand", "attrs": {"title": "Action items"}, "content": [
            {"type": "orderedList", "attrs": {"order": 3}, "content": [
                item(&[paragraph(&[text("Rotate the token, see "), link])]),
                item(&[paragraph(&[text("Scan the history"), json!({"type": "hardBreak"}), strong, text(" Ana")])]),
            ]},
        ]},
        {"type": "mediaSingle", "content": [{"type": "media", "attrs": {"id": "1", "type": "file"}}]},
        heading("What went well"),
        bullets(&[item(&[paragraph(&[text("The alert came early")])])]),
        {"type": "codeBlock", "content": [text("- Rotate nothing")]},
    ]));
    assert_eq!(
        lines(&document),
        [
            "Rotate the token, see the plan issue=https://github.com/acme/keys/issues/7",
            "Scan the history owner=Ana"
        ],
        "{:#?}",
        document.diagnostics
    );
}

#[test]
fn cells_of_a_document_reach_over_rows_and_columns() {
    let cell = |words: &str, attrs: &Value| json!({"type": "tableCell", "attrs": attrs, "content": [paragraph(&[text(words)])]});
    let head = |words: &str| json!({"type": "tableHeader", "content": [paragraph(&[text(words)])]});
    let row = |cells: &[Value]| json!({"type": "tableRow", "content": cells});
    let document = of_adf(&json!([
        heading("Action items"),
        {"type": "table", "attrs": {"isNumberColumnEnabled": true}, "content": [
            row(&[head("Owner"), head("Action"), head("Due")]),
            row(&[cell("Ana", &json!({"rowspan": 2})), cell("Rotate the token", &json!({})), cell("2026-06-01", &json!({}))]),
            row(&[cell("Scan the history", &json!({"colspan": 2}))]),
        ]},
    ]));
    assert_eq!(
        lines(&document),
        ["Rotate the token owner=Ana due=2026-06-01", "Scan the history owner=Ana"],
        "{:#?}",
        document.diagnostics
    );
}

#[test]
fn what_is_not_known_in_a_document_is_told_and_its_text_is_kept() {
    let document = of_adf(&json!([
        heading("Action items"),
        {"type": "futureList", "content": [bullets(&[item(&[paragraph(&[text("Rotate the token")])])])]},
        {"type": "extension", "attrs": {"extensionKey": "acme:checklist", "text": "Checklist"}},
    ]));
    assert_eq!(lines(&document), ["Rotate the token"]);
    let told: Vec<&str> = document
        .diagnostics
        .iter()
        .filter(|noted| noted.code == "unknown_node")
        .map(|noted| noted.message.split('`').nth(1).unwrap())
        .collect();
    assert_eq!(told, ["futureList", "acme:checklist"]);
    assert!(document.diagnostics.iter().all(|noted| noted.path == "PIR-4"), "people know it by its key");
}

#[test]
fn decisions_and_placeholders_of_a_document_are_no_findings() {
    let document = of_adf(&json!([
        heading("Action items"),
        {"type": "decisionList", "content": [{"type": "decisionItem", "attrs": {"state": "DECIDED"}, "content": [text("We keep the gateway")]}]},
        tasks(&[task("TODO", &[json!({"type": "placeholder", "attrs": {"text": "What is to be done"}})]), task("TODO", &[text("Rotate the token")])]),
    ]));
    assert_eq!(lines(&document), ["Rotate the token"], "{:#?}", document.diagnostics);
}

#[test]
fn an_account_alone_is_nobody_and_never_shown() {
    let document = of_adf(&json!([
        heading("Action items"),
        tasks(&[task("TODO", &[mention("5b10:77", ""), text(" Rotate the token")])]),
    ]));
    assert_eq!(lines(&document), ["Rotate the token"]);
    assert!(codes(&document).contains(&(2, "unnamed_person")), "{:?}", codes(&document));
    assert!(!format!("{document:?}").contains("5b10:77"));
}

#[test]
fn lists_of_wiki_text_have_levels_boxes_to_tick_and_owners() {
    let document = of_wiki(
        "h1. Leak\r\n\r\nAll is well again.\r\n\r\nh2. Action items\r\n\r\n* [ ] Rotate the token ([~bo.login])\r\n** Tell the customers\r\n* [x] Close the *port*\r\n\r\n# Scan the {{history}} by 2026-06-01, see [PLAT-7]\r\n#* and the _backups_\r\nof all regions\r\n\r\nh2. What went well\r\n\r\n* The alert came early\r\n",
    );
    assert_eq!(
        lines(&document),
        [
            "Rotate the token owner=bo",
            "Close the port claims=done",
            "Scan the history due=2026-06-01 issue=PLAT-7",
        ],
        "{:#?}",
        document.diagnostics
    );
    let at: Vec<usize> = known(&document).findings.iter().map(|one| one.line).collect();
    assert_eq!(at, [7, 9, 11], "places are those of the text");
}

#[test]
fn tables_of_wiki_text_have_headers_lines_in_cells_and_signs() {
    let document = of_wiki(
        "h3. Action items\n||Action||Owner||Due||Done||\n|Rotate the token\\\\of the bot|[Ana Ruiz|~ana]|2026-06-01|(/)|\n|Scan [the history|https://github.com/acme/keys/issues/7]\nand the backups|Chen|1/Jul/26|(x)|\n||Close the port|{color:red}Bo{color}| | |\n\nThat is all | for now.\n",
    );
    assert_eq!(
        lines(&document),
        [
            "Rotate the token owner=Ana Ruiz due=2026-06-01 claims=done",
            "Scan the history owner=Chen due=2026-07-01 issue=https://github.com/acme/keys/issues/7",
            "Close the port owner=Bo",
        ],
        "{:#?}",
        document.diagnostics
    );
    assert_eq!(known(&document).findings.iter().map(|one| one.line).collect::<Vec<_>>(), [3, 4, 6]);
}

#[test]
fn boxes_code_and_quotes_of_wiki_text_end_where_a_reader_sees_them_end() {
    let document = of_wiki(
        "{quote}\n* Rotate nothing\n{quote}\n{code:title=a|java}\nh2. Action items\n* Rotate nothing either\n{code}\n{panel:title=Action items|borderStyle=dashed}\n* Rotate the token\n* Scan {noformat}h2. X{noformat}\n{panel}\n* We met on Monday\n----\n{noformat}\n* Nothing\n",
    );
    assert_eq!(lines(&document), ["Rotate the token", "Scan"], "{:#?}", document.diagnostics);
}

#[test]
fn what_only_looks_like_a_mark_in_wiki_text_is_text() {
    let document = of_wiki(
        "h2. Action items\n* Check snake_case_name and 2 * 3 * 4 - not - that -well-known- one\n* Escape \\*stars\\* and \\{braces\\}\n* Raise [SEV-1] alerts to [P1] at https://x.example/a_b_c_(d)\n* Keep {*}b{*}old, {color:#ff0000}*red*{color} and f(x) &amp; !a.png|thumbnail! all\n* Use AT&T <b>lines</b>\n",
    );
    assert_eq!(
        lines(&document),
        [
            "Check snake_case_name and 2 * 3 * 4 - not - that one",
            "Escape *stars* and {braces}",
            "Raise [SEV-1] alerts to [P1] at https://x.example/a_b_c_(d)",
            "Keep bold, red and f(x) & all",
            "Use AT&T <b>lines</b>",
        ],
        "{:#?}",
        document.diagnostics
    );
}

#[test]
fn a_mention_that_a_label_announces_is_its_value() {
    let document = of_wiki(
        "h2. Action items\n* Rotate the token (owner: [~bo.login])\n* Scan the history. Owner: [Ana Ruiz|~ana]\n* Close the port: [~bo.login]\n",
    );
    assert_eq!(
        lines(&document),
        ["Rotate the token owner=bo", "Scan the history. owner=Ana Ruiz", "Close the port owner=bo"],
        "{:#?}",
        document.diagnostics
    );
}

#[test]
fn markdown_in_a_field_for_wiki_text_is_read_as_markdown() {
    let document = of_wiki("# Leak\n\n## Action items\n\n- [ ] Rotate the token\n- [x] Close the port\n");
    assert_eq!(lines(&document), ["Rotate the token", "Close the port claims=done"]);
    assert!(codes(&document).contains(&(0, "markdown_in_wiki")));
    let numbered = of_wiki("*Action items*\n\n# Rotate the token\n## and the key\n# Scan the history\n");
    assert!(!codes(&numbered).iter().any(|(_, code)| *code == "markdown_in_wiki"));
    assert_eq!(lines(&numbered).len(), 2, "{:#?}", numbered.diagnostics);
}

#[test]
fn a_security_level_and_labels_count_towards_the_class() {
    let wiki = |level: Option<&str>, labels: &[&str]| {
        let issue = IssueText {
            markup: Markup::Wiki,
            body: "h2. Action items\n* Rotate the token\n".to_owned(),
            level: level.map(str::to_owned),
            labels: labels.iter().map(|label| (*label).to_owned()).collect(),
            ..IssueText::default()
        };
        read(issue)
    };
    assert_eq!(known(&wiki(None, &[])).tlp, Tlp::Amber);
    assert_eq!(known(&wiki(None, &["tlp-green"])).tlp, Tlp::Green);
    assert_eq!(known(&wiki(None, &["tlp-red"])).tlp, Tlp::Red);
    let narrowed = wiki(Some("Security team"), &["tlp-green"]);
    assert_eq!(known(&narrowed).tlp, Tlp::Red);
    assert_eq!(codes(&narrowed), [(0, "security_level")]);
    assert_ne!(narrowed.hash, wiki(None, &["tlp-green"]).hash, "whoever sets a level changes the document");
}

#[test]
fn the_number_of_an_issue_is_the_document_and_its_key_the_write_up() {
    let issue = IssueText {
        markup: Markup::Wiki,
        lasting: Some("issue-10042".to_owned()),
        revision: Some("2026-06-01T10:00:00.000+0000".to_owned()),
        url: "https://acme.example/browse/PIR-4".to_owned(),
        ..IssueText::default()
    };
    let document = read(issue);
    assert_eq!(document.path, "issue-10042");
    assert_eq!(document.revision.as_deref(), Some("2026-06-01T10:00:00.000+0000"));
    let write_up = known(&document);
    assert_eq!((write_up.id.as_str(), write_up.title.as_str()), ("PIR-4", "Leak"));
    assert_eq!(write_up.url.as_deref(), Some("https://acme.example/browse/PIR-4"));
}

#[test]
fn a_description_that_is_not_shown_or_none_is_unknown_and_not_empty() {
    for (markup, body) in [
        (Markup::Unshown, ""),
        (Markup::Adf, "{"),
        (Markup::Adf, "[]"),
        (Markup::Adf, "{\"type\":\"paragraph\"}"),
    ] {
        let document = read(IssueText { markup, body: body.to_owned(), ..IssueText::default() });
        assert_eq!(document.postmortem.known(), None, "{markup:?} {body}");
        assert_eq!(codes(&document), [(0, "unreadable_description")]);
    }
    assert!(known(&of_wiki("")).findings.is_empty());
}

#[test]
fn whatever_is_nested_or_left_open_in_a_description_is_read_in_no_time() {
    let times = |text: &str, n: usize| text.repeat(n);
    for text in [
        times("{quote}\n{panel:title=a}\n", 1_000),
        times("{panel:title=a}", 5_000),
        times("*a ", 20_000),
        times("[", 40_000),
        times("{", 40_000),
        times("{{", 20_000),
        times("!", 40_000),
        times("\\", 40_000),
        times("*_-", 10_000),
        times("|", 40_000),
        times("|a\n", 10_000),
        times("||a|", 10_000),
        times("{code}", 10_000),
        format!("|{}", times("{code:a}\n", 5_000)),
        (1..400).map(|n| format!("{} a\n", times("*", n % 40))).collect(),
        times("*#*#*# a\n** b\n", 1_000),
    ] {
        let document = of_wiki(&format!("h2. Action items\n* Rotate the token\n\n{text}"));
        let start: String = text.chars().take(40).collect();
        let titles: Vec<&str> = match document.postmortem.known() {
            Some(postmortem) => postmortem.findings.iter().map(|one| one.title.as_str()).collect(),
            None => Vec::new(),
        };
        let refused = document.diagnostics.iter().any(|noted| noted.code == "html_too_large");
        assert!(
            refused || titles.first() == Some(&"Rotate the token"),
            "{start}: {:#?}",
            document.diagnostics
        );
    }
    let mut deep = bullets(&[item(&[paragraph(&[text("Deep")])])]);
    for _ in 0..28 {
        deep = bullets(&[item(&[paragraph(&[text("Further")]), deep])]);
    }
    let document = of_adf(&json!([heading("Action items"), deep]));
    assert_eq!(lines(&document), ["Further"]);
    assert!(format!("{:?}", known(&document)).contains("Deep"), "{:?}", known(&document));
}
