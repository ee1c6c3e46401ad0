//! Which Atlassian documents are valid, as the published schema says, as far as text goes.
//!
//! Knows nodes and marks. Must not know where a document comes from.

use serde_json::Value;

use crate::sandbox::wire::At;

/// Deepest document that is looked at; Jira gives up long before.
const DEEPEST: usize = 64;

const INLINE: &[&str] = &["text", "hardBreak", "mention", "emoji", "date", "status", "inlineCard"];
const IN_LISTS: &[&str] = &["paragraph", "bulletList", "orderedList", "codeBlock"];
const IN_CELLS: &[&str] =
    &["paragraph", "bulletList", "orderedList", "codeBlock", "heading", "blockquote", "rule", "panel"];
const AT_TOP: &[&str] = &[
    "paragraph",
    "bulletList",
    "orderedList",
    "codeBlock",
    "heading",
    "blockquote",
    "rule",
    "panel",
    "table",
    "expand",
];

/// Whether Jira takes a document.
pub(crate) fn is_valid(document: &Value) -> bool {
    document.at("version") == 1 && document.at("content").is_array() && is_node(document, "doc", DEEPEST)
}

fn is_node(node: &Value, kind: &str, depth: usize) -> bool {
    let Some(rule) = rule(kind).filter(|_| depth > 0) else { return false };
    let content = node.at("content").as_array().map(Vec::as_slice).unwrap_or_default();
    let attrs = node.at("attrs");
    let is_own_good = match kind {
        "text" => is_text(node),
        "heading" => attrs.at("level").as_u64().is_some_and(|level| (1..=6).contains(&level)),
        "orderedList" => attrs.is_null() || attrs.at("order").is_null() || attrs.at("order").is_u64(),
        "codeBlock" => content.iter().all(|text| text.at("marks").is_null()),
        "listItem" => content
            .first()
            .is_some_and(|first| first.at("type") != "orderedList" && first.at("type") != "bulletList"),
        _ => true,
    };
    let is_child = |child: &Value| {
        let kind = child.at("type").as_str().unwrap_or_default();
        rule.children.contains(&kind) && is_node(child, kind, depth - 1)
    };
    node.at("type") == kind && is_own_good && content.len() >= rule.least && content.iter().all(is_child)
}

struct Rule {
    children: &'static [&'static str],
    least: usize,
}

/// What a node may contain, and how many of it there must be.
fn rule(kind: &str) -> Option<Rule> {
    let (children, least): (&'static [&'static str], usize) = match kind {
        "doc" => (AT_TOP, 0),
        "paragraph" | "heading" => (INLINE, 0),
        "bulletList" | "orderedList" => (&["listItem"], 1),
        "listItem" | "blockquote" => (IN_LISTS, 1),
        "codeBlock" => (&["text"], 0),
        "panel" | "expand" => (IN_CELLS, 1),
        "table" => (&["tableRow"], 1),
        "tableRow" => (&["tableCell", "tableHeader"], 1),
        "tableCell" | "tableHeader" => (IN_CELLS, 1),
        kind if INLINE.contains(&kind) || kind == "rule" => (&[], 0),
        _ => return None,
    };
    Some(Rule { children, least })
}

/// A text is never empty, has each mark once, and code goes with a link at most.
fn is_text(node: &Value) -> bool {
    const MARKS: [&str; 8] = ["strong", "em", "strike", "underline", "code", "link", "subsup", "textColor"];
    let marks = node.at("marks").as_array().map(Vec::as_slice).unwrap_or_default();
    let kinds: Vec<&str> = marks.iter().filter_map(|mark| mark.at("type").as_str()).collect();
    let is_once = |kind: &&str| kinds.iter().filter(|other| *other == kind).count() == 1;
    let is_known =
        kinds.len() == marks.len() && kinds.iter().all(|kind| MARKS.contains(kind) && is_once(kind));
    let is_code_plain = !kinds.contains(&"code") || kinds.iter().all(|kind| matches!(*kind, "code" | "link"));
    let has_targets =
        marks.iter().all(|mark| mark.at("type") != "link" || mark.at("attrs").at("href").is_string());
    let has_text = node.at("text").as_str().is_some_and(|text| !text.is_empty());
    has_text && is_known && is_code_plain && has_targets
}
