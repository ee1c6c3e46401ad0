//! The deciding verbs of `finding`: each names a person, happens in a pure function, and is recorded with its history.

use anyhow::anyhow;
use chrono::NaiveDate;
use clap::{Args, Subcommand};

use super::{
    Done, Exit, Failed,
    context::{day, person},
    decide_words::{FieldWord, KeepWord, VerdictWord, class, tlp, work},
    finding::{fitting, lease_after_a_look, record, rows, store_error},
    named::meant,
    output::Output,
};
use crate::{
    app::App,
    model::{
        cycle::NoteKind,
        finding::{Finding, Owner},
        ids::{FindingKey, PersonId},
        register::{Register, Write},
        terms::{Class, Tlp, Work},
        words::WithWords,
    },
    review::{act::Act, class as classes, decision, refusal::Refusal, step::Step},
    store::{Lease, StoreError},
};

/// Who decides.
#[derive(Debug, Args)]
pub(super) struct Decider {
    /// Who decides: a key of the people file, an e-mail address, or `@github-login`.
    #[arg(long = "as", id = "person", env = "POSTMORTEM_SYNC_AS", value_name = "PERSON")]
    person: Option<String>,
    /// Decide only on this version of the finding, as `finding show` says it; else on the one that is there when this begins.
    #[arg(long, value_name = "VERSION")]
    seen: Option<i64>,
}

/// A decision on a finding.
#[derive(Debug, Subcommand)]
pub(super) enum Decision {
    /// Gives a finding to somebody, or to nobody.
    #[command(
        after_help = "Examples:\n  postmortem-sync finding assign PM-2026-004/F1 bo --as eli\n  postmortem-sync finding assign PM-2026-004/F1 nobody --as eli"
    )]
    Assign {
        /// The finding's key.
        finding: String,
        /// The new owner; `nobody` for none.
        owner: String,
        #[command(flatten)]
        by: Decider,
    },
    /// Confirms that a claimed finding is done. Not by anybody who owned, closed or claimed it since it was last opened.
    #[command(
        after_help = "Examples:\n  postmortem-sync finding verify PM-2026-004/F1 --evidence https://ci.example.org/runs/8812 --as eli\n  postmortem-sync finding verify PM-2026-004/F2 --evidence 'minutes of 3 June' --procedure https://wiki.example.org/sop/7 --as eli"
    )]
    Verify {
        /// The finding's key.
        finding: String,
        /// What shows that it is done: a pull request, a test, a release. May be given several times.
        #[arg(long, required = true, value_name = "REFERENCE")]
        evidence: Vec<String>,
        /// The revised procedure; needed for process findings.
        #[arg(long, value_name = "REFERENCE")]
        procedure: Option<String>,
        #[command(flatten)]
        by: Decider,
    },
    /// Sends a claimed finding back to its owner; its issues are reopened with the reason.
    #[command(
        after_help = "Example:\n  postmortem-sync finding reject PM-2026-004/F1 --reason 'the old tokens still work' --as eli"
    )]
    Reject {
        /// The finding's key.
        finding: String,
        /// Why, for the engineers to read.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        by: Decider,
    },
    /// Moves the deadline, as far as the policy allows. Not by anybody with a part in it; the original stays on record.
    #[command(
        after_help = "Example:\n  postmortem-sync finding extend PM-2026-004/F1 --due 2026-06-30 --reason 'the vendor is late' --as eli"
    )]
    Extend {
        /// The finding's key.
        finding: String,
        /// The new deadline.
        #[arg(long, value_parser = day, value_name = "DATE")]
        due: NaiveDate,
        /// Why.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        by: Decider,
    },
    /// Accepts the risk for a while.
    #[command(
        after_help = "Example:\n  postmortem-sync finding waive PM-2026-004/F1 --expires 2026-09-30 --reason 'the service is switched off in September' --as eli"
    )]
    Waive {
        /// The finding's key.
        finding: String,
        /// Last day of the waiver.
        #[arg(long, value_parser = day, value_name = "DATE")]
        expires: NaiveDate,
        /// Why.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        by: Decider,
    },
    /// Takes a finding off the list: a duplicate, superseded, out of scope, or none.
    #[command(
        after_help = "Example:\n  postmortem-sync finding dismiss PM-2026-004/F1 --reason 'the same as PM-2026-002/F3' --as eli"
    )]
    Dismiss {
        /// The finding's key.
        finding: String,
        /// Why.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        by: Decider,
    },
    /// Opens a resolved, waived, dismissed or declined finding again.
    #[command(
        after_help = "Example:\n  postmortem-sync finding reopen PM-2026-004/F1 --reason 'it happened again' --as eli"
    )]
    Reopen {
        /// The finding's key.
        finding: String,
        /// Why.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        by: Decider,
    },
    /// Records a review; every unresolved finding has a next one.
    #[command(
        after_help = "Example:\n  postmortem-sync finding review PM-2026-004/F1 --verdict at_risk --note 'waits for the vendor' --as eli"
    )]
    Review {
        /// The finding's key.
        finding: String,
        /// How it stands.
        #[arg(long, value_enum)]
        verdict: VerdictWord,
        /// What was said.
        #[arg(long)]
        note: Option<String>,
        /// When to review next; only sooner than usual.
        #[arg(long, value_parser = day, value_name = "DATE")]
        next: Option<NaiveDate>,
        #[command(flatten)]
        by: Decider,
    },
    /// Says whose value holds where both sides changed the owner or the status, and nobody's policy decides.
    #[command(
        after_help = "Example:\n  postmortem-sync finding settle PM-2026-004/F1 --field owner --keep tracker --as eli"
    )]
    Settle {
        /// The finding's key.
        finding: String,
        /// The field that both sides changed.
        #[arg(long, value_enum)]
        field: FieldWord,
        /// Whose value holds.
        #[arg(long, value_enum)]
        keep: KeepWord,
        #[command(flatten)]
        by: Decider,
    },
    /// Corrects what went wrong, the kind of work, or who may read it, where the document leaves it open or is wrong.
    #[command(
        after_help = "Examples:\n  postmortem-sync finding classify PM-2026-004/F1 --class process_flaw --work change_request --as eli\n  postmortem-sync finding classify PM-2026-004/F1 --tlp AMBER --reason 'the mark was about another incident' --as eli"
    )]
    Classify {
        /// The finding's key.
        finding: String,
        /// What went wrong.
        #[arg(long, value_parser = class, required_unless_present_any = ["work", "tlp"])]
        class: Option<Class>,
        /// What an engineering team would call it.
        #[arg(long, value_parser = work)]
        work: Option<Work>,
        /// Who may read it; to make it laxer takes a reviewer. Holds until its document becomes stricter.
        #[arg(long, value_parser = tlp, value_name = "TLP", conflicts_with_all = ["class", "work"])]
        tlp: Option<Tlp>,
        /// Why.
        #[arg(long, requires = "tlp")]
        reason: Option<String>,
        #[command(flatten)]
        by: Decider,
    },
    /// Names somebody who is no reviewer to verify a finding in which every reviewer had a part.
    #[command(after_help = "Example:\n  postmortem-sync finding reviewer PM-2026-004/F1 dara --as eli")]
    Reviewer {
        /// The finding's key.
        finding: String,
        /// Who may verify it: somebody else without a part in it.
        reviewer: String,
        #[command(flatten)]
        by: Decider,
    },
    /// Says who closed the issue, where the tracker's account is nobody in the people file.
    #[command(after_help = "Example:\n  postmortem-sync finding claimant PM-2026-004/F1 bo --as eli")]
    Claimant {
        /// The finding's key.
        finding: String,
        /// Who it was.
        claimant: String,
        #[command(flatten)]
        by: Decider,
    },
}

/// Looks, takes the lease, lets the pure decision happen, records it with its history; unless the finding changed while the
/// lease was waited for, or since the person looked.
pub(super) async fn decide(app: &App, output: &Output, verb: &Decision) -> Done {
    let (key, by) = subject(verb);
    let person = person(&app.config.people, by.person.as_deref())?;
    let (lease, waited_on) = lease_after_a_look(app, key).await?;
    let seen = by.seen.or(waited_on);
    let decided = decide_under(app, &lease, (key, seen), &person, verb).await;
    app.ports.store.release(lease).await.map_err(store_error)?;
    let step = decided?;
    if output.is_json() {
        output.json(&WithWords::from(&step.finding))?;
    } else {
        let change = match (&step.before, &step.after) {
            (Some(before), Some(after)) => format!("{before} → {after}"),
            (_, after) => after.clone().unwrap_or_default(),
        };
        output.line(format!("{} {}: {change}", step.finding.key, step.field));
        output.line("The next cycle carries it to its issues.");
    }
    Ok(Exit::Success)
}

async fn decide_under(
    app: &App,
    lease: &Lease,
    (name, seen): (&str, Option<i64>),
    by: &PersonId,
    verb: &Decision,
) -> Result<Step, Failed> {
    let key = &meant(app.ports.store.as_ref(), name).await?;
    let register = rows(app, key).await?;
    let finding = fitting(app, &register, key).await?;
    if seen.is_some_and(|seen| register.versions.findings.get(key) != Some(&seen)) {
        return Err(store_error(StoreError::Stale { finding: key.clone() }));
    }
    if matches!(verb, Decision::Settle { .. }) && !contested(&register, key) {
        let why = "the last cycle found both sides agreed; there is nothing to settle";
        return Err(Failed::with(Exit::Refused, anyhow!("{key}: {why}")));
    }
    let at = app.ports.clock.now();
    let parts = register.parts(key);
    let act = Act { by, at, people: &app.config.people, policy: &app.config.policy, parts };
    let step = step(finding, act, verb).map_err(|refusal| {
        let is_unknown = matches!(refusal, Refusal::UnknownPerson(_));
        let exit = if is_unknown { Exit::Configuration } else { Exit::Refused };
        Failed::with(exit, anyhow!("{key}: {refusal}"))
    })?;
    let unchanged = seen.map(|version| Write::Unchanged { finding: key.clone(), version });
    record(app, lease, unchanged.into_iter().chain(step.writes(finding, at, by)).collect()).await?;
    Ok(step)
}

/// Whether a conflict of a finding is left to a person.
fn contested(register: &Register, key: &FindingKey) -> bool {
    let mut notes = register.notes.iter().map(|standing| &standing.note);
    notes.any(|note| note.kind == NoteKind::Conflict && note.finding.as_ref() == Some(key))
}

/// The finding of a deciding verb, and who decides on what.
fn subject(verb: &Decision) -> (&str, &Decider) {
    match verb {
        Decision::Assign { finding, by, .. }
        | Decision::Verify { finding, by, .. }
        | Decision::Reject { finding, by, .. }
        | Decision::Extend { finding, by, .. }
        | Decision::Waive { finding, by, .. }
        | Decision::Dismiss { finding, by, .. }
        | Decision::Reopen { finding, by, .. }
        | Decision::Review { finding, by, .. }
        | Decision::Settle { finding, by, .. }
        | Decision::Classify { finding, by, .. }
        | Decision::Reviewer { finding, by, .. }
        | Decision::Claimant { finding, by, .. } => (finding, by),
    }
}

fn step(finding: &Finding, act: Act<'_>, verb: &Decision) -> Result<Step, Refusal> {
    let people = act.people;
    match verb {
        Decision::Assign { owner, .. } if owner == "nobody" => decision::assign(finding, act, &Owner::Nobody),
        Decision::Assign { owner, .. } => decision::assign(finding, act, &people.owner_written(owner)),
        Decision::Verify { evidence, procedure, .. } => {
            decision::verify(finding, act, evidence, procedure.as_deref())
        }
        Decision::Reject { reason, .. } => decision::reject(finding, act, reason),
        Decision::Extend { due, reason, .. } => decision::extend(finding, act, *due, reason),
        Decision::Waive { expires, reason, .. } => decision::waive(finding, act, *expires, reason),
        Decision::Dismiss { reason, .. } => decision::dismiss(finding, act, reason),
        Decision::Reopen { reason, .. } => decision::reopen(finding, act, reason),
        Decision::Review { verdict, note, next, .. } => {
            decision::review(finding, act, (*verdict).into(), note.as_deref(), *next)
        }
        Decision::Settle { field, keep, .. } => {
            decision::settle(finding, act, (*field).into(), (*keep).into())
        }
        Decision::Reviewer { reviewer, .. } => match people.owner_written(reviewer) {
            Owner::Person(person) => decision::name_reviewer(finding, act, &person),
            Owner::Nobody | Owner::Unmapped(_) => Err(Refusal::UnknownPerson(reviewer.clone())),
        },
        Decision::Classify { tlp: Some(tlp), reason, .. } => {
            classes::give(finding, act, *tlp, reason.as_deref())
        }
        Decision::Classify { class, work, tlp: None, .. } => decision::classify(finding, act, *class, *work),
        Decision::Claimant { claimant, .. } => match people.owner_written(claimant) {
            Owner::Person(person) => decision::name_claimant(finding, act, &person),
            Owner::Nobody | Owner::Unmapped(_) => Err(Refusal::UnknownPerson(claimant.clone())),
        },
    }
}
