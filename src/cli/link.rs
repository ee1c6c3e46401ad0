//! `link`: which issue follows which finding.

use anyhow::anyhow;
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};

use super::{
    Done, Exit, Failed, Global,
    context::{allowed, app, person, remember_pauses},
    finding::{fitting, lease, record, rows, store_error},
    link_list, link_retry,
    named::meant,
    output::Output,
};
use crate::{
    app::{App, Reach},
    cycle::{
        adopt::{Adoption, answered, fresh_link},
        recall::Recall,
    },
    model::{
        citation::{CitationFate, CitationRecord},
        finding::Finding,
        history::Entry,
        ids::{AccountId, FindingKey, PersonId},
        involvement::Involvement,
        issue::Issue,
        link::{End, Intent, Link, LinkKind, Tombstone},
        observed::Observed,
        register::{Register, Write},
    },
    plan::linked::assigned_of,
    review,
    tracker::TrackerRead,
};

/// Arguments of `link`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  postmortem-sync link list
  postmortem-sync link adopt PM-2026-004/F1 acme/payments#3 --as eli
  postmortem-sync link rebind PM-2026-004/F1 --reason 'the service moved to another team' --as eli")]
pub(super) struct LinkCommand {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Lists the mapping table.
    List(link_list::List),
    /// Lets an existing issue follow a finding; only its owner and status are synced.
    #[command(after_help = "Example:\n  postmortem-sync link adopt PM-2026-004/F1 acme/payments#3 --as eli")]
    Adopt {
        /// The finding's key.
        finding: String,
        /// The issue: `acme/payments#3` or `PLAT-7`.
        issue: String,
        /// Who decides.
        #[arg(long = "as", id = "person", env = "POSTMORTEM_SYNC_AS", value_name = "PERSON")]
        person: Option<String>,
    },
    /// Ends a link. The issue is left as it is, and no new one is created without `rebind`.
    #[command(
        after_help = "Example:\n  postmortem-sync link detach PM-2026-004/F1 PLAT-7 --reason 'it is about something else' --as eli"
    )]
    Detach {
        /// The finding's key.
        finding: String,
        /// The issue.
        issue: String,
        /// Why.
        #[arg(long)]
        reason: String,
        /// Who decides.
        #[arg(long = "as", id = "person", env = "POSTMORTEM_SYNC_AS", value_name = "PERSON")]
        person: Option<String>,
    },
    /// Sets a citation aside that cannot be linked: nothing waits for it any more. Needs a reviewer.
    #[command(
        after_help = "Example:\n  postmortem-sync link ignore PM-2026-004/F1 acme/old#12 --reason 'the repository is gone' --as eli"
    )]
    Ignore {
        /// The finding's key.
        finding: String,
        /// The citation, as its document writes it.
        citation: String,
        /// Why.
        #[arg(long)]
        reason: String,
        /// Who decides.
        #[arg(long = "as", id = "person", env = "POSTMORTEM_SYNC_AS", value_name = "PERSON")]
        person: Option<String>,
    },
    /// Tries again at once what was refused, failed or paused: for a finding, a place, or a tracker.
    Retry(link_retry::Retry),
    /// Forgets ended and present links of a finding, so that the next cycle follows the rules anew.
    #[command(
        after_help = "Example:\n  postmortem-sync link rebind PM-2026-004/F1 --reason 'the service moved to another team' --as eli"
    )]
    Rebind {
        /// The finding's key.
        finding: String,
        /// Why.
        #[arg(long)]
        reason: String,
        /// Who decides.
        #[arg(long = "as", id = "person", env = "POSTMORTEM_SYNC_AS", value_name = "PERSON")]
        person: Option<String>,
    },
}

/// Runs a verb.
pub(super) async fn link(command: LinkCommand, global: &Global, output: &Output) -> Done {
    let reach = if matches!(command.verb, Verb::Adopt { .. }) { Reach::Trackers } else { Reach::Register };
    let app = app(global, output, reach).await?;
    let (finding, by, change) = match command.verb {
        Verb::List(list) => return link_list::list(&app, output, &list).await,
        Verb::Retry(command) => return link_retry::retry(&app, command, output).await,
        Verb::Adopt { finding, issue, person } => (finding, person, Change::Adopt(issue)),
        Verb::Detach { finding, issue, reason, person } => {
            (finding, person, Change::Detach { issue, reason })
        }
        Verb::Ignore { finding, citation, reason, person } => {
            (finding, person, Change::Ignore { citation, reason })
        }
        Verb::Rebind { finding, reason, person } => (finding, person, Change::Rebind(reason)),
    };
    let by = person(&app.config.people, by.as_deref())?;
    allowed(&app, &by, change.verb())?;
    let lease = lease(&app).await?;
    let writes = match meant(app.ports.store.as_ref(), &finding).await {
        Ok(key) => writes(&app, &key, &by, change).await.map(|writes| (key, writes)),
        Err(failed) => Err(failed),
    };
    let recorded = match writes {
        Ok((key, writes)) => record(&app, &lease, writes).await.map(|()| key),
        Err(failed) => Err(failed),
    };
    app.ports.store.release(lease).await.map_err(store_error)?;
    remember_pauses(app.ports.store.as_ref(), &app.ports.trackers, &app.config.holder).await;
    let key = recorded?;
    if output.is_json() {
        let register = rows(&app, &key).await?;
        let links: Vec<&Link> = register.links.iter().filter(|link| link.finding == key).collect();
        output.json(&serde_json::json!({ "finding": key, "links": links }))?;
    } else {
        output.line(format!("{key}: done; the next cycle goes on from there"));
    }
    Ok(Exit::Success)
}

/// What is asked of a finding's links.
enum Change {
    Adopt(String),
    Detach { issue: String, reason: String },
    Ignore { citation: String, reason: String },
    Rebind(String),
}

impl Change {
    fn verb(&self) -> review::roles::Verb {
        match self {
            Self::Adopt(_) => review::roles::Verb::AdoptLink,
            Self::Detach { .. } => review::roles::Verb::DetachLink,
            Self::Ignore { .. } => review::roles::Verb::IgnoreCitation,
            Self::Rebind(_) => review::roles::Verb::RebindLink,
        }
    }
}

async fn writes(app: &App, key: &FindingKey, by: &PersonId, change: Change) -> Result<Vec<Write>, Failed> {
    let register = &rows(app, key).await?;
    let finding = fitting(app, register, key).await?;
    let entry = |event: &str, issue: Option<&str>, why: &str| {
        Write::History(Entry {
            at: app.ports.clock.now(),
            cycle: "command".to_owned(),
            event: event.to_owned(),
            finding: Some(key.clone()),
            issue: issue.map(str::to_owned),
            actor: by.to_string(),
            known_by: None,
            field: None,
            before: None,
            after: None,
            why: why.to_owned(),
        })
    };
    match change {
        Change::Adopt(issue) => {
            let mut adoption = adopted(app, register, key, &issue).await?;
            let answered: Vec<&Intent> = answered(&register.intents, key, &adoption.issue).collect();
            if !answered.is_empty() {
                adoption.kind = LinkKind::Created;
            }
            let link = fresh_link(&adoption, app.ports.clock.now());
            let parts = parts(app, register, finding, &adoption).into_iter();
            let parts = parts.flat_map(|part| {
                let why = format!("{} {}", part.party, part.part.did());
                [entry("part_recorded", Some(&link.issue.key), &why), Write::Involvement(Box::new(part))]
            });
            let parts: Vec<Write> = parts.collect();
            let entry = entry("link_adopted", Some(&link.issue.key), "a person named the issue");
            let mut writes: Vec<Write> = answered.into_iter().map(Write::intent_done).collect();
            writes.extend([Write::TombstonesCleared(key.clone()), Write::Link(Box::new(link)), entry]);
            writes.extend(parts);
            Ok(writes)
        }
        Change::Detach { issue, reason } => {
            let link = register.links.iter().find(|link| link.finding == *key && link.issue.key == issue);
            let link = link.ok_or_else(|| {
                Failed::with(Exit::Configuration, anyhow!("{key} is not linked with {issue}"))
            })?;
            let at = app.ports.clock.now();
            let tombstone = detached(link, &reason, at);
            Ok(vec![
                unlink(link),
                Write::Tombstone(Box::new(tombstone)),
                entry("link_detached", Some(&issue), &reason),
            ])
        }
        Change::Ignore { citation, reason } => {
            let written = cited(finding, &citation)?;
            let fate = CitationFate::Ignored { by: by.clone(), why: reason.clone() };
            let at = app.ports.clock.now();
            let record = CitationRecord { finding: key.clone(), written: written.clone(), fate, at };
            Ok(vec![Write::Citation(Box::new(record)), entry("citation_ignored", Some(&written), &reason)])
        }
        Change::Rebind(reason) => {
            let links = register.links.iter().filter(|link| link.finding == *key).map(unlink);
            let ends = [Write::TombstonesCleared(key.clone()), entry("link_rebound", None, &reason)];
            let finding = Some(finding).filter(|finding| finding.failed_creates.is_some());
            let anew = finding.map(|finding| Finding { failed_creates: None, ..finding.clone() });
            let anew = anew.map(|finding| Write::Finding(Box::new(finding)));
            Ok(links.chain(ends).chain(anew).collect())
        }
    }
}

/// The parts of those who are assigned to the issue now: the next cycle may find somebody else there.
fn parts(app: &App, register: &Register, finding: &Finding, adoption: &Adoption) -> Vec<Involvement> {
    let Some(tracker) = app.ports.trackers.get(&adoption.tracker) else { return Vec::new() };
    let ours = register.accounts_of(&adoption.tracker);
    let is_ours = |account: &AccountId| ours.iter().any(|own| own.is(account));
    let shown = (tracker.kind(), &adoption.issue);
    let parts = assigned_of(&app.config.people, is_ours, finding, shown, app.ports.clock.now());
    let known = register.parts(&finding.key);
    parts.into_iter().filter(|part| !known.iter().any(|old| old.is_same(part))).collect()
}

/// A citation of a finding as it is written, named so or by its key.
fn cited(finding: &Finding, citation: &str) -> Result<String, Failed> {
    let Finding { key, stated, .. } = finding;
    let issues = || stated.trackers.iter().filter(|reference| reference.is_issue());
    let mut written = issues().map(ToString::to_string);
    written.find(|written| written.eq_ignore_ascii_case(citation)).ok_or_else(|| {
        let cites: Vec<String> = issues().map(ToString::to_string).collect();
        let cites = if cites.is_empty() { "nothing".to_owned() } else { cites.join(", ") };
        Failed::with(Exit::Configuration, anyhow!("{key} does not cite `{citation}`; it cites {cites}"))
    })
}

/// What is left of a link that a person ended.
pub(super) fn detached(link: &Link, reason: &str, at: DateTime<Utc>) -> Tombstone {
    Tombstone {
        finding: link.finding.clone(),
        issue: link.issue.clone(),
        why: reason.to_owned(),
        at,
        end: Some(End::Detached),
        link: None,
        looked: None,
    }
}

pub(super) fn unlink(link: &Link) -> Write {
    Write::Unlink { finding: link.finding.clone(), issue: link.issue.id.clone() }
}

/// An issue that a person named, on whichever tracker has it.
async fn adopted(app: &App, register: &Register, key: &FindingKey, issue: &str) -> Result<Adoption, Failed> {
    let (mut answers, mut is_unasked) = (Vec::new(), false);
    for (name, tracker) in &app.ports.trackers {
        // `owner/repo#n` is GitHub's form, everything else a Jira's.
        if issue.contains('#') != (tracker.kind() == crate::model::issue::TrackerKind::Github) {
            continue;
        }
        let reading: &dyn TrackerRead = tracker.as_ref();
        match believed(app, reading, issue).await? {
            Observed::Known(found)
                if register.links.iter().any(|link| link.finding == *key && link.issue.id == found.at.id) =>
            {
                return Err(Failed::with(
                    Exit::Configuration,
                    anyhow!("{key} is linked with {issue} already"),
                ));
            }
            Observed::Known(found) => {
                let why = "a person named the issue".to_owned();
                let adoption = Adoption {
                    finding: key.clone(),
                    tracker: name.clone(),
                    issue: found,
                    kind: LinkKind::Cited,
                    doubles: Vec::new(),
                    citation: None,
                    why,
                };
                return Ok(adoption);
            }
            Observed::Missing => answers.push(format!("{name} has no {issue}")),
            Observed::Unknown { why } => {
                is_unasked = true;
                answers.push(format!("{name}: {why}"));
            }
        }
    }
    let answers = if answers.is_empty() {
        "no configured tracker has issues of this form".to_owned()
    } else {
        answers.join("; ")
    };
    // What could not be read may be there: this is no wrong command line.
    let exit = if is_unasked { Exit::Partial } else { Exit::Configuration };
    Err(Failed::with(exit, anyhow!("{issue} cannot be adopted: {answers}")))
}

/// An issue as its tracker shows it, unless that is older than it is known.
async fn believed(app: &App, tracker: &dyn TrackerRead, issue: &str) -> Result<Observed<Issue>, Failed> {
    let found = tracker.find(issue).await;
    let Observed::Known(shown) = found else { return Ok(found) };
    let known = app.ports.store.sighting(&shown.at.id).await.map_err(store_error)?;
    let known = known.map(|known| (shown.at.id.clone(), known)).into_iter().collect();
    Ok(Recall::new(tracker, &known).alone(shown))
}
