//! Elements of running text: links, images, boxes to tick, dates, and how text is marked.
//!
//! Knows elements and where links lead. What stands in them is read as every other part of a page.

use super::{
    out::{Out, Place},
    run::Style,
    walk::Walker,
};
use crate::source::html::{Id, Look};

impl Walker<'_> {
    pub(super) fn image(&self, id: Id, out: &mut Out, style: &Style) {
        let shown = self.dom.attribute(id, "data-emoji-fallback").or_else(|| self.dom.attribute(id, "alt"));
        let shown = match shown {
            Some("(tick)") => "✅",
            Some("(error)" | "(cross)") => "❌",
            Some(other) => other,
            None => return,
        };
        out.run.push(shown, self.dom.at(id).start, style);
    }

    pub(super) fn input(&self, id: Id, out: &mut Out, style: &Style) {
        let kind = self.dom.attribute(id, "type").unwrap_or_default();
        if !kind.eq_ignore_ascii_case("checkbox") {
            return;
        }
        let ticked = self.dom.attribute(id, "checked").is_some();
        let first = out.run.is_empty() && out.blocks.is_empty();
        if matches!(out.place, Place::Item | Place::Task) && first {
            out.ticked = Some(ticked);
        } else {
            out.run.push(if ticked { "[x] " } else { "[ ] " }, self.dom.at(id).start, style);
        }
    }

    pub(super) fn anchor(&mut self, id: Id, out: &mut Out, style: &Style, depth: usize) {
        let at = self.dom.at(id).start;
        if self.dom.has_class(id, "confluence-userlink") {
            let name = self.dom.text(id);
            return out.run.push_person(name.trim().trim_start_matches('@'), at, style);
        }
        let target = self.dom.attribute(id, "href").map(led_to).unwrap_or_default();
        let named = self.dom.has_class(id, "user-mention") || target.starts_with("mailto:");
        let link = Some(target).filter(|target| !target.is_empty() && !named);
        let style = Style { link: link.or_else(|| style.link.clone()), ..style.clone() };
        self.children(id, out, &style, depth);
    }

    pub(super) fn time(&mut self, id: Id, out: &mut Out, style: &Style, depth: usize) {
        let stated = self.dom.attribute(id, "datetime").unwrap_or_default().trim();
        let day = stated.get(..10).filter(|day| chrono::NaiveDate::parse_from_str(day, "%Y-%m-%d").is_ok());
        let text = self.dom.text(id);
        match day.filter(|_| stated.len() == 10 || text.trim().is_empty()) {
            Some(day) => out.run.push_date(day, self.dom.at(id).start, style),
            None => self.children(id, out, style, depth),
        }
    }
}

/// The marks of an element's text.
pub(super) fn styled(name: &str, look: Look, style: &Style) -> Style {
    let mut mark = style.mark;
    match name {
        "b" | "strong" => mark.strong = true,
        "i" | "em" | "cite" | "dfn" => mark.emphasis = true,
        "s" | "strike" | "del" => mark.struck = true,
        "code" | "tt" | "kbd" | "samp" => mark.code = true,
        _ => {}
    }
    mark.strong = look.strong.unwrap_or(mark.strong);
    mark.emphasis = look.emphasis.unwrap_or(mark.emphasis);
    mark.struck |= look.struck.unwrap_or_default();
    Style { mark, ..style.clone() }
}

/// Where a link leads, without the detour that exports of Google Docs send it on.
fn led_to(target: &str) -> String {
    let query = ["https://www.google.com/url?", "http://www.google.com/url?"]
        .into_iter()
        .find_map(|detour| target.strip_prefix(detour));
    let inner = query.and_then(|query| query.split('&').find_map(|one| one.strip_prefix("q=")));
    inner.map_or_else(|| target.trim().to_owned(), unescaped)
}

/// A part of an address with its escapes undone; as it is where they are no text.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|code| std::str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}
