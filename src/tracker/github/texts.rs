//! Issues that people wrote as documents: those with a label.
//!
//! Knows how they are listed. A list that is not complete is an error, never a shorter list.

use std::collections::BTreeMap;

use super::{GitHub, address::encoded, call::senseless, pages::Listed, wire::place_path};
use crate::{
    model::{ids::PlaceName, issue::IssueText},
    tracker::TrackerError,
};

/// How much text is taken in, all issues together: they are documents, and are held in memory.
const TEXTS_MAX: usize = 64 * 1024 * 1024;

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
        let mut length = 0;
        let keep = |listed| match listed {
            Listed::PullRequest => Ok(None),
            Listed::Odd(_) => Err(senseless(format!("an issue of `{place}` cannot be read"))),
            Listed::Issue(issue) if !issue.shows_text() => {
                Err(senseless(format!("an issue of `{place}` is not shown completely")))
            }
            Listed::Issue(issue) if issue.marker().is_some() || !issue.has_label(label) => Ok(None),
            Listed::Issue(issue) => {
                length += issue.body.as_value().map_or(0, String::len);
                if length > TEXTS_MAX {
                    let most = TEXTS_MAX / (1024 * 1024);
                    return Err(senseless(format!(
                        "the issues with the label `{label}` come to more than {most} MiB"
                    )));
                }
                Ok(Some((issue.number, issue.into_text(place))))
            }
        };
        let texts = self.list_issues(&place_path(&home.name)?, &filter, None, keep).await?;
        let texts: BTreeMap<u64, IssueText> = texts.into_iter().collect();
        Ok(texts.into_values().collect())
    }
}
