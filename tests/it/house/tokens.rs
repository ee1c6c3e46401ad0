//! A Rust text as tokens, where comments are gone and strings are literals, and the paths that it names.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};

/// A path that a file names, such as `crate::model::ids`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Named {
    /// Line from 1.
    pub(super) line: usize,
    /// Its words as written; `*` for everything inside.
    pub(super) words: Vec<String>,
    /// Module that it is written in, from the crate's root.
    pub(super) inside: Vec<String>,
}

/// What the first words of a path lead to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Leads {
    /// To another crate, or to something that is already in scope.
    Elsewhere,
    /// To the root of this crate itself, from where everything can be reached.
    ToRoot,
    /// Into a module at the root of this crate.
    Into(String),
}

/// The tokens of a file.
pub(super) fn read(path: &str, text: &str) -> TokenStream {
    text.parse().unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Calls `look` with the tokens of the file, and then with those inside each bracket.
pub(super) fn each_level(stream: &TokenStream, look: &mut dyn FnMut(&[TokenTree])) {
    let tokens: Vec<TokenTree> = stream.clone().into_iter().collect();
    look(&tokens);
    for token in &tokens {
        if let TokenTree::Group(group) = token {
            each_level(&group.stream(), look);
        }
    }
}

/// Every path of the file at `path`.
pub(super) fn named(path: &str, text: &str) -> Vec<Named> {
    let mut found = Vec::new();
    walk(&read(path, text), &module(path), &mut found);
    found
}

/// Module that a file holds, from the crate's root; empty for the root and for the program.
pub(super) fn module(path: &str) -> Vec<String> {
    let inside = path.trim_start_matches("src/").trim_end_matches(".rs");
    let mut words: Vec<String> = inside.split('/').map(str::to_owned).collect();
    if words.last().is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str())) {
        words.pop();
    }
    words
}

impl Named {
    /// Follows the path from where it is written.
    pub(super) fn leads(&self) -> Leads {
        let mut here = match self.words.first().map(String::as_str) {
            Some("crate" | "postmortem_sync") => Vec::new(),
            Some("self") => self.inside.clone(),
            Some("super") => self.inside.iter().rev().skip(1).rev().cloned().collect(),
            Some(_) if self.inside.is_empty() => vec![self.words[0].clone()],
            Some(_) | None => return Leads::Elsewhere,
        };
        for word in self.words.iter().skip(1) {
            match word.as_str() {
                "super" => drop(here.pop()),
                "self" | "*" => {}
                name => here.push(name.to_owned()),
            }
        }
        here.into_iter().next().map_or(Leads::ToRoot, Leads::Into)
    }

    /// The path as written.
    pub(super) fn text(&self) -> String {
        self.words.join("::")
    }
}

fn walk(stream: &TokenStream, inside: &[String], found: &mut Vec<Named>) {
    let tokens: Vec<TokenTree> = stream.clone().into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        if let Some((name, body)) = inline_module(&tokens, at) {
            walk(&body.stream(), &[inside, &[name.to_string()]].concat(), found);
            at += 3;
        } else if starts_path(&tokens, at) {
            at = path(&tokens, at, &[], inside, found);
        } else {
            if let TokenTree::Group(group) = &tokens[at] {
                walk(&group.stream(), inside, found);
            }
            at += 1;
        }
    }
}

/// `mod name { … }`
fn inline_module(tokens: &[TokenTree], at: usize) -> Option<(&Ident, &Group)> {
    match tokens.get(at..at + 3)? {
        [TokenTree::Ident(word), TokenTree::Ident(name), TokenTree::Group(body)]
            if word == "mod" && body.delimiter() == Delimiter::Brace =>
        {
            Some((name, body))
        }
        _ => None,
    }
}

/// Whether a path of several words begins here, or a renaming of one; what follows `>::` belongs to a type before it.
fn starts_path(tokens: &[TokenTree], at: usize) -> bool {
    let is_word = matches!(tokens[at], TokenTree::Ident(_));
    let goes_on = double_colon(tokens, at + 1) || ident(tokens, at + 1).is_some_and(|next| next == "as");
    let belongs_to_type = at >= 3 && double_colon(tokens, at - 2) && is_punct(tokens, at - 3, '>');
    is_word && goes_on && !belongs_to_type
}

/// Adds the path that begins at `at`, or the paths if it branches, and returns where it ends.
fn path(
    tokens: &[TokenTree],
    mut at: usize,
    before: &[String],
    inside: &[String],
    found: &mut Vec<Named>,
) -> usize {
    let mut words = before.to_vec();
    let Some(line) = tokens.get(at).map(|token| token.span().start().line) else { return at };
    loop {
        match tokens.get(at) {
            Some(TokenTree::Ident(word)) => words.push(word.to_string()),
            Some(TokenTree::Punct(punct)) if punct.as_char() == '*' => words.push("*".to_owned()),
            Some(TokenTree::Group(branches)) if branches.delimiter() == Delimiter::Brace => {
                for branch in branches_of(branches) {
                    path(&branch, 0, &words, inside, found);
                }
                return at + 1;
            }
            Some(_) | None => break,
        }
        at += 1;
        if !double_colon(tokens, at) {
            break;
        }
        at += 2;
    }
    found.push(Named { line, words, inside: inside.to_vec() });
    at
}

/// What stands between the commas.
fn branches_of(group: &Group) -> Vec<Vec<TokenTree>> {
    let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
    let parts = tokens.split(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ','));
    parts.filter(|part| !part.is_empty()).map(<[TokenTree]>::to_vec).collect()
}

fn double_colon(tokens: &[TokenTree], at: usize) -> bool {
    is_punct(tokens, at, ':') && is_punct(tokens, at + 1, ':')
}

/// Whether a sign stands here.
pub(super) fn is_punct(tokens: &[TokenTree], at: usize, sign: char) -> bool {
    matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == sign)
}

/// The word that stands here.
pub(super) fn ident(tokens: &[TokenTree], at: usize) -> Option<&Ident> {
    match tokens.get(at) {
        Some(TokenTree::Ident(ident)) => Some(ident),
        Some(_) | None => None,
    }
}

/// The bracket that stands here.
pub(super) fn group(tokens: &[TokenTree], at: usize, delimiter: Delimiter) -> Option<&Group> {
    match tokens.get(at) {
        Some(TokenTree::Group(group)) if group.delimiter() == delimiter => Some(group),
        Some(_) | None => None,
    }
}

#[test]
fn paths_are_found_wherever_they_stand_and_however_they_branch() {
    let text = r#"
        //! crate::comment::x
        use crate::{a, b::{c, d as e}, f::*};
        fn f(x: Vec<super::super::g::H>) -> u8 { println!("crate::string {}", self::i::j()); <A as B>::C::k() }
        mod inline { use super::super::l; }
    "#;
    let found: Vec<String> = named("src/one/two/three.rs", text).iter().map(Named::text).collect();
    let expected =
        ["crate::a", "crate::b::c", "crate::b::d", "crate::f::*", "super::super::g::H", "self::i::j"];
    assert_eq!(found[..6], expected);
    assert_eq!(found[6..], ["A", "super::super::l"]);
}

#[test]
fn paths_are_followed_from_where_they_stand() {
    let leads = |path: &str, text: &str| named(path, text).first().map(Named::leads);
    let into = |name: &str| Some(Leads::Into(name.to_owned()));
    assert_eq!(leads("src/one/two.rs", "use super::super::three::x;"), into("three"));
    assert_eq!(leads("src/one/mod.rs", "use super::three::x;"), into("three"));
    assert_eq!(leads("src/one/two.rs", "use super::three::x;"), into("one"));
    assert_eq!(leads("src/one.rs", "mod inline { use super::super::three::x; }"), into("three"));
    assert_eq!(leads("src/main.rs", "use postmortem_sync::cli;"), into("cli"));
    assert_eq!(leads("src/one.rs", "use crate as everything;"), Some(Leads::ToRoot));
    assert_eq!(leads("src/one.rs", "use super::*;"), Some(Leads::ToRoot));
    assert_eq!(leads("src/one.rs", "use std::fs;"), Some(Leads::Elsewhere));
}
