//! What became of the entries of a structured document: each is a finding or waits for a person; a document with any other is refused.
//!
//! Knows lines. Knows no format.

use crate::model::{
    fate::{CameTo, LineFate, What},
    postmortem::Postmortem,
};

/// The fates of everything that a document lists, in its order.
pub(super) fn fates(postmortem: &Postmortem, text: &str) -> Vec<LineFate> {
    let lines: Vec<&str> = text.lines().collect();
    let found = postmortem.findings.iter().enumerate();
    let found = found.map(|(number, finding)| (finding.line, CameTo::Findings(vec![number])));
    let asked = postmortem.candidates.iter();
    let asked = asked.map(|candidate| (candidate.line, CameTo::Candidate(candidate.reason.clone())));
    let mut all: Vec<(usize, CameTo)> = found.chain(asked).collect();
    all.sort_by_key(|(line, _)| *line);
    let starts: Vec<usize> = all.iter().map(|(line, _)| *line).collect();
    let fate = |(number, (line, came_to)): (usize, (usize, CameTo))| {
        let before = starts.get(number + 1).map(|next| next.saturating_sub(1));
        let end = before.unwrap_or_else(|| inside(&lines, line)).max(line);
        LineFate { line, column: depth(&lines, line) + 1, end, what: What::Entry, came_to }
    };
    all.into_iter().enumerate().map(fate).collect()
}

/// How far in a line stands.
fn depth(lines: &[&str], line: usize) -> usize {
    let text = line.checked_sub(1).and_then(|at| lines.get(at)).copied().unwrap_or_default();
    text.chars().take_while(|c| c.is_whitespace()).count()
}

/// The last line that stands further in than the one where an entry starts.
fn inside(lines: &[&str], start: usize) -> usize {
    let outer = depth(lines, start);
    let further = (start + 1..=lines.len()).take_while(|line| depth(lines, *line) > outer).count();
    start + further
}
