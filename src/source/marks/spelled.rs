//! `TLP:RED` wherever it stands in a text, however it is written.
//!
//! Knows the marks of the Traffic Light Protocol. Knows nothing of lines and labels.

use super::{Found, How, plain::Line};
use crate::{model::terms::Tlp, source::words::Vocabulary};

/// How every mark begins.
const NAME: &str = "tlp";
/// What may stand between the name and the class.
const BETWEEN: [char; 19] =
    [' ', ':', '=', '-', '–', '—', '/', '|', '(', '[', '{', '\'', '’', '>', '.', ',', '→', '#', '+'];
/// How far behind the name the class stands at most, in bytes.
const NEAR: usize = 24;
/// How much behind the name is looked at, in bytes.
const WINDOW: usize = 80;

/// Finds every mark in some lines. One that nobody understands is the strictest, if it is written like one.
pub(super) fn find(lines: &[Line], words: &Vocabulary, found: &mut Vec<Found>) {
    for (n, line) in lines.iter().enumerate() {
        for (at, _) in line.text.match_indices(NAME) {
            let before = line.text.get(..at).and_then(|before| before.chars().next_back());
            if before.is_some_and(char::is_alphanumeric) {
                continue;
            }
            let after = window(line, at + NAME.len(), lines.get(n + 1..).unwrap_or_default());
            if let Some((tlp, unclear)) = class(&after, words) {
                found.push(Found { tlp, at: line.place(at), how: How::Mentioned, unclear });
            }
        }
    }
}

/// What follows in a line, and in the lines behind it where it breaks.
fn window(line: &Line, from: usize, after: &[Line]) -> String {
    let rest = line.text.get(from..).unwrap_or_default();
    let mut window = rest.get(..rest.floor_char_boundary(WINDOW)).unwrap_or_default().to_owned();
    for next in after.iter().filter(|next| !next.text.trim().is_empty()).take(2) {
        if window.len() >= WINDOW {
            break;
        }
        let more = next.text.trim_start_matches([' ', '>', '#']);
        window.push(' ');
        window.push_str(more.get(..more.floor_char_boundary(WINDOW)).unwrap_or_default());
    }
    window
}

/// The class behind the name, and what stands there if nobody understands it.
fn class(after: &str, words: &Vocabulary) -> Option<(Tlp, Option<String>)> {
    if after.starts_with(char::is_alphanumeric) {
        return None;
    }
    let at = after.find(|c| !BETWEEN.contains(&c)).filter(|at| (1..=NEAR).contains(at))?;
    let (between, word) = after.split_at(at);
    if let Some(tlp) = words.colour(word) {
        return Some((tlp, None));
    }
    let unclear: String = word.chars().take_while(|c| c.is_alphanumeric() || "+-".contains(*c)).collect();
    let written = between.ends_with([':', '=']) && word.starts_with(char::is_alphabetic);
    written.then_some((Tlp::Red, Some(unclear)))
}
