//! A module imports only from lower floors. Rust does not stop cycles inside a crate, so these tests do.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Files, assert_none, assert_told, planted, sources,
    tokens::{self, Leads},
};

/// Who stands where, from the ground up.
const FLOORS: &[&[&str]] = &[
    &["model"],
    &["disk", "net", "plan", "review"],
    &["notify", "report", "sandbox", "settings", "source", "store", "tracker"],
    &["cycle"],
    &["app", "worker"],
    &["cli", "main", "server"],
];

/// Neighbours that may be used, one way only.
const NEIGHBOURS: &[(&str, &str)] = &[
    // A plan needs the review's clocks and states.
    ("plan", "review"),
    // What others send is rid of what looks like a credential, as what we send is.
    ("net", "plan"),
    // And of what hides it from readers.
    ("net", "review"),
    // The worker is handed what the composition root has built.
    ("worker", "app"),
    // The program is put together on the top floor: `run` serves the health page.
    ("cli", "server"),
    ("main", "cli"),
];

/// Every import that does not point down.
fn breaches(files: &Files) -> Vec<String> {
    files.iter().flat_map(|(path, text)| breaches_of(path, text)).collect()
}

fn breaches_of(path: &str, text: &str) -> Vec<String> {
    let here = top(path);
    let mut found = Vec::new();
    for named in tokens::named(path, text) {
        let at = format!("{path}:{}", named.line);
        match named.leads() {
            Leads::Elsewhere => {}
            Leads::ToRoot => found.push(format!("{at}: `{}` brings in the whole crate", named.text())),
            Leads::Into(used) if here == "lib" => {
                // The root declares modules; a name that it passed on would hide where it comes from.
                if floor(&used).is_some() {
                    found.push(format!("{at}: the crate's root may not use `{used}`"));
                }
            }
            Leads::Into(_) if here == "main" && named.words[0] != "postmortem_sync" => {}
            Leads::Into(used) => {
                if let Some(why) = refusal(&here, &used) {
                    found.push(format!("{at}: {why}"));
                }
            }
        }
    }
    found
}

/// Why one module may not use another.
fn refusal(here: &str, used: &str) -> Option<String> {
    if here == used || NEIGHBOURS.contains(&(here, used)) {
        return None;
    }
    match (floor(here), floor(used)) {
        (Some(mine), Some(other)) if other < mine => None,
        (Some(mine), Some(other)) => {
            Some(format!("`{here}` (floor {mine}) may not use `{used}` (floor {other})"))
        }
        (None, _) => Some(format!("`{here}` stands on no floor")),
        (_, None) => Some(format!("`{used}` stands on no floor")),
    }
}

/// The first word of a file's module, `lib` for the root and `main` for the program.
fn top(path: &str) -> String {
    let first = path.trim_start_matches("src/").split('/').next().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

/// The modules that the crate's root declares, and whether each is public.
pub(super) fn declared(text: &str) -> BTreeMap<String, bool> {
    let tokens: Vec<_> = tokens::read("src/lib.rs", text).into_iter().collect();
    let mut found = BTreeMap::new();
    for at in 0..tokens.len() {
        let Some(name) = tokens::ident(&tokens, at + 1) else { continue };
        if tokens::ident(&tokens, at).is_some_and(|word| word == "mod") {
            let is_public = at > 0 && tokens::ident(&tokens, at - 1).is_some_and(|word| word == "pub");
            found.insert(name.to_string(), is_public);
        }
    }
    found
}

/// Declared modules that are not on exactly one floor, and files at the root of `src` that nobody declares.
fn homeless(files: &Files) -> Vec<String> {
    let declared = declared(&files["src/lib.rs"]);
    let floors_of = |name: &str| FLOORS.iter().filter(|floor| floor.contains(&name)).count();
    let on_floors = declared.keys().filter(|name| floors_of(name) != 1);
    let mut found: Vec<String> =
        on_floors.map(|name| format!("src/lib.rs: `{name}` is on {} floors", floors_of(name))).collect();
    let tops: BTreeSet<String> = files.keys().map(|path| top(path)).collect();
    let stray =
        tops.iter().filter(|top| !["lib", "main"].contains(&top.as_str()) && !declared.contains_key(*top));
    found.extend(stray.map(|top| format!("src/{top}: the crate's root does not declare it")));
    found
}

#[test]
fn imports_point_down() {
    assert_none(&breaches(&sources()));
}

#[test]
fn the_imports_of_the_product_are_seen() {
    let mut seen = BTreeSet::new();
    for (path, text) in sources() {
        for named in tokens::named(&path, &text) {
            if let Leads::Into(used) = named.leads() {
                seen.insert((top(&path), used));
            }
        }
    }
    for (here, used) in
        [("plan", "review"), ("cycle", "plan"), ("cycle", "tracker"), ("app", "settings"), ("cli", "server")]
    {
        assert!(seen.contains(&(here.to_owned(), used.to_owned())), "`{here}` uses `{used}`");
    }
}

#[test]
fn every_module_stands_on_exactly_one_floor() {
    let sources = sources();
    assert!(declared(&sources["src/lib.rs"]).len() > 10);
    assert_none(&homeless(&sources));
}

#[test]
fn an_import_that_points_up_is_found() {
    for text in [
        "use crate::cycle::sync;",
        "use crate::{model::ids, cycle};",
        "use super::super::cycle::sync;",
        "fn f() { crate::cycle::sync() }",
        "fn f() { g!(x => crate::cycle::sync()) }",
        "pub(crate) fn f(x: &[super::super::cycle::Cycle]) {}",
    ] {
        let found = breaches(&planted("src/model/finding.rs", text));
        assert_told(&found, &["src/model/finding.rs:1:", "`model` (floor 0) may not use `cycle` (floor 3)"]);
    }
}

#[test]
fn an_import_between_neighbours_is_found() {
    let found = breaches(&planted("src/store/sqlite.rs", "\nuse crate::{model, tracker::Cursor};"));
    assert_told(&found, &["src/store/sqlite.rs:2:", "`store` (floor 2) may not use `tracker` (floor 2)"]);
    assert_told(&breaches(&planted("src/review/act.rs", "use crate::plan::x;")), &["may not use `plan`"]);
    assert_none(&breaches(&planted("src/plan/row.rs", "use crate::review::x;")));
}

#[test]
fn the_program_may_use_the_command_line_only() {
    assert_none(&breaches(&planted("src/main.rs", "fn main() { postmortem_sync::cli::main() }")));
    assert_told(&breaches(&planted("src/server/mod.rs", "use crate::cli::x;")), &["`server`", "`cli`"]);
}

#[test]
fn a_way_around_the_floors_is_found() {
    assert_told(
        &breaches(&planted("src/model/ids.rs", "use crate as all; use all::x::y;")),
        &["the whole crate"],
    );
    assert_told(&breaches(&planted("src/model/mod.rs", "use super::*;")), &["the whole crate"]);
    assert_told(&breaches(&planted("src/lib.rs", "pub use cycle::sync;")), &["root may not use `cycle`"]);
    assert_told(
        &breaches(&planted("src/model/mod.rs", "use crate::elsewhere::x;")),
        &["`elsewhere` stands on no floor"],
    );
}

#[test]
fn words_in_comments_and_strings_are_no_imports() {
    let text =
        "//! crate::cycle\n/// super::super::cycle::x\nconst A: &str = \"crate::cycle\"; /* crate::cycle */";
    assert_none(&breaches(&planted("src/model/ids.rs", text)));
}

#[test]
fn a_module_without_a_floor_and_one_without_a_declaration_are_found() {
    let mut files = planted("src/lib.rs", "pub mod model;\npub mod extras;");
    files.insert("src/model/mod.rs".to_owned(), String::new());
    assert_told(&homeless(&files), &["`extras` is on 0 floors"]);
    files.insert("src/lib.rs".to_owned(), String::new());
    assert_told(&homeless(&files), &["src/model", "does not declare it"]);
}

#[test]
fn inline_modules_do_not_hide_an_import() {
    let found = breaches(&planted("src/model/ids.rs", "mod inside { use super::super::super::cycle::x; }"));
    assert_told(&found, &["may not use `cycle`"]);
}
