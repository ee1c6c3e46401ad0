//! How far a status says that an action is: a word, a word before more words, a share.
//!
//! Knows one value. Where a status may stand is known elsewhere.

use super::{Vocabulary, Words, folded, is_unspaced, standing::Standing};

/// Longest status, in bytes; what stands behind it is cut off.
const LONGEST: usize = 300;
/// Where the thought that a status expresses may end.
const ENDS: [char; 17] =
    [',', ';', '(', ':', '.', '–', '—', '[', '|', '\n', '\u{2028}', '（', '，', '。', '：', '、', '；'];
/// Words that ask for something where they stand before more words.
const ORDERS: [&str; 3] = ["complete", "close", "partial"];

impl Vocabulary {
    /// What the value of a status says, in the report of an audit or elsewhere; none when nobody knows.
    pub(in crate::source) fn standing(&self, text: &str, audit: bool) -> Option<Standing> {
        let text = text.get(..text.floor_char_boundary(LONGEST)).unwrap_or_default().trim();
        let (symbol, said) = text.split_at(text.find(char::is_alphanumeric).unwrap_or(text.len()));
        let dashed = said.split_once(" - ").map_or(said, |(before, _)| before);
        let clause = dashed.split(ENDS).next().unwrap_or_default().trim();
        let accepts = audit && self.accepted.contains(&folded(clause));
        accepts
            .then_some(Standing::Declined)
            .or_else(|| self.status(text))
            .or_else(|| share(text))
            .or_else(|| self.denied(clause))
            .or_else(|| self.status(clause))
            .or_else(|| self.joined(clause))
            .or_else(|| self.status(symbol.trim()).filter(|_| !symbol.trim().is_empty()))
    }

    /// A claim behind a word that makes it smaller, such as "partially fixed" or "not yet fixed".
    fn denied(&self, clause: &str) -> Option<Standing> {
        let clause = folded(clause);
        let claims = |words: &Words| {
            words.iter().any(|word| {
                let rest = clause.strip_prefix(word.as_str());
                let rest = rest.filter(|rest| rest.starts_with(' ') || word.chars().any(is_unspaced));
                rest.is_some_and(|rest| {
                    let said = self.status(rest).or_else(|| self.joined(rest));
                    matches!(said, Some(Standing::Done | Standing::Begun))
                })
            })
        };
        if claims(&self.partly) {
            return Some(Standing::Begun);
        }
        claims(&self.negations).then_some(Standing::Open)
    }

    /// Whether a word may stand between a status and what more is told about it.
    pub(in crate::source) fn joins_status(&self, word: &str) -> bool {
        self.status_joins.contains(&folded(word))
    }

    /// A status before a word that tells more about it, such as "fixed in" or "open since".
    fn joined(&self, clause: &str) -> Option<Standing> {
        let clause = folded(clause);
        let words: Vec<&str> = clause.split(' ').collect();
        let joins = |word: &str| {
            self.status_joins.contains(word)
                || word.starts_with(|c: char| c.is_ascii_digit() || "#@v".contains(c))
        };
        (1..words.len()).rev().find_map(|count| {
            let (head, rest) = words.split_at_checked(count)?;
            let head = head.join(" ");
            let more = rest.first().is_some_and(|word| joins(word)) && !ORDERS.contains(&head.as_str());
            more.then(|| self.status(&head)).flatten()
        })
    }
}

/// A share of the work, such as `50%` or `100 % (verified)`.
fn share(text: &str) -> Option<Standing> {
    let text = text.trim_start_matches(['~', '≈', ' ']);
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, rest) = text.split_at(digits);
    let share: u32 = number.parse().ok().filter(|_| rest.trim_start().starts_with(['%', '％']))?;
    Some(match share {
        0 => Standing::Open,
        1..100 => Standing::Begun,
        _ => Standing::Done,
    })
}
