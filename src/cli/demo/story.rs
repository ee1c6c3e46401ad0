//! What the demo tells: the worker's cycles, engineers at work, a reviewer who decides, and a deadline that passes.

use std::{path::Path, sync::Arc};

use anyhow::{Context as _, anyhow};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::clock::StoryClock;
use crate::{
    app::{self, App, Reach, Unwatched},
    cli::{
        Failed, Format,
        context::{cycle_failed, not_built, person},
        finding::{lease, load, record, store_error},
        output::{Output, Tone},
        report as deadline_report,
    },
    cycle, disk,
    model::{clock::Clock, finding::Finding, history::Entry, ids::FindingKey},
    report::Options,
    review::{act::Act, decision, refusal::Refusal, step::Step},
    sandbox::World,
    settings::{Settings, environment},
    store::HistoryQuery,
};

/// Over how many days the story goes; it ends today.
pub(super) const DAYS: i64 = 9;

/// So many days later is a deadline that a reviewer moves.
const MORE_DAYS: TimeDelta = TimeDelta::days(5);

/// The story's stage.
struct Stage<'a> {
    app: App,
    clock: Arc<StoryClock>,
    world: &'a World,
    output: &'a Output,
    /// How much of the history was told already.
    told: usize,
    chapter: usize,
}

/// Tells the story from the first cycle to the report.
pub(super) async fn tell(
    config: &Path,
    folder: &Path,
    (world, clock): (&World, Arc<StoryClock>),
    output: &Output,
) -> Result<(), Failed> {
    let settings = Settings::load(config, environment()).map_err(|wrong| {
        output.diagnostics(&wrong);
        anyhow!("the demo's configuration is wrong")
    })?;
    let by: Arc<dyn Clock> = Arc::clone(&clock) as Arc<dyn Clock>;
    let app = App::build_by(settings, Reach::Trackers, Arc::new(Unwatched), by).await.map_err(not_built)?;
    let mut stage = Stage { app, clock, world, output, told: 0, chapter: 0 };
    stage
        .output
        .line(format!("Three postmortems, a configuration and two trackers are in {}.", folder.display()));
    stage.first_cycle().await?;
    stage.engineers().await?;
    stage.reviewer().await?;
    stage.deadline().await?;
    stage.ending(folder, config).await
}

impl Stage<'_> {
    async fn first_cycle(&mut self) -> Result<(), Failed> {
        self.chapter("The worker reads the postmortems and opens issues by the rules");
        self.act(&json!({"as": "dara", "tracker": "github", "repo": "acme/platform", "do": "open_issue",
            "title": "Script that revokes every session", "assignees": ["dara"]}))?;
        self.cycle().await?;
        self.chapter("It runs again: nothing changed, so nothing is written");
        self.cycle().await
    }

    async fn engineers(&mut self) -> Result<(), Failed> {
        self.chapter("Engineers work in their own trackers");
        let first = self.issue("PM-2026-017/F1").await?;
        let second = self.issue("PM-2026-017/F2").await?;
        let third = self.issue("PM-2026-017/F3").await?;
        let jira = self.issue("PM-2026-021/F1").await?;
        self.played(
            &json!({"as": "ana", "tracker": "github", "issue": first, "do": "close", "reason": "completed"}),
        )?;
        self.played(
            &json!({"as": "bo", "tracker": "github", "issue": second, "do": "close", "reason": "completed"}),
        )?;
        self.played(&json!({"as": "ana", "tracker": "github", "issue": third, "do": "close", "reason": "not_planned"}))?;
        self.played(
            &json!({"as": "dara", "tracker": "jira", "issue": jira, "do": "assign", "assignee": "chen"}),
        )?;
        self.played(
            &json!({"as": "chen", "tracker": "jira", "issue": jira, "do": "transition", "to": "In Progress"}),
        )?;
        self.output.line("");
        self.cycle().await
    }

    async fn reviewer(&mut self) -> Result<(), Failed> {
        self.chapter("A reviewer decides; closing an issue is a claim, not a resolution");
        let evidence = ["https://ci.acme.example/runs/8812".to_owned()];
        self.decide("ana", "PM-2026-017/F1", "verify", |finding, act| {
            decision::verify(finding, act, &evidence, None)
        })
        .await?;
        self.decide("eli", "PM-2026-017/F1", "verify", |finding, act| {
            decision::verify(finding, act, &evidence, None)
        })
        .await?;
        let reason = "a token taken at noon was still accepted at four";
        self.decide("eli", "PM-2026-017/F2", "reject", |finding, act| decision::reject(finding, act, reason))
            .await?;
        let reason = "contractors read these logs; an alert is still needed";
        self.decide("eli", "PM-2026-017/F3", "reopen", |finding, act| decision::reopen(finding, act, reason))
            .await?;
        self.output.line("");
        self.cycle().await?;
        self.chapter("And again: both sides agree");
        self.cycle().await
    }

    async fn deadline(&mut self) -> Result<(), Failed> {
        self.chapter(&format!("{DAYS} days pass, and the deadlines of the critical findings with them"));
        self.clock.pass(DAYS);
        self.cycle().await?;
        self.chapter("A reviewer gives one of them more time");
        let due = (self.clock.now() + MORE_DAYS).date_naive();
        let reason = "the keys are ordered and arrive this week";
        self.decide("eli", "PM-2026-019/F1", "extend", |finding, act| {
            decision::extend(finding, act, due, reason)
        })
        .await?;
        self.output.line("");
        self.cycle().await
    }

    async fn ending(&mut self, folder: &Path, config: &Path) -> Result<(), Failed> {
        self.chapter("The deadline report");
        let register = load(&self.app).await?;
        let now = self.app.ports.clock.now();
        let report = app::report(&self.app.settings, &register, now, Options::default());
        for (name, format) in
            [("report.html", Format::Html), ("report.md", Format::Markdown), ("report.json", Format::Json)]
        {
            let path = folder.join(name);
            disk::replace(&path, deadline_report::render(&report, format)?.as_bytes())
                .with_context(|| format!("{} cannot be written", path.display()))?;
        }
        let output = self.output;
        output.line(format!("  {}", report.verdict.text));
        output.line("");
        output.heading("Where to go from here");
        output.line(format!(
            "  {}                    open it in a browser",
            folder.join("report.html").display()
        ));
        // As it was called, so that the lines can be copied before it is installed anywhere.
        let program = std::env::args().next().unwrap_or_else(|| "postmortem-sync".to_owned());
        for verb in ["finding list", "audit show"] {
            output.line(format!("  {program} --config {} {verb}", config.display()));
        }
        output.line("  With your own trackers: `GITHUB_TOKEN=… postmortem-sync init --github` writes a configuration with what the token");
        output.line("  can see, in `mode: observe`; then `postmortem-sync check --online`, and `plan`.");
        Ok(())
    }

    fn chapter(&mut self, title: &str) {
        self.chapter += 1;
        self.output.line("");
        self.output.heading(format!("{}. {title}", self.chapter));
    }

    /// Runs a cycle and tells what it brought.
    async fn cycle(&mut self) -> Result<(), Failed> {
        let outcome = cycle::sync(&self.app.ports, &self.app.config).await.map_err(cycle_failed)?;
        let entries = self.app.ports.store.history(&HistoryQuery::default()).await.map_err(store_error)?;
        let told =
            entries.iter().skip(self.told).filter_map(|told| sentence(&told.entry)).collect::<Vec<_>>();
        self.told = entries.len();
        for (tone, line) in &told {
            self.output.line(format!("  {} {line}", self.output.paint(*tone, "•")));
        }
        let writes =
            ["created", "updated"].iter().filter_map(|action| outcome.done.get(*action)).sum::<usize>();
        self.output.line(self.output.paint(Tone::Faint, format!("  {writes} writes to the trackers")));
        Ok(())
    }

    /// Key of the issue that follows a finding.
    async fn issue(&self, finding: &str) -> Result<String, Failed> {
        let register = load(&self.app).await?;
        let link = register.links.iter().find(|link| link.finding.as_str() == finding);
        Ok(link.map(|link| link.issue.key.clone()).with_context(|| format!("{finding} has no issue"))?)
    }

    fn act(&self, deed: &Value) -> Result<(), Failed> {
        self.world.act(deed).map(drop).map_err(|refusal| anyhow!("{refusal}").into())
    }

    /// Plays a person and says so.
    fn played(&self, deed: &Value) -> Result<(), Failed> {
        self.act(deed)?;
        let word = |name: &str| deed.get(name).and_then(Value::as_str).unwrap_or("");
        let how = [word("reason"), word("assignee"), word("to")].join(" ");
        let line =
            format!("{} in {}: {} {}", word("as"), word("issue"), word("do"), how.trim().replace('_', " "));
        self.output.line(format!("  {} {}", self.output.paint(Tone::Warning, "▸"), line.trim()));
        Ok(())
    }

    /// A person decides through the same functions as the command line, and the decision or its refusal is told.
    async fn decide(
        &mut self,
        who: &str,
        finding: &str,
        verb: &str,
        decision: impl Fn(&Finding, Act<'_>) -> Result<Step, Refusal>,
    ) -> Result<(), Failed> {
        let by = person(&self.app.config.people, Some(who))?;
        let lease = lease(&self.app).await?;
        let register = load(&self.app).await?;
        let known =
            register.findings.get(&FindingKey::new(finding)).with_context(|| format!("{finding} is gone"))?;
        let at = self.app.ports.clock.now();
        let (people, policy) = (&self.app.config.people, &self.app.config.policy);
        let act = Act { by: &by, at, people, policy, parts: register.parts(&known.key) };
        let line = match decision(known, act) {
            Ok(step) => {
                let line = format!("{who}: {verb} {finding} → {}", step.finding.state);
                record(&self.app, &lease, step.writes(known, at, &by)).await?;
                self.told += 1;
                format!("{} {line}", self.output.paint(Tone::Good, "✓"))
            }
            Err(refusal) => {
                format!("{} {who}: {verb} {finding} is refused: {refusal}", self.output.paint(Tone::Bad, "✗"))
            }
        };
        self.app.ports.store.release(lease).await.map_err(store_error)?;
        self.output.line(format!("  {line}"));
        Ok(())
    }
}

/// A history entry as a sentence; what only prepares another one is left out.
fn sentence(entry: &Entry) -> Option<(Tone, String)> {
    let finding = entry.finding.as_ref()?;
    let issue = entry.issue.as_deref().unwrap_or("");
    let change = match (&entry.before, &entry.after) {
        (Some(before), Some(after)) => format!("{before} → {after}"),
        (_, after) => after.clone().unwrap_or_default(),
    };
    let field = entry.field.as_deref().unwrap_or("");
    Some(match entry.event.as_str() {
        "issue_created" => (Tone::Good, format!("{finding} ↔ {issue} created: {}", entry.why)),
        "issue_cited" | "issue_recovered" => {
            (Tone::Good, format!("{finding} ↔ {issue} linked: {}", entry.why))
        }
        "owner_pulled" | "finding_claimed" | "declined_upstream" => {
            (Tone::Warning, format!("{finding} {field} {change}: {}", entry.why))
        }
        "issue_changed" => (Tone::Good, format!("{issue} {field} {change}: {}", entry.why)),
        "finding_entered" | "create_sent" | "status_pulled" => return None,
        _ => (Tone::Faint, format!("{finding} {} {change}: {}", entry.event.replace('_', " "), entry.why)),
    })
}
