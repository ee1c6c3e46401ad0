//! Which codes the readers use for what they notice, found in their text.

use std::collections::BTreeSet;

use proc_macro2::TokenTree;

use super::{sources, tokens};

/// Functions that take a code.
const TELLING: [&str; 6] = ["add", "error", "warn", "tell", "refuse", "unreadable"];

/// Every code that a reader hands to one of these functions.
pub(crate) fn codes_of_the_readers() -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    for (path, text) in sources().iter().filter(|(path, _)| path.starts_with("src/source/")) {
        tokens::each_level(&tokens::read(path, text), &mut |level| {
            for pair in level.windows(2) {
                if let [TokenTree::Ident(called), TokenTree::Group(arguments)] = pair
                    && TELLING.iter().any(|telling| called == telling)
                {
                    codes.extend(arguments.stream().into_iter().find_map(|token| code(&token)));
                }
            }
        });
    }
    codes
}

/// A literal that is a word, or several with underscores between them.
fn code(token: &TokenTree) -> Option<String> {
    let TokenTree::Literal(literal) = token else { return None };
    let text = literal.to_string();
    let word = text.strip_prefix('"')?.strip_suffix('"')?;
    let is_code = word.len() > 3 && word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    is_code.then(|| word.to_owned())
}
