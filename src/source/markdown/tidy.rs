//! What other tools add to Markdown, made plain before it is read: anchors, comments of MDX, admonitions.
//!
//! Every byte keeps its place, so that what is read later still stands where it was written: what goes is blanked out, and what
//! means a list item or a label is written as one within the same bytes. Code between fences is left as it is.

/// Marks of an admonition whose text is indented.
const INDENTED: [&str; 3] = ["!!! ", "??? ", "???+"];
/// Shortest mark of an admonition whose text stands between two such lines.
const FENCE: &str = ":::";

/// The same text without what only other tools read.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut fence: Option<&str> = None;
    for line in commentless(text).split_inclusive('\n') {
        let (said, end) = line.split_at(line.trim_end_matches('\n').len());
        let opens = ["```", "~~~"].into_iter().find(|mark| said.trim_start().starts_with(mark));
        match (fence, opens) {
            (None, None) => plain.push_str(&tidied(said)),
            (None, Some(mark)) => {
                fence = Some(mark);
                plain.push_str(said);
            }
            (Some(open), closes) => {
                fence = Some(open).filter(|open| closes != Some(open));
                plain.push_str(said);
            }
        }
        plain.push_str(end);
    }
    plain
}

/// A text whose comments of MDX, `{/* … */}`, are blank.
fn commentless(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once("{/*") {
        let Some(end) = inside.find("*/}") else { break };
        let (comment, after) = inside.split_at(end + "*/}".len());
        plain.push_str(before);
        plain.push_str("   ");
        blank(comment, &mut plain);
        rest = after;
    }
    plain.push_str(rest);
    plain
}

/// As many blanks as a text has bytes; its line breaks stay.
fn blank(text: &str, plain: &mut String) {
    for c in text.chars() {
        match c {
            '\n' => plain.push('\n'),
            _ => (0..c.len_utf8()).for_each(|_| plain.push(' ')),
        }
    }
}

fn tidied(line: &str) -> String {
    admonition(line).or_else(|| fenced(line)).or_else(|| anchored(line)).unwrap_or_else(|| line.to_owned())
}

/// `!!! note "Action items"`, whose text is indented like that of a list item, as that list item: `+   Action items:`.
fn admonition(line: &str) -> Option<String> {
    let start = line.len() - line.trim_start().len();
    let (indent, marked) = line.split_at(start);
    let rest = INDENTED.iter().find_map(|mark| marked.strip_prefix(mark))?;
    let title = rest.split_once('"').and_then(|(_, rest)| rest.split_once('"')).map(|(title, _)| title);
    let label = title.map(|title| format!("{title}:")).unwrap_or_default();
    padded(format!("{indent}+   {label}"), line.len())
}

/// `:::note Action items` as a bold label, and the `:::` that ends it as an empty line.
fn fenced(line: &str) -> Option<String> {
    let rest = line.trim_start().strip_prefix(FENCE)?.trim_start_matches(':').trim();
    if rest.is_empty() {
        return padded(String::new(), line.len());
    }
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '-').unwrap_or(rest.len());
    let title = rest.get(end..)?.trim_matches(|c: char| c.is_whitespace() || matches!(c, '[' | ']' | '"'));
    let attributes = title.is_empty() || title.starts_with('{');
    let label = if attributes { String::new() } else { format!("**{title}:**") };
    padded(label, line.len())
}

/// A heading, or a line of bold words, without the anchor at its end: `{#next-steps}`, `{: #next-steps}`, `{.unnumbered}`.
fn anchored(line: &str) -> Option<String> {
    let trimmed = line.trim_end();
    let (before, inner) = trimmed.strip_suffix('}')?.rsplit_once('{')?;
    let named = inner.trim_start_matches(':').trim_start().starts_with(['#', '.']);
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '#' | '.' | ':' | '-' | '_' | ' ' | '=' | '"');
    let alone = before.trim().is_empty() || before.ends_with(' ') || before.starts_with('#');
    (named && alone && !before.ends_with('{') && inner.chars().all(plain))
        .then(|| padded(before.to_owned(), line.len()))
        .flatten()
}

/// A text with blanks behind it up to a length; none when it is longer.
fn padded(mut text: String, length: usize) -> Option<String> {
    let missing = length.checked_sub(text.len())?;
    text.extend(std::iter::repeat_n(' ', missing));
    Some(text)
}
