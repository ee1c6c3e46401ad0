//! Checkboxes that stand in running text instead of a list.
//!
//! Knows how people write them. Knows nothing of what they say.

/// Where the lines of a text begin that begin with a checkbox, and whether it is ticked.
pub(super) fn at_lines(text: &str) -> Vec<(usize, bool)> {
    let mut start = 0;
    let mut found = Vec::new();
    for line in text.split_inclusive('\n') {
        let said = line.trim_start_matches([' ', '\t', '>']);
        found.extend(ticked(said).map(|ticked| (start + line.len() - said.len(), ticked)));
        start += line.len();
    }
    found
}

/// Whether the checkbox is ticked with which a text begins; none if it begins with none.
pub(super) fn ticked(text: &str) -> Option<bool> {
    let bracketed = || {
        let (inner, after) = text.strip_prefix('[')?.split_once(']')?;
        let ticked = match inner {
            " " => false,
            "x" | "X" => true,
            _ => return None,
        };
        after.starts_with(char::is_whitespace).then_some(ticked)
    };
    match text.chars().next()? {
        '☐' | '□' | '❏' | '❐' | '◻' | '▢' | '⬜' => Some(false),
        '☑' | '☒' => Some(true),
        '[' => bracketed(),
        _ => None,
    }
}
