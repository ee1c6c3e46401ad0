//! Issues that people wrote as documents: those with a label.
//!
//! Knows how they are listed. A list that is not complete is an error, never a shorter list.

use std::collections::BTreeMap;

use super::{GitHub, address::encoded, call::senseless, pages::Listed, wire::place_path};
use crate::{
    model::{ids::PlaceName, issue::IssueText},
    tracker::TrackerError,
};

impl GitHub {
    /// The texts of every issue with a label, by their numbers. A repository that was renamed answers under both names,
    /// and its issues keep the keys of the name that was asked for.
    pub(super) async fn list_texts(
        &self,
        place: &PlaceName,
        label: &str,
    ) -> Result<Vec<IssueText>, TrackerError> {
        let home = self.repository(place).await?.home(place);
        // A comma would read as two labels; then all issues are listed.
        let filter = if label.contains(',') { String::new() } else { format!("&labels={}", encoded(label)) };
        let mut texts = BTreeMap::new();
        for entry in self.list_issues(&place_path(&home.name)?, &filter, None).await? {
            match entry {
                Listed::PullRequest => {}
                Listed::Odd(_) => {
                    return Err(senseless(format!("an issue of `{place}` cannot be read")));
                }
                Listed::Issue(issue) if !issue.shows_body() || !issue.shows_labels() => {
                    return Err(senseless(format!("an issue of `{place}` is not shown completely")));
                }
                Listed::Issue(issue) if issue.marker().is_some() || !issue.has_label(label) => {}
                Listed::Issue(issue) => {
                    texts.insert(issue.number, issue.into_text(place));
                }
            }
        }
        Ok(texts.into_values().collect())
    }
}
