//! Documents: whatever stands in a file, it is read, or refused with a reason and a place, and it is read the same way twice.

use postmortem_sync::{
    model::{
        conventions::Conventions,
        ids::SourceName,
        issue::{IssueText, Markup},
        observed::Observed,
        postmortem::{Document, Level},
    },
    source::{issues::read_issues, read_bytes, scan::Scan},
};

pub(super) fn markdown(bytes: &[u8]) {
    read("a.md", bytes);
}

pub(super) fn html(bytes: &[u8]) {
    read("a.html", bytes);
}

/// Confluence's storage format, whatever the bytes are.
pub(super) fn storage(bytes: &[u8]) {
    read("a.xml", &[b"<ac:layout />".as_slice(), bytes].concat());
}

/// Front matter, whichever notation the bytes are in.
pub(super) fn front_matter(bytes: &[u8]) {
    for fence in ["---", "+++"] {
        let text = [
            fence.as_bytes(),
            b"\n",
            bytes,
            b"\n",
            fence.as_bytes(),
            b"\n\n## Action items\n\n- Rotate keys\n",
        ];
        read("a.md", &text.concat());
    }
}

pub(super) fn yaml(bytes: &[u8]) {
    read("a.yaml", bytes);
}

pub(super) fn json(bytes: &[u8]) {
    read("a.json", bytes);
}

pub(super) fn toml(bytes: &[u8]) {
    read("a.toml", bytes);
}

pub(super) fn csv(bytes: &[u8]) {
    read("a.csv", bytes);
}

/// The description of an issue in Jira Cloud.
pub(super) fn adf(bytes: &[u8]) {
    described(Markup::Adf, bytes);
}

/// The description of an issue in Jira Data Center.
pub(super) fn wiki(bytes: &[u8]) {
    described(Markup::Wiki, bytes);
}

fn described(markup: Markup, bytes: &[u8]) {
    let body = String::from_utf8_lossy(bytes).into_owned();
    let lines = body.chars().filter(|c| matches!(c, '\n' | '\r')).count() + 1;
    let issue = IssueText { key: "PIR-4".to_owned(), body, markup, ..IssueText::default() };
    let read = || {
        let source = SourceName::from("here");
        read_issues(&source, std::slice::from_ref(&issue), 1 << 20, &Conventions::default())
    };
    let document = read().remove(0);
    let refused = document.diagnostics.iter().any(|noted| noted.level == Level::Error);
    assert_eq!(document.postmortem.known().is_none(), refused, "{:?}", document.diagnostics);
    for finding in document.postmortem.known().into_iter().flat_map(|postmortem| &postmortem.findings) {
        assert!(!finding.title.trim().is_empty(), "a finding that asks for nothing: {finding:?}");
        assert!(markup == Markup::Adf || finding.line <= lines, "line {} of {lines}", finding.line);
    }
    assert_eq!(read(), [document], "read twice");
}

fn read(name: &str, bytes: &[u8]) {
    let document = once(name, bytes);
    let lines = bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() + 1;
    for noted in &document.diagnostics {
        assert!(noted.line <= lines + 1, "line {} of {lines}: {noted:?}", noted.line);
        assert!(!noted.code.is_empty() && !noted.message.is_empty(), "{noted:?}");
    }
    let refused = document.diagnostics.iter().any(|noted| noted.level == Level::Error);
    assert_eq!(document.postmortem.known().is_none(), refused, "{:?}", document.diagnostics);
    if let Observed::Known(postmortem) = &document.postmortem {
        for finding in &postmortem.findings {
            assert!(!finding.title.trim().is_empty(), "a finding that asks for nothing: {finding:?}");
            assert!(finding.line <= lines, "line {} of {lines}", finding.line);
        }
    }
    assert!(serde_json::to_string(&Scan::of(&document)).is_ok());
    assert_eq!(once(name, bytes), document, "read twice");
}

fn once(name: &str, bytes: &[u8]) -> Document {
    read_bytes(&SourceName::from("here"), name, bytes, &Conventions::default())
}
