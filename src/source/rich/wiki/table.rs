//! Rows of tables in wiki text: `||Action||Owner||` and `|Rotate|Bo|`.
//!
//! Knows where a row and its cells end. A bar within a link, a macro or code ends none.

/// Longest link or macro that is skipped, in bytes.
const LONGEST: usize = 2_000;
/// What begins text that is no markup.
const CODES: [&str; 2] = ["code", "noformat"];

/// Where a row ends that may go on in further lines.
#[derive(Debug)]
pub(super) struct End {
    is_closed: bool,
    in_code: bool,
}

impl End {
    /// After its first line.
    pub(super) fn of(line: &str) -> Self {
        let mut end = Self { is_closed: false, in_code: false };
        end.go_on(line);
        end
    }

    /// After one more line.
    pub(super) fn go_on(&mut self, line: &str) {
        let toggles = CODES.iter().map(|name| line.matches(&format!("{{{name}")).count()).sum::<usize>();
        self.in_code ^= toggles % 2 == 1;
        self.is_closed = line.trim_end().ends_with('|') && !line.trim_end().ends_with("\\|");
    }

    /// Whether the row does not go on with a line.
    pub(super) fn is_reached(&self, next: &str) -> bool {
        !self.in_code && (self.is_closed || next.trim().is_empty() || next.trim_start().starts_with('|'))
    }
}

/// The cells of a row, and whether each is a header.
pub(super) fn cells(row: &str) -> Vec<(bool, &str)> {
    let mut cells = Vec::new();
    let mut rest = row.trim();
    while let Some(after) = rest.strip_prefix('|') {
        let (heads, content) = match after.strip_prefix('|') {
            Some(content) => (true, content),
            None => (false, after),
        };
        if content.is_empty() {
            break;
        }
        let end = end_of(content);
        let (cell, next) = content.split_at_checked(end).unwrap_or((content, ""));
        cells.push((heads, cell));
        rest = next;
    }
    cells
}

/// Where the cell at the beginning of a text ends.
fn end_of(text: &str) -> usize {
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let Some(next) = rest.find(['|', '[', '{', '\\', '!']) else { return text.len() };
        let found = rest.get(next..).unwrap_or_default();
        at += next
            + match found.as_bytes().first() {
                Some(b'|') => return at + next,
                Some(b'\\') => 1 + found.chars().nth(1).map_or(0, char::len_utf8),
                Some(b'[') => skipped(found, "]"),
                Some(b'{') => braced(found),
                Some(b'!') => super::inline::image(found).unwrap_or(1),
                _ => 1,
            };
    }
    text.len()
}

/// Length of what ends with a sign in the same line; that of its first sign where it does not.
fn skipped(text: &str, end: &str) -> usize {
    let inner = text.get(..text.floor_char_boundary(LONGEST)).unwrap_or(text);
    let line = inner.split('\n').next().unwrap_or(inner);
    line.find(end).map_or(1, |at| at + end.len())
}

/// Length of a macro; of code with all that stands in it.
fn braced(text: &str) -> usize {
    if text.starts_with("{{") {
        return skipped(text, "}}").max(2);
    }
    let Some((name, _, length)) = super::macros::parts(text) else { return 1 };
    let code = CODES.iter().find(|code| name.eq_ignore_ascii_case(code));
    let token = code.map(|code| format!("{{{code}}}"));
    let inner = token.and_then(|token| Some(text.get(length..)?.find(&token)? + token.len()));
    length + inner.unwrap_or(0)
}
