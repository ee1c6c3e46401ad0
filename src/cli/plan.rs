//! `plan`: what the next cycle would do, and why.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use clap::Args;

use super::{
    Done, Exit, Global,
    context::{
        app, choices, counted, cycle_failed, let_through, planned_exit, remember_pauses, unasked_json,
    },
    notes,
    output::{Output, Tone},
    plan_file::{self, PlanFile},
};
use crate::{
    app::{App, Reach},
    cycle::{self, gather::Scope},
    model::{ids::TrackerName, terms::Mode},
    plan::{
        action::{Action, CreateAction, EditAction, Plan},
        allowed::{Allowed, allowed},
    },
};

/// Arguments of `plan`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  postmortem-sync plan\n  postmortem-sync plan --mode full      what would be let through in another mode than the configuration's\n  postmortem-sync plan --out plan.json && postmortem-sync apply plan.json\n  postmortem-sync plan --detailed-exitcode && echo nothing to do\n\nEverything that the rules would do is shown; what mode or limits hold back is marked so.\n\nExit codes: 0 done; 2 wrong configuration; 3 a tracker or a document could not be read; 10 there is something to do (with --detailed-exitcode)"
)]
pub(super) struct PlanCommand {
    /// Save the plan, to be applied exactly as it is.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Plan as if the configuration had this mode.
    #[arg(long, value_parser = mode, value_name = "MODE", conflicts_with = "out")]
    mode: Option<Mode>,
    /// Exit with 10 where there is something to do, whether or not the mode lets it through, and with 0 where there is not.
    #[arg(long)]
    detailed_exitcode: bool,
}

fn mode(text: &str) -> Result<Mode, String> {
    Mode::parse(text).ok_or_else(|| choices(Mode::ALL.iter().map(|mode| mode.as_str())))
}

/// Prints the plan, and saves it if asked.
pub(super) async fn plan(command: PlanCommand, global: &Global, output: &Output) -> Done {
    let mut app = app(global, output, Reach::Trackers).await?;
    app.config.mode = command.mode.unwrap_or(app.config.mode);
    let (gathered, plan) =
        cycle::preview(&app.ports, &app.config, &Scope::All).await.map_err(cycle_failed)?;
    remember_pauses(app.ports.store.as_ref(), &app.ports.trackers, &app.config.holder).await;
    let checked = cycle::check(plan.clone(), &app.config, &gathered);
    let allowed = allowed(&plan, checked.plan());
    if let Some(path) = &command.out {
        let file = PlanFile::new(plan.clone(), &gathered, &app.settings.digest, app.ports.clock.now());
        plan_file::write(path, &file)?;
    }
    let eta = eta(&app, &plan);
    let waits = cycle::unapproved(&gathered.register, &app.config);
    if output.is_json() {
        let eta: BTreeMap<_, _> = eta.iter().map(|(name, time)| (name.to_string(), time.as_secs())).collect();
        let value = serde_json::json!({
            "mode": app.config.mode,
            "actions": plan.actions,
            "allowed": allowed,
            "notes": checked.plan().notes,
            "first_import_seconds": eta,
            "unapproved": waits,
            "unasked": unasked_json(&gathered.trackers),
        });
        output.json(&value)?;
    } else {
        print((&plan, &allowed), app.config.mode, output);
        notes::of_plan(&checked.plan().notes, output);
        if let Some(why) = &waits {
            output.line(format!(
                "{}: {why}; `sync` writes nothing to trackers until `postmortem-sync approve --as PERSON`",
                output.paint(Tone::Warning, "not approved yet")
            ));
        }
        for (name, time) in &eta {
            output.line(format!(
                "{name}: {} at the allowed pace, over as many cycles as the limits need",
                duration(*time)
            ));
        }
        if let Some(path) = &command.out {
            output.line(format!("saved as {}; it holds for 24 hours", path.display()));
        }
    }
    let exit = planned_exit(&gathered, &plan, output);
    let is_due = exit == Exit::Success && command.detailed_exitcode && !plan.actions.is_empty();
    Ok(if is_due { Exit::Due } else { exit })
}

/// How long all creates of a plan take at each tracker's pace, where that is more than a moment.
fn eta(app: &App, plan: &Plan) -> BTreeMap<TrackerName, Duration> {
    let mut creates: BTreeMap<&TrackerName, usize> = BTreeMap::new();
    for action in &plan.actions {
        if let Action::Create(create) = action {
            *creates.entry(&create.tracker).or_default() += 1;
        }
    }
    let time = |(name, n): (&TrackerName, usize)| {
        Some((name.clone(), app.ports.trackers.get(name)?.pace().allowances().eta(n)))
    };
    creates.into_iter().filter_map(time).filter(|(_, time)| time.as_secs() > 0).collect()
}

/// `1 h 06 min`, `2 min`, `40 s`.
pub(super) fn duration(time: Duration) -> String {
    let (hours, minutes, seconds) = (time.as_secs() / 3600, time.as_secs() / 60 % 60, time.as_secs() % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds} s"),
        (0, _) => format!("{minutes} min"),
        (_, _) => format!("{hours} h {minutes:02} min"),
    }
}

/// Prints for people what the rules would do, and what of it is let through.
fn print((plan, allowed): (&Plan, &[Allowed]), mode: Mode, output: &Output) {
    let writes = plan.actions.iter().filter(|action| action.writes_to().is_some()).count();
    output.heading(format!(
        "{} on trackers, {} in the register",
        counted(writes, "write"),
        counted(plan.actions.len() - writes, "change")
    ));
    let judges = format!("mode `{mode}` and the limits let");
    if let Some(held) = let_through(plan, allowed, &judges) {
        output.line(output.paint(Tone::Warning, held));
    }
    for (action, allowed) in plan.actions.iter().zip(allowed) {
        lines(action, *allowed, output).into_iter().for_each(|line| output.line(line));
    }
}

/// An action for people to read, and whether it is held back.
pub(super) fn lines(action: &Action, allowed: Allowed, output: &Output) -> Vec<String> {
    let mut lines = said(action, output);
    let held = match allowed {
        Allowed::Whole => return lines,
        Allowed::InPart => "(let through in part)",
        Allowed::Nothing => "(held back)",
    };
    if let Some(first) = lines.first_mut() {
        *first = format!("{first} {}", output.paint(Tone::Warning, held));
    }
    lines
}

/// An action for people to read: what, where, from what to what, and why.
fn said(action: &Action, output: &Output) -> Vec<String> {
    let verb = |tone, word: &str| output.paint(tone, word);
    match action {
        Action::Create(create) => create_lines(create, output),
        Action::Edit(edit) => edit_lines(edit, output),
        Action::Adopt { finding, issue, why, .. } => {
            vec![format!("{} {finding} ↔ {}: {why}", verb(Tone::Good, "link"), issue.at.key)]
        }
        Action::Break { finding, tombstone, .. } => {
            vec![format!(
                "{} {finding} ↔ {}: {}",
                verb(Tone::Warning, "unlink"),
                tombstone.issue.key,
                tombstone.why
            )]
        }
        Action::Restore { finding, becomes, why, .. } => {
            vec![format!("{} {finding} ↔ {}: {why}", verb(Tone::Good, "relink"), becomes.issue.key)]
        }
        Action::Rekey { finding, becomes, why, .. } => {
            vec![format!("{} {finding} ↔ {}: {why}", verb(Tone::Warning, "follow"), becomes.issue.key)]
        }
        Action::EndIntent { finding, place, why, .. } => {
            let verb = verb(Tone::Faint, "clear up");
            vec![format!("{verb} {finding} ↔ {place}: a create whose outcome was unknown: {why}")]
        }
        Action::Record { finding, entries, .. } => entries
            .iter()
            .map(|entry| {
                let change = match (&entry.before, &entry.after) {
                    (Some(before), Some(after)) => format!(" {before} → {after}"),
                    (_, Some(after)) => format!(" → {after}"),
                    (_, None) => String::new(),
                };
                let field = entry.field.as_deref().unwrap_or("");
                format!("{} {finding} {field}{change}: {}", verb(Tone::Faint, "record"), entry.why)
            })
            .collect(),
    }
}

fn create_lines(create: &CreateAction, output: &Output) -> Vec<String> {
    let draft = &create.draft;
    let mut details = vec![format!("labels {}", draft.labels.iter().cloned().collect::<Vec<_>>().join(", "))];
    details.extend(draft.issue_type.as_ref().map(|kind| format!("type {kind}")));
    details.extend(draft.assignee.as_ref().map(|account| format!("assigned to {account}")));
    details.extend(draft.due.map(|due| format!("due {due}")));
    vec![
        format!(
            "{} {} in {} `{}`",
            output.paint(Tone::Good, "create"),
            create.finding,
            draft.place,
            draft.title
        ),
        format!("       {} ({}; {})", create.why, create.severity, details.join("; ")),
    ]
}

fn edit_lines(action: &EditAction, output: &Output) -> Vec<String> {
    let edit = &action.edit;
    let account = |account: &Option<crate::model::ids::AccountId>| {
        account.as_ref().map_or("nobody".to_owned(), ToString::to_string)
    };
    let date = |date: &Option<chrono::NaiveDate>| date.map_or("none".to_owned(), |date| date.to_string());
    let mut changes = Vec::new();
    changes.extend(
        edit.owner
            .as_ref()
            .map(|change| format!("owner {} → {}", account(&change.from), account(&change.to))),
    );
    changes.extend(edit.progress.as_ref().map(|change| format!("status {} → {}", change.from, change.to)));
    changes
        .extend(edit.due.as_ref().map(|change| format!("due {} → {}", date(&change.from), date(&change.to))));
    changes.extend(edit.add_labels.iter().map(|label| format!("+label {label}")));
    changes.extend(edit.remove_labels.iter().map(|label| format!("-label {label}")));
    changes.extend(edit.block.as_ref().map(|_| "our part of the description".to_owned()));
    changes.extend(edit.comment.as_ref().map(|_| "one comment".to_owned()));
    let verb = output.paint(Tone::Warning, "update");
    vec![
        format!("{verb} {} {}: {}", action.finding, action.issue.key, changes.join(", ")),
        format!("       {}", action.why.join("; ")),
    ]
}
