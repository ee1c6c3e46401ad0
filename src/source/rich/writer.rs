//! Writing Confluence's storage format.
//!
//! Knows its elements, and that foreign text is never markup. Knows neither Atlassian documents nor wiki text.

use super::{People, Rendered};

/// Most parts that are named as unknown, and longest name of one.
const MOST_UNKNOWN: usize = 20;
const LONGEST_NAME: usize = 60;

/// A page that is being written.
#[derive(Debug)]
pub(super) struct Writer<'a> {
    page: String,
    /// Whether a line was begun.
    begun: bool,
    unknown: Vec<(usize, String)>,
    people: &'a People,
}

impl<'a> Writer<'a> {
    pub(super) fn new(people: &'a People) -> Self {
        Self { page: String::new(), begun: false, unknown: Vec::new(), people }
    }

    pub(super) fn finish(self) -> Rendered {
        Rendered { page: self.page, unknown: self.unknown }
    }

    /// Begins a line, unless it is the first.
    pub(super) fn line(&mut self) {
        if std::mem::replace(&mut self.begun, true) {
            self.page.push('\n');
        }
    }

    /// Ends a line.
    pub(super) fn end_line(&mut self) {
        self.page.push('\n');
    }

    /// Writes markup of our own.
    pub(super) fn raw(&mut self, markup: &str) {
        self.page.push_str(markup);
    }

    /// Writes text.
    pub(super) fn text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.page.push_str("&amp;"),
                '<' => self.page.push_str("&lt;"),
                '>' => self.page.push_str("&gt;"),
                '"' => self.page.push_str("&quot;"),
                '\0' => self.page.push('\u{FFFD}'),
                c => self.page.push(c),
            }
        }
    }

    /// Writes an element with one attribute and nothing in it.
    pub(super) fn empty(&mut self, name: &str, attribute: &str, value: &str) {
        self.raw(&format!("<{name} {attribute}=\""));
        self.text(value);
        self.raw("\"/>");
    }

    /// Begins a link.
    pub(super) fn open_link(&mut self, address: &str) {
        self.raw("<a href=\"");
        self.text(address.trim());
        self.raw("\">");
    }

    /// Writes a link that shows where it leads.
    pub(super) fn link(&mut self, address: &str) {
        self.open_link(address);
        self.text(address.trim());
        self.raw("</a>");
    }

    /// Writes a reference to an issue.
    pub(super) fn issue(&mut self, key: &str) {
        self.raw("<ac:structured-macro ac:name=\"jira\"><ac:parameter ac:name=\"key\">");
        self.text(key);
        self.raw("</ac:parameter></ac:structured-macro>");
    }

    /// Writes a status between other words.
    pub(super) fn lozenge(&mut self, words: &str) {
        self.raw("<ac:structured-macro ac:name=\"status\"><ac:parameter ac:name=\"title\">");
        self.text(words);
        self.raw("</ac:parameter></ac:structured-macro>");
    }

    /// Begins a box, which may have a title.
    pub(super) fn open_box(&mut self, title: &str) {
        self.raw("<ac:structured-macro ac:name=\"expand\"><ac:parameter ac:name=\"title\">");
        self.text(title);
        self.raw("</ac:parameter><ac:rich-text-body>");
    }

    /// Ends a box.
    pub(super) fn close_box(&mut self) {
        self.raw("</ac:rich-text-body></ac:structured-macro>");
    }

    /// Begins a task.
    pub(super) fn open_task(&mut self, is_done: bool) {
        let status = if is_done { "complete" } else { "incomplete" };
        self.raw(&format!("<ac:task><ac:task-status>{status}</ac:task-status><ac:task-body>"));
    }

    /// Ends a task.
    pub(super) fn close_task(&mut self) {
        self.raw("</ac:task-body></ac:task>");
    }

    /// Mentions somebody. Who is known goes by that name; `shown` is what the mention says.
    pub(super) fn person(&mut self, account: &str, attribute: &str, shown: &str) {
        let shown = shown.trim().trim_start_matches('@').trim();
        self.raw("<ac:link>");
        self.empty("ri:user", attribute, account);
        if !self.people.contains_key(account) && !shown.is_empty() {
            self.raw("<ac:link-body>");
            self.text(shown);
            self.raw("</ac:link-body>");
        }
        self.raw("</ac:link>");
    }

    /// Tells of a part of a kind that is not known; each kind once.
    pub(super) fn unknown(&mut self, name: &str) {
        let name: String = name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
        let is_new = self.unknown.iter().all(|(_, known)| *known != name);
        if is_new && self.unknown.len() < MOST_UNKNOWN {
            self.unknown.push((self.page.len(), name));
        }
    }
}
