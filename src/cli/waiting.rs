//! What waits for a person in the documents: lists it, and records what they decide. Deciding is done by `plan::intake::ruling`.

use anyhow::anyhow;
use clap::{Args, Subcommand};
use serde_json::json;

use super::{
    Done, Exit, Failed, Global,
    context::{allowed, app, counted, person},
    finding::{lease, load, record, store_error},
    named::meant_or_written,
    output::Output,
};
use crate::{
    app::{App, Reach},
    cycle::misfits::Stopped,
    model::{
        finding::Finding,
        ids::{CandidateKey, FindingKey, PersonId, PostmortemId, SourceName},
        involvement::implied,
        register::{Register, Write},
        words::WithWords,
    },
    plan::intake::{
        Terms,
        ruling::{self, NotRuled, Ruling},
        waiting::waiting,
    },
    review::{
        act::Act,
        involvement::inherited,
        roles::{Verb, may},
    },
};

/// A decision on what waits.
#[derive(Debug, Subcommand)]
pub(super) enum Rule {
    /// Makes a candidate a finding; it stays one when its document is edited.
    #[command(after_help = "Example:\n  postmortem-sync intake accept PM-2026-004/c-5e1f00ba --as eli")]
    Accept {
        /// What `intake list` calls it.
        candidate: String,
        #[command(flatten)]
        by: Decider,
    },
    /// Says that a finding stands in its document in other words: it keeps its key, its deadline and its issue.
    #[command(
        after_help = "Example:\n  postmortem-sync intake link PM-2026-004/F1 PM-2026-004/c-5e1f00ba --as eli"
    )]
    Link {
        /// The key of the finding that its document seems to have lost.
        old: String,
        /// What it is now: a name of `intake list`, or the key of the finding that it was taken for.
        new: String,
        #[command(flatten)]
        by: Decider,
    },
    /// Says that findings of a source that vanished at once are really gone; they are flagged, and nothing is closed. Or, of a
    /// write-up, that it may be as lax as its document says now.
    #[command(
        after_help = "Examples:\n  postmortem-sync intake approve documents --as eli\n  postmortem-sync intake approve PM-2026-004 --as eli"
    )]
    Approve {
        /// The source, or the id of the write-up.
        source: String,
        #[command(flatten)]
        by: Decider,
    },
}

impl Rule {
    fn verb(&self) -> Verb {
        match self {
            Self::Accept { .. } => Verb::AcceptCandidate,
            Self::Link { .. } => Verb::LinkItem,
            Self::Approve { .. } => Verb::ApproveVanished,
        }
    }
}

/// Who decides.
#[derive(Debug, Args)]
pub(super) struct Decider {
    /// Who decides: a key of the people file, an e-mail address, or `@github-login`.
    #[arg(long = "as", id = "person", env = "POSTMORTEM_SYNC_AS", value_name = "PERSON")]
    person: Option<String>,
}

/// Lists what waits, with the names by which it is accepted or linked.
pub(super) async fn list(global: &Global, output: &Output) -> Done {
    let app = app(global, output, Reach::Documents).await?;
    let register = load(&app).await?;
    app.ports.library.know(&register.documents);
    let listings = app.ports.library.listings().await;
    let waiting = waiting(&register.findings, &listings);
    if output.is_json() {
        let values: Vec<_> = waiting
            .iter()
            .map(|waits| {
                json!({
                    "candidate": waits.key, "source": waits.source, "path": waits.path, "line": waits.line,
                    "reason": waits.reason, "perhaps": waits.perhaps, "text": waits.text,
                })
            })
            .collect();
        output.json(&values)?;
        return Ok(Exit::Success);
    }
    output.heading(counted(waiting.len(), "candidate"));
    let rows = waiting.into_iter().map(|waits| {
        let perhaps = waits.perhaps.map(|key| key.to_string()).unwrap_or_default();
        vec![
            waits.key.to_string(),
            format!("{}:{}", waits.path, waits.line),
            waits.reason,
            perhaps,
            waits.text,
        ]
    });
    output.table(&["candidate", "where", "why", "perhaps", "text"], rows);
    Ok(Exit::Success)
}

/// Takes the lease, lets the pure decision happen on the documents as they are now, and records it with its history.
pub(super) async fn rule(rule: Rule, global: &Global, output: &Output) -> Done {
    let app = app(global, output, Reach::Documents).await?;
    let (Rule::Accept { by, .. } | Rule::Link { by, .. } | Rule::Approve { by, .. }) = &rule;
    let by = person(&app.config.people, by.person.as_deref())?;
    allowed(&app, &by, rule.verb())?;
    let lease = lease(&app).await?;
    let ruled = match load(&app).await {
        Ok(register) => match decided(&app, &register, &rule, &by).await {
            Ok(ruling) => undisputed(&register, &ruling).map(|()| (register, ruling)),
            Err(failed) => Err(failed),
        },
        Err(failed) => Err(failed),
    };
    let recorded = match ruled {
        Ok((register, ruling)) => {
            let recorded = record(&app, &lease, writes(&register, &ruling)).await;
            recorded.map(|()| (register, ruling))
        }
        Err(failed) => Err(failed),
    };
    app.ports.store.release(lease).await.map_err(store_error)?;
    let (register, ruling) = recorded?;
    print(&register, &ruling, output)
}

async fn decided(app: &App, register: &Register, rule: &Rule, by: &PersonId) -> Result<Ruling, Failed> {
    app.ports.library.know(&register.documents);
    let listings = app.ports.library.listings().await;
    let (terms, findings) = (terms(app), &register.findings);
    let ruled = match rule {
        Rule::Accept { candidate, .. } => {
            ruling::accept(terms, findings, &listings, &CandidateKey::new(candidate.as_str()), by)
        }
        Rule::Link { old, new, .. } => {
            let store = app.ports.store.as_ref();
            let old = meant_or_written(store, old).await?;
            let waits = new.rsplit_once("/c-").is_some();
            let new =
                if waits { FindingKey::new(new.as_str()) } else { meant_or_written(store, new).await? };
            ruling::link(terms, findings, &listings, &old, new.as_str(), by)
        }
        Rule::Approve { source: name, .. } => {
            let source = SourceName::new(name.as_str());
            let write_up = PostmortemId::new(name.as_str());
            let is_write_up = findings.values().any(|finding| finding.stated.postmortem == write_up);
            match ruling::approve(terms, findings, &listings, &source, by) {
                Err(NotRuled::NothingHeld(_)) if is_write_up => {
                    ruling::approve_class(terms, findings, &listings, &write_up, by)
                }
                ruled => ruled,
            }
        }
    };
    let ruling = ruled.map_err(|why| {
        let exit = match why {
            NotRuled::NotWaiting(_) | NotRuled::Unknown(_) => Exit::Configuration,
            NotRuled::Taken(_)
            | NotRuled::Accepted { .. }
            | NotRuled::Linked { .. }
            | NotRuled::Same(_)
            | NotRuled::Listed { .. }
            | NotRuled::Elsewhere { .. }
            | NotRuled::NothingHeld(_)
            | NotRuled::NothingLaxer(_)
            | NotRuled::NotReviewer(_) => Exit::Refused,
        };
        Failed::with(exit, anyhow!(why))
    })?;
    refuse_parts(app, register, &ruling, by)?;
    Ok(ruling)
}

/// Refuses to take anything in for a write-up of which a finding does not fit its history, or under the key of one that is
/// gone.
fn undisputed(register: &Register, ruling: &Ruling) -> Result<(), Failed> {
    let stopped = Stopped::of(register);
    let held = ruling.findings.iter().find_map(|finding| stopped.holds_intake(&finding.key));
    let lost = ruling.findings.iter().find(|finding| register.lost.contains(&finding.key)).map(|finding| {
        format!(
            "it would be {}, which the history knows and the register has not; restore a backup, or write an id into the \
             document that no finding ever had",
            finding.key
        )
    });
    held.or(lost).map_or(Ok(()), |why| Err(Failed::with(Exit::Held, anyhow!("{why}"))))
}

fn terms(app: &App) -> Terms<'_> {
    Terms { people: &app.config.people, policy: &app.config.policy, now: app.ports.clock.now() }
}

/// A finding that ends because it is another one is decided on: not by anybody with a part in it.
fn refuse_parts(app: &App, register: &Register, ruling: &Ruling, by: &PersonId) -> Result<(), Failed> {
    let (people, policy) = (&app.config.people, &app.config.policy);
    for (ended, _) in ended(register, ruling) {
        let parts = register.parts(&ended.key);
        let act = Act { by, at: app.ports.clock.now(), people, policy, parts };
        let key = &ended.key;
        may(Verb::LinkItem, ended, act)
            .map_err(|refusal| Failed::with(Exit::Refused, anyhow!("{key}: {refusal}")))?;
    }
    Ok(())
}

/// The findings that a ruling ends because they are others, each as it was, with the one that it is.
fn ended<'a>(register: &'a Register, ruling: &'a Ruling) -> Vec<(&'a Finding, &'a Finding)> {
    let ends = ruling.findings.iter().filter_map(|finding| {
        let before = register.findings.get(&finding.key)?;
        let same = finding.told.same_as.as_ref().filter(|_| before.told.same_as.is_none())?;
        let stays = ruling.findings.iter().find(|stays| stays.key == *same)?;
        Some((before, stays))
    });
    ends.collect()
}

fn writes(register: &Register, ruling: &Ruling) -> Vec<Write> {
    let parts = ended(register, ruling).into_iter().flat_map(|(ended, stays)| {
        let found = implied(ended).into_iter();
        found.chain(inherited(ended, register.parts(&ended.key), stays)).collect::<Vec<_>>()
    });
    let before = ruling.findings.iter().filter_map(|finding| register.findings.get(&finding.key));
    let parts: Vec<_> = parts.chain(before.flat_map(implied)).collect();

    let findings = ruling.findings.iter().map(|finding| Write::Finding(Box::new(finding.clone())));
    let entries = ruling.entries.iter().map(|entry| {
        let mut entry = entry.clone();
        "command".clone_into(&mut entry.cycle);
        Write::History(entry)
    });
    let parts = parts.into_iter().map(|part| Write::Involvement(Box::new(part)));
    findings.chain(entries).chain(parts).collect()
}

/// Prints the findings that changed; issues of one that was taken for another are named, because nobody closes them.
fn print(register: &Register, ruling: &Ruling, output: &Output) -> Done {
    if output.is_json() {
        output.json(&ruling.findings.iter().map(WithWords::from).collect::<Vec<_>>())?;
        return Ok(Exit::Success);
    }
    for finding in &ruling.findings {
        let title = &finding.stated.words_inside().title;
        output.line(format!("{} {} · TLP:{}: {title}", finding.key, finding.state, finding.stated.tlp));
        for link in
            register.links.iter().filter(|link| finding.told.same_as.is_some() && link.finding == finding.key)
        {
            output.line(format!("  {} stays as it is; close it there if nobody needs it", link.issue.key));
        }
    }
    Ok(Exit::Success)
}
