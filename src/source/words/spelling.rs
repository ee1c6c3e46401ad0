//! How words may be spelled: accents, umlauts, case, width and apostrophes tell no two words apart.

use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

use super::squeeze;

/// Letters that are also written as two.
const PAIRS: [(&str, &str); 6] =
    [("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss"), ("œ", "oe"), ("æ", "ae")];

/// A text without what never tells anything apart: compatibility forms, accents, case, curly apostrophes, spacing.
pub(super) fn folded(text: &str) -> String {
    // Most texts have nothing else to fold.
    if text.is_ascii() {
        return squeeze(&text.to_ascii_lowercase());
    }
    let kept = |c: &char| !is_accent(*c) && *c != '\u{FE0F}';
    let bare: String = text.nfkd().filter(kept).nfc().collect();
    let lower = bare.to_lowercase().replace('’', "'");
    squeeze(&lower.replace('ß', "ss").replace('œ', "oe").replace('æ', "ae"))
}

fn is_accent(c: char) -> bool {
    ('\u{300}'..='\u{36F}').contains(&c)
}

/// How many bytes of a text a word takes up at its beginning, however it is spelled there; none when the text begins otherwise.
pub(in crate::source) fn opening(text: &str, word: &str) -> Option<usize> {
    let mut rest = word;
    for (at, c) in text.char_indices() {
        if rest.is_empty() {
            return Some(at);
        }
        rest = match (c, c.is_ascii()) {
            ('’', _) => rest.strip_prefix('\'')?,
            (_, true) => rest.strip_prefix(c.to_ascii_lowercase())?,
            _ if is_accent(c) => rest,
            _ => rest.strip_prefix(c).or_else(|| rest.strip_prefix(&*folded(c.encode_utf8(&mut [0; 4]))))?,
        };
    }
    rest.is_empty().then_some(text.len())
}

/// A tree of words with every word in each of its spellings: as it is listed, without accents, and with two letters for an umlaut.
pub(super) fn spelled(tree: Value) -> Value {
    match tree {
        Value::Array(words) => Value::Array(words.into_iter().flat_map(spellings).collect()),
        Value::Object(map) => {
            Value::Object(map.into_iter().map(|(key, value)| (key, spelled(value))).collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => tree,
    }
}

fn spellings(word: Value) -> Vec<Value> {
    let Value::String(word) = word else { return vec![word] };
    let paired = PAIRS.iter().fold(word.clone(), |word, (one, two)| word.replace(one, two));
    // Blanks at the ends of a word mean something: they are kept.
    let inner = word.trim();
    let mut all = vec![word.clone()];
    for other in [word.replace(inner, &folded(inner)), paired.replace(paired.trim(), &folded(&paired))] {
        if !all.contains(&other) && !inner.is_empty() {
            all.push(other);
        }
    }
    all.into_iter().map(Value::String).collect()
}
