//! Comments and documents name only what a reader of this repository can look up.

use std::path::Path;

use proc_macro2::TokenTree;

use super::{Files, architecture, assert_none, assert_told, everything, planted, tokens};

/// Data of tests and of the demo: what others write, or might.
const DATA: &[&str] = &["tests/data/", "tests/proptest-regressions/", "config/demo/postmortems/"];

/// Where examples keep the documents that are followed; there are none in the repository.
const EXAMPLES: &str = "postmortems/";

/// What a comment or a document says, line by line, without what marks it as a comment.
type Lines = Vec<(usize, String)>;

fn breaches(files: &Files) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in files {
        let lines = said(path, text);
        for (line, text) in &lines {
            let missing = documents(text).into_iter().filter(|name| !is_there(name, path, files));
            found.extend(missing.map(|name| format!("{path}:{line}: there is no `{name}`")));
            let codes = codes(text);
            found.extend(codes.iter().map(|code| format!("{path}:{line}: nobody can look up `{code}`")));
        }
        if let Some(page) = files.get(architecture::PAGE) {
            let last = architecture::invariants(page);
            let unknown = invariants(&lines).into_iter().filter(|(_, n)| *n == 0 || *n > last);
            found.extend(unknown.map(|(line, n)| format!("{path}:{line}: there is no invariant {n}")));
        }
    }
    found
}

/// The comments of a file, or all of it if it is a document.
fn said(path: &str, text: &str) -> Lines {
    let ending = Path::new(path).extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    if DATA.iter().any(|data| path.starts_with(data)) {
        return Lines::new();
    }
    let numbered = |text: &str| text.lines().map(str::to_owned).zip(1..).map(|(text, n)| (n, text)).collect();
    match ending {
        "rs" => numbered(&comments(path, text)),
        "md" | "html" => numbered(text),
        "css" | "json" | "lock" | "txt" => Lines::new(),
        "sql" => behind(text, "--"),
        _ => behind(text, "#"),
    }
}

/// What stands behind a sign that begins a comment: as the first of its line, or after a space.
fn behind(text: &str, sign: &str) -> Lines {
    let comment = |line: &str| {
        let begins = |at: &usize| line[..*at].chars().next_back().is_none_or(char::is_whitespace);
        let at = line.match_indices(sign).map(|(at, _)| at).find(begins)?;
        Some(line[at + sign.len()..].to_owned())
    };
    let lines = text.lines().zip(1..);
    lines.filter_map(|(line, n)| comment(line).map(|comment| (n, comment))).collect()
}

/// What is left of a Rust text once its tokens are blank. A comment for the documentation is a token, and stays.
fn comments(path: &str, text: &str) -> String {
    let mut left = text.as_bytes().to_vec();
    tokens::each_level(&tokens::read(path, text), &mut |level| {
        for token in level.iter().filter(|token| !matches!(token, TokenTree::Group(_))) {
            let place = token.span().byte_range();
            if !["//", "/*"].iter().any(|sign| text[place.clone()].starts_with(sign)) {
                left[place].iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
            }
        }
    });
    String::from_utf8(left).unwrap()
}

/// Markdown files that a line names. A pattern, a web address and an example of a reader's own are none.
fn documents(line: &str) -> Vec<String> {
    let ends = line.match_indices(".md").map(|(at, ending)| at + ending.len());
    let whole = ends.filter(|end| !line[*end..].starts_with(|c: char| c.is_alphanumeric() || c == '_'));
    let stops = |c: char| c.is_whitespace() || "`\"'()[],;|=".contains(c);
    let names = whole.map(|end| line[..end].rsplit(stops).next().unwrap_or_default());
    let is_name =
        |name: &&str| *name != ".md" && !name.contains("://") && !name.contains(['*', '<', '{', '…']);
    names.filter(is_name).filter(|name| !name.starts_with(EXAMPLES)).map(str::to_owned).collect()
}

/// Whether there is a file of this name, from the root or from where it is named.
fn is_there(name: &str, path: &str, files: &Files) -> bool {
    let mut folder: Vec<&str> = path.split('/').collect();
    folder.pop();
    for part in name.split('/') {
        match part {
            "." => {}
            ".." => drop(folder.pop()),
            part => folder.push(part),
        }
    }
    files.contains_key(name) || files.contains_key(&folder.join("/"))
}

/// Codes of some list that is not here: `I` and a number, a letter and a number with a hyphen, and beside a bracket `D`,
/// `P` or `T` and a number. What is quoted is an example, and `P0` to `P4` are priorities.
fn codes(line: &str) -> Vec<String> {
    let parts: Vec<&str> = line.split('`').collect();
    let is_open = |at: usize| at.is_multiple_of(2) || at + 1 == parts.len();
    let outside = parts.iter().enumerate().filter(|(at, _)| is_open(*at));
    let words = outside.flat_map(|(_, part)| part.split(|c: char| c.is_whitespace() || ",;/".contains(c)));
    words.filter(|word| is_code(word)).map(str::to_owned).collect()
}

fn is_code(written: &str) -> bool {
    let word = written.trim_matches(|c: char| !c.is_alphanumeric());
    let Some(letter) = word.chars().next().filter(char::is_ascii_uppercase) else { return false };
    let number = word[1..].trim_start_matches('-');
    let is_number = (1..=3).contains(&number.len()) && number.chars().all(|c| c.is_ascii_digit());
    let is_bracketed = written.starts_with('(') || written.contains(')');
    let is_priority = letter == 'P' && number.len() == 1 && number <= "4";
    let is_listed = is_bracketed && "DPT".contains(letter) && !is_priority;
    is_number && (letter == 'I' || word[1..].starts_with('-') || is_listed)
}

/// The invariants that are named by their numbers, also where the line breaks before one: `invariants 3, 9 and 10`.
fn invariants(lines: &Lines) -> Vec<(usize, usize)> {
    let words = lines.iter().flat_map(|(line, text)| text.split_whitespace().map(move |word| (*line, word)));
    let mut found = Vec::new();
    let mut is_named = false;
    for (line, word) in words.filter(|(_, word)| !["//", "///", "//!"].contains(word)) {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        match bare.parse() {
            Ok(n) if is_named => found.push((line, n)),
            Ok(_) | Err(_) => {
                is_named = ["invariant", "invariants"].contains(&bare) || is_named && bare == "and"
            }
        }
        is_named &= !word.ends_with(['.', ')', ':']);
    }
    found
}

#[test]
fn whatever_comments_and_documents_name_can_be_looked_up() {
    assert_none(&breaches(&everything()));
}

#[test]
fn a_document_that_is_not_here_is_found() {
    for (path, text, missing) in [
        ("src/a.rs", "fn f() {\n    // As GONE says.\n}", "src/a.rs:2: there is no `GONE`"),
        ("src/a.rs", "/// See `notes/GONE`, section 3.\nfn f() {}", "`notes/GONE`"),
        ("tests/it/a.rs", "fn f() -> u8 {\n    7 /* GONE\n */ }", "tests/it/a.rs:2:"),
        ("src/a.rs", "const A: &str = \"b\"; // «ä», then GONE#times", "`GONE`"),
        ("README.md", "Read [the notes](docs/GONE).", "`docs/GONE`"),
        ("config/a.yaml", "a: GONE\nc: d  # as in GONE", "config/a.yaml:2: there is no `GONE`"),
        ("migrations/sqlite/0001_a.sql", "-- GONE\nSELECT 1;", "`GONE`"),
        ("deploy/Dockerfile", "# GONE", "deploy/Dockerfile:1:"),
    ] {
        let [text, missing] = [text, missing].map(|said| said.replace("GONE", "gone.md"));
        assert_told(&breaches(&planted(path, &text)), &[missing.as_str()]);
    }
    for text in [
        "// `postmortems/keys.md`, `docs/**/*.md`, `a/<id>.md` and https://example.org/b/c.md\nfn f() {}",
        "const A: &str = \"// a.md\"; const B: &str = r#\"/// b.md\"#; const C: char = '/';",
        "// a.mdx and .md files\nfn f() {}",
    ] {
        assert_none(&breaches(&planted("src/a.rs", text)));
    }
    assert_none(&breaches(&planted("tests/data/a.md", "See b.md (I5).")));
}

#[test]
fn a_document_is_looked_for_from_the_root_and_from_where_it_is_named() {
    let mut files = planted("deploy/A.md", "[b](B.md), [b](../deploy/B.md#how), `deploy/B.md`, [b](./B.md)");
    files.insert("deploy/B.md".to_owned(), String::new());
    assert_none(&breaches(&files));
    files.insert("src/c.rs".to_owned(), "//! `B.md`".to_owned());
    assert_told(&breaches(&files), &["src/c.rs:1: there is no `B.md`"]);
}

#[test]
fn a_code_of_some_list_is_found() {
    for said in ["(I5)", "by I23.", "P-19", "(see T-3)", "D-07:", "(T3)", "(P19)", "A-1, too", "I5/b"] {
        for (path, text) in [
            ("src/a.rs", format!("fn f() {{}}\n/// Never {said}\nfn g() {{}}")),
            ("tests/README.md", format!("# A\nNever {said}")),
            ("config/a.yaml", format!("a: I5\n# Never {said}")),
        ] {
            assert_told(&breaches(&planted(path, &text)), &[&format!("{path}:2: nobody can look up")]);
        }
    }
    for said in
        ["`I5`, `[P2]`, `a P-19 b`", "T3 2026, P0 to P4 (P1)", "PM-1, PLAT-7, F1, S-3PO", "(invariant 7)"]
    {
        assert_none(&breaches(&planted("src/a.rs", &format!("/// {said}\nfn f() {{ a(I5 - P - 19) }}"))));
    }
}

#[test]
fn an_invariant_that_is_not_there_is_found() {
    let told = |said: &str| {
        let mut files = planted(architecture::PAGE, "# Invariants\n\n1. A.\n2. B.\n   C.\n3. D.\n\n# Why?\n");
        files.insert("src/a.rs".to_owned(), format!("//! {said}"));
        breaches(&files)
    };
    for said in
        ["(invariant 4)", "invariants 1, 2 and 4.", "(invariants 1 and\n//! 4)", "invariant\n/// 4 of it"]
    {
        assert_told(&told(said), &["src/a.rs:", "there is no invariant 4"]);
    }
    assert_none(&told("(invariant 3). Then 4, invariants 1 and 2: 5 of them, an invariant of 6"));
}
