//! Which known name somebody meant who wrote another one.
//!
//! Knows texts alone. A suggestion needs a likeness: where nothing is near, nothing is suggested.

/// The known name that is a slip of the pen away, ignoring case; none where nothing is that near.
pub fn nearest<'a>(text: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = text.to_lowercase();
    let length = wanted.chars().count();
    let slips = if length < 3 { 0 } else { (length / 4).clamp(1, 2) };
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&wanted, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= slips)
        .min()
        .map(|(_, name)| name)
}
