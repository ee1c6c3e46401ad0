//! Names and keys as types of their own, so that a person is never passed where a rule is meant.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the text as it is.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }
    };
}

name!(
    /// Name of this deployment; part of every marker, so two deployments never adopt each other's issues.
    InstanceName
);
name!(
    /// Id of a postmortem, unique in the deployment, such as `PM-2026-004`.
    PostmortemId
);
name!(
    /// Stable key of a finding: `<postmortem>/<finding>`, such as `PM-2026-004/F1`.
    FindingKey
);
name!(
    /// What waits for a person in a write-up: `<postmortem>/c-<digest of its words>`, such as `PM-2026-004/c-5e1f00ba`.
    CandidateKey
);
name!(
    /// Key of a person in `people.yaml`.
    PersonId
);
name!(
    /// What a tracker calls an account: a GitHub login, a Jira Cloud account id, a Jira Data Center user name.
    AccountId
);
name!(
    /// Name of a tracker in the configuration.
    TrackerName
);
name!(
    /// Name of a rule in the configuration.
    RuleName
);
name!(
    /// Name of a document source in the configuration.
    SourceName
);
name!(
    /// A follow-up group that process and cross-organisation findings are discussed with.
    GroupName
);
name!(
    /// A place issues are created in, by name: `acme/payments` on GitHub, `PLAT` on Jira.
    PlaceName
);
name!(
    /// Authority of a tracker's address, such as `api.github.com`; half of an issue's identity.
    Host
);
name!(
    /// What we write into an issue at creation so that it can be recognised: `pm1-` and a keyed digest.
    Marker
);

impl FindingKey {
    /// Joins a postmortem and the id of one of its findings.
    pub fn of(postmortem: &PostmortemId, finding: &str) -> Self {
        Self(format!("{postmortem}/{finding}"))
    }

    /// The part after the last slash: the finding's id within its postmortem.
    pub fn local(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }
}

impl AccountId {
    /// Whether two names are one account: no tracker tells accounts apart by the case of their letters.
    pub fn is(&self, other: &Self) -> bool {
        self.as_str().eq_ignore_ascii_case(other.as_str())
    }
}
