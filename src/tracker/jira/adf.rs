//! Markdown as an Atlassian document (ADF), which Jira Cloud wants for every rich text.
//!
//! Valid by the published schema for any input: what a node may not contain is turned into what it may.
//! Never reads a document back into finding text; a document is read only to recognise our own comments.

use serde_json::{Value, json};

use super::markdown::{self, Block, Inline, Marks};

/// Markdown as a document.
pub fn document(markdown: &str) -> Value {
    let mut content: Vec<Value> = markdown::parse(markdown).iter().map(block).collect();
    if content.is_empty() {
        content.push(paragraph(&[]));
    }
    json!({ "type": "doc", "version": 1, "content": content })
}

/// The text of a document, one line for each line of text.
pub(super) fn plain(document: &Value) -> String {
    let mut text = String::new();
    // A stack instead of recursion: foreign documents may be of any depth.
    let mut open = vec![document];
    while let Some(node) = open.pop() {
        let kind = node.get("type").and_then(Value::as_str).unwrap_or_default();
        if matches!(kind, "paragraph" | "heading" | "codeBlock" | "hardBreak") && !text.is_empty() {
            text.push('\n');
        }
        text.push_str(node.get("text").and_then(Value::as_str).unwrap_or_default());
        open.extend(node.get("content").and_then(Value::as_array).into_iter().flatten().rev());
    }
    text
}

/// A block at the top or in a table's cell.
fn block(block: &Block) -> Value {
    match block {
        Block::Paragraph(line) => paragraph(line),
        Block::Heading(level, line) => {
            json!({ "type": "heading", "attrs": { "level": level }, "content": inlines(line) })
        }
        Block::Code { language, text } => code(language.as_deref(), text),
        Block::Quote(blocks) => json!({ "type": "blockquote", "content": quoted(blocks) }),
        Block::List { start, items } => list(*start, items),
        Block::Table(rows) => table(rows),
        Block::Rule => json!({ "type": "rule" }),
    }
}

/// A quote holds paragraphs, lists and code: no headings, tables, rules or quotes.
fn quoted(blocks: &[Block]) -> Vec<Value> {
    or_empty_paragraph(blocks.iter().flat_map(simple).collect())
}

/// An item begins with a paragraph or with code and then holds paragraphs, lists and code.
fn item(blocks: &[Block]) -> Value {
    let mut content: Vec<Value> = blocks.iter().flat_map(simple).collect();
    let kind = content.first().and_then(|first| first.get("type")).and_then(Value::as_str);
    if !matches!(kind, Some("paragraph" | "codeBlock")) {
        content.insert(0, paragraph(&[]));
    }
    json!({ "type": "listItem", "content": content })
}

/// A block as paragraphs, lists and code only.
fn simple(block: &Block) -> Vec<Value> {
    match block {
        Block::Paragraph(line) => vec![paragraph(line)],
        Block::Heading(_, line) => vec![paragraph(&strong(line))],
        Block::Code { language, text } => vec![code(language.as_deref(), text)],
        Block::Quote(blocks) => blocks.iter().flat_map(simple).collect(),
        Block::List { start, items } => vec![list(*start, items)],
        Block::Table(rows) => rows.iter().map(|row| paragraph(&joined(row))).collect(),
        Block::Rule => Vec::new(),
    }
}

fn or_empty_paragraph(mut content: Vec<Value>) -> Vec<Value> {
    if content.is_empty() {
        content.push(paragraph(&[]));
    }
    content
}

fn paragraph(line: &[Inline]) -> Value {
    json!({ "type": "paragraph", "content": inlines(line) })
}

fn code(language: Option<&str>, text: &str) -> Value {
    let attrs = language.map_or_else(|| json!({}), |language| json!({ "language": language }));
    let content = if text.is_empty() { json!([]) } else { json!([{ "type": "text", "text": text }]) };
    json!({ "type": "codeBlock", "attrs": attrs, "content": content })
}

fn list(start: Option<u64>, items: &[Vec<Block>]) -> Value {
    let content: Vec<Value> = items.iter().map(|blocks| item(blocks)).collect();
    match start {
        Some(order) => json!({ "type": "orderedList", "attrs": { "order": order }, "content": content }),
        None => json!({ "type": "bulletList", "content": content }),
    }
}

fn table(rows: &[Vec<Vec<Inline>>]) -> Value {
    let row = |(n, cells): (usize, &Vec<Vec<Inline>>)| {
        let kind = if n == 0 { "tableHeader" } else { "tableCell" };
        let cells: Vec<Value> = cells
            .iter()
            .map(|line| json!({ "type": kind, "attrs": {}, "content": [paragraph(line)] }))
            .collect();
        json!({ "type": "tableRow", "content": cells })
    };
    let rows: Vec<Value> = rows.iter().filter(|cells| !cells.is_empty()).enumerate().map(row).collect();
    json!({ "type": "table", "content": rows })
}

fn inlines(line: &[Inline]) -> Vec<Value> {
    line.iter()
        .map(|inline| match inline {
            Inline::Break => json!({ "type": "hardBreak" }),
            Inline::Text(text, marks) => text_node(text, marks),
        })
        .collect()
}

fn text_node(text: &str, marks: &Marks) -> Value {
    let mut list = Vec::new();
    if marks.code {
        // Code goes with a link and with no other mark.
        list.push(json!({ "type": "code" }));
    } else {
        let flags = [("strong", marks.strong), ("em", marks.em), ("strike", marks.strike)];
        list.extend(flags.iter().filter(|(_, is_on)| *is_on).map(|(kind, _)| json!({ "type": kind })));
    }
    if let Some(address) = &marks.link {
        list.push(json!({ "type": "link", "attrs": { "href": address } }));
    }
    if list.is_empty() {
        return json!({ "type": "text", "text": text });
    }
    json!({ "type": "text", "text": text, "marks": list })
}

fn strong(line: &[Inline]) -> Vec<Inline> {
    line.iter()
        .cloned()
        .map(|inline| match inline {
            Inline::Text(text, marks) => Inline::Text(text, Marks { strong: true, ..marks }),
            Inline::Break => Inline::Break,
        })
        .collect()
}

/// The cells of a row in one line.
fn joined(row: &[Vec<Inline>]) -> Vec<Inline> {
    row.join(&Inline::Text(" | ".to_owned(), Marks::default()))
}
