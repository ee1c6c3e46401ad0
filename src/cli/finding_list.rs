//! `finding list`: which findings there are, part by part.

use chrono::{DateTime, Utc};
use clap::Args;
use serde::Serialize;

use super::{
    Done, Exit, Failed,
    context::{choices, instant},
    finding::{EMPTY, store_error},
    long::{AT_ONCE, Long},
    named::unknown,
    output::{Output, Tone},
};
use crate::{
    app::App,
    model::{
        finding::{Finding, Owner},
        ids::FindingKey,
        link::Link,
        misfit::Misfit,
        page::Page,
        terms::{Severity, State},
        words::WithWords,
    },
    plan::linked::text,
    review::clock,
    store::view::{FindingQuery, Order, View},
};

/// Arguments of `finding list`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  postmortem-sync finding list
  postmortem-sync finding list --state pending_verification
  postmortem-sync finding list --overdue --limit 20
  postmortem-sync finding list --owner bo --severity high
  postmortem-sync finding list --postmortem PM-2026-004
  postmortem-sync finding list --limit 100 --after PM-2026-004/F1
  postmortem-sync finding list --all --format json
  postmortem-sync finding list --count

What is due first is listed first. Every row that is listed is held against its history; by key and without a limit, every row
of the register is. Counts are of rows as they stand.")]
pub(super) struct List {
    /// Only findings in this state.
    #[arg(long, value_parser = state)]
    state: Option<State>,
    /// Also those that are resolved or dismissed.
    #[arg(long)]
    all: bool,
    /// Only those that are overdue, the longest overdue first.
    #[arg(long)]
    overdue: bool,
    /// Of those that are overdue, only those whose deadline had not ended at this instant.
    #[arg(long, value_parser = instant, value_name = "WHEN", requires = "overdue")]
    since: Option<DateTime<Utc>>,
    /// Only findings of this severity.
    #[arg(long, value_parser = severity)]
    severity: Option<Severity>,
    /// Only findings of this owner: a key of the people file, an e-mail address, `@github-login`, or `nobody`.
    #[arg(long, value_name = "PERSON")]
    owner: Option<String>,
    /// Only findings of this team, as their documents name it.
    #[arg(long, value_name = "TEAM")]
    team: Option<String>,
    /// Only findings of this postmortem, by its id.
    #[arg(long, value_name = "ID")]
    postmortem: Option<String>,
    /// In what order: by deadline, or by key.
    #[arg(long, value_enum, value_name = "ORDER")]
    sort: Option<Sort>,
    /// At most so many.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
    /// Only those that come after this finding, in the order that is asked for.
    #[arg(long, value_name = "FINDING")]
    after: Option<String>,
    /// How many there are in each state, instead of a list.
    #[arg(long, conflicts_with_all = ["limit", "after", "sort"])]
    count: bool,
    /// As of another instant.
    #[arg(long, value_parser = instant, value_name = "WHEN")]
    now: Option<DateTime<Utc>>,
}

/// In what order findings are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Sort {
    /// By their keys.
    Key,
    /// The first due first; those without a deadline last.
    Due,
}

fn state(text: &str) -> Result<State, String> {
    State::parse(text).ok_or_else(|| choices(State::ALL.iter().map(|state| state.as_str())))
}

fn severity(text: &str) -> Result<Severity, String> {
    Severity::parse(text).ok_or_else(|| choices(Severity::ALL.iter().map(|severity| severity.as_str())))
}

const HEADER: &[&str] = &["finding", "state", "severity", "due", "owner", "issues", "title"];

/// Lists findings.
pub(super) async fn list(app: &App, output: &Output, list: &List) -> Done {
    let wanted = Wanted::of(app, list);
    let mut view = app.ports.store.view().await.map_err(store_error)?;
    if list.count {
        return count(view.as_mut(), &wanted, output).await;
    }
    let mut long = Long::new(output, HEADER);
    let mut walk = Walk::begin(view.as_mut(), &wanted, list).await?;
    while long.is_read()
        && let Some(page) = walk.next(view.as_mut(), &wanted).await?
    {
        let of_page: Vec<Listed<'_>> =
            page.findings.iter().map(|finding| Listed::of(finding, &page)).collect();
        long.print(&of_page, |listed| listed.row(&wanted, output))?;
    }
    long.end();
    for misfit in &walk.misfits {
        output.aside(format!("{} {}", output.paint(Tone::Bad, "✗"), misfit.why()));
    }
    if long.rows() == 0 && !output.is_json() {
        let held = view.states().await.map_err(store_error)?;
        let none = held.values().all(|n| *n == 0);
        output.line(if none { EMPTY } else { "no finding is in such a state" });
    }
    walk.tell_rest(view.as_mut(), &wanted, output).await?;
    Ok(if walk.misfits.is_empty() { Exit::Success } else { Exit::Held })
}

/// What is to be listed.
struct Wanted<'a> {
    app: &'a App,
    query: FindingQuery,
    is_overdue: bool,
    since: Option<DateTime<Utc>>,
    severity: Option<Severity>,
    owner: Option<Owner>,
    team: Option<&'a str>,
    postmortem: Option<&'a str>,
    now: DateTime<Utc>,
}

impl<'a> Wanted<'a> {
    fn of(app: &'a App, list: &'a List) -> Self {
        let now = list.now.unwrap_or_else(|| app.ports.clock.now());
        let is_asked = |state: &State| match list.state {
            Some(asked) => *state == asked,
            None => list.all || state.is_unresolved(),
        };
        let states = State::ALL.iter().copied().filter(is_asked);
        let states = states.filter(|state| !list.overdue || state.is_running()).collect();
        let policy = &app.config.policy;
        let order = match (list.overdue, list.sort) {
            (_, Some(Sort::Key)) => Order::Key,
            (false, Some(Sort::Due) | None) => Order::Due,
            (true, Some(Sort::Due) | None) => Order::DueBetween {
                after: list.since.map(|since| clock::last_ended(policy, since)),
                until: clock::last_ended(policy, now),
            },
        };
        let owner = list.owner.as_deref().map(|owner| match owner {
            "nobody" => Owner::Nobody,
            owner => app.config.people.owner_written(owner),
        });
        Self {
            app,
            query: FindingQuery { states, order },
            is_overdue: list.overdue,
            since: list.since,
            severity: list.severity,
            owner,
            team: list.team.as_deref(),
            postmortem: list.postmortem.as_deref(),
            now,
        }
    }

    /// Whether the query says everything that is asked for.
    fn is_by_query(&self) -> bool {
        let is_of_overdue = !self.is_overdue || matches!(self.query.order, Order::DueBetween { .. });
        let (of_people, of_write_up) =
            (self.owner.is_some() || self.team.is_some(), self.postmortem.is_some());
        self.severity.is_none() && !of_people && !of_write_up && is_of_overdue
    }

    fn takes(&self, finding: &Finding) -> bool {
        let policy = &self.app.config.policy;
        self.query.states.contains(&finding.state)
            && self.severity.is_none_or(|severity| finding.severity == severity)
            && self.owner.as_ref().is_none_or(|owner| finding.owner == *owner)
            && self.team.is_none_or(|team| is_alike(finding.stated.team.as_deref().unwrap_or_default(), team))
            && self.postmortem.is_none_or(|id| is_alike(finding.stated.postmortem.as_str(), id))
            && (!self.is_overdue || clock::overdue(policy, finding, self.now))
            && self.since.is_none_or(|since| !clock::overdue(policy, finding, since))
    }
}

fn is_alike(known: &str, asked: &str) -> bool {
    known.trim().to_lowercase() == asked.trim().to_lowercase()
}

/// A way through the register, page by page.
struct Walk {
    after: Option<FindingKey>,
    /// How many more findings are listed at most.
    left: Option<usize>,
    /// Whether every row was proven before the first was read.
    is_proven: bool,
    is_over: bool,
    misfits: Vec<Misfit>,
}

impl Walk {
    async fn begin(view: &mut dyn View, wanted: &Wanted<'_>, list: &List) -> Result<Self, Failed> {
        let is_proven = list.limit.is_none() && wanted.query.order == Order::Key;
        let misfits = if is_proven { view.prove().await.map_err(store_error)? } else { Vec::new() };
        let after = list.after.as_deref().map(FindingKey::new);
        // A place among deadlines is that of a finding; among keys any text has one.
        if let Some(key) = after.as_ref().filter(|_| wanted.query.order != Order::Key)
            && view.these(std::slice::from_ref(key)).await.map_err(store_error)?.findings.is_empty()
        {
            return Err(unknown(wanted.app.ports.store.as_ref(), key.as_str()).await);
        }
        let left = list.limit.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(Self { after, left, is_proven, is_over: false, misfits })
    }

    /// The next findings that are wanted.
    async fn next(&mut self, view: &mut dyn View, wanted: &Wanted<'_>) -> Result<Option<Page>, Failed> {
        if self.is_over || self.left == Some(0) {
            return Ok(None);
        }
        let most = match self.left {
            Some(left) if wanted.is_by_query() => AT_ONCE.min(u32::try_from(left).unwrap_or(u32::MAX)),
            Some(_) | None => AT_ONCE,
        };
        let after = self.after.as_ref();
        let page = if self.is_proven {
            view.page(after, most).await
        } else {
            view.some(&wanted.query, after, most).await
        };
        let mut page = page.map_err(store_error)?;
        self.misfits.append(&mut page.misfits);
        page.findings.retain(|finding| wanted.takes(finding));
        match &page.last {
            Some(last) => self.after = Some(last.clone()),
            None => self.is_over = true,
        }
        if let Some(left) = &mut self.left {
            if page.findings.len() > *left {
                page.findings.truncate(*left);
                self.after = page.findings.last().map(|finding| finding.key.clone());
            }
            *left = left.saturating_sub(page.findings.len());
        }
        Ok(Some(page))
    }

    /// Says what the limit left out.
    async fn tell_rest(
        &self,
        view: &mut dyn View,
        wanted: &Wanted<'_>,
        output: &Output,
    ) -> Result<(), Failed> {
        let Some(after) = self.after.as_ref().filter(|_| self.left == Some(0)) else { return Ok(()) };
        let rest = view.remaining(&wanted.query, Some(after)).await.map_err(store_error)?;
        if rest > 0 {
            let rest =
                if wanted.is_by_query() { format!("{rest} more") } else { "there may be more".to_owned() };
            output.aside(format!("{rest}; go on with `--after {after}`"));
        }
        Ok(())
    }
}

/// A finding and its issues, as a list shows them.
struct Listed<'a> {
    finding: &'a Finding,
    links: &'a [Link],
}

impl Serialize for Listed<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        WithWords::from(self.finding).serialize(serializer)
    }
}

impl<'a> Listed<'a> {
    fn of(finding: &'a Finding, page: &'a Page) -> Self {
        Self { finding, links: page.links_of(&finding.key) }
    }

    fn row(&self, wanted: &Wanted<'_>, output: &Output) -> Vec<String> {
        let finding = self.finding;
        let overdue = clock::overdue(&wanted.app.config.policy, finding, wanted.now);
        let due = finding.clock.due.map_or("none".to_owned(), |due| due.to_string());
        let issues: Vec<&str> = self.links.iter().map(|link| link.issue.key.as_str()).collect();
        vec![
            finding.key.to_string(),
            finding.state.to_string(),
            finding.severity.to_string(),
            if overdue { output.paint(Tone::Bad, format!("{due} overdue")) } else { due },
            text(&finding.owner),
            issues.join(" "),
            finding.stated.words_inside().title.clone(),
        ]
    }
}

/// Counts what would be listed: by an index alone where that is enough.
async fn count(view: &mut dyn View, wanted: &Wanted<'_>, output: &Output) -> Done {
    let mut counts = Vec::new();
    for state in &wanted.query.states {
        let query = FindingQuery { states: [*state].into(), order: wanted.query.order.clone() };
        let mut n = 0;
        if wanted.is_by_query() {
            n = view.remaining(&query, None).await.map_err(store_error)?;
        } else {
            let mut after = None;
            loop {
                let page = view.some(&query, after.as_ref(), AT_ONCE).await.map_err(store_error)?;
                n += page.findings.iter().filter(|finding| wanted.takes(finding)).count();
                let Some(last) = page.last else { break };
                after = Some(last);
            }
        }
        counts.push((*state, n));
    }
    let all: usize = counts.iter().map(|(_, n)| n).sum();
    if output.is_json() {
        let states: serde_json::Map<_, _> =
            counts.iter().map(|(state, n)| (state.to_string(), serde_json::json!(n))).collect();
        output.json(&serde_json::json!({ "all": all, "states": states }))?;
        return Ok(Exit::Success);
    }
    let rows = counts.iter().map(|(state, n)| vec![state.to_string(), n.to_string()]);
    output.table(&["state", "findings"], rows.chain([vec!["all".to_owned(), all.to_string()]]));
    Ok(Exit::Success)
}
