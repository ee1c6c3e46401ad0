//! Tokens that tell what they are, by the table of formats and by a few that need more than a beginning.
//!
//! Knows how a token stands among other characters.

use super::{
    alphabet::{alnum, decoded, has_check_digits, is_mixed, word},
    table::{SHAPES, Shape, Stands},
};

/// Shortest run of characters of tokens that is looked at.
const RUN: usize = 12;

/// How much of a token is looked at behind its beginning.
const BODY: usize = 256;

/// A token that tells what it is.
pub(super) fn found(text: &str) -> Option<&'static str> {
    runs(text).find_map(|run| in_table(run).or_else(|| special(run)))
}

/// A token in a text from which all underscores were taken. With its beginning a part of what gave it away is gone, so
/// it has to look like one otherwise.
pub(super) fn found_without_underscores(text: &str) -> Option<&'static str> {
    let shapes = SHAPES.iter().filter(|shape| shape.prefixes.iter().any(|prefix| prefix.contains('_')));
    let bare: Vec<(&Shape, String)> = shapes
        .flat_map(|shape| shape.prefixes.iter().map(move |prefix| (shape, prefix.replace('_', ""))))
        .collect();
    let in_run = |run: &str| {
        starts(run).find_map(|(before, tail)| {
            let fits = |(shape, prefix): &&(&Shape, String)| {
                let Some(rest) = tail.strip_prefix(prefix.as_str()) else { return false };
                let body = leading(rest, shape.body);
                is_alone(before)
                    && body.len() >= shape.least
                    && is_mixed(body)
                    && (body.contains(|c: char| c.is_ascii_uppercase())
                        || has_check_digits(body)
                        || body.len() >= 32)
            };
            bare.iter().find(fits).map(|(shape, _)| shape.name)
        })
    };
    runs(text).find_map(in_run)
}

/// Runs of characters that tokens are made of, long enough for one.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    let ends = |c: char| !(c.is_ascii_alphanumeric() || "_-.+/=~:%@$".contains(c));
    text.split(ends).filter(|run| run.len() >= RUN)
}

/// Every place of a run, with the character before it.
fn starts(run: &str) -> impl Iterator<Item = (Option<char>, &str)> {
    let before = std::iter::once(None).chain(run.chars().map(Some));
    before.zip(run.char_indices()).filter_map(|(before, (at, _))| Some((before, run.get(at..)?)))
}

fn in_table(run: &str) -> Option<&'static str> {
    starts(run).find_map(|(before, tail)| {
        let first = tail.as_bytes().first();
        let fits = |shape: &&Shape| {
            shape.prefixes.iter().any(|prefix| {
                prefix.as_bytes().first() == first
                    && tail.strip_prefix(prefix).is_some_and(|rest| shape.takes(prefix, before, rest))
            })
        };
        SHAPES.iter().find(fits).map(|shape| shape.name)
    })
}

impl Shape {
    /// Whether what stands before and behind a beginning makes it one.
    fn takes(&self, prefix: &str, before: Option<char>, rest: &str) -> bool {
        let body = leading(rest, self.body);
        if body.len() < self.least {
            return false;
        }
        match self.stands {
            Stands::Anywhere => true,
            Stands::Alone if prefix == "eyJ" => is_alone(before) && body.contains('.'),
            Stands::Alone => is_alone(before),
            Stands::Exactly => is_alone(before) && body.len() == self.least && !continues(rest, body.len()),
            Stands::Mixed => is_alone(before) && is_mixed(body),
        }
    }
}

fn is_alone(before: Option<char>) -> bool {
    before.is_none_or(|c| !c.is_ascii_alphanumeric())
}

fn continues(rest: &str, length: usize) -> bool {
    rest.get(length..).and_then(|after| after.chars().next()).is_some_and(|c| c.is_ascii_alphanumeric())
}

/// The beginning of a text that is made of some characters only, as far as it matters.
fn leading(text: &str, of: fn(char) -> bool) -> &str {
    let text = text.get(..BODY).unwrap_or(text);
    text.get(..text.find(|c| !of(c)).unwrap_or(text.len())).unwrap_or_default()
}

/// Formats that are told by what stands in their middle.
fn special(run: &str) -> Option<&'static str> {
    let bot = || run.match_indices(':').any(|(at, _)| is_telegram(run, at));
    let discord = || starts(run).any(|(before, tail)| is_alone(before) && is_discord(tail));
    let azure = || run.match_indices("Q~").any(|(at, _)| is_client_secret(run, at));
    let terraform =
        || run.split_once(".atlasv1.").is_some_and(|(head, tail)| head.len() >= 10 && tail.len() >= 40);
    // A mark that Microsoft puts into the keys of its services ("common annotated security keys").
    let annotated = || run.len() >= 76 && run.contains("JQQJ99");
    if bot() {
        Some("a Telegram token")
    } else if discord() {
        Some("a Discord token")
    } else if azure() || annotated() {
        Some("an Azure key")
    } else if terraform() {
        Some("a Terraform token")
    } else {
        None
    }
}

/// `<8 to 10 digits>:<35 characters>`.
fn is_telegram(run: &str, at: usize) -> bool {
    let head = run.get(..at).unwrap_or_default();
    let digits = head.chars().rev().take_while(char::is_ascii_digit).count();
    let before = head.chars().rev().nth(digits);
    // In the address of the interface it stands behind `bot`.
    let stands = is_alone(before) || head.trim_end_matches(|c: char| c.is_ascii_digit()).ends_with("/bot");
    let tail = leading(run.get(at + 1..).unwrap_or_default(), word);
    (8..=10).contains(&digits) && stands && tail.len() == 35
}

/// The number of an account in base64, a time and a signature.
fn is_discord(tail: &str) -> bool {
    let mut parts = tail.get(..BODY).unwrap_or(tail).splitn(3, '.');
    let (Some(id), Some(time), Some(rest)) = (parts.next(), parts.next(), parts.next()) else { return false };
    let is_number = |bytes: Vec<u8>| (15..=20).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_digit);
    (20..=28).contains(&id.len())
        && (5..=7).contains(&time.len())
        && time.chars().all(word)
        && leading(rest, word).len() >= 25
        && decoded(id).is_some_and(is_number)
}

/// Three characters, a digit, `Q~` and more than thirty more.
fn is_client_secret(run: &str, at: usize) -> bool {
    let head: Vec<char> = run.get(..at).unwrap_or_default().chars().rev().take(4).collect();
    let tail = run.get(at + 2..).unwrap_or_default();
    let tail = leading(tail, |c| alnum(c) || matches!(c, '_' | '.' | '~' | '-'));
    head.len() == 4 && head.first().is_some_and(char::is_ascii_digit) && tail.len() >= 30
}
