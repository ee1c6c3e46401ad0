//! The credential that a transport sends, in every form in which somebody may repeat it.
//!
//! Knows forms. Shows none of them.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use data_encoding::BASE64;
use secrecy::{ExposeSecret, SecretString};

use crate::plan::secrets::REMOVED;

/// Shortest text that is taken for a credential: what is shorter is also a word.
const SHORTEST: usize = 8;

/// How much of a credential gives it away: an answer may cut what it repeats.
const PART: usize = 12;

/// Most forms that are kept: tokens of an App are replaced every hour.
const MOST: usize = 64;

/// The credential of a transport. One value is shared by whatever makes and whatever sends it.
#[derive(Clone, Default)]
pub struct Held(Arc<Mutex<Vec<SecretString>>>);

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Held")
    }
}

impl Held {
    /// A token, or a password.
    pub fn token(token: &str) -> Self {
        let held = Self::default();
        held.add(token);
        held
    }

    /// A name and a token, as `Authorization: Basic` sends them.
    pub fn basic(name: &str, token: &str) -> Self {
        let held = Self::token(token);
        held.add(&BASE64.encode(format!("{name}:{token}").as_bytes()));
        held
    }

    /// Remembers one more.
    pub fn add(&self, secret: &str) {
        let secret = secret.trim();
        if secret.len() < SHORTEST {
            return;
        }
        let mut forms = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for form in [secret.to_owned(), encoded(secret), secret.replace('/', "\\/")] {
            if !forms.iter().any(|known| known.expose_secret() == form) {
                forms.push(SecretString::from(form));
            }
        }
        let forgotten = forms.len().saturating_sub(MOST);
        forms.drain(..forgotten);
    }

    /// A text with every form replaced that stands in it as a whole; none where there is none.
    pub(super) fn replaced(&self, text: &str) -> Option<String> {
        let forms = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut clean: Option<String> = None;
        for form in forms.iter().map(ExposeSecret::expose_secret) {
            let now = clean.as_deref().unwrap_or(text);
            if now.contains(form) {
                clean = Some(now.replace(form, REMOVED));
            }
        }
        clean
    }

    /// A text for people with every form taken out, also where only a part of it is repeated.
    pub(super) fn taken_out(&self, text: &str) -> String {
        let mut text = self.replaced(text).unwrap_or_else(|| text.to_owned());
        let forms = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for form in forms.iter().map(ExposeSecret::expose_secret) {
            while let Some((at, length)) = part(&text, form) {
                text.replace_range(at..at + length, REMOVED);
            }
        }
        text
    }
}

/// The first part of a form that a text repeats, as long as it goes.
fn part(text: &str, form: &str) -> Option<(usize, usize)> {
    let starts = form.char_indices().map(|(from, _)| from);
    let (at, from) = starts
        .filter_map(|from| Some((text.find(form.get(from..from + PART)?)?, from)))
        .min_by_key(|(at, from)| (*at, *from))?;
    let same = |(a, b): &(char, char)| a == b;
    let said = text.get(at..)?.chars().zip(form.get(from..)?.chars());
    Some((at, said.take_while(same).map(|(c, _)| c.len_utf8()).sum()))
}

/// As an address writes it.
fn encoded(secret: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    secret
        .bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
