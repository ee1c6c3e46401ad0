//! How things look, as far as it says something: bold, italic, struck out, not shown, a box before an item.
//!
//! Knows declarations of style sheets, and rules for a single class. Any other rule is left out.

use std::collections::BTreeMap;

/// Most rules that are read.
const MOST: usize = 20_000;

/// How something looks; none where nothing is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::source) struct Look {
    /// Bold or not.
    pub(in crate::source) strong: Option<bool>,
    /// Italic or not.
    pub(in crate::source) emphasis: Option<bool>,
    /// Struck out or not.
    pub(in crate::source) struck: Option<bool>,
    /// Not shown.
    pub(in crate::source) hidden: bool,
}

impl Look {
    /// This, with what another says winning.
    pub(in crate::source) fn then(self, other: Self) -> Self {
        Self {
            strong: other.strong.or(self.strong),
            emphasis: other.emphasis.or(self.emphasis),
            struck: other.struck.or(self.struck),
            hidden: self.hidden || other.hidden,
        }
    }
}

/// Rules by class.
#[derive(Clone, Debug, Default)]
pub(in crate::source) struct Sheet {
    looks: BTreeMap<String, Look>,
    boxes: BTreeMap<String, bool>,
}

impl Sheet {
    /// Reads a style sheet.
    pub(in crate::source) fn read(&mut self, text: &str) {
        let text = uncommented(text);
        let mut rest = text.as_str();
        for _ in 0..MOST {
            let Some((selectors, after)) = rest.split_once('{') else { return };
            // Of a rule that holds others, such as one for printing, nothing is read.
            let selectors = selectors.rsplit(';').next().unwrap_or_default().trim();
            if selectors.starts_with('@') {
                rest = after.get(block_length(after)..).unwrap_or_default();
                continue;
            }
            let (declarations, next) = after.split_once('}').unwrap_or((after, ""));
            selectors.split(',').for_each(|selector| self.rule(selector.trim(), declarations));
            rest = next;
        }
    }

    /// How an element of some classes looks.
    pub(in crate::source) fn look<'a>(&self, classes: impl Iterator<Item = &'a str>) -> Look {
        classes.filter_map(|class| self.looks.get(class)).fold(Look::default(), |all, one| all.then(*one))
    }

    /// Whether the box that is drawn before the items of a list is ticked; none without a box.
    pub(in crate::source) fn boxed<'a>(&self, mut classes: impl Iterator<Item = &'a str>) -> Option<bool> {
        classes.find_map(|class| self.boxes.get(class).copied())
    }

    fn rule(&mut self, selector: &str, declarations: &str) {
        if let Some((before, item)) = selector.split_once('>') {
            let item = item.trim();
            if item.starts_with("li:before") || item.starts_with("li::before") {
                let ticked = declarations.split(';').find_map(drawn);
                if let (Some(ticked), Some(class)) = (ticked, class_of(before.trim())) {
                    self.boxes.insert(class.to_owned(), ticked);
                }
            }
            return;
        }
        let Some(class) = class_of(selector) else { return };
        let look = look(declarations);
        if look != Look::default() {
            let known = self.looks.entry(class.to_owned()).or_default();
            *known = known.then(look);
        }
    }
}

/// How declarations make something look.
pub(in crate::source) fn look(declarations: &str) -> Look {
    let mut look = Look::default();
    for one in declarations.split(';') {
        let Some((property, value)) = one.split_once(':') else { continue };
        let value = value.trim().to_ascii_lowercase();
        let value = value.trim_end_matches("!important").trim_end();
        match property.trim().to_ascii_lowercase().as_str() {
            "font-weight" => {
                let heavy = value.parse::<u32>().map_or(value.starts_with("bold"), |weight| weight >= 600);
                look.strong = Some(heavy);
            }
            "font-style" => look.emphasis = Some(value == "italic" || value == "oblique"),
            "text-decoration" | "text-decoration-line" => look.struck = Some(value.contains("line-through")),
            "display" => look.hidden |= value == "none",
            "visibility" => look.hidden |= value == "hidden" || value == "collapse",
            "mso-hide" => look.hidden |= value == "all",
            _ => {}
        }
    }
    look
}

/// The class that a rule is for, if it is for one class and nothing else.
fn class_of(selector: &str) -> Option<&str> {
    let (element, class) = selector.split_once('.')?;
    let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    (plain(element) && plain(class) && !class.is_empty()).then_some(class)
}

/// Whether a box that a rule draws is ticked.
fn drawn(declaration: &str) -> Option<bool> {
    let (property, value) = declaration.split_once(':')?;
    if property.trim() != "content" {
        return None;
    }
    let value = value.trim().trim_matches(['"', '\'']);
    let code = value.strip_prefix('\\').map(|code| {
        let digits: String = code.chars().take(6).take_while(char::is_ascii_hexdigit).collect();
        u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32)
    });
    ticked(code.unwrap_or_else(|| value.chars().next())?)
}

/// Whether a character is a box, and ticked.
pub(super) fn ticked(character: char) -> Option<bool> {
    match character {
        '☐' | '□' | '❏' | '❐' | '◻' | '▢' | '⬜' => Some(false),
        '☑' | '☒' | '✅' | '🗹' | '✔' | '✓' => Some(true),
        _ => None,
    }
}

fn uncommented(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("/*") {
        kept.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, rest)| rest);
    }
    kept.push_str(rest);
    kept
}

/// How long a block is whose opening brace stands before a text, with its closing one.
fn block_length(text: &str) -> usize {
    let mut open = 1_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => open += 1,
            b'}' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return at + 1;
        }
    }
    text.len()
}
