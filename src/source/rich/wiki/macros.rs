//! Macros of wiki text that stand around lines: `{code}`, `{quote}`, `{panel:title=Actions}`.
//!
//! Knows how they are written and what each is for. What they hold is read elsewhere.

/// Longest macro with its parameters, in bytes.
const LONGEST: usize = 600;

/// A macro in a line.
#[derive(Debug)]
pub(super) struct Macro<'a> {
    /// Its first byte, and the one behind it.
    pub(super) at: usize,
    pub(super) end: usize,
    /// Its name in small letters.
    pub(super) name: String,
    pub(super) parameters: &'a str,
    pub(super) usage: Use,
}

/// What a macro is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// Its text is no markup, and ends with this name.
    Code(&'static str),
    /// It quotes.
    Quote,
    /// It is a box, which may have a title.
    Box,
    /// It only places what stands in it.
    Around,
}

impl Macro<'_> {
    /// The title of a box; `{expand:…}` may only have a title.
    pub(super) fn title(&self) -> Option<&str> {
        let mut parameters = self.parameters.split('|');
        let named = parameters.clone().find_map(|one| one.trim().strip_prefix("title="));
        let bare = parameters.next().filter(|first| self.name == "expand" && !first.contains('='));
        named.or(bare).map(str::trim)
    }
}

/// The first macro in a line that stands around lines.
pub(super) fn first(line: &str) -> Option<Macro<'_>> {
    let mut from = 0;
    while let Some(at) = line.get(from..).and_then(|rest| rest.find('{')).map(|at| from + at) {
        let rest = line.get(at..).unwrap_or_default();
        let is_escaped = line.get(..at).is_some_and(|before| before.ends_with('\\'));
        if rest.starts_with("{{") {
            // What is set in one width is no markup.
            let inner = rest.get(..rest.floor_char_boundary(LONGEST)).unwrap_or(rest);
            from = at + inner.get(2..).and_then(|inner| inner.find("}}")).map_or(2, |length| length + 4);
            continue;
        }
        from = at + 1;
        let Some((name, parameters, length)) = parts(rest).filter(|_| !is_escaped) else { continue };
        let name = name.to_ascii_lowercase();
        let usage = match name.as_str() {
            "code" => Use::Code("code"),
            "noformat" => Use::Code("noformat"),
            "quote" => Use::Quote,
            "panel" | "expand" | "info" | "tip" | "note" | "warning" => Use::Box,
            "section" | "column" | "div" => Use::Around,
            _ => continue,
        };
        return Some(Macro { at, end: at + length, name, parameters, usage });
    }
    None
}

/// Name, parameters and length of a macro at the beginning of a text.
pub(super) fn parts(text: &str) -> Option<(&str, &str, usize)> {
    let text = text.get(..text.floor_char_boundary(LONGEST)).unwrap_or(text);
    let inner = text.strip_prefix('{')?;
    let inner = inner.get(..inner.find('}')?)?;
    let (name, parameters) = inner.split_once(':').unwrap_or((inner, ""));
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    (is_name && !parameters.contains('{')).then(|| (name, parameters, inner.len() + 2))
}

/// The macro that is all of a line, where it is none that is known.
pub(super) fn alone(line: &str) -> Option<&str> {
    let (name, _, length) = parts(line)?;
    let is_known = super::inline::MACROS.contains(&name.to_ascii_lowercase().as_str());
    (length == line.len() && !is_known && name.starts_with(|c: char| c.is_ascii_alphabetic())).then_some(name)
}
