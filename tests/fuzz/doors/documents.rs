//! Documents: whatever stands in a file, it is read, or refused with a reason and a place, and it is read the same way twice.

use postmortem_sync::{
    model::{
        conventions::Conventions,
        ids::SourceName,
        observed::Observed,
        postmortem::{Document, Level},
    },
    source::{read_bytes, scan::Scan},
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
