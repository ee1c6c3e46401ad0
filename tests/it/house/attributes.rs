//! No code for tests in the product, nothing left undone, nothing skipped, no warning silenced without a reason.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::{Files, assert_none, assert_told, everything, planted, sources, sources_and_tests, tokens};

/// `cfg(test)` and its kin: production would run other code than the tests do.
fn test_forks(files: &Files) -> Vec<String> {
    in_attributes(files, |attribute| {
        let is_condition = attribute.words.first().is_some_and(|word| word.starts_with("cfg"));
        is_condition && attribute.words.iter().any(|word| word == "test")
    })
}

/// Where a build may differ from another by its features: what it has, and not what that does.
const SWITCHES: [&str; 2] = ["src/lib.rs", "src/cli/mod.rs"];

/// Code that is there in one build and not in another.
fn switched(files: &Files) -> Vec<String> {
    let mut elsewhere = files.clone();
    elsewhere.retain(|path, _| !SWITCHES.contains(&path.as_str()));
    in_attributes(&elsewhere, |attribute| {
        let is_condition = attribute.words.first().is_some_and(|word| word.starts_with("cfg"));
        is_condition && attribute.words.iter().any(|word| word == "feature")
    })
}

/// Tests that are written and not run.
fn ignored(files: &Files) -> Vec<String> {
    in_attributes(files, |attribute| attribute.words.iter().any(|word| word == "ignore"))
}

/// `allow(…)` stays when its cause is gone; `expect(…, reason)` speaks up.
fn allowed(files: &Files) -> Vec<String> {
    in_attributes(files, |attribute| attribute.called.iter().any(|word| word == "allow"))
}

/// Modules that are read from elsewhere than their name says, which would mislead the checks of the floors.
fn misplaced(files: &Files) -> Vec<String> {
    in_attributes(files, |attribute| attribute.words.first().is_some_and(|word| word == "path"))
}

/// One `#[…]`.
struct Attribute {
    /// Its words, in order.
    words: Vec<String>,
    /// Those words that are followed by round brackets.
    called: Vec<String>,
}

fn in_attributes(files: &Files, is_breach: impl Fn(&Attribute) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in files {
        tokens::each_level(&tokens::read(path, text), &mut |level| {
            for at in 0..level.len() {
                let Some(inside) = attribute(level, at) else { continue };
                let attribute = Attribute { words: words(&inside), called: called(&inside) };
                if is_breach(&attribute) {
                    let line = level[at].span().start().line;
                    found.push(format!("{path}:{line}: `#[{inside}]`"));
                }
            }
        });
    }
    found
}

/// What stands inside `#[…]` or `#![…]`.
fn attribute(level: &[TokenTree], at: usize) -> Option<TokenStream> {
    if !tokens::is_punct(level, at, '#') {
        return None;
    }
    let bracket = if tokens::is_punct(level, at + 1, '!') { at + 2 } else { at + 1 };
    tokens::group(level, bracket, Delimiter::Bracket).map(proc_macro2::Group::stream)
}

fn words(stream: &TokenStream) -> Vec<String> {
    let mut found = Vec::new();
    tokens::each_level(stream, &mut |level| {
        found.extend((0..level.len()).filter_map(|at| tokens::ident(level, at)).map(ToString::to_string));
    });
    found
}

fn called(stream: &TokenStream) -> Vec<String> {
    let mut found = Vec::new();
    tokens::each_level(stream, &mut |level| {
        let is_called = |at: &usize| tokens::group(level, at + 1, Delimiter::Parenthesis).is_some();
        let words = (0..level.len()).filter(is_called).filter_map(|at| tokens::ident(level, at));
        found.extend(words.map(ToString::to_string));
    });
    found
}

/// Macros that stand for code that is still to be written.
fn unwritten(files: &Files) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in files {
        tokens::each_level(&tokens::read(path, text), &mut |level| {
            for at in 0..level.len() {
                let Some(word) = tokens::ident(level, at) else { continue };
                let is_unwritten = word == "todo" || word == "unimplemented";
                if is_unwritten && tokens::is_punct(level, at + 1, '!') {
                    found.push(format!("{path}:{}: `{word}!`", word.span().start().line));
                }
            }
        });
    }
    found
}

/// Notes to oneself, in any file.
fn notes(files: &Files) -> Vec<String> {
    // Put together here, so that this file has none.
    let words = [["FIX", "ME"].concat(), ["TO", "DO:"].concat(), ["TO", "DO("].concat()];
    let mut found = Vec::new();
    for (path, text) in files {
        for (n, line) in text.lines().enumerate() {
            if let Some(word) = words.iter().find(|word| line.contains(word.as_str())) {
                found.push(format!("{path}:{}: `{word}`", n + 1));
            }
        }
    }
    found
}

#[test]
fn the_product_has_no_code_for_tests() {
    assert_none(&test_forks(&sources()));
}

#[test]
fn builds_differ_by_whole_modules_only() {
    assert_none(&switched(&sources()));
    assert_none(&switched(&planted("src/lib.rs", "#[cfg(feature = \"sandbox\")]\npub mod sandbox;")));
    let text = "#[cfg(feature = \"sandbox\")]\nfn f() {}";
    assert_told(&switched(&planted("src/net/pace.rs", text)), &["src/net/pace.rs:1:", "feature"]);
}

#[test]
fn no_test_is_skipped() {
    assert_none(&ignored(&sources_and_tests()));
}

#[test]
fn warnings_are_expected_with_a_reason_and_not_silenced() {
    assert_none(&allowed(&sources_and_tests()));
}

#[test]
fn modules_are_where_their_names_say() {
    assert_none(&misplaced(&sources()));
}

#[test]
fn nothing_is_left_undone() {
    assert_none(&unwritten(&sources_and_tests()));
    assert_none(&notes(&everything()));
}

#[test]
fn code_for_tests_is_found() {
    for text in [
        "#[cfg(test)]\nmod tests {}",
        "#[cfg(not(test))]\nfn f() {}",
        "#[cfg_attr(test, derive(Debug))]\nstruct S;",
    ] {
        assert_told(&test_forks(&planted("src/a.rs", text)), &["src/a.rs:1:", "test"]);
    }
    assert_none(&test_forks(&planted("src/a.rs", "// #[cfg(test)]\n#[cfg(unix)]\nfn f() { \"cfg(test)\" }")));
}

#[test]
fn a_skipped_test_is_found() {
    // In two parts, here and below, so that nobody who looks for the real thing finds its picture.
    let skipped = ["#[test]\n#[ign", "ore = \"slow\"]\nfn f() {}"].concat();
    assert_told(&ignored(&planted("tests/it/a.rs", &skipped)), &["tests/it/a.rs:2:"]);
    assert_told(
        &ignored(&planted("tests/it/a.rs", "#[cfg_attr(unix, ignore)]\nfn f() {}")),
        &["tests/it/a.rs:1:"],
    );
}

#[test]
fn a_silenced_warning_is_found() {
    let text = "mod m { #![allow(dead_code)] }";
    assert_told(&allowed(&planted("src/a.rs", text)), &["src/a.rs:1:", "allow"]);
    assert_told(&allowed(&planted("src/a.rs", "#[cfg_attr(unix, allow(unused))]\nfn f() {}")), &["allow"]);
    assert_none(&allowed(&planted(
        "src/a.rs",
        "#[expect(unused, reason = \"allow(unused)\")]\nfn allow(x: u8) {}",
    )));
}

#[test]
fn a_misplaced_module_is_found() {
    assert_told(&misplaced(&planted("src/a.rs", "#[path = \"b.rs\"]\nmod c;")), &["src/a.rs:1:", "b.rs"]);
}

#[test]
fn what_is_left_undone_is_found() {
    for name in [["to", "do!"].concat(), ["unimple", "mented!"].concat()] {
        let text = format!("fn f() {{\n    {name}(\"x\")\n}}");
        assert_told(&unwritten(&planted("src/a.rs", &text)), &["src/a.rs:2:", &name]);
    }
    let note = ["// FIX", "ME later"].concat();
    assert_told(&notes(&planted("config/a.yaml", &note)), &["config/a.yaml:1:"]);
}
