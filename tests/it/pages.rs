//! Pages: Markdown that was rendered says the same, the same content says the same in every format, and no page is too much.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path};

use postmortem_sync::{
    model::{
        conventions::Conventions,
        ids::SourceName,
        issue::{IssueText, Markup},
        observed::Observed,
        postmortem::{Document, Level, Postmortem},
        terms::Tlp,
    },
    source::{
        issues::read_issues,
        pages::{PageText, read_pages},
        read_bytes,
    },
};
use pulldown_cmark::{Options, Parser, html::push_html};
use serde_json::{Value, json};

use crate::surroundings::shared;

/// Real write-ups whose rendered pages say something else, with the reason.
const OTHERWISE: &[(&str, &str)] = &[];

/// A finding without what may differ between formats: its line, and its description, which keeps the text as written.
type Essence = (String, Option<String>, String, Option<String>, Vec<String>);

fn read_as(name: &str, text: &str) -> Document {
    let conventions =
        Conventions { default_repository: Some("acme/platform".to_owned()), ..Conventions::default() };
    read_bytes(&SourceName::from("here"), name, text.as_bytes(), &conventions)
}

fn known(document: &Document) -> &Postmortem {
    let Observed::Known(postmortem) = &document.postmortem else { panic!("{:#?}", document.diagnostics) };
    postmortem
}

fn essence(document: &Document) -> Vec<Essence> {
    let postmortem = known(document);
    let mut found: Vec<Essence> = postmortem
        .findings
        .iter()
        .map(|finding| {
            let issues = finding.trackers.iter().map(|issue| format!("{issue:?}")).collect();
            let due = finding.due.map(|due| due.to_string());
            (finding.title.clone(), finding.owner.clone(), finding.claimed.to_string(), due, issues)
        })
        .collect();
    let waiting = postmortem.candidates.iter();
    found.extend(waiting.map(|one| (one.text.clone(), None, one.reason.clone(), None, Vec::new())));
    found
}

/// A text without its front matter, as the Markdown crate renders it.
fn rendered(text: &str) -> (String, String) {
    let text = text.replace("\r\n", "\n");
    let body = match text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---")) {
        Some((_, body)) => body.trim_start_matches('-').to_owned(),
        None => text.clone(),
    };
    let options = Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_STRIKETHROUGH;
    let mut html = String::new();
    push_html(&mut html, Parser::new_ext(&body, options));
    (body, html)
}

/// What differs between a write-up and its rendered page.
fn differences(name: &str, text: &str) -> Vec<String> {
    let (body, html) = rendered(text);
    let (before, after) = (read_as("a.md", &body), read_as("a.html", &html));
    let (before, after) = (essence(&before), essence(&after));
    let lost = before.iter().filter(|one| !after.contains(one)).map(|one| format!("{name}: lost {one:?}"));
    let new = after.iter().filter(|one| !before.contains(one)).map(|one| format!("{name}: new {one:?}"));
    let mut all: Vec<String> = lost.chain(new).collect();
    if all.is_empty() && before != after {
        all.push(format!("{name}: another order or number, {} and {}", before.len(), after.len()));
    }
    all
}

fn markdown_below(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else { panic!("{}", folder.display()) };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            found.extend(markdown_below(&path));
        } else if path.extension().is_some_and(|extension| extension == "md") {
            let name = path.to_string_lossy().into_owned();
            let Ok(text) = fs::read_to_string(&path) else { panic!("{name}") };
            found.push((name, text));
        }
    }
    found.sort();
    found
}

#[test]
fn small_write_ups_say_the_same_when_they_are_rendered() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/writeups");
    let all = markdown_below(&folder);
    assert!(all.len() >= 60, "{}", all.len());
    let wrong: Vec<String> = all.iter().flat_map(|(name, text)| differences(name, text)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn real_write_ups_say_the_same_when_they_are_rendered() {
    let Some(folder) = shared("postmortems") else { return };
    let all = markdown_below(&folder);
    assert!(all.len() > 20, "{}", all.len());
    let mut wrong = Vec::new();
    for (name, text) in all {
        let differs = differences(&name, &text);
        match OTHERWISE.iter().find(|(file, _)| name.ends_with(file)) {
            Some(_) if differs.is_empty() => {
                wrong.push(format!("{name}: says the same now, take it off the list"))
            }
            Some(_) => {}
            None => wrong.extend(differs),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn one_write_up_says_the_same_in_every_format() {
    let markdown = "# Leaked token\n\n## Action items\n\n| Action | Owner | Due | Status | Ticket |\n|-|-|-|-|-|\n\
                    | Rotate the token | Ana | 2026-06-01 | Done | acme/keys#7 |\n| Scan the history | Bo | | | |\n";
    let html = "<h1>Leaked token</h1><h2>Action items</h2><table><tr><th>Action<th>Owner<th>Due<th>Status<th>Ticket\
                <tr><td>Rotate the token<td>Ana<td>2026-06-01<td>Done<td>acme/keys#7<tr><td>Scan the history<td>Bo<td><td><td></table>";
    let storage = "<h1>Leaked token</h1><h2>Action items</h2><table><tbody><tr><th>Action</th><th>Owner</th><th>Due</th><th>Status</th>\
                   <th>Ticket</th></tr><tr><td>Rotate the token</td><td>Ana</td><td><time datetime=\"2026-06-01\" /></td>\
                   <td><ac:structured-macro ac:name=\"status\"><ac:parameter ac:name=\"title\">Done</ac:parameter></ac:structured-macro></td>\
                   <td>acme/keys#7</td></tr><tr><td>Scan the history</td><td>Bo</td><td /><td /><td /></tr></tbody></table>";
    let csv = "Action,Owner,Due,Status,Ticket\nRotate the token,Ana,2026-06-01,Done,acme/keys#7\nScan the history,Bo,,,\n";
    let strict = "format: postmortem/1\nid: PM-1\ntitle: Leaked token\nincident: { severity: high }\nfindings:\n\
                  \x20 - { id: F1, title: Rotate the token, class: technical_lapse, owner: Ana, due: 2026-06-01, initial_status: done_claimed, tracker: [\"acme/keys#7\"] }\n\
                  \x20 - { id: F2, title: Scan the history, class: technical_lapse, owner: Bo }\n";
    let expected = essence(&read_as("a.md", markdown));
    assert_eq!(expected.len(), 2, "{expected:?}");
    for (name, text) in [("a.html", html), ("a.xml", storage), ("a.csv", csv), ("a.yaml", strict)] {
        assert_eq!(essence(&read_as(name, text)), expected, "{name}");
    }
    let wiki = "h2. Action items\n\n||Action||Owner||Due||Status||Ticket||\n|Rotate the token|[Ana|~ana]|2026-06-01|{status:colour=Green|title=Done}|acme/keys#7|\n\
                |Scan the history|Bo| | | |\n";
    let day = json!({"type": "date", "attrs": {"timestamp": "1780272000000"}});
    let done = json!({"type": "status", "attrs": {"text": "Done", "color": "green"}});
    let ana = json!({"type": "mention", "attrs": {"id": "557058:77", "text": "@Ana"}});
    let heading = json!({"type": "heading", "attrs": {"level": 2}, "content": [words("Action items")]});
    let table = json!({"type": "table", "content": [
        row("tableHeader", &[words("Action"), words("Owner"), words("Due"), words("Status"), words("Ticket")]),
        row("tableCell", &[words("Rotate the token"), ana, day, done, words("acme/keys#7")]),
        row("tableCell", &[words("Scan the history"), words("Bo"), words(" "), words(" "), words(" ")]),
    ]});
    let adf = json!({"type": "doc", "version": 1, "content": [heading, table]}).to_string();
    for (markup, body) in [(Markup::Wiki, wiki.to_owned()), (Markup::Adf, adf)] {
        assert_eq!(essence(&read_issue(markup, &body)), expected, "{markup:?}");
    }
}

fn words(text: &str) -> Value {
    json!({"type": "text", "text": text})
}

/// A row of a table in an Atlassian document.
fn row(kind: &str, cells: &[Value]) -> Value {
    let cell = |inner: &Value| json!({"type": kind, "content": [{"type": "paragraph", "content": [inner]}]});
    json!({"type": "tableRow", "content": cells.iter().map(cell).collect::<Vec<_>>()})
}

fn read_issue(markup: Markup, body: &str) -> Document {
    let issue = IssueText { key: "PIR-4".to_owned(), body: body.to_owned(), markup, ..IssueText::default() };
    let conventions =
        Conventions { default_repository: Some("acme/platform".to_owned()), ..Conventions::default() };
    read_issues(&SourceName::from("here"), &[issue], 1 << 20, &conventions).remove(0)
}

#[test]
fn html_in_markdown_says_nothing_twice() {
    for text in [
        "## Action items\n\n<ul>\n<li>Rotate</li>\n<li>Scan</li>\n</ul>\n",
        "## Action items\n\n<ul><li>Rotate\n\n</li></ul>\n\n- Scan\n",
        "<details>\n<summary>Action items</summary>\n\n- Rotate\n- Scan\n\n</details>\n\n- Other\n",
        "<details><summary><b>Action items</b></summary><table><tr><th>Action</th></tr><tr><td>Rotate</td></tr></table>\n\n- Scan\n</details>\n",
        "<div align=\"center\">\n\n## Action items\n\n</div>\n\n- Rotate\n- Scan\n",
        "## Action items\n\n<table>\n<tr><th>Action</th></tr>\n<tr><td>\n\nRotate\n\n</td></tr>\n<tr><td>Scan</td></tr>\n</table>\n",
        "## Action items\n\n<!-- as agreed -->\n<p>These:</p>\n\n- Rotate\n- Scan <!-- finding: F2 -->\n",
        "<h2>Action items</h2>\n\n1. <b>Rotate</b>\n2. <s>Nothing</s> Scan\n",
        "## Action items\n\n<select>\n\n- Rotate\n- Scan\n",
    ] {
        let document = read_as("a.md", &format!("# Leak\n\n{text}"));
        let titles: Vec<&str> = known(&document).findings.iter().map(|one| one.title.as_str()).collect();
        assert_eq!(titles, ["Rotate", "Scan"], "{text}: {:#?}", document.diagnostics);
        assert_eq!(known(&document).candidates, [], "{text}");
    }
}

#[test]
fn a_page_of_a_wiki_has_the_title_the_people_and_the_class_that_are_known_of_it() {
    let page = PageText {
        key: "page-65537".to_owned(),
        title: "Leaked token".to_owned(),
        revision: "7".to_owned(),
        url: "https://wiki.example/65537".to_owned(),
        body: "<h2>Action items</h2><p /><ul><li><ac:link><ri:user ri:account-id=\"557058:77\" /></ac:link> Rotate the token</li></ul>"
            .to_owned(),
        labels: vec!["postmortem".to_owned(), "tlp-red".to_owned()],
        people: BTreeMap::from([("557058:77".to_owned(), "Ana Ruiz".to_owned())]),
    };
    let name = SourceName::from("wiki");
    let read = read_pages(&name, &[page.clone(), page], 200, &Conventions::default());
    assert_eq!(read[0].revision.as_deref(), Some("7"));
    let write_up = known(&read[0]);
    assert_eq!((write_up.title.as_str(), write_up.tlp), ("Leaked token", Tlp::Red));
    assert_eq!(write_up.findings[0].title, "Rotate the token");
    assert_eq!(write_up.findings[0].owner.as_deref(), Some("Ana Ruiz"));
    assert_eq!(read[0].path, "page-65537");
    assert!(
        read_pages(
            &name,
            &[PageText { body: "<p>".repeat(70), ..PageText::default() }],
            200,
            &Conventions::default()
        )[0]
        .postmortem
        .known()
        .is_none()
    );
}

#[test]
fn no_account_reaches_what_is_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/formats");
    for name in ["confluence_storage.xml", "confluence_export.html", "xhtml_storage.xhtml"] {
        let document = read_as(name, &fs::read_to_string(folder.join(name)).unwrap());
        let said = format!("{:?} {:?}", known(&document), document.diagnostics);
        assert!(!said.contains("557058") && !said.contains("8a7f8081"), "{name}: {said}");
    }
}

#[test]
fn whatever_is_nested_repeated_or_left_open_is_read_or_refused_with_its_line() {
    let action = "<h2>Action items</h2>\n<ul><li>Rotate the token</li></ul>\n";
    let times = |text: &str, n: usize| text.repeat(n);
    let mut attributes = String::new();
    let mut marks = String::new();
    for n in 0..100_000 {
        let _ = write!(attributes, " a{n}");
        let _ = write!(marks, "<b a={n}>");
    }
    let doctype = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">]>";
    for text in [
        format!("{action}{}", times("<div>", 200_000)),
        format!("{}{action}", times("<div>", 100_000)),
        format!("{action}{}", times("<ul><li>", 60_000)),
        format!("{action}{}", times("<table><tr><td>", 30_000)),
        format!("{action}{}", times("<blockquote>", 50_000)),
        format!("{action}{}", times("<details><summary>a</summary>", 20_000)),
        format!("{action}<p{attributes}>"),
        format!("{action}<p x=\">\"{attributes}>"),
        format!("{action}{marks}"),
        format!("{action}{marks}{}", times("<p>a", 10_000)),
        format!("{action}{}", times("<a", 300_000)),
        format!("{action}{}", times("<a>", 100_000)),
        format!("{action}<table>{}", times("<b>a</b>", 50_000)),
        format!("{action}<!--{}", times("- a ", 100_000)),
        format!("{action}<script>{}", times("if (a < b) ", 50_000)),
        format!("{doctype}{action}<p>{}", times("&b;&#65;&notit;", 30_000)),
        format!("{action}<ac:task-list>{}", times("<ac:task><ac:task-body>", 30_000)),
        format!("{action}{}", times("<ac:structured-macro ac:name='panel'><ac:rich-text-body>", 10_000)),
        format!("{action}<table><tr>{}", times("<td colspan=1000 rowspan=1000>a", 2_000)),
        format!("{action}{}", times("<tr><td rowspan=1000>a", 20_000)),
    ] {
        for name in ["a.html", "a.md", "a.xml"] {
            let text = if name == "a.xml" { format!("<ac:layout />{text}") } else { text.clone() };
            let document = read_as(name, &text);
            let start: String = text.chars().take(120).collect();
            match &document.postmortem {
                Observed::Known(postmortem) => {
                    let mut titles = postmortem.findings.iter().map(|one| one.title.as_str());
                    let read = titles.any(|title| title == "Rotate the token");
                    let told = document
                        .diagnostics
                        .iter()
                        .any(|noted| name == "a.md" && noted.code == "html_too_large" && noted.line > 0);
                    assert!(read || told, "{name} {start}: {:#?}", document.diagnostics);
                }
                Observed::Missing | Observed::Unknown { .. } => {
                    let told = document.diagnostics.iter().find(|noted| noted.level == Level::Error).unwrap();
                    assert!(told.line > 0, "{name} {start}: {told:?}");
                }
            }
        }
    }
}

#[test]
fn a_long_page_is_read_to_its_end() {
    let mut page = "<h1>Leak</h1><h2>Action items</h2><ul>".to_owned();
    for n in 0..5_000 {
        let _ = writeln!(page, "<li>Rotate token {n} &mdash; <b>soon</b></li>");
    }
    page.push_str("</ul>");
    let document = read_as("a.html", &page);
    let findings = &known(&document).findings;
    assert_eq!((findings.len(), findings[4_999].line), (5_000, 5_000));
}
