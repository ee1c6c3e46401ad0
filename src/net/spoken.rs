//! What a server says in an answer that has none of its usual members, such as a proxy's page: one line, cut, and without what
//! acts on readers.

use http::StatusCode;

use crate::review::inert::without_harm;

/// Bytes of an answer that are looked at.
const READ: usize = 1 << 14;
/// Most characters of it that are shown.
const SHOWN: usize = 200;
/// Elements of a page whose content is for programs.
const UNSPOKEN: [&str; 2] = ["script", "style"];

/// The status, and what the body says.
pub fn spoken(status: StatusCode, body: &[u8]) -> String {
    let code = format!("HTTP {}", status.as_u16());
    match words(body) {
        said if said.is_empty() => code,
        said => format!("{code}: {said}"),
    }
}

fn words(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body.get(..READ).unwrap_or(body));
    let text = if text.trim_start().starts_with('<') { without_tags(&text) } else { text.into_owned() };
    let line = without_harm(&text.split_whitespace().collect::<Vec<_>>().join(" "));
    let mut shown: String = line.chars().take(SHOWN).collect();
    if shown.len() < line.len() {
        shown.push('…');
    }
    shown
}

/// The text of a page, as far as somebody would read it.
fn without_tags(page: &str) -> String {
    let mut text = String::new();
    let mut rest = page;
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        text.push(' ');
        let (name, after) = tag.split_once('>').unwrap_or((tag, ""));
        let name = name.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
        let is_unspoken = UNSPOKEN.contains(&name.as_str());
        let end = after.find(&format!("</{name}")).filter(|_| is_unspoken);
        rest = end.and_then(|end| after.get(end..)).unwrap_or(after);
    }
    text.push_str(rest);
    text
}
