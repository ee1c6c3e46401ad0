//! The three disasters of `deploy/README.md`, played from its own words: every command is run, every line that it quotes is said.
//!
//! In a quoted block `$ postmortem-sync …` runs the real program, `# …` is a deed of [`DEEDS`], `exit N` is how the
//! program ended, and everything else has to be in its output, in this order; `…` stands for anything.

use std::fs;

use serde_json::json;

use super::{
    rig::{Ran, Rig},
    trouble::{self, GITHUB, assert_one_each, report, stage},
};

const TOLD: &str = include_str!("../../deploy/README.md");
/// Where the blocks are, and what ends them.
const HEADING: &str = "### Three disasters, rehearsed\n";
const NEXT: &str = "\n## ";
/// Postmortems of the rehearsal, and findings of each.
const N_POSTMORTEMS: usize = 4;
const N_FINDINGS: usize = 3;

/// The comment that tells a deed, and how it is done.
type Deed = (&'static str, fn(&Rig));

/// What happens between two commands.
const DEEDS: [Deed; 6] = [
    ("the share with the postmortems is not mounted: the folder is empty", |rig| {
        fs::rename(rig.path("postmortems"), rig.path("away")).unwrap();
        fs::create_dir(rig.path("postmortems")).unwrap();
    }),
    ("the share is back", |rig| {
        fs::remove_dir(rig.path("postmortems")).unwrap();
        fs::rename(rig.path("away"), rig.path("postmortems")).unwrap();
    }),
    ("during the week another postmortem comes in", |rig| report(rig, GITHUB, N_POSTMORTEMS + 1, N_FINDINGS)),
    ("somebody makes acme/payments public", |rig| publish(rig, true)),
    ("and edits a postmortem", |rig| rig.edit("postmortems/pm-1.yaml", "Close gap 1-1", "Close the gap 1-1")),
    ("somebody closes it to others again", |rig| publish(rig, false)),
];

fn publish(rig: &Rig, public: bool) {
    let act = json!({"as": "ana", "tracker": "github", "repo": "acme/payments", "do": "set_visibility", "private": !public});
    rig.control("POST", "/act", &act);
}

#[test]
fn the_three_disasters_end_as_they_are_told() {
    let rig = stage();
    for n in 1..=N_POSTMORTEMS {
        report(&rig, GITHUB, n, N_FINDINGS);
    }
    let text = TOLD.split_once(HEADING).expect("it tells of three disasters").1;
    let text = text.split_once(NEXT).map_or(text, |(section, _)| section);
    let blocks: Vec<&str> = text.split("```").skip(1).step_by(2).collect();
    assert_eq!(blocks.len(), 3, "one block for each disaster");
    let mut played = 0;
    for block in blocks {
        rig.forget();
        played += play(&rig, block.trim_start_matches("console"));
    }
    assert_eq!(played, DEEDS.len(), "every deed is told");
    for n in 1..=N_POSTMORTEMS + 1 {
        if n > 1 {
            assert_one_each(&rig, GITHUB, n, N_FINDINGS);
        }
    }
    assert_eq!(rig.issues().len(), (N_POSTMORTEMS + 1) * N_FINDINGS, "no issue is there twice");
    assert!(rig.issues().iter().all(|issue| issue["state"] == "open"), "none was closed");
    assert_eq!(trouble::intents(&rig), Vec::<String>::new());
}

/// Plays a block, and says how many deeds it holds.
fn play(rig: &Rig, block: &str) -> usize {
    let mut deeds = 0;
    let mut output = Output::default();
    for line in block.lines().filter(|line| !line.is_empty()) {
        if let Some(told) = line.strip_prefix("# ") {
            let deed =
                DEEDS.iter().find(|(name, _)| *name == told).unwrap_or_else(|| panic!("no deed `{told}`"));
            deed.1(rig);
            deeds += 1;
        } else if let Some(command) = line.strip_prefix("$ postmortem-sync ") {
            let arguments: Vec<&str> = command.split(' ').collect();
            output = Output::of(rig.run(&arguments));
        } else if let Some(code) = line.strip_prefix("exit ") {
            assert_eq!(output.code, code.parse().ok(), "{}", output.text);
        } else {
            output.says(line);
        }
    }
    deeds
}

/// What a command said, and how far of it was quoted.
#[derive(Default)]
struct Output {
    code: Option<i32>,
    text: String,
    quoted: usize,
}

impl Output {
    fn of(ran: Ran) -> Self {
        Self { code: ran.code, text: ran.stdout + &ran.stderr, quoted: 0 }
    }

    /// Fails unless one of the lines that follow is this one.
    fn says(&mut self, quoted: &str) {
        if quoted.trim() == "…" {
            return;
        }
        let lines: Vec<&str> = self.text.lines().collect();
        let at = lines.iter().skip(self.quoted).position(|line| is_like(line, quoted));
        let at = at.unwrap_or_else(|| panic!("not said: {quoted}\nsaid:\n{}", self.text));
        self.quoted += at + 1;
    }
}

/// Whether a line is what a quotation says, with anything in the place of each `…`.
fn is_like(line: &str, quoted: &str) -> bool {
    let mut parts = quoted.split('…');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = line.strip_prefix(first) else { return false };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    rest.is_empty() || quoted.ends_with('…')
}
