//! The knobs of the sandbox: lags, limits, anonymous mode, how much is logged.
//!
//! Knows their names and defaults. Must not know how a tracker uses them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Everything that `POST /settings` may change. Fields left out keep their value.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    pub(crate) github: GithubSettings,
    pub(crate) jira: JiraSettings,
    pub(crate) jira_dc: JiraSettings,
    pub(crate) log: LogSettings,
}

/// GitHub's lags and limits.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct GithubSettings {
    /// A new issue is invisible in lists for so long.
    pub(crate) list_lag_ms: i64,
    /// A new issue is invisible in search for so long.
    pub(crate) search_lag_ms: i64,
    /// Requests per hour and user.
    pub(crate) primary_limit: u64,
    /// GraphQL points per hour and user.
    pub(crate) graphql_limit: u64,
    /// 403 or 429 once the primary limit is used up.
    pub(crate) primary_status: u16,
    /// Content creations per minute and user; null lifts the limit.
    pub(crate) content_per_minute: Option<usize>,
    /// Content creations per hour and user; null lifts the limit.
    pub(crate) content_per_hour: Option<usize>,
    /// The Retry-After of the secondary limit; null sends none, as GitHub sometimes does.
    pub(crate) secondary_retry_after: Option<u64>,
    /// Whether an app's JWT is refused by the sandbox's clock.
    pub(crate) check_jwt_times: bool,
    /// Whether REST creates labels that an issue names and the repository lacks.
    pub(crate) create_labels: bool,
    /// How long an installation token lives.
    pub(crate) installation_token_ms: i64,
}

/// Jira's lags and limits.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct JiraSettings {
    /// A new or changed issue is unknown to the search for so long.
    pub(crate) search_lag_ms: i64,
    /// An unknown token is taken for nobody, so lists come back empty with 200.
    pub(crate) anonymous_looking: bool,
    /// Writes to one issue in two seconds; null lifts the limit.
    pub(crate) issue_writes_per_2s: Option<usize>,
    /// Longest page of a search, whatever the client asks for.
    pub(crate) page_max: usize,
    /// Longest description, in characters.
    pub(crate) text_max: usize,
    /// Whether user search and user objects hide e-mail addresses.
    pub(crate) hide_email: bool,
}

/// What the request log keeps.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LogSettings {
    /// Only the counts, no entries.
    pub(crate) counts_only: bool,
    /// Bodies longer than this are replaced by their size.
    pub(crate) body_max: usize,
}

impl Default for Settings {
    fn default() -> Self {
        let cloud = JiraSettings::default();
        let dc = JiraSettings { text_max: 65_534, page_max: 1000, ..JiraSettings::default() };
        Self { github: GithubSettings::default(), jira: cloud, jira_dc: dc, log: LogSettings::default() }
    }
}

impl Default for GithubSettings {
    fn default() -> Self {
        Self {
            list_lag_ms: 0,
            search_lag_ms: 0,
            primary_limit: 5000,
            graphql_limit: 5000,
            primary_status: 403,
            content_per_minute: Some(80),
            content_per_hour: Some(500),
            secondary_retry_after: Some(60),
            check_jwt_times: false,
            create_labels: true,
            installation_token_ms: 3_600_000,
        }
    }
}

impl Default for JiraSettings {
    fn default() -> Self {
        Self {
            search_lag_ms: 0,
            anonymous_looking: false,
            issue_writes_per_2s: None,
            page_max: 100,
            text_max: 32_767,
            hide_email: false,
        }
    }
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { counts_only: false, body_max: 1 << 20 }
    }
}

impl Settings {
    /// These settings with the named ones changed.
    pub(crate) fn changed(&self, change: &Value) -> serde_json::Result<Self> {
        let mut whole = serde_json::to_value(self)?;
        merge(&mut whole, change);
        serde_json::from_value(whole)
    }
}

/// Lays `change` over `whole`, object by object.
fn merge(whole: &mut Value, change: &Value) {
    match (whole, change) {
        (Value::Object(whole), Value::Object(change)) => {
            for (key, value) in change {
                merge(whole.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (whole, change) => *whole = change.clone(),
    }
}
