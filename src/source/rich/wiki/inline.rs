//! What stands in a line of wiki text: marks, links, mentions, signs, escapes.
//!
//! Knows where each ends. What ends nowhere is text.

use super::{Wiki, macros};

/// Longest link, in bytes.
const LONGEST: usize = 2_000;
/// Longest text between two marks, in bytes.
const LONGEST_MARKED: usize = 500;
/// How deep marks are followed.
const DEPTH: usize = 6;
/// Macros within a line that are known.
pub(super) const MACROS: [&str; 6] = ["anchor", "color", "jira", "status", "toc", "toc-zone"];
/// Signs that say how far something is.
const SIGNS: [(&str, &str); 4] = [("(/)", "✅"), ("(x)", "❌"), ("(!)", "⚠"), ("(on)", "💡")];
/// Words that stand where the key of a project does, and name none.
const NO_PROJECTS: [&str; 10] = ["CVE", "CWE", "ISO", "P", "PRIO", "RFC", "S", "SEV", "TLP", "UTF"];
/// Names of marks, and the elements that they are; those without one only show their text otherwise.
const MARKS: [(char, &str); 4] = [('*', "strong"), ('_', "em"), ('-', "del"), ('+', "")];

impl Wiki<'_> {
    /// Reads what stands in a line.
    pub(super) fn inline(&mut self, text: &str, depth: usize) {
        let mut from = 0;
        let mut at = 0;
        while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
            let rest = text.get(at..).unwrap_or_default();
            let before = text.get(..at).unwrap_or_default();
            let plain = text.get(from..at).unwrap_or_default();
            let read = match c {
                '\\' | '{' | '[' | '!' | '(' | '*' | '_' | '-' | '+' | '&' => {
                    self.piece(plain, before, rest, depth)
                }
                'h' if is_address(rest, before) => {
                    let end = rest.find(|c: char| c.is_whitespace() || "|]})\"<>".contains(c));
                    at += end.unwrap_or(rest.len());
                    continue;
                }
                _ => 0,
            };
            at += if read == 0 { c.len_utf8() } else { read };
            if read > 0 {
                from = at;
            }
        }
        self.writer.text(text.get(from..).unwrap_or_default());
    }

    /// Reads a piece of markup, after the text before it was written; says how long it is, or that it is none with 0.
    fn piece(&mut self, plain: &str, before: &str, rest: &str, depth: usize) -> usize {
        if let Some(after) = rest.strip_prefix("\\\\") {
            self.writer.text(plain);
            self.writer.raw("<br/>");
            return 2 + after.len() - after.trim_start_matches(' ').len();
        }
        match rest.chars().next() {
            Some('\\') => {
                let Some(next) = rest.chars().nth(1).filter(char::is_ascii_punctuation) else { return 0 };
                self.writer.text(plain);
                self.writer.text(next.encode_utf8(&mut [0; 4]));
                2
            }
            Some('{') => self.braced(plain, rest, depth),
            Some('[') => self.bracketed(plain, rest, depth),
            Some('!') => {
                let Some(length) = image(rest).filter(|_| !ends_in_word(before)) else { return 0 };
                self.writer.text(plain);
                length
            }
            Some('(') => {
                let sign = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign));
                let Some((sign, shown)) = sign.filter(|_| !ends_in_word(before)) else { return 0 };
                self.writer.text(plain);
                self.writer.text(shown);
                sign.len()
            }
            Some('&') => {
                let Some(length) = entity(rest) else { return 0 };
                self.writer.text(plain);
                self.writer.raw(rest.get(..length).unwrap_or_default());
                length
            }
            Some(mark) => self.marked(mark, plain, before, rest, depth),
            None => 0,
        }
    }

    /// `{{code}}`, `{color:red}`, `{*}bold{*}`.
    fn braced(&mut self, plain: &str, rest: &str, depth: usize) -> usize {
        let near = rest.get(..rest.floor_char_boundary(LONGEST)).unwrap_or(rest);
        if let Some((inner, _)) = near.strip_prefix("{{").and_then(|inner| inner.split_once("}}")) {
            self.writer.text(plain);
            self.writer.raw("<code>");
            self.writer.text(inner);
            self.writer.raw("</code>");
            return inner.len() + 4;
        }
        let forced = MARKS.iter().find_map(|(mark, element)| {
            let token = format!("{{{mark}}}");
            let (inner, _) = near.strip_prefix(&token)?.split_once(&token)?;
            Some((inner, *element))
        });
        if let Some((inner, element)) = forced.filter(|_| depth < DEPTH) {
            self.writer.text(plain);
            self.within(element, inner, depth);
            return inner.len() + 6;
        }
        let Some((name, parameters, length)) = macros::parts(rest) else { return 0 };
        let name = name.to_ascii_lowercase();
        if !MACROS.contains(&name.as_str()) {
            return 0;
        }
        self.writer.text(plain);
        let parameter = |key: &str| parameters.split('|').find_map(|one| one.trim().strip_prefix(key));
        match name.as_str() {
            "status" => self.writer.lozenge(parameter("title=").unwrap_or_default()),
            "jira" => match parameter("key=").or_else(|| Some(parameters).filter(|key| is_key(key))) {
                Some(key) => self.writer.issue(key),
                None => self.writer.unknown("jira"),
            },
            _ => {}
        }
        length
    }

    fn within(&mut self, element: &str, text: &str, depth: usize) {
        if element.is_empty() {
            return self.inline(text, depth + 1);
        }
        self.writer.raw(&format!("<{element}>"));
        self.inline(text, depth + 1);
        self.writer.raw(&format!("</{element}>"));
    }

    /// `[shown|https://…]`, `[~bo]`, `[OPS-7]`. Anything else in brackets is text.
    fn bracketed(&mut self, plain: &str, rest: &str, depth: usize) -> usize {
        let near = rest.get(1..rest.floor_char_boundary(LONGEST)).unwrap_or_default();
        let Some((inner, _)) = near.split_once(']') else { return 0 };
        let mut parts = inner.split('|');
        let (first, second) = (parts.next().unwrap_or_default(), parts.next());
        let (shown, target) = second.map_or((None, first), |target| (Some(first.trim()), target));
        let target = target.trim();
        let shown = shown.filter(|shown| !shown.is_empty());
        let length = inner.len() + 2;
        if let Some(account) = target.strip_prefix('~') {
            self.writer.text(plain);
            self.mention(account, shown.unwrap_or_default());
        } else if is_linked(target) {
            self.writer.text(plain);
            self.writer.open_link(target);
            match shown.filter(|_| depth < DEPTH) {
                Some(shown) => self.inline(shown, depth + 1),
                None => self.writer.text(target.strip_prefix("mailto:").unwrap_or(target)),
            }
            self.writer.raw("</a>");
        } else if is_key(target) && shown.is_none_or(|shown| shown == target) {
            self.writer.text(plain);
            self.writer.issue(target);
        } else if let Some(shown) = shown.filter(|_| depth < DEPTH) {
            // An anchor, a file, or a page that is named in words.
            self.writer.text(plain);
            self.inline(shown, depth + 1);
        } else if target.starts_with(['^', '#']) {
            self.writer.text(plain);
            self.writer.text(target.trim_start_matches(['^', '#']));
        } else {
            return 0;
        }
        length
    }

    /// Somebody by login, by the key that Data Center gives to an account, or by the id that Cloud gives.
    fn mention(&mut self, account: &str, shown: &str) {
        let id = account.strip_prefix("accountid:").or_else(|| account.strip_prefix("accountId:"));
        match id {
            Some(id) => self.writer.person(id, "ri:account-id", shown),
            None if account.starts_with("JIRAUSER") => self.writer.person(account, "ri:userkey", shown),
            None => self.writer.person(account, "ri:username", shown),
        }
    }

    /// `*bold*`, `_emphasis_`, `-struck-`: marks stand at words, with no space within.
    fn marked(&mut self, mark: char, plain: &str, before: &str, rest: &str, depth: usize) -> usize {
        let element = MARKS.iter().find(|(known, _)| *known == mark).map(|(_, element)| *element);
        let Some(element) = element.filter(|_| depth < DEPTH && !ends_in_word(before)) else { return 0 };
        if mark == '-' && !before.is_empty() && !before.ends_with([' ', '(', '\t', '*', '_']) {
            return 0;
        }
        let near = rest.get(1..rest.floor_char_boundary(LONGEST_MARKED)).unwrap_or_default();
        let begins = near.chars().next().is_some_and(|c| !c.is_whitespace() && c != mark);
        let ends = |at: &usize| {
            let (inner, after) = near.split_at_checked(*at).unwrap_or_default();
            let next = after.chars().nth(1);
            !inner.is_empty()
                && !inner.ends_with(|c: char| c.is_whitespace() || c == mark || c == '\\')
                && next.is_none_or(|c| !c.is_alphanumeric() && c != mark)
        };
        let end = near.match_indices(mark).map(|(at, _)| at).find(ends).filter(|_| begins);
        let Some(inner) = end.and_then(|end| near.get(..end)) else { return 0 };
        self.writer.text(plain);
        self.within(element, inner, depth);
        inner.len() + 2
    }
}

fn ends_in_word(text: &str) -> bool {
    text.ends_with(char::is_alphanumeric)
}

/// Whether an address begins here, in which nothing is markup.
fn is_address(rest: &str, before: &str) -> bool {
    (rest.starts_with("https://") || rest.starts_with("http://")) && !ends_in_word(before)
}

/// Whether the target of a link leads somewhere outside the text.
fn is_linked(target: &str) -> bool {
    let is_scheme =
        ["https://", "http://", "mailto:", "ftp://", "//"].iter().any(|one| target.starts_with(one));
    (is_scheme || target.starts_with("www.")) && !target.contains(char::is_whitespace)
}

/// Whether a text is the key of an issue.
fn is_key(text: &str) -> bool {
    let Some((project, number)) = text.rsplit_once('-') else { return false };
    let is_project = project.starts_with(|c: char| c.is_ascii_uppercase())
        && project.bytes().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == b'_');
    let is_number = !number.is_empty() && number.bytes().all(|c| c.is_ascii_digit());
    is_project && is_number && !NO_PROJECTS.contains(&project)
}

/// Length of an image at the beginning of a text: `!photo.png|thumbnail!`.
pub(super) fn image(text: &str) -> Option<usize> {
    let inner = text.get(1..text.floor_char_boundary(LONGEST))?;
    let inner = inner.get(..inner.find(['!', '\n'])?)?;
    let name = inner.split('|').next().unwrap_or(inner);
    let (stem, extension) = name.rsplit_once('.')?;
    let is_file = !stem.is_empty()
        && !stem.starts_with(' ')
        && (2..=5).contains(&extension.len())
        && extension.bytes().all(|c| c.is_ascii_alphanumeric());
    (is_file && text.get(inner.len() + 1..)?.starts_with('!')).then_some(inner.len() + 2)
}

/// Length of a reference to a character at the beginning of a text.
fn entity(text: &str) -> Option<usize> {
    let inner = text.get(1..text.floor_char_boundary(12))?;
    let name = inner.get(..inner.find(';')?)?;
    let is_name = !name.is_empty() && name.bytes().all(|c| c.is_ascii_alphanumeric());
    let number = name.strip_prefix('#').unwrap_or_default();
    let is_number = !number.is_empty() && number.bytes().all(|c| c.is_ascii_digit());
    (is_name || is_number).then_some(name.len() + 2)
}
