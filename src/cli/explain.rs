//! `explain`: why a finding goes where it goes, and what happens next.

use chrono::{DateTime, Utc};
use clap::Args;

use super::{
    Done, Global,
    context::{app, cycle_failed, instant, let_through, planned_exit, remember_pauses, unasked_json},
    named::{meant_or_written, unknown},
    notes::standing_line,
    output::{Output, Tone},
    plan::lines,
};
use crate::{
    app::{FixedClock, Reach},
    cycle::{
        self,
        gather::{Gathered, Scope},
        ports::Ports,
    },
    model::{
        cycle::{Note, NoteKind},
        finding::{AnchorKind, Finding},
        ids::FindingKey,
        note::Standing,
        words::WithWords,
    },
    plan::{
        action::Plan,
        allowed::{Allowed, allowed},
        linked::text,
        route::verdicts,
        wake::wake,
    },
    review::clock,
};

/// Arguments of `explain`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  postmortem-sync explain PM-2026-004/F1\n\nExit codes: 0 done; 2 there is no such finding; 3 a tracker or a document could not be read"
)]
pub(super) struct Explain {
    /// The finding's key.
    finding: String,
    /// Explain as of another instant.
    #[arg(long, value_parser = instant, value_name = "WHEN")]
    now: Option<DateTime<Utc>>,
}

/// Explains one finding.
pub(super) async fn explain(command: Explain, global: &Global, output: &Output) -> Done {
    let mut app = app(global, output, Reach::Trackers).await?;
    if let Some(now) = command.now {
        app.ports.clock = std::sync::Arc::new(FixedClock(now));
    }
    let key = meant_or_written(app.ports.store.as_ref(), &command.finding).await?;
    let scope = Scope::Only(key.clone());
    let (gathered, plan) = cycle::preview(&app.ports, &app.config, &scope).await.map_err(cycle_failed)?;
    remember_pauses(app.ports.store.as_ref(), &app.ports.trackers, &app.config.holder).await;
    let Some(finding) = gathered.register.findings.get(&key) else {
        return Err(unknown(app.ports.store.as_ref(), key.as_str()).await);
    };
    let checked = cycle::check(plan.clone(), &app.config, &gathered).into_plan();
    let allowed = allowed(&plan, &checked);
    let notes = standing(&app.ports, (&gathered, &checked), &key);
    let rules = verdicts(&app.config.rules, finding);
    let wake = gathered.rows.iter().filter_map(|row| wake(&gathered.context, row)).min();
    let deadline = deadline(finding, &gathered.context.policy, gathered.context.now);
    if output.is_json() {
        let value = serde_json::json!({
            "finding": WithWords::from(finding), "rules": rules, "deadline": deadline,
            "mode": app.config.mode, "actions": plan.actions, "allowed": allowed, "notes": notes, "wake": wake,
            "unasked": unasked_json(&gathered.trackers),
        });
        output.json(&value)?;
        return Ok(planned_exit(&gathered, &plan, output));
    }
    output.heading(format!("{key}  {}", finding.stated.words_inside().title));
    output.line(format!("  from {}:{}", finding.stated.path, finding.stated.line));
    let marked = |inferred: bool| if inferred { " (inferred)" } else { "" };
    output.line(format!(
        "  {} · class {}{} · route {} · work {}{} · severity {}{} · team {} · TLP:{}",
        finding.state,
        finding.class,
        marked(finding.class_inferred),
        finding.route,
        finding.work,
        marked(finding.work_inferred),
        finding.severity,
        if finding.severity_assumed { " (assumed)" } else { "" },
        finding.stated.team.as_deref().unwrap_or("not stated"),
        finding.stated.tlp,
    ));
    output.line(format!("  owner: {}", text(&finding.owner)));
    output.heading("Rules, the first that matches decides");
    for rule in &rules {
        let mark =
            if rule.matches { output.paint(Tone::Good, "✓") } else { output.paint(Tone::Faint, "·") };
        output.line(format!("  {mark} {}: {}", rule.rule, rule.why));
    }
    output.heading("Deadline");
    output.line(format!("  {deadline}"));
    output.heading("Next cycle");
    // Limits count over everything that a cycle would do: what they hold stands as a note.
    let held = let_through(&plan, &allowed, &format!("mode `{}` lets", app.config.mode));
    held.into_iter().for_each(|held| output.line(format!("  {held}")));
    print_next((&plan, &allowed), (&notes, wake), output);
    Ok(planned_exit(&gathered, &plan, output))
}

/// Prints what the next cycle would do, what would stand after it, and when the clock alone changes that.
fn print_next(
    (plan, allowed): (&Plan, &[Allowed]),
    (notes, wake): (&[Standing], Option<DateTime<Utc>>),
    output: &Output,
) {
    if plan.actions.is_empty() && notes.is_empty() {
        output.line("  nothing: both sides agree");
    }
    if let Some(wake) = wake {
        let wake = wake.format("%Y-%m-%d %H:%M UTC");
        output.line(format!("  if nobody does anything, the clock changes that at {wake}"));
    }
    let actions = plan.actions.iter().zip(allowed);
    for line in actions.flat_map(|(action, allowed)| lines(action, *allowed, output)) {
        output.line(format!("  {line}"));
    }
    for standing in notes {
        output.line(standing_line(standing, output));
    }
}

/// What would stand of a finding after the next cycle, and what else the plan for it says.
fn standing(ports: &Ports, (gathered, plan): (&Gathered, &Plan), key: &FindingKey) -> Vec<Standing> {
    let mut standing = cycle::notes::after(ports, gathered, plan);
    // What limits held is said by a whole cycle only.
    let is_held = |stood: &&Standing| matches!(stood.note.kind, NoteKind::Held | NoteKind::Deferred);
    let held = gathered.register.notes.iter().filter(is_held);
    let held: Vec<Standing> = held.filter(|stood| !standing.contains(stood)).cloned().collect();
    standing.extend(held);
    standing.sort();
    let concerns = |note: &Note| match &note.finding {
        Some(finding) => finding == key,
        None => plan.notes.contains(note),
    };
    standing.retain(|standing| concerns(&standing.note));
    standing
}

/// Where a deadline comes from, in a sentence.
fn deadline(finding: &Finding, policy: &crate::model::deadline::Policy, now: DateTime<Utc>) -> String {
    let record = &finding.clock;
    let anchor = match record.anchor_kind {
        AnchorKind::Published => "the postmortem was published",
        AnchorKind::FirstSeen => "it was first seen (no publication is stated)",
        AnchorKind::LateIntake => "it was first seen (its postmortem is older than 30 days)",
    };
    let Some(due) = record.due else {
        return format!("none: severity {} is tracked and never overdue", finding.severity);
    };
    let allowed = policy.terms(finding.severity).remediate_days;
    let allowed = allowed.map_or("no limit".to_owned(), |days| format!("{days} days"));
    let explicit =
        finding.stated.due.map(|date| format!("; its document asks for {date}")).unwrap_or_default();
    let extended = match record.extensions.last() {
        Some(extension) => {
            format!("; extended by {} to {}: {}", extension.by, extension.due, extension.reason)
        }
        None => String::new(),
    };
    let left = clock::days_left(policy, finding, now).unwrap_or_default();
    let left = if left < 0 { format!("{} days ago", -left) } else { format!("in {left} days") };
    format!(
        "{due} ({left}): {anchor} on {}, and the policy `{}` allows {allowed} for severity {}{explicit}{extended}",
        record.anchor, policy.name, finding.severity
    )
}
