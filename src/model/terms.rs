//! The closed vocabularies: classes, kinds, severities, states.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! terms {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $text)] $variant,)+
        }

        impl $name {
            /// Every term, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The term as it is written in documents, configuration and output.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }

            /// The term that is written so, ignoring case.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|term| term.as_str().eq_ignore_ascii_case(text))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

terms!(
    /// What went wrong, in the six classes of Microsoft's "Post-incident activity" (learn.microsoft.com/compliance/assurance).
    Class {
        /// A technical control was missing or failed.
        TechnicalLapse = "technical_lapse",
        /// A procedure was missing, wrong or not followed.
        ProceduralFailure = "procedural_failure",
        /// Somebody made a mistake by hand.
        ManualError = "manual_error",
        /// The process itself has a gap.
        ProcessFlaw = "process_flaw",
        /// Word did not reach those who needed it.
        CommunicationGlitch = "communication_glitch",
        /// The attack used a way in that nobody had thought of.
        UnknownAttackVector = "unknown_attack_vector",
    }
);

terms!(
    /// What the action does for the next incident.
    Kind {
        /// Keeps it from happening.
        Prevent = "prevent",
        /// Notices it sooner.
        Detect = "detect",
        /// Makes it hurt less.
        Mitigate = "mitigate",
        /// Mends what broke.
        Repair = "repair",
        /// Finds out more.
        Investigate = "investigate",
        /// Changes how people work.
        Process = "process",
    }
);

terms!(
    /// The kind of work an engineering team would call it.
    Work {
        /// Something is broken.
        Bug = "bug",
        /// Something should be different.
        ChangeRequest = "change_request",
    }
);

terms!(
    /// Where a finding is followed up.
    Route {
        /// In an engineering team's tracker.
        Engineering = "engineering",
        /// In the register, with the group that owns the procedure.
        Process = "process",
        /// In the register, with another organisation.
        CrossOrg = "cross_org",
    }
);

terms!(
    /// How bad it is. Ordered from worst to least.
    Severity {
        /// Must be dealt with at once.
        Critical = "critical",
        /// Serious.
        High = "high",
        /// Ordinary.
        Medium = "medium",
        /// Minor.
        Low = "low",
        /// Tracked, never overdue.
        Info = "info",
    }
);

terms!(
    /// How soon, as the team that wrote the document orders its work; never lengthens a deadline.
    Priority {
        /// At once.
        P0 = "P0",
        /// Next.
        P1 = "P1",
        /// Soon.
        P2 = "P2",
        /// Later.
        P3 = "P3",
        /// Some day.
        P4 = "P4",
    }
);

terms!(
    /// Traffic Light Protocol 2.0 class. Ordered from most to least public.
    Tlp {
        /// No limit.
        Clear = "CLEAR",
        /// Within the community.
        Green = "GREEN",
        /// Need to know, within the organisation and its clients.
        Amber = "AMBER",
        /// Need to know, within the organisation only.
        AmberStrict = "AMBER+STRICT",
        /// Named recipients only; never leaves the register.
        Red = "RED",
    }
);

terms!(
    /// Workflow state of a finding. Every state answers who must act next.
    State {
        /// Accepted, not started: the owner acts.
        Open = "open",
        /// Under way: the owner acts.
        InProgress = "in_progress",
        /// Claimed done: a reviewer acts.
        PendingVerification = "pending_verification",
        /// Verified with evidence: nobody acts.
        Resolved = "resolved",
        /// A waiver is in force: the risk owner acts at its expiry.
        RiskAccepted = "risk_accepted",
        /// Not a finding, a duplicate, superseded or out of scope, with a reason.
        Dismissed = "dismissed",
    }
);

terms!(
    /// What a document says about an item; a claim, never a resolution.
    Claimed {
        /// Nothing.
        None = "none",
        /// Work has begun.
        InProgress = "in_progress",
        /// It is said to be done.
        Done = "done",
    }
);

terms!(
    /// How far an issue is, in our own terms, whatever the tracker calls it.
    Progress {
        /// Not started.
        Open = "open",
        /// Started.
        InProgress = "in_progress",
        /// Closed as done.
        Done = "done",
        /// Closed as won't do, not planned or duplicate; never a resolution.
        Declined = "declined",
    }
);

terms!(
    /// Verdict of a review.
    Verdict {
        /// Will be done in time.
        OnTrack = "on_track",
        /// May not be done in time.
        AtRisk = "at_risk",
        /// Will not be done in time.
        OffTrack = "off_track",
        /// Cannot go on without somebody else.
        Blocked = "blocked",
    }
);

terms!(
    /// What a cycle may write to trackers. Required in the configuration; there is no default.
    Mode {
        /// Nothing.
        Observe = "observe",
        /// New issues only.
        CreateOnly = "create-only",
        /// Also owner, labels, dates and comments.
        Upsert = "upsert",
        /// Also status.
        Full = "full",
    }
);

impl State {
    /// Whether the security team still has to review the finding.
    pub fn is_unresolved(self) -> bool {
        match self {
            Self::Open | Self::InProgress | Self::PendingVerification | Self::RiskAccepted => true,
            Self::Resolved | Self::Dismissed => false,
        }
    }

    /// Whether the remediation clock runs.
    pub fn is_running(self) -> bool {
        matches!(self, Self::Open | Self::InProgress)
    }
}

impl Progress {
    /// Whether the issue is closed, for whatever reason.
    pub fn is_closed(self) -> bool {
        matches!(self, Self::Done | Self::Declined)
    }
}

impl Class {
    /// The route a finding of this class takes unless the document says otherwise.
    pub fn default_route(self) -> Route {
        match self {
            Self::ProceduralFailure | Self::ProcessFlaw | Self::CommunicationGlitch => Route::Process,
            Self::TechnicalLapse | Self::ManualError | Self::UnknownAttackVector => Route::Engineering,
        }
    }
}

terms!(
    /// What a column of a table, or a label before a value, holds.
    Column {
        /// What must be done.
        Title = "title",
        /// More about it.
        Description = "description",
        /// Kind of action.
        Kind = "kind",
        /// Class of finding.
        Class = "class",
        /// Who is asked.
        Owner = "owner",
        /// The team.
        Team = "team",
        /// How soon.
        Priority = "priority",
        /// How bad.
        Severity = "severity",
        /// Issues.
        Tracker = "tracker",
        /// Deadline.
        Due = "due",
        /// What is claimed.
        Status = "status",
        /// How the reviewer will know.
        Criteria = "criteria",
        /// Id of the finding.
        Id = "id",
        /// Id of the write-up that a row belongs to.
        Postmortem = "postmortem",
        /// When it was found; only compared with the deadline.
        Found = "found",
        /// Nothing that is read.
        Ignore = "ignore",
    }
);

terms!(
    /// What comes first in dates that are written with numbers only.
    DateOrder {
        /// The day: `24/07/2025`.
        DayFirst = "dmy",
        /// The month: `07/24/2025`.
        MonthFirst = "mdy",
    }
);
