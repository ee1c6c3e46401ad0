//! What became of each line of a document, for people.

use super::{
    context::counted,
    output::{Output, Tone},
};
use crate::{
    model::fate::Tally,
    source::explained::{Explained, Line, Shown},
};

/// Widest margin, in characters.
const WIDEST: usize = 56;
/// Most reasons that are named of one document.
const MOST_REASONS: usize = 4;

/// Prints a document with a margin.
pub(super) fn print(explained: &Explained, output: &Output) {
    output.heading(&explained.path);
    let digits = explained.lines.len().to_string().len();
    let fresh = explained.lines.iter().flat_map(|line| &line.fates).filter(|shown| !shown.continued);
    let width = fresh.map(|shown| shown.said.chars().count()).max().unwrap_or_default().min(WIDEST);
    for Line { line, text, fates } in &explained.lines {
        let (first, others) = match fates.split_first() {
            Some((first, others)) => (Some(first), others),
            None => (None, [].as_slice()),
        };
        let margin = beside(first, width, output);
        output.line(format!("{line:>digits$} {margin} │ {text}").trim_end());
        for other in others {
            output.line(format!("{:digits$} {} │", "", beside(Some(other), width, output)));
        }
    }
}

/// A sign and words, as wide as every other.
fn beside(shown: Option<&Shown>, width: usize, output: &Output) -> String {
    let Some(shown) = shown else { return " ".repeat(width + 2) };
    let (sign, tone) = match shown.fate {
        "finding" => ("•", Tone::Good),
        "candidate" => ("?", Tone::Warning),
        "detail" | "label" => ("·", Tone::Faint),
        _ => ("-", Tone::Faint),
    };
    let (sign, said) = if shown.continued { ("┊", "") } else { (sign, shown.said.as_str()) };
    // What would move the margin is no letter of it.
    let said: String = said.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    let cut = said.chars().count() > width;
    let kept: String = said.chars().take(if cut { width.saturating_sub(1) } else { width }).collect();
    let said = if cut { kept + "…" } else { kept };
    let blank = " ".repeat(width.saturating_sub(said.chars().count()));
    output.paint(tone, format!("{sign} {said}")) + &blank
}

/// How many parts of a document came to what, in one line; none where it has none.
pub(super) fn covered(tally: &Tally) -> Option<String> {
    let counts = |counts: &[(usize, &str)]| {
        let some = counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| counted(*n, what));
        some.collect::<Vec<_>>().join(", ")
    };
    let came_to =
        counts(&[(tally.findings, "finding"), (tally.candidates, "candidate"), (tally.details, "detail")]);
    let in_text = counts(&[(tally.findings_in_text, "finding"), (tally.candidates_in_text, "candidate")]);
    let mut said = Vec::new();
    if tally.items > 0 {
        let read = format!("{} of {} read", tally.n_read(), counted(tally.items, "item"));
        said.push(if came_to.is_empty() { read } else { format!("{read}: {came_to}") });
    }
    if tally.n_aside() > 0 {
        said.push(format!("{} set aside ({})", tally.n_aside(), reasons(tally)));
    }
    if !in_text.is_empty() {
        said.push(format!("{in_text} in headings and paragraphs"));
    }
    (!said.is_empty()).then(|| said.join("; "))
}

/// Why parts of a document were set aside, the most frequent reason first.
fn reasons(tally: &Tally) -> String {
    let mut reasons: Vec<(usize, &str)> =
        tally.set_aside.values().map(|aside| (aside.count, aside.words)).collect();
    reasons.sort_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.cmp(other.1)));
    let named = reasons.iter().take(MOST_REASONS).map(|(n, why)| format!("{n} {why}"));
    let more = (reasons.len() > MOST_REASONS).then(|| "…".to_owned());
    named.chain(more).collect::<Vec<_>>().join(", ")
}
