//! `link retry`: a person says that what was refused or failed may work now, so that the next cycle tries at once.
//!
//! Forgets refusals, counts of failures and when lost issues were last looked for, and lets an issue that its tracker shows
//! older than it was known count as it is shown. Decides nothing about any finding.

use std::collections::BTreeMap;

use anyhow::anyhow;
use clap::Args;

use super::{
    Done, Exit, Failed,
    context::{allowed, counted, person},
    finding::{fitting, lease, load, record, rows, store_error},
    named::meant,
    output::Output,
    place::{Named, named},
    retry,
};
use crate::{
    app::App,
    model::{
        finding::Finding,
        history::Entry,
        ids::{FindingKey, PersonId, TrackerName},
        issue::IssueId,
        link::Link,
        register::{Register, Write},
        rule::Outcome,
        sighting::Sighting,
    },
    plan::{route::route, snapshot::same_place},
    review::roles::Verb,
};

/// Arguments of `link retry`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  postmortem-sync link retry PM-2026-004/F1 --as eli
  postmortem-sync link retry --place github:acme/payments --as eli
  postmortem-sync link retry --tracker github --as eli")]
pub(super) struct Retry {
    /// The finding's key.
    #[arg(required_unless_present_any = ["place", "tracker"], conflicts_with_all = ["place", "tracker"])]
    finding: Option<String>,
    /// Everything in a place instead: the tracker's name and the repository or project, such as `jira:PLAT`.
    #[arg(long, value_name = "TRACKER:PLACE")]
    place: Option<String>,
    /// A tracker that asked for a pause: the pause is lifted.
    #[arg(long, value_name = "NAME", conflicts_with = "place")]
    tracker: Option<String>,
    /// Who says so.
    #[arg(long = "as", id = "person", env = "POSTMORTEM_SYNC_AS", value_name = "PERSON")]
    person: Option<String>,
}

/// What is to be tried again.
enum What {
    /// Everything about one finding.
    Finding(FindingKey),
    /// Everything in one place.
    Place(Named),
}

/// Forgets what keeps a finding, or everything in a place, from being tried.
pub(super) async fn retry(app: &App, command: Retry, output: &Output) -> Done {
    let by = person(&app.config.people, command.person.as_deref())?;
    allowed(app, &by, Verb::Retry)?;
    if let Some(tracker) = command.tracker {
        return retry::lift(app, TrackerName::new(tracker), &by, output).await;
    }
    let what = match (command.finding, command.place) {
        (Some(finding), _) => What::Finding(meant(app.ports.store.as_ref(), &finding).await?),
        (None, Some(place)) => What::Place(named(app, &place)?),
        (None, None) => {
            return Err(Failed::with(Exit::Configuration, anyhow!("name a finding, a place or a tracker")));
        }
    };
    let lease = lease(app).await?;
    let found = match &what {
        What::Finding(key) => known(app, key).await,
        What::Place(_) => load(app).await,
    };
    let recorded = match found.and_then(|register| writes(app, &register, &what, &by)) {
        Ok((writes, forgotten)) => record(app, &lease, writes).await.map(|()| forgotten),
        Err(failed) => Err(failed),
    };
    app.ports.store.release(lease).await.map_err(store_error)?;
    let forgotten = recorded?;
    if output.is_json() {
        output.json(&serde_json::json!({ "forgotten": forgotten }))?;
    } else {
        output.line(format!(
            "{}: {} forgotten; the next cycle tries at once",
            what.name(),
            counted(forgotten, "refusal")
        ));
    }
    Ok(Exit::Success)
}

impl What {
    fn name(&self) -> String {
        match self {
            Self::Finding(key) => key.to_string(),
            Self::Place(place) => place.to_string(),
        }
    }

    /// Whether a link is meant.
    fn is_link(&self, register: &Register, link: &Link) -> bool {
        match self {
            Self::Finding(key) => link.finding == *key,
            Self::Place(place) => place.holds(register, &link.tracker, &link.issue),
        }
    }

    /// Whether what would be created for a finding is meant.
    fn is_create(&self, app: &App, finding: &Finding) -> bool {
        match self {
            Self::Finding(key) => finding.key == *key,
            Self::Place(place) => {
                matches!(route(&app.config.rules, finding).map(|rule| &rule.then), Some(Outcome::Create(to))
                    if to.tracker == place.tracker && same_place(&to.place, &place.place))
            }
        }
    }
}

/// What is known of a finding, as long as it fits the history.
async fn known(app: &App, key: &FindingKey) -> Result<Register, Failed> {
    let register = rows(app, key).await?;
    fitting(app, &register, key).await?;
    Ok(register)
}

/// What to write, and how many refusals, failures and waits it forgets.
fn writes(app: &App, register: &Register, what: &What, by: &PersonId) -> Result<(Vec<Write>, usize), Failed> {
    let links = register.links.iter().filter(|link| what.is_link(register, link));
    let links = links.filter(|link| !link.refused.is_empty() || link.failed_edits.is_some());
    let links = links.map(|link| Link { refused: Default::default(), failed_edits: None, ..link.clone() });
    let findings = register.findings.values().filter(|finding| finding.failed_creates.is_some());
    let findings = findings.filter(|finding| what.is_create(app, finding));
    let findings = findings.map(|finding| Finding { failed_creates: None, ..finding.clone() });
    let now = app.ports.clock.now();
    let older = register.links.iter().filter(|link| what.is_link(register, link));
    let older: BTreeMap<&IssueId, Sighting> = older
        .filter_map(|link| Some((&link.issue.id, register.issues.get(&link.issue.id)?.believed()?)))
        .collect();
    let older = older.into_values().map(|sighting| Write::Issue(Box::new(sighting)));
    let lost = register.tombstones.iter().filter(|stone| match what {
        What::Finding(key) => stone.finding == *key,
        What::Place(place) => place.is_home_of(register, stone),
    });
    let lost = lost.filter(|stone| stone.sought_until().is_some_and(|until| now <= until));
    let lost = lost.map(|stone| Write::Tombstone(Box::new(stone.clone().to_be_sought())));
    let mut writes: Vec<Write> = links.map(|link| Write::Link(Box::new(link))).collect();
    writes.extend(findings.map(|finding| Write::Finding(Box::new(finding))));
    writes.extend(lost);
    writes.extend(older);
    let forgotten = writes.len();
    writes.push(Write::History(Entry {
        at: now,
        cycle: "command".to_owned(),
        event: "retry_asked".to_owned(),
        finding: match what {
            What::Finding(key) => Some(key.clone()),
            What::Place(_) => None,
        },
        issue: None,
        actor: by.to_string(),
        known_by: None,
        field: None,
        before: None,
        after: Some(what.name()),
        why: format!("a person says that it may work now; {} forgotten", counted(forgotten, "refusal")),
    }));
    Ok((writes, forgotten))
}
