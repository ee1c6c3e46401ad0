//! Tokens that tell what they are, by the table of formats and by a few that need more than a beginning.
//!
//! Knows how a token stands among other characters.

use super::{
    alphabet::{alnum, based, decoded, has_check_digits, hex, is_mixed, word},
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
    if bot() {
        Some("a Telegram token")
    } else if discord() {
        Some("a Discord token")
    } else if azure() || is_annotated(run) {
        Some("an Azure key")
    } else if starts(run).any(|(before, tail)| is_alone(before) && is_mailgun(tail)) {
        Some("a Mailgun key")
    } else if starts(run).any(|(before, tail)| is_alone(before) && is_vault(tail)) {
        Some("a Vault token")
    } else if is_firebase(run) {
        Some("a Firebase key")
    } else if starts(run).any(|(before, tail)| is_alone(before) && is_jira(tail)) {
        Some("a Jira token")
    } else if is_stripe(run) {
        Some("a Stripe secret")
    } else if run.match_indices("NRAL").any(|(at, _)| is_new_relic(run, at)) {
        Some("a New Relic key")
    } else if terraform() {
        Some("a Terraform token")
    } else {
        None
    }
}

/// Marks that Microsoft puts into the keys of its services, and how many characters stand before and behind each, so that
/// scanners know them ("identifiable keys" and "common annotated security keys" of its open security utilities).
const MARKS: &[(&str, usize, usize)] = &[
    ("JQQJ99", 52, 18),
    ("APIM", 76, 6),
    ("ACDb", 76, 6),
    ("+ABa", 76, 6),
    ("+AMC", 76, 6),
    ("+ASt", 76, 6),
    ("AIoT", 33, 6),
    ("+ASb", 33, 6),
    ("+AEh", 33, 6),
    ("+ARm", 33, 6),
    ("AzCa", 33, 6),
    ("AzFu", 44, 6),
    ("AzSe", 42, 6),
    ("+ACR", 42, 6),
    ("AZDO", 76, 4),
];

/// Whether a mark stands where it does in such a key.
fn is_annotated(run: &str) -> bool {
    let inside = |c: &char| based(*c) && *c != '=';
    MARKS.iter().any(|(mark, head, tail)| {
        run.match_indices(mark).any(|(at, _)| {
            let before = run.get(..at).unwrap_or_default();
            let behind = run.get(at + mark.len()..).unwrap_or_default();
            before.chars().rev().take_while(inside).count() >= *head
                && behind.chars().take_while(inside).count() >= *tail
        })
    })
}

/// `<32 hexadecimal digits>-<8>-<8>`.
fn is_mailgun(tail: &str) -> bool {
    let mut parts = tail.get(..BODY).unwrap_or(tail).splitn(3, '-');
    [32, 8, 8].iter().all(|length| parts.next().is_some_and(|part| leading(part, hex).len() == *length))
}

/// `s.` and 24 letters and digits, as before version 1.10.
fn is_vault(tail: &str) -> bool {
    let body = tail.strip_prefix("s.").map(|rest| leading(rest, alnum)).unwrap_or_default();
    body.len() == 24
        && is_mixed(body)
        && body.contains(|c: char| c.is_ascii_uppercase())
        && body.contains(|c: char| c.is_ascii_lowercase())
}

/// The client secret of a payment or a set-up: `pi_…_secret_…`.
fn is_stripe(run: &str) -> bool {
    ["pi_", "seti_", "src_", "cs_", "pm_"].iter().any(|kind| run.contains(kind))
        && run
            .match_indices("_secret_")
            .any(|(at, mark)| leading(run.get(at + mark.len()..).unwrap_or_default(), alnum).len() >= 20)
}

/// 36 hexadecimal digits and `NRAL`.
fn is_new_relic(run: &str, at: usize) -> bool {
    let head = run.get(..at).unwrap_or_default();
    head.chars().rev().take_while(|c| hex(*c)).count() == 36 && !continues(run, at + 4)
}

/// The key of a server of Firebase Cloud Messaging.
fn is_firebase(run: &str) -> bool {
    run.match_indices(":APA91b").any(|(at, _)| {
        let head = run.get(..at).unwrap_or_default();
        let tail = leading(run.get(at + 1..).unwrap_or_default(), word);
        head.chars().rev().take_while(|c| word(*c)).count() >= 11 && tail.len() >= 100
    })
}

/// A personal access token of Jira or Confluence Data Center: base64 of its number, a colon and twenty bytes of chance.
fn is_jira(tail: &str) -> bool {
    let body = leading(tail, |c| alnum(c) || matches!(c, '+' | '/'));
    let is_token = |bytes: Vec<u8>| {
        let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
        (9..=13).contains(&digits)
            && bytes.get(digits) == Some(&b':')
            && bytes.iter().skip(digits + 1).any(|byte| !byte.is_ascii())
    };
    body.len() == 44 && body.starts_with(['M', 'N', 'O']) && decoded(body).is_some_and(is_token)
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
