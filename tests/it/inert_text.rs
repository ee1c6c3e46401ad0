//! Foreign text in issues: it pings nobody, links nothing, closes nothing, and reads as it was written.

use postmortem_sync::plan::inert::{inert, inert_line};
use proptest::{collection::vec, prelude::*, sample::select};

use crate::surroundings::cases;

const BREAK: char = '\u{2060}';

/// Whether a text holds something that a tracker would react to, told apart from the product's own code by being a
/// plain list of what each tracker's manual says, over the words of the text.
fn live(text: &str) -> Option<&'static str> {
    let chars: Vec<char> = text.chars().collect();
    (0..chars.len()).find_map(|at| live_at(&chars, at))
}

fn live_at(chars: &[char], at: usize) -> Option<&'static str> {
    let rest: String = chars[at..].iter().collect();
    let before: String = chars[..at].iter().collect();
    let next = chars.get(at + 1).copied().unwrap_or(' ');
    let run = |test: fn(&char) -> bool| rest.chars().skip(1).take_while(test).count();
    let first = chars[at];
    match first {
        '@' if next.is_alphanumeric() => Some("a mention"),
        '#' if next.is_ascii_digit() => Some("an issue number"),
        '-' if next.is_ascii_digit() && key_before(&before) => Some("an issue key"),
        '<' if next.is_ascii_alphabetic() || "/!?".contains(next) => Some("markup"),
        '!' if next == '[' => Some("an image"),
        '[' if next == '~' => Some("a mention in wiki text"),
        '&' if rest.chars().nth(1 + run(|c| c.is_ascii_alphanumeric() || *c == '#')) == Some(';')
            && next != ';' =>
        {
            Some("a hidden character")
        }
        '/' if next.is_ascii_digit() && (before.ends_with("/issues") || before.ends_with("/pull")) => {
            Some("the address of an issue")
        }
        _ if is_hash(&before, &rest) => Some("a commit"),
        _ => None,
    }
}

fn key_before(before: &str) -> bool {
    let stem = before.trim_end_matches('\\');
    let word: String = stem
        .chars()
        .rev()
        .take_while(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || *c == '_')
        .collect();
    word.len() >= 2 && word.chars().any(|c| c.is_ascii_uppercase())
}

fn is_hash(before: &str, rest: &str) -> bool {
    let hex: String = rest.chars().take_while(char::is_ascii_hexdigit).collect();
    let mixed = hex.contains(|c: char| c.is_ascii_digit()) && hex.contains(|c: char| c.is_ascii_alphabetic());
    let alone = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != '-');
    (7..=40).contains(&hex.len())
        && mixed
        && alone(before.chars().next_back())
        && alone(rest.chars().nth(hex.len()))
}

fn readable(text: &str) -> String {
    text.replace(BREAK, "")
}

/// What somebody sees of a text: no controls, nothing without width, nothing that turns the direction.
fn shown(text: &str) -> String {
    let hidden = "\u{AD}\u{34F}\u{61C}\u{115F}\u{1160}\u{17B4}\u{17B5}\u{3164}\u{FFA0}\
                  \u{180B}\u{180C}\u{180D}\u{180E}\u{180F}\u{200B}\u{200C}\u{200D}\u{200E}\u{200F}\
                  \u{2028}\u{2029}\u{202A}\u{202B}\u{202C}\u{202D}\u{202E}\u{FEFF}\u{FFF9}\u{FFFA}\u{FFFB}";
    let is_hidden = |c: char| {
        hidden.contains(c)
            || matches!(c, '\u{FFF0}'..='\u{FFF8}' | '\u{1BCA0}'..='\u{1BCA3}')
            || matches!(c, '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0D}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
            || c.is_control() && !"\r\n\t".contains(c)
    };
    let lines: Vec<String> = text.split("\r\n").map(|line| line.replace('\r', "")).collect();
    let plain = lines.join("\r\n");
    plain.chars().filter(|c| !is_hidden(*c)).collect()
}

/// Every one of these is live as written, dead afterwards, and reads the same.
fn kills(texts: &[&str]) {
    for text in texts {
        assert!(live(text).is_some(), "`{text}` does nothing, so this proves nothing");
        let dead = inert(text);
        assert_eq!(live(&dead), None, "{text}: {dead:?}");
        assert_eq!(readable(&dead), *text);
    }
}

/// None of these is changed at all.
fn keeps(texts: &[&str]) {
    for text in texts {
        assert_eq!(inert(text), *text);
    }
}

#[test]
fn people_and_teams_are_not_mentioned() {
    kills(&["@alice", "ask @alice.", "(@alice)", "@acme/security", "**@alice**", "\\@alice", "a@b.example"]);
    keeps(&["at 5 @ noon", "@", "@ alice"]);
}

#[test]
fn issue_numbers_are_not_linked() {
    kills(&["#1", "see #12.", "acme/payments#1", "(#7)", "fixes #1", "Closes: acme/x#2", "\\#1"]);
    keeps(&["# Heading", "## 1. Heading", "C# is fine", "#channel"]);
}

#[test]
fn issue_keys_are_not_linked() {
    kills(&["GH-1", "PLAT-7", "see PLAT-7, please", "A1-2", "MY_KEY-3", "GH\\-1"]);
    keeps(&["2026-03-02", "a-1", "level-3", "x86-64"]);
}

#[test]
fn github_short_keys_are_not_linked_in_any_letters() {
    assert_eq!(readable(&inert("fixes gh-1")), "fixes gh-1");
    assert_ne!(inert("fixes gh-1"), "fixes gh-1");
    assert_ne!(inert("Gh-1"), "Gh-1");
}

#[test]
fn commits_are_not_linked() {
    kills(&[
        "a1b2c3d",
        "in a1b2c3d4e5f60718293a4b5c6d7e8f9012345678.",
        "acme/x@a1b2c3d",
        "`deadbe1`",
        "a1b2c3d...b2c3d4e",
    ]);
    keeps(&["1234567", "deadbeef", "facade", "550e8400-e29b-41d4-a716-446655440000", "abc123"]);
}

#[test]
fn addresses_of_issues_are_not_linked() {
    let addresses = [
        "https://github.com/acme/x/issues/1",
        "https://github.com/acme/x/pull/2#issuecomment-3",
        "[the ticket](https://github.com/acme/x/issues/1)",
        "fixes https://github.com/acme/x/issues/1",
        "<https://github.com/acme/x/issues/1>",
        "www.github.com/acme/x/issues/1",
        "[x](/acme/x/issues/1)",
        "[x](//github.com/acme/x/pull/1)",
        "HTTPS://GITHUB.COM/acme/x/issues/1",
    ];
    kills(&addresses);
    let others =
        ["https://acme.atlassian.net/browse/PLAT-7", "https://github.com/acme/x/commit/a1b2c3d4e5f6a7b8"];
    kills(&others);
    for text in addresses.iter().chain(&others).filter(|text| text.contains("://")) {
        assert!(!inert(text).contains("://"), "{text} is still an address");
    }
    let discussion = "https://github.com/acme/x/discussions/5";
    assert!(!inert(discussion).contains("://"));
}

#[test]
fn other_addresses_stay() {
    keeps(&[
        "https://wiki.example.com/runbook",
        "[runbook](https://wiki.example.com/a-b_c)",
        "https://example.com/issues",
    ]);
}

#[test]
fn images_and_markup_are_not_shown() {
    kills(&[
        "![x](https://evil.example/pixel.png)",
        "<img src=x>",
        "</details>",
        "<?php",
        "a<b",
        "<!-- postmortem-sync:end -->",
        "<!--postmortem-sync:begin-->",
    ]);
    keeps(&["a < b", "wow!", "1<2", "[link] (text)", "x -> y"]);
}

#[test]
fn people_are_not_mentioned_in_wiki_text() {
    kills(&["[~alice]", "[~accountid:5b10a2844c20165700ede21g]"]);
}

#[test]
fn hidden_characters_do_not_bring_a_pattern_back() {
    kills(&["&#64;alice", "&commat;alice", "&num;1", "&#x40;alice", "#&#49;"]);
    keeps(&["AT&T", "a & b", "a && b; c"]);
}

#[test]
fn our_own_lines_cannot_be_written_by_others() {
    let text = "done\n<!-- postmortem-sync:end -->\n<!-- pm1-abc -->\nmore";
    let dead = inert(text);
    assert!(!dead.contains("<!--"), "{dead}");
    assert_eq!(readable(&dead), text);
}

#[test]
fn lines_and_blanks_stay_as_they_are() {
    keeps(&["a\n\nb", "a\r\nb", "  indented\n\tand\ttabbed  ", "ends with a line\n", "\n", ""]);
}

#[test]
fn a_title_is_one_line() {
    assert_eq!(inert_line(" Rotate\n the\tkeys "), "Rotate the keys");
    assert_eq!(live(&inert_line("ask\n@alice")), None);
}

/// Texts made of what is dangerous next to each other.
fn nasty() -> impl Strategy<Value = String> {
    let pieces = select(vec![
        "@",
        "#",
        "-",
        "<",
        "!",
        "[",
        "~",
        "&",
        ";",
        ":",
        "/",
        "//",
        "1",
        "7",
        "alice",
        "GH",
        "PLAT",
        "A",
        "_",
        "x",
        "a1b2c3d",
        "deadbeef0",
        "https://github.com/acme/x",
        "/issues/",
        "/pull/",
        " ",
        "\n",
        "\r\n",
        "(",
        ")",
        "]",
        "\\",
        "amp",
        "é",
        "\u{2060}",
        "\u{200d}",
        ".",
    ]);
    vec(pieces, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(cases(4000))]

    #[test]
    fn nothing_live_survives(text in prop_oneof![nasty(), any::<String>()]) {
        let dead = inert(&text);
        prop_assert_eq!(live(&dead), None, "{:?} -> {:?}", text, dead);
    }

    #[test]
    fn what_is_read_is_what_was_written(text in prop_oneof![nasty(), any::<String>()]) {
        prop_assert_eq!(readable(&inert(&text)), shown(&text));
    }

    #[test]
    fn what_is_inert_stays_as_it_is(text in prop_oneof![nasty(), any::<String>()]) {
        let dead = inert(&text);
        prop_assert_eq!(inert(&dead), dead);
    }
}

#[test]
fn a_hash_is_broken_into_parts_of_six_and_no_further() {
    assert_eq!(inert("deadbeef1234567"), format!("deadbe{BREAK}ef1234{BREAK}567"));
    keeps(&["a &; b", "&"]);
}
