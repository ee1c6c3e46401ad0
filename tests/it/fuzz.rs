//! The doors of `tests/fuzz`, opened with a committed corpus and with mutations of it.

#[path = "../fuzz/doors/mod.rs"]
mod doors;

use std::{fs, panic, path::Path};

use doors::DOORS;

/// Mutations of the corpus of each door.
const N_MUTATIONS: u64 = 1_500;
/// Doors that go through files and schemas, where an input costs fifty times as much, and their mutations.
const COSTLY: [&str; 2] = ["settings", "people"];
const N_COSTLY: u64 = 100;
/// Pieces that mean something somewhere.
const PIECES: [&str; 52] = [
    "\n",
    "\r\n",
    "---\n",
    "+++\n",
    "- ",
    "- [x] ",
    "| ",
    "|-|\n",
    "## Action items\n",
    "**",
    "`",
    "<!-- ",
    "-->",
    "[",
    "](",
    "{",
    "}",
    "\"",
    "'",
    ": ",
    "&a ",
    "*a",
    "\u{feff}",
    "\u{202e}",
    "é",
    "@ana ",
    "#7",
    "null",
    "-1",
    "99999999999999999999",
    "2026-02-30",
    "~404\n",
    "<ul><li>",
    "</li></ul>",
    "<table><tr><td>",
    "</table>",
    "<details><summary>",
    "<b>",
    "<div hidden>",
    "<![CDATA[",
    "<ac:task-list><ac:task><ac:task-body>",
    "<time datetime='2026-06-01' />",
    "h2. ",
    "||",
    "|",
    "{quote}",
    "{code}",
    "{panel:title=a}\n",
    "{*}",
    "[~ana]",
    "\n** ",
    "{\"type\":\"listItem\",\"content\":[",
];

/// Numbers from a seed (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % below.max(1) as u64).unwrap()
    }
}

/// The corpus of a door, by file name.
fn corpus(door: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/fuzz").join(door);
    let mut files: Vec<(String, Vec<u8>)> = fs::read_dir(&folder)
        .unwrap_or_else(|why| panic!("{}: {why}", folder.display()))
        .map(|file| file.unwrap().path())
        .map(|path| (path.display().to_string(), fs::read(&path).unwrap()))
        .collect();
    files.sort();
    files
}

/// One of the corpus with a few bytes and pieces changed, removed, doubled or taken from another one.
fn mutated(corpus: &[(String, Vec<u8>)], seed: u64) -> Vec<u8> {
    let mut dice = Dice(seed);
    let mut bytes = corpus[dice.roll(corpus.len())].1.clone();
    for _ in 0..=dice.roll(5) {
        let at = dice.roll(bytes.len() + 1);
        let end = (at + dice.roll(20)).min(bytes.len());
        let other = &corpus[dice.roll(corpus.len())].1;
        let piece = match dice.roll(6) {
            0 => PIECES[dice.roll(PIECES.len())].as_bytes().to_vec(),
            1 => vec![u8::try_from(dice.roll(256)).unwrap()],
            2 => Vec::new(),
            3 => bytes[at..end].repeat(2 + dice.roll(6)),
            4 => PIECES[dice.roll(PIECES.len())].repeat(dice.roll(200)).into_bytes(),
            _ => other[dice.roll(other.len())..].iter().copied().take(40).collect(),
        };
        let end = if dice.roll(2) == 0 { at } else { end };
        bytes.splice(at..end, piece);
    }
    bytes
}

#[test]
fn no_door_lets_anything_in_that_breaks_a_promise() {
    let mut broken = Vec::new();
    for (name, door) in DOORS {
        let corpus = corpus(name);
        assert!(corpus.len() >= 2, "{name}: a corpus of {}", corpus.len());
        let mutations = if COSTLY.contains(&name) { N_COSTLY } else { N_MUTATIONS };
        let inputs = corpus
            .iter()
            .cloned()
            .chain((0..mutations).map(|seed| (format!("{name}, mutation {seed}"), mutated(&corpus, seed))));
        broken.extend(inputs.filter_map(|(what, bytes)| {
            let said = panic::catch_unwind(|| door(&bytes)).err()?;
            let said = said.downcast_ref::<String>().cloned().unwrap_or_default();
            Some(format!("{what}: {said}\n  {}", String::from_utf8_lossy(&bytes).escape_debug()))
        }));
    }
    assert!(
        broken.is_empty(),
        "{} broken, such as\n{}",
        broken.len(),
        broken[..broken.len().min(8)].join("\n")
    );
}
