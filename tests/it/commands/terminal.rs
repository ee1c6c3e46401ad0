//! What people see on terminals of different widths, in colour and without: the real program on a real terminal.

use super::super::story::synced;

const KEY: &str = "PM-2026-101/F1";

/// Verbs whose results are long.
const VERBS: [&[&str]; 10] = [
    &["finding", "list"],
    &["finding", "show", KEY],
    &["link", "list"],
    &["place", "list"],
    &["audit", "show"],
    &["intake", "list"],
    &["intake", "documents"],
    &["plan"],
    &["explain", KEY],
    &["sync"],
];

/// A line as a terminal shows it, without what only colours it.
fn shown(line: &str) -> String {
    let mut shown = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        shown.push_str(before);
        rest = after.split_once('m').map_or("", |(_, after)| after);
    }
    (shown + rest).trim_end().to_owned()
}

#[test]
fn no_line_is_wider_than_the_terminal_but_for_words_that_do_not_break() {
    let rig = synced();
    for columns in [60, 80, 120] {
        for colour in ["always", "never"] {
            for verb in VERBS {
                let script = format!(
                    "script -qec \"stty cols {columns} rows 40; '$0' $* --color {colour}\" /dev/null"
                );
                let printed = rig.run_by(&script, verb).stdout;
                assert!(printed.lines().count() > 0, "{verb:?} printed nothing");
                assert_eq!(printed.contains("\u{1b}["), colour == "always", "{verb:?} {colour}");
                for line in printed.lines().map(shown) {
                    let longest = line.split_whitespace().map(|word| word.chars().count()).max().unwrap_or(0);
                    let is_word = line.chars().count() <= longest + 8;
                    assert!(
                        line.chars().count() <= columns || is_word,
                        "{verb:?} at {columns}, {} wide: {line}",
                        line.chars().count()
                    );
                }
            }
        }
    }
}

#[test]
fn columns_stand_below_their_titles_in_colour_as_well() {
    let rig = synced();
    let script = "script -qec \"stty cols 120 rows 40; '$0' $* --color always\" /dev/null";
    let printed = rig.run_by(script, &["finding", "list"]).stdout;
    let lines: Vec<String> = printed.lines().map(shown).filter(|line| !line.is_empty()).collect();
    let state = lines[0].find("state").unwrap();
    let rows: Vec<&String> = lines[1..].iter().filter(|line| line.trim_start().starts_with("PM-")).collect();
    assert!(rows.len() > 5, "{printed}");
    for row in rows {
        let word = row.get(state..).unwrap_or_default();
        assert!(word.starts_with(|c: char| c.is_alphabetic()), "{row}\n{}", lines[0]);
        assert!(row.get(..state).unwrap_or_default().ends_with("  "), "{row}\n{}", lines[0]);
    }
}

#[test]
fn what_is_piped_is_as_wide_as_it_is() {
    let rig = synced();
    let piped = rig.run(&["finding", "list"]).exits(0).stdout;
    let listed = piped.lines().find(|line| line.contains("PM-2026-101/F1 ")).unwrap();
    assert!(listed.ends_with("Mask secrets in every build log"), "its title stands on one line: {listed}");
    let widest = piped.lines().map(|line| line.chars().count()).max().unwrap();
    assert!(widest > 120, "nothing is cut to a width: {widest}");
    assert!(!piped.contains('\u{1b}'));
}
