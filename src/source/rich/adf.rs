//! Atlassian documents (ADF), as Jira Cloud keeps rich text (developer.atlassian.com, Atlassian Document Format).
//!
//! Knows their nodes and marks. A node that is not known is told, and what stands in it is kept.

use chrono::DateTime;
use serde_json::Value;

use super::{People, Rendered, writer::Writer};

/// How deep nodes are followed. The JSON of a document is nested no deeper.
const DEPTH: usize = 120;

/// Marks of a text, and the elements that they are.
const MARKS: [(&str, &str); 4] = [("strong", "strong"), ("em", "em"), ("strike", "del"), ("code", "code")];

/// Nodes that only say where their content begins and ends.
const AROUND: [&str; 9] = [
    "doc",
    "panel",
    "layoutSection",
    "layoutColumn",
    "bodiedExtension",
    "multiBodiedExtension",
    "extensionFrame",
    "bodiedSyncBlock",
    "caption",
];

/// Nodes that show files, of which only captions are text.
const MEDIA: [&str; 4] = ["mediaSingle", "mediaGroup", "media", "mediaInline"];

/// Nodes within a line.
const INLINE: [&str; 11] = [
    "text",
    "hardBreak",
    "mention",
    "emoji",
    "date",
    "status",
    "inlineCard",
    "inlineExtension",
    "mediaInline",
    "placeholder",
    "unsupportedInline",
];

/// A document, which is JSON, in the storage format; an error says why it is none.
pub(in crate::source) fn storage(document: &str, people: &People) -> Result<Rendered, String> {
    let document: Value = serde_json::from_str(document)
        .map_err(|error| format!("it is no JSON ({:?} error in line {})", error.classify(), error.line()))?;
    if kind(&document) != "doc" {
        return Err("its outermost node is no `doc`".to_owned());
    }
    let mut reader = Reader { writer: Writer::new(people), begins: false };
    reader.block(&document, 0);
    Ok(reader.writer.finish())
}

struct Reader<'a> {
    writer: Writer<'a>,
    /// Whether an item, a task or a cell has just begun, so that what comes stands in its line.
    begins: bool,
}

impl Reader<'_> {
    fn blocks(&mut self, node: &Value, depth: usize) {
        for child in content(node) {
            if INLINE.contains(&kind(child)) {
                self.inline(child, depth + 1);
            } else {
                self.block(child, depth + 1);
            }
        }
    }

    fn block(&mut self, node: &Value, depth: usize) {
        if depth > DEPTH {
            return;
        }
        match kind(node) {
            "paragraph" => self.wrapped("p", node, depth),
            "heading" => {
                let level = attribute(node, "level").as_u64().unwrap_or(1).clamp(1, 6);
                self.wrapped(&format!("h{level}"), node, depth);
            }
            "bulletList" => self.list("<ul>", "</ul>", node, depth),
            "orderedList" => {
                let first = attribute(node, "order").as_u64().unwrap_or(1);
                self.list(&format!("<ol start=\"{first}\">"), "</ol>", node, depth);
            }
            "taskList" => self.tasks(node, depth),
            "decisionList" => self.decisions(node, depth),
            "blockquote" => {
                self.start();
                self.writer.raw("<blockquote>");
                self.blocks(node, depth);
                self.writer.raw("</blockquote>");
            }
            "codeBlock" => {
                self.start();
                self.writer.raw("<pre>");
                content(node).iter().for_each(|child| self.writer.text(string(child.get("text"))));
                self.writer.raw("</pre>");
            }
            "rule" => {
                self.start();
                self.writer.raw("<hr/>");
            }
            "expand" | "nestedExpand" => {
                self.start();
                self.writer.open_box(string(attribute(node, "title").into()));
                self.blocks(node, depth);
                self.writer.close_box();
            }
            "table" => self.table(node, depth),
            "blockCard" | "embedCard" => {
                self.start();
                self.writer.raw("<p>");
                self.card(node);
                self.writer.raw("</p>");
            }
            "extension" | "syncBlock" => self.elsewhere(node),
            name if MEDIA.contains(&name) => {
                content(node).iter().filter(|child| kind(child) == "caption").for_each(|caption| {
                    self.wrapped("p", caption, depth);
                });
            }
            name if AROUND.contains(&name) => self.around(node, depth),
            name => {
                self.writer.unknown(name);
                self.around(node, depth);
            }
        }
    }

    /// Begins a line, unless what comes is the first of an item, a task or a cell.
    fn start(&mut self) {
        if !std::mem::take(&mut self.begins) {
            self.writer.line();
        }
    }

    fn wrapped(&mut self, name: &str, node: &Value, depth: usize) {
        self.start();
        self.writer.raw(&format!("<{name}>"));
        self.inlines(node, depth);
        self.writer.raw(&format!("</{name}>"));
    }

    fn around(&mut self, node: &Value, depth: usize) {
        self.writer.raw("<div>");
        self.text(node);
        self.blocks(node, depth);
        self.writer.raw("</div>");
    }

    fn list(&mut self, open: &str, close: &str, node: &Value, depth: usize) {
        self.begins = false;
        self.writer.raw(open);
        for item in content(node) {
            self.writer.line();
            self.writer.raw("<li>");
            self.begins = true;
            if kind(item) == "listItem" {
                self.blocks(item, depth + 1);
            } else {
                self.block(item, depth + 1);
            }
            self.begins = false;
            self.writer.raw("</li>");
        }
        self.writer.raw(close);
    }

    /// A list of tasks, in which lists stand beside the task that they belong to.
    fn tasks(&mut self, node: &Value, depth: usize) {
        self.begins = false;
        self.writer.raw("<ac:task-list>");
        let mut is_open = false;
        for child in content(node) {
            let is_task = kind(child) != "taskList";
            if is_open && is_task {
                self.writer.close_task();
            }
            if is_task || !is_open {
                self.writer.line();
                self.writer.open_task(string(attribute(child, "state").into()) == "DONE");
                is_open = true;
            }
            self.begins = is_task;
            match kind(child) {
                "taskItem" | "blockTaskItem" => self.blocks(child, depth + 1),
                _ => self.block(child, depth + 1),
            }
            self.begins = false;
        }
        if is_open {
            self.writer.close_task();
        }
        self.writer.raw("</ac:task-list>");
    }

    /// What was decided is quoted: nobody has to do it.
    fn decisions(&mut self, node: &Value, depth: usize) {
        self.begins = false;
        self.writer.raw("<blockquote>");
        for item in content(node) {
            self.wrapped("p", item, depth + 1);
        }
        self.writer.raw("</blockquote>");
    }

    fn table(&mut self, node: &Value, depth: usize) {
        self.begins = false;
        self.writer.raw("<table><tbody>");
        for row in content(node) {
            self.writer.line();
            self.writer.raw("<tr>");
            for cell in content(row) {
                let name = if kind(cell) == "tableHeader" { "th" } else { "td" };
                let reach = |name: &str| attribute(cell, name).as_u64().unwrap_or(1);
                let (columns, rows) = (reach("colspan"), reach("rowspan"));
                self.writer.raw(&format!("<{name} colspan=\"{columns}\" rowspan=\"{rows}\">"));
                self.begins = true;
                self.blocks(cell, depth + 2);
                self.begins = false;
                self.writer.raw(&format!("</{name}>"));
            }
            self.writer.raw("</tr>");
        }
        self.writer.raw("</tbody></table>");
    }

    fn inlines(&mut self, node: &Value, depth: usize) {
        content(node).iter().for_each(|child| self.inline(child, depth + 1));
    }

    fn inline(&mut self, node: &Value, depth: usize) {
        if depth > DEPTH {
            return;
        }
        self.begins = false;
        let attribute = |name: &str| attribute(node, name);
        match kind(node) {
            "text" => self.marked(node),
            "hardBreak" => self.writer.raw("<br/>"),
            "mention" => {
                let account = string(attribute("id").into());
                self.writer.person(account, "ri:account-id", string(attribute("text").into()));
            }
            "emoji" => self.writer.text(emoji(node)),
            "date" => {
                if let Some(day) = day(attribute("timestamp")) {
                    self.writer.empty("time", "datetime", &day);
                }
            }
            "status" => self.writer.lozenge(string(attribute("text").into())),
            "inlineCard" => self.card(node),
            "inlineExtension" => self.elsewhere(node),
            "placeholder" => {
                self.writer.raw("<ac:placeholder>");
                self.text(node);
                self.writer.raw("</ac:placeholder>");
            }
            "mediaInline" => {}
            name => {
                self.writer.unknown(name);
                self.text(node);
                self.blocks(node, depth);
            }
        }
    }

    /// A text with its marks; what a link shows and where it leads are both kept.
    fn marked(&mut self, node: &Value) {
        let marks = node.get("marks").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let address = marks.iter().find(|mark| kind(mark) == "link");
        let address =
            address.map(|mark| string(attribute(mark, "href").into())).filter(|href| !href.is_empty());
        let known = MARKS.iter().filter(|(name, _)| marks.iter().any(|mark| kind(mark) == *name));
        let elements: Vec<&str> = known.map(|(_, element)| *element).collect();
        if let Some(address) = address {
            self.writer.open_link(address);
        }
        elements.iter().for_each(|element| self.writer.raw(&format!("<{element}>")));
        self.writer.text(string(node.get("text")));
        elements.iter().rev().for_each(|element| self.writer.raw(&format!("</{element}>")));
        if address.is_some() {
            self.writer.raw("</a>");
        }
    }

    /// The text of a node that is none, where it has one.
    fn text(&mut self, node: &Value) {
        let text = string(node.get("text"));
        self.writer.text(if text.is_empty() { string(attribute(node, "text").into()) } else { text });
    }

    fn card(&mut self, node: &Value) {
        let own = string(attribute(node, "url").into());
        let data = attribute(node, "data");
        let address = if own.is_empty() { string(data.get("url")) } else { own };
        if !address.is_empty() {
            self.writer.link(address);
        }
    }

    /// What an app shows, of which the document only has a name and perhaps a text.
    fn elsewhere(&mut self, node: &Value) {
        let name = string(attribute(node, "extensionKey").into());
        self.writer.unknown(if name.is_empty() { kind(node) } else { name });
        self.text(node);
    }
}

/// The type of a node or a mark.
fn kind(node: &Value) -> &str {
    string(node.get("type"))
}

fn content(node: &Value) -> &[Value] {
    node.get("content").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn attribute<'v>(node: &'v Value, name: &str) -> &'v Value {
    node.get("attrs").and_then(|all| all.get(name)).unwrap_or(&Value::Null)
}

fn string(value: Option<&Value>) -> &str {
    value.and_then(Value::as_str).unwrap_or_default()
}

/// The day of a timestamp in milliseconds, which is a text in most documents.
fn day(timestamp: &Value) -> Option<String> {
    let at = timestamp.as_i64().or_else(|| timestamp.as_str()?.trim().parse().ok())?;
    Some(DateTime::from_timestamp_millis(at)?.format("%Y-%m-%d").to_string())
}

/// What an emoji shows; of those that only have a name, the ones that say how far something is.
fn emoji(node: &Value) -> &str {
    let shown = string(attribute(node, "text").into());
    if !shown.is_empty() && !shown.is_ascii() {
        return shown;
    }
    match string(attribute(node, "shortName").into()) {
        ":white_check_mark:" | ":check_mark:" | ":heavy_check_mark:" | ":ballot_box_with_check:" => "✅",
        ":x:" | ":cross_mark:" | ":negative_squared_cross_mark:" => "❌",
        ":warning:" => "⚠",
        _ => "",
    }
}
