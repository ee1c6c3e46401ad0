//! Credentials in outgoing text: what looks like one is not sent (I19), because what a tracker once showed cannot be
//! taken back.

use super::inert::BREAK;

/// A kind of credential: how it begins, which characters follow, and how many at least.
struct Shape {
    name: &'static str,
    prefixes: &'static [&'static str],
    body: fn(char) -> bool,
    least: usize,
}

/// Formats that their makers gave a recognisable beginning, so that scanners can find them.
const SHAPES: &[Shape] = &[
    Shape {
        name: "a GitHub token",
        prefixes: &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"],
        body: dotted,
        least: 30,
    },
    Shape { name: "a GitHub token", prefixes: &["github_pat_"], body: word, least: 30 },
    Shape {
        name: "an Atlassian token",
        prefixes: &["ATATT3x", "ATCTT3x", "ATSTT3x"],
        body: based,
        least: 30,
    },
    Shape { name: "an AWS access key", prefixes: &["AKIA", "ASIA"], body: upper, least: 16 },
    Shape { name: "a Google API key", prefixes: &["AIza"], body: word, least: 35 },
    Shape { name: "a GitLab token", prefixes: &["glpat-"], body: word, least: 20 },
    Shape {
        name: "a Slack token",
        prefixes: &["xoxa-", "xoxb-", "xoxp-", "xoxr-", "xoxs-", "xapp-"],
        body: word,
        least: 10,
    },
    Shape { name: "a Stripe key", prefixes: &["sk_live_", "rk_live_"], body: word, least: 16 },
    Shape { name: "an npm token", prefixes: &["npm_"], body: word, least: 36 },
    Shape { name: "a PyPI token", prefixes: &["pypi-AgE"], body: word, least: 30 },
    Shape { name: "a JSON web token", prefixes: &["eyJ"], body: dotted, least: 40 },
    Shape { name: "a Slack webhook", prefixes: &["hooks.slack.com/services/"], body: path, least: 20 },
];

/// How the first line of a private key ends, whatever kind of key it is.
const PRIVATE_KEY: &str = "PRIVATE KEY-----";

/// What a text seems to give away; none when nothing in it looks like a credential.
pub fn secret_in(text: &str) -> Option<&'static str> {
    let text = text.replace(BREAK, "");
    if text.contains(PRIVATE_KEY) {
        return Some("a private key");
    }
    SHAPES.iter().find(|shape| shape.is_in(&text)).map(|shape| shape.name)
}

impl Shape {
    fn is_in(&self, text: &str) -> bool {
        self.prefixes.iter().any(|prefix| {
            text.match_indices(prefix).any(|(at, _)| {
                let before = text.get(..at).and_then(|head| head.chars().next_back());
                let tail = text.get(at + prefix.len()..).unwrap_or("");
                let alone = before.is_none_or(|c| !c.is_ascii_alphanumeric());
                alone && tail.chars().take_while(|c| (self.body)(*c)).take(self.least).count() == self.least
            })
        })
    }
}

fn upper(c: char) -> bool {
    c.is_ascii_uppercase() || c.is_ascii_digit()
}

fn word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

fn dotted(c: char) -> bool {
    word(c) || c == '.'
}

fn based(c: char) -> bool {
    word(c) || matches!(c, '+' | '/' | '=')
}

fn path(c: char) -> bool {
    word(c) || c == '/'
}
