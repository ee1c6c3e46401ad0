//! Reading many issues by id: the authority for issues one knows.
//!
//! Knows that what is missing or forbidden is simply absent. Must not use the search index.

use serde_json::{Value, json};

use super::{Exchange, errors, show::Wanted};
use crate::sandbox::wire::{Answer, At, Outcome};

/// Most issues in one request.
const ISSUES_MAX: usize = 100;
/// Most properties in one request.
const PROPERTIES_MAX: usize = 5;

impl Exchange<'_> {
    /// POST /issue/bulkfetch.
    pub(crate) fn bulk_fetch(&self) -> Outcome {
        let names = self.call.body.at("issueIdsOrKeys").as_array().map(Vec::as_slice).unwrap_or_default();
        if names.is_empty() || names.len() > ISSUES_MAX {
            return Err(errors(400, &[&format!("Between 1 and {ISSUES_MAX} issues can be fetched.")], []));
        }
        let wanted = Wanted::of(self, "*navigable");
        if wanted.properties.len() > PROPERTIES_MAX {
            return Err(errors(
                400,
                &[&format!("At most {PROPERTIES_MAX} properties can be asked for.")],
                [],
            ));
        }
        let mut ids: Vec<u64> = names
            .iter()
            .filter_map(|name| self.site.issue_id(name.as_str()?))
            .filter(|id| self.sees(*id))
            .collect();
        ids.sort_unstable();
        ids.dedup();
        let found = ids.iter().filter_map(|id| self.site.issues.get(id));
        let issues: Vec<Value> = found.map(|issue| self.shown_issue(issue, &wanted)).collect();
        Ok(Answer::ok(json!({"issues": issues, "issueErrors": []})))
    }
}
