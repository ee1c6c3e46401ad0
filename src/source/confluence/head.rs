//! What is known of a page without its text: by this it is told whether it is as it was.

use super::wire::Content;

/// Who may read a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Whoever may read its space.
    Space,
    /// Some of them only, and why that is known.
    Some(String),
}

/// A page without its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// Its number.
    pub(super) id: u64,
    /// The number of its version; none when it is not told, and then it is read each time.
    pub(super) version: Option<u64>,
    /// Its title.
    pub(super) title: String,
    /// Key of its space.
    pub(super) space: Option<String>,
    /// Its labels.
    pub(super) labels: Vec<String>,
    /// Who may read it.
    pub(super) reach: Reach,
    /// The pages and folders above it.
    pub(super) above: Vec<u64>,
    /// Where people read it, whatever its title becomes.
    pub(super) url: String,
}

/// What stands before the number of a page in the path of its document.
const PATH: &str = "page-";

/// The path of a page's document.
pub(super) fn path_of(id: u64) -> String {
    format!("{PATH}{id}")
}

/// The number of the page that a document's path names.
pub(super) fn number_of(path: &str) -> Option<u64> {
    path.strip_prefix(PATH)?.parse().ok()
}

/// Whether a content is a page that is in use: no draft, nothing that was archived or thrown away.
pub(super) fn is_current(content: &Content) -> bool {
    let is = |value: &Option<String>, word: &str| value.as_deref().is_none_or(|value| value == word);
    is(&content.kind, "page") && is(&content.status, "current")
}

/// A page as a listing shows it.
///
/// # Errors
/// What it does not show and has to: what is absent is not known to be empty.
pub(super) fn of(content: &Content, site: &str) -> Result<Head, String> {
    let labels = content.labels().ok_or("the answer does not show its labels")?;
    let above = content.ancestors.as_ref().ok_or("the answer does not show what it stands below")?;
    let reach = match content.is_restricted() {
        Some(false) => Reach::Space,
        Some(true) => Reach::Some("it is restricted to some people or groups".to_owned()),
        None => Reach::Some("the answer does not show to whom it is restricted".to_owned()),
    };
    Ok(Head {
        id: content.id,
        version: content.version.as_ref().map(|version| version.number),
        title: content.title.clone().unwrap_or_default(),
        space: content.space.as_ref().and_then(|space| space.key.clone()),
        labels,
        reach,
        above: above.iter().map(|one| one.id).collect(),
        url: format!("{site}/pages/viewpage.action?pageId={}", content.id),
    })
}
