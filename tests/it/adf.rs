//! Markdown as an Atlassian document and as wiki text: valid and inert whatever comes in.

use postmortem_sync::tracker::jira::{adf, wiki};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::surroundings::cases;

fn kind(node: &Value) -> &str {
    node["type"].as_str().unwrap_or_default()
}

fn content(node: &Value) -> &[Value] {
    node["content"].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// What each node may contain, from the published schema, as far as the writer uses it.
fn may_contain(parent: &str, child: &str) -> bool {
    let inline = ["text", "hardBreak"];
    let simple = ["paragraph", "bulletList", "orderedList", "codeBlock"];
    match parent {
        "doc" => simple.contains(&child) || ["heading", "blockquote", "table", "rule"].contains(&child),
        "paragraph" | "heading" => inline.contains(&child),
        "blockquote" | "listItem" => simple.contains(&child),
        "bulletList" | "orderedList" => child == "listItem",
        "codeBlock" => child == "text",
        "table" => child == "tableRow",
        "tableRow" => ["tableCell", "tableHeader"].contains(&child),
        "tableCell" | "tableHeader" => simple.contains(&child),
        _ => false,
    }
}

fn check(node: &Value) -> Result<(), String> {
    let at = |what: &str| Err(format!("{what} in {node}"));
    let allowed = ["type", "version", "content", "attrs", "text", "marks"];
    if node.as_object().is_none_or(|map| map.keys().any(|key| !allowed.contains(&key.as_str()))) {
        return at("an unknown member");
    }
    if let Some(bad) = content(node).iter().find(|child| !may_contain(kind(node), kind(child))) {
        return at(&format!("a {}", kind(bad)));
    }
    match kind(node) {
        "doc" if node["version"] != 1 || content(node).is_empty() => return at("no version or content"),
        "text" => check_text(node)?,
        "heading" if !(1..=6).contains(&node["attrs"]["level"].as_u64().unwrap_or(0)) => {
            return at("a bad level");
        }
        "orderedList" if !node["attrs"]["order"].is_u64() => return at("no order"),
        "listItem" if !["paragraph", "codeBlock"].contains(&kind(&content(node)[0])) => {
            return at("a bad first child");
        }
        "bulletList" | "orderedList" | "blockquote" | "table" | "tableRow" | "tableCell" | "tableHeader"
            if content(node).is_empty() =>
        {
            return at("nothing");
        }
        "codeBlock" if content(node).iter().any(|text| text.get("marks").is_some()) => {
            return at("marked code");
        }
        _ => {}
    }
    content(node).iter().try_for_each(check)
}

fn check_text(node: &Value) -> Result<(), String> {
    let text = node["text"].as_str().unwrap_or_default();
    let is_odd =
        |c: char| c.is_control() && !matches!(c, '\n' | '\t') || matches!(c, '\u{fffe}' | '\u{ffff}');
    if text.is_empty() || text.chars().any(is_odd) {
        return Err(format!("an empty or unprintable text in {node}"));
    }
    let Some(marks) = node.get("marks") else { return Ok(()) };
    let kinds: Vec<&str> = marks.as_array().unwrap().iter().map(kind).collect();
    let is_code_alone = !kinds.contains(&"code") || kinds.iter().all(|mark| ["code", "link"].contains(mark));
    let mut unique = kinds.clone();
    unique.sort_unstable();
    unique.dedup();
    let links = marks.as_array().unwrap().iter().filter(|mark| kind(mark) == "link");
    let is_web =
        |mark: &Value| mark["attrs"]["href"].as_str().is_some_and(|to| to.to_lowercase().starts_with("http"));
    if kinds.is_empty() || !is_code_alone || unique.len() != kinds.len() || !links.into_iter().all(is_web) {
        return Err(format!("bad marks in {node}"));
    }
    Ok(())
}

fn texts(node: &Value) -> String {
    let own = node["text"].as_str().unwrap_or_default().to_owned();
    content(node).iter().fold(own, |all, child| all + &texts(child))
}

/// Signs of Markdown, of wiki text and of neither, whole and broken.
const PIECES: &[&str] = &[
    "- ",
    "1. ",
    "> ",
    "# ",
    "```",
    "~~~rust\n",
    "|a|b|\n|-|-|\n",
    "| ",
    "**",
    "_",
    "`",
    "~~",
    "[x](",
    ")",
    "![i](",
    "<b>",
    "<!-- c -->",
    "<div>\n",
    "- [ ] ",
    "- [x] ",
    "---\n",
    "[a]: http://x\n",
    "<http://a.b>",
    "javascript:x",
    "&amp;",
    "\\",
    "{code}",
    "[~bob]",
    "!i.png!",
    "ABC-1",
    "h1. ",
    "\u{0}",
    "\u{7f}",
    "\u{feff}",
    "https://a.b/c",
    "@bob",
    "\t",
    "  - ",
    "   2. ",
    "\n\n    > ",
    "|\n|-|\n| `x\\|y` | **z** |\n",
    "**`code`**",
    "[**`a`** _b_](https://a.b)",
    "[x](javascript:alert(1))",
    "[x](data:text/html,y)",
    "[x](//evil.example)",
    "[x](mailto:a@b.c)",
    "[x](HTTPS://A.B/\"y)",
    "[](https://a.b)",
    "![](https://a.b)",
    "****",
    "``",
    "<br>",
    "\\\n",
    "\u{1f469}\u{200d}\u{1f467}",
    "\u{85}",
    "\u{2028}",
    "\u{fffe}",
    "&#0;",
    "&#65534;",
];

/// Pieces of Markdown that are awkward together.
fn markdown() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\n".to_owned()),
        Just("\n\n".to_owned()),
        Just("    ".to_owned()),
        Just("  \n".to_owned()),
        prop::sample::select(PIECES).prop_map(str::to_owned),
        "[a-z ]{1,8}",
        any::<String>(),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(cases(1500))]

    #[test]
    fn p14_any_markdown_becomes_a_valid_document(text in markdown()) {
        let document = adf::document(&text);
        prop_assert_eq!(check(&document), Ok(()));
    }

    #[test]
    fn foreign_text_does_nothing_in_wiki_text(text in "[ -~]{1,60}") {
        // Every punctuation is escaped for Markdown, so all of it is foreign text.
        let mut markdown = String::from("x ");
        for c in text.chars() {
            if c.is_ascii_punctuation() {
                markdown.push('\\');
            }
            markdown.push(c);
        }
        let shown = wiki::text(&markdown);
        prop_assert_eq!(live(&shown), None, "{}", shown);
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        prop_assert_eq!(words(&unescaped(&shown)), words(&format!("x {text}")));
    }

    #[test]
    fn any_markdown_becomes_wiki_text_in_which_only_our_own_marks_live(text in markdown()) {
        let shown = wiki::text(&text);
        prop_assert_eq!(foreign_mark(&shown), None, "{}", shown);
    }

    #[test]
    fn verbatim_text_cannot_end_its_block(text in "(\\{?[nN]oformat\\}?|\\{code\\}|[a-z{}]){0,12}") {
        let shown = wiki::text(&format!("````\n{text}\n````"));
        prop_assert_eq!(shown.to_lowercase().matches("{noformat}").count(), 2, "{}", shown);
    }
}

/// The first character that Jira would act on.
fn live(wiki: &str) -> Option<char> {
    let mut before = ' ';
    for c in wiki.chars() {
        if "*_+?^~|%{}[]()!@-\\".contains(c) && before != '\\' && c != '\\' {
            return Some(c);
        }
        before = c;
    }
    wiki.contains("://").then_some(':')
}

/// The first thing that Jira would act on and that is none of ours: a macro that is neither a quote nor verbatim nor
/// code, a link to anything but the web, an image, a mention.
fn foreign_mark(wiki: &str) -> Option<String> {
    let parts: Vec<&str> = wiki.split("{noformat}").collect();
    if parts.len().is_multiple_of(2) {
        return Some("an open verbatim block".to_owned());
    }
    if parts.iter().skip(1).step_by(2).any(|verbatim| verbatim.contains("{quote")) {
        return Some("the end of a quote in verbatim text".to_owned());
    }
    for part in parts.iter().step_by(2) {
        let plain = part.replace("{quote}", "").replace("{{", "").replace("}}", "");
        let chars: Vec<char> = plain.chars().collect();
        for (at, c) in chars.iter().enumerate().filter(|(at, _)| *at == 0 || chars[*at - 1] != '\\') {
            let rest: String = chars[at..].iter().collect();
            let is_link =
                || rest.split_once('|').is_some_and(|(_, to)| to.to_lowercase().starts_with("http"));
            if "{}!@".contains(*c) || *c == '[' && !is_link() {
                return Some(rest.chars().take(20).collect());
            }
        }
    }
    None
}

/// The text that Jira shows.
fn unescaped(wiki: &str) -> String {
    let mut shown = String::new();
    let mut chars = wiki.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' || chars.peek().is_none_or(char::is_ascii_alphanumeric) {
            shown.push(c);
        }
    }
    shown.replace("&#92;", "\\").replace("&#58;", ":").replace("&amp;", "&")
}

#[test]
fn verbatim_text_cannot_end_the_quote_around_it() {
    let shown = wiki::text("> ```\n> {quote}\n> {Quote:x} {panel}\n> ```");
    assert_eq!(shown, "{quote}\n{noformat}\n{\u{200b}quote}\n{\u{200b}Quote:x} {panel}\n{noformat}\n{quote}");
}

#[test]
fn a_document_keeps_what_it_can_show() {
    let markdown = "## What\n\nRotate **all** _keys_ in `vault`, see [runbook](https://a.example/r).\n\n- one\n- two\n  1. deep\n\n> quoted\n\n```rust\nfn main() {}\n```\n\n| a | b |\n|---|---|\n| c | d |\n";
    let document = adf::document(markdown);
    assert_eq!(check(&document), Ok(()));
    let kinds: Vec<&str> = content(&document).iter().map(kind).collect();
    assert_eq!(kinds, ["heading", "paragraph", "bulletList", "blockquote", "codeBlock", "table"]);
    let line = content(&content(&document)[1]).to_vec();
    assert!(line.contains(&json!({"type": "text", "text": "all", "marks": [{"type": "strong"}]})));
    assert!(line.contains(&json!({"type": "text", "text": "vault", "marks": [{"type": "code"}]})));
    let link = json!({"type": "link", "attrs": {"href": "https://a.example/r"}});
    assert!(line.contains(&json!({"type": "text", "text": "runbook", "marks": [link]})));
    assert_eq!(content(&document)[4]["attrs"], json!({"language": "rust"}));
    assert_eq!(kind(&content(&content(&document)[5])[0]["content"][0]), "tableHeader");
}

#[test]
fn nothing_in_a_document_is_fetched_or_run() {
    let document = adf::document(
        "![logo](https://evil.example/p.png) [x](javascript:alert(1)) [y](data:text/html,z) <script>a</script>",
    );
    assert_eq!(texts(&document), "logo x y <script>a</script>");
    assert!(!document.to_string().contains("evil"), "{document}");
    assert!(!document.to_string().contains("\"link\""));
}

#[test]
fn comments_for_machines_are_not_shown() {
    let document = adf::document("<!-- pm1-abc -->\n<!-- more\nlines -->\n\nText <!-- inline -->end");
    assert_eq!(texts(&document).trim(), "Text end");
}

#[test]
fn nesting_without_end_is_flattened() {
    for piece in ["> ", "- ", "1. ", "> - "] {
        let document = adf::document(&format!("{}deep", piece.repeat(5000)));
        assert_eq!(check(&document), Ok(()));
        assert!(texts(&document).ends_with("deep"));
    }
}

#[test]
fn an_empty_text_is_still_a_document() {
    for text in ["", " \n", "<!-- only -->"] {
        assert_eq!(check(&adf::document(text)), Ok(()));
    }
}

#[test]
fn wiki_text_keeps_what_it_can_show() {
    let markdown = "## What\n\nRotate **all** _keys_ in `vault`, see [runbook](https://a.example/r|x).\n\n- one\n- two\n  1. deep\n\n> quoted\n\n```\n{code} ABC-1\n```\n\n| a | b |\n|---|---|\n| c | |\n";
    let expected = "h2. What\n\nRotate *all* _keys_ in {{vault}}, see [runbook|https://a.example/r%7Cx].\n\n* one\n* two\n*# deep\n\n{quote}\nquoted\n{quote}\n\n{noformat}\n{code} ABC-1\n{noformat}\n\n||a||b||\n|c| |";
    assert_eq!(wiki::text(markdown), expected);
}

#[test]
fn macros_mentions_images_keys_and_emoticons_are_inert_in_wiki_text() {
    let shown = wiki::text("{code} [\\~bob] !i.png! ABC-1 @bob :) C:\\\\temp https://a.example h1. x");
    assert_eq!(
        shown,
        "\\{code\\} \\[\\~bob\\] \\!i.png\\! ABC\\-1 \\@bob &#58;\\) C&#58;&#92;temp https&#58;//a.example h1. x"
    );
    assert_eq!(wiki::text("[x\\|~bob](https://a.example)"), "[x&#124;\\~bob|https://a.example]");
    assert_eq!(wiki::text("h1. not a heading"), "&#104;1. not a heading");
    assert_eq!(wiki::text("a\\\nbq. not a quote"), "a \\\\\n&#98;q. not a quote");
}
