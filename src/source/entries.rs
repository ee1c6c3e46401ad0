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

/// The last line of an entry that is the last: those below it stand further in, or belong to its table in TOML.
fn inside(lines: &[&str], start: usize) -> usize {
    let first = start.checked_sub(1).and_then(|at| lines.get(at)).copied().unwrap_or_default().trim();
    let table = first.strip_prefix("[[").and_then(|rest| rest.strip_suffix("]]"));
    let below = lines.iter().skip(start);
    let length = match table {
        Some(name) => below.take_while(|line| !is_other_table(line, name)).count(),
        None => {
            let outer = depth(lines, start);
            (start + 1..=lines.len()).take_while(|line| depth(lines, *line) > outer).count()
        }
    };
    start + length
}

/// Whether a line of TOML begins a table that is not inside the one with a name.
fn is_other_table(line: &str, name: &str) -> bool {
    let inner = line.trim_start_matches('[').strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
    line.starts_with('[') && !inner
}
