//! A file and a function stay short enough to be read at once.

use proc_macro2::{Delimiter, TokenTree};

use super::{Files, assert_none, assert_told, planted, sources, sources_and_tests, tokens};

/// Longest file below `src`.
const FILE_LINES: usize = 400;

/// Longest function, from its `fn` to its closing brace.
const FUNCTION_LINES: usize = 70;

fn long_files(files: &Files) -> Vec<String> {
    let lengths = files.iter().map(|(path, text)| (path, text.lines().count()));
    let long = lengths.filter(|(_, n_lines)| *n_lines > FILE_LINES);
    long.map(|(path, n_lines)| format!("{path}: {n_lines} lines, over {FILE_LINES}")).collect()
}

fn long_functions(files: &Files) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in files {
        tokens::each_level(&tokens::read(path, text), &mut |level| {
            for at in 0..level.len() {
                let Some((name, from, to)) = function(level, at) else { continue };
                let n_lines = to - from + 1;
                if n_lines > FUNCTION_LINES {
                    found.push(format!("{path}:{from}: `{name}` has {n_lines} lines, over {FUNCTION_LINES}"));
                }
            }
        });
    }
    found
}

/// Name, first and last line of the function that begins here, if one with a body does.
fn function(level: &[TokenTree], at: usize) -> Option<(String, usize, usize)> {
    let word = tokens::ident(level, at).filter(|word| *word == "fn")?;
    let name = tokens::ident(level, at + 1)?;
    let end = (at + 2..level.len()).find(|end| {
        tokens::is_punct(level, *end, ';') || tokens::group(level, *end, Delimiter::Brace).is_some()
    })?;
    let body = tokens::group(level, end, Delimiter::Brace)?;
    Some((name.to_string(), word.span().start().line, body.span_close().end().line))
}

#[test]
fn files_are_short() {
    assert_none(&long_files(&sources()));
}

#[test]
fn functions_are_short() {
    assert_none(&long_functions(&sources_and_tests()));
}

#[test]
fn a_long_file_is_found() {
    let text = "\n".repeat(FILE_LINES);
    assert_none(&long_files(&planted("src/a.rs", &text)));
    assert_told(&long_files(&planted("src/a.rs", &format!("{text}\n"))), &["src/a.rs: 401 lines"]);
}

#[test]
fn a_long_function_is_found_wherever_it_stands() {
    for (before, after) in [("", ""), ("impl A {", "}"), ("mod m { impl A {", "} }"), ("fn g() {", "}")] {
        let with = |n_lines: usize| {
            let body = "\n// }".repeat(n_lines - 2);
            planted(
                "src/a.rs",
                &format!("{before}\nfn f<T>(x: &str) -> Option<T> where T: A {{ \"}}\";{body}\n}}{after}"),
            )
        };
        let told = |files: &Files| {
            let mut found = long_functions(files);
            found.retain(|breach| breach.contains("`f`"));
            found
        };
        assert_none(&told(&with(FUNCTION_LINES)));
        assert_told(&told(&with(FUNCTION_LINES + 1)), &["src/a.rs:2: `f` has 71 lines"]);
    }
}

#[test]
fn a_signature_without_a_body_has_no_length() {
    let text = format!("trait A {{ fn f(&self); }}\nconst X: fn(u8) = g;{}\nstruct S {{}}", "\n".repeat(100));
    assert_none(&long_functions(&planted("src/a.rs", &text)));
}
