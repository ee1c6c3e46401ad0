//! Credentials in texts: what looks like one is not sent (invariant 13), because what a tracker once showed cannot be
//! taken back.
//!
//! Knows the formats that makers of credentials publish, and how people write passwords down. Each text is read as it
//! stands and as a reader sees it. Every look is one pass over the text, whatever it holds.

mod address;
mod alone;
mod alphabet;
mod pairs;
mod readings;
mod shapes;
mod table;
mod value;

use std::borrow::Cow;

/// What stands in the place of a credential that was taken out of a text.
pub const REMOVED: &str = "(removed)";

/// What a private key is called; it goes on over lines of which none tells by itself what it is.
const PRIVATE_KEY: &str = "a private key";

/// What a text seems to give away; none when nothing in it looks like a credential.
pub fn secret_in(text: &str) -> Option<&'static str> {
    let readings = readings::of(text);
    let plain = readings.plain.iter().find_map(|text| {
        alone::found(text)
            .or_else(|| shapes::found(text))
            .or_else(|| address::found(text))
            .or_else(|| pairs::found(text))
    });
    plain.or_else(|| readings.bare.as_deref().and_then(shapes::found_without_underscores))
}

/// The text with [`REMOVED`] in the place of every word with which a credential ends. For short texts: each word costs
/// a look at all before it.
pub fn without_secrets(text: &str) -> Cow<'_, str> {
    if secret_in(text).is_none() {
        return Cow::Borrowed(text);
    }
    let mut kept = String::with_capacity(text.len());
    for word in text.split_inclusive(char::is_whitespace) {
        let before = kept.len();
        kept.push_str(word);
        let Some(name) = secret_in(&kept) else { continue };
        kept.truncate(before);
        kept.push_str(REMOVED);
        if name == PRIVATE_KEY || secret_in(&kept).is_some() {
            break;
        }
        kept.push(' ');
    }
    if secret_in(&kept).is_some() { Cow::Borrowed(REMOVED) } else { Cow::Owned(kept.trim_end().to_owned()) }
}

/// The text with [`REMOVED`] in the place of every password in an address, and everything else as it stands. For what is
/// printed or logged, whatever it comes from.
pub fn without_passwords(text: &str) -> Cow<'_, str> {
    address::without_passwords(text)
}

/// Whether a text is the address of something together with the password for it.
pub fn is_address_with_password(text: &str) -> bool {
    readings::of(text).plain.iter().any(|text| address::found(text).is_some())
}
