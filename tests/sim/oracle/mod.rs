//! The judge. It knows what is in the trackers, what people did there and what went over the wire, and nothing of plans
//! or of how a register is kept.

pub(crate) mod lives;
pub(crate) mod notes;
pub(crate) mod parts;
pub(crate) mod pulled;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use self::{
    lives::{By, Lives},
    parts::Book,
    pulled::Tie,
};
use crate::stage::SHARED;

/// What may never leave the register.
pub(crate) const RED: &str = "CANARYRED";
/// What may leave for places that only those can read who were let in.
pub(crate) const AMBER: &str = "CANARYAMBER";
/// What is said of an issue that a new register need not find.
const ELSEWHERE: &str = ", elsewhere";
/// The account of the worker, on every tracker.
const BOT: &str = "acme-bot";
/// How old a proof of who can read a place may be, in milliseconds.
const PROOF: i64 = 60_000;

/// An issue, as the trackers hold it.
#[derive(Clone, Debug)]
pub(crate) struct Issue {
    pub(crate) tracker: &'static str,
    pub(crate) key: String,
    /// Its number.
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) open: bool,
    pub(crate) assignees: Vec<String>,
    /// `open`, `in_progress`, `done` or `declined`.
    pub(crate) progress: &'static str,
    /// Whether the worker made it.
    pub(crate) ours: bool,
    /// What the worker said there.
    pub(crate) said: Vec<String>,
}

/// Every issue of every tracker.
pub(crate) fn issues(state: &Value) -> Vec<Issue> {
    let mut issues = Vec::new();
    for (tracker, places, key, title) in [
        ("github", "repositories", "issue", "title"),
        ("jira", "projects", "key", "summary"),
        ("jira_dc", "projects", "key", "summary"),
    ] {
        for place in state[tracker][places].as_array().unwrap() {
            for issue in place["issues"].as_array().unwrap() {
                issues.push(shown(tracker, issue, (key, title)));
            }
        }
    }
    issues
}

fn shown(tracker: &'static str, issue: &Value, (key, title): (&str, &str)) -> Issue {
    let text = |name: &str| issue[name].as_str().unwrap_or_default().to_owned();
    let assignees = match (&issue["assignees"], &issue["assignee"]) {
        (Value::Array(all), _) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        (_, Value::String(one)) => vec![one.clone()],
        _ => Vec::new(),
    };
    let open = match tracker {
        "github" => issue["state"] == "open",
        _ => issue["resolution"].is_null(),
    };
    let title = if issue[title].is_null() { text("title") } else { text(title) };
    let ours = issue["author"] == BOT || issue["reporter"] == BOT;
    let comments = issue["comments"].as_array().into_iter().flatten();
    let said = comments.filter(|comment| comment["author"] == BOT).map(|comment| comment["body"].to_string());
    let (said, progress) = (said.collect(), progress(tracker, issue));
    let id = issue["id"].as_str().map_or_else(|| issue["id"].to_string(), str::to_owned);
    Issue { tracker, key: text(key), id, title, open, assignees, progress, ours, said }
}

/// How far an issue is, in the words of the history.
fn progress(tracker: &str, issue: &Value) -> &'static str {
    let is = |name: &str, words: &[&str]| issue[name].as_str().is_some_and(|word| words.contains(&word));
    if tracker == "github" {
        return match (is("state", &["open"]), is("state_reason", &["not_planned", "duplicate"])) {
            (true, _) => "open",
            (false, true) => "declined",
            (false, false) => "done",
        };
    }
    if !is("category", &["done"]) {
        return if is("category", &["indeterminate"]) { "in_progress" } else { "open" };
    }
    if is("resolution", &["Won't Do", "Duplicate", "Cannot Reproduce"]) { "declined" } else { "done" }
}

/// What somebody wanted to be so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    Assigned(String),
    Unassigned(String),
    Closed,
    Opened,
}

/// An entry of the history, as it is exported.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    /// Its number.
    pub(crate) seq: i64,
    pub(crate) event: String,
    pub(crate) finding: Option<String>,
    pub(crate) issue: Option<String>,
    pub(crate) field: Option<String>,
    /// Its values before and after.
    pub(crate) values: [Option<String>; 2],
    pub(crate) why: String,
}

/// A finding, as the register says that it is in the end.
#[derive(Clone, Debug)]
pub(crate) struct Stood {
    pub(crate) finding: String,
    /// A login, or nothing.
    pub(crate) owner: String,
    pub(crate) state: String,
    /// Whether its issue is expected to be open; nothing if that is for nobody to say.
    pub(crate) open: Option<bool>,
    /// The issues that it follows.
    pub(crate) issues: Vec<String>,
    /// Whether the last cycle says anything about it.
    pub(crate) noted: bool,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Oracle {
    /// The finding of each issue, by the title that the issue was made with.
    made_for: BTreeMap<String, String>,
    /// When the last cycle began.
    began: i64,
    /// Where the history ended then: what the cycle tells comes after this.
    pub(crate) head: i64,
    /// Whether times are harsh.
    harsh: bool,
    /// Whether answers of this cycle left fields out.
    pub(crate) partial: bool,
    /// Whether answers were falsified so that nobody could tell.
    pub(crate) lied: bool,
    /// Whether the register is one from before, or a new one.
    forgetful: bool,
    /// Whether the register is another one, and knows nothing of what its predecessor made.
    pub(crate) foreign: bool,
    /// Whether the worker's clock is so wrong that it may not write.
    pub(crate) skewed: bool,
    /// Whether the process at work holds a copy of the register, which may not be used.
    pub(crate) copied: bool,
    /// Where issues are out of sight: how their keys begin.
    pub(crate) hidden: BTreeSet<String>,
    /// Who closed an issue last.
    closers: BTreeMap<String, String>,
    /// What the register held after the last cycle.
    pub(crate) ties: Vec<Tie>,
    book: Book,
    pub(crate) lives: Lives,
    /// How many more issues may be created before the next cycle begins.
    pub(crate) may_create: usize,
    /// Issues that somebody deleted.
    gone: Vec<String>,
    /// The last word of people on each issue.
    last: BTreeMap<(String, &'static str), (Deed, i64)>,
    /// The last word of reviewers on each finding.
    decided: BTreeMap<(String, &'static str), (String, i64)>,
    /// Since when everybody can read the repository.
    public_since: Option<i64>,
    /// What was broken.
    pub(crate) broken: Vec<String>,
}

/// Whether a reviewer opened the finding of an issue again: whoever closed the issue while it was held to be none is
/// overruled by that.
fn taken_back(history: &[Recorded], key: &str, since: i64) -> bool {
    let of_issue: BTreeSet<&String> = history
        .iter()
        .filter(|entry| entry.issue.as_deref() == Some(key))
        .filter_map(|entry| entry.finding.as_ref())
        .collect();
    let mut reopened = history.iter().filter(|entry| entry.event == "finding_reopened" && entry.seq > since);
    reopened.any(|entry| entry.finding.as_ref().is_some_and(|finding| of_issue.contains(finding)))
}

impl Oracle {
    pub(crate) fn did(&mut self, issue: &Issue, deed: Deed, who: &str) {
        let idle = match &deed {
            Deed::Assigned(who) => issue.assignees.contains(who),
            Deed::Unassigned(who) => !issue.assignees.contains(who),
            Deed::Closed => !issue.open,
            Deed::Opened => false,
        };
        let field = if matches!(deed, Deed::Assigned(_) | Deed::Unassigned(_)) { "owner" } else { "status" };
        // Whoever undoes what somebody did since the last cycle leaves the issue as both sides agreed: no state tells that, and
        // nobody is overruled.
        let mut ties = self.ties.iter().filter(|tie| tie.issue == issue.key).peekable();
        let is_as_agreed =
            ties.peek().is_some() && ties.all(|tie| self.lives.shows_now(&issue.key, tie.shared(field)));
        if is_as_agreed {
            self.last.remove(&(issue.key.clone(), field));
        }
        if idle || is_as_agreed {
            return;
        }
        if deed == Deed::Closed {
            self.closers.insert(issue.key.clone(), who.to_owned());
        }
        self.last.insert((issue.key.clone(), field), (deed, self.head));
    }

    pub(crate) fn begins(&mut self, may_create: usize, now: i64, harsh: bool) {
        self.may_create = may_create;
        self.began = now;
        self.harsh = harsh;
    }

    /// A reviewer wants a finding to be so; the history ended with that.
    pub(crate) fn decided(&mut self, finding: &str, field: &'static str, value: &str, head: i64) {
        self.decided.insert((finding.to_owned(), field), (value.to_owned(), head));
    }

    /// The register forgets what was decided since an earlier time, and with it what it told of people whom it overruled.
    pub(crate) fn put_back(&mut self) {
        self.decided.clear();
        self.last.clear();
        self.lives.forget();
        self.forgetful = true;
        self.forget_parts();
    }

    /// A register that begins anew finds what it made, except where somebody took it to a place that no rule names.
    pub(crate) fn lost(&mut self, elsewhere: &[&str]) {
        self.put_back();
        let away = |key: &String| elsewhere.iter().any(|place| key.starts_with(place));
        let titles = self.made_for.iter_mut().filter(|(key, title)| away(key) && !title.ends_with(ELSEWHERE));
        titles.for_each(|(_, title)| title.push_str(ELSEWHERE));
    }

    pub(crate) fn deleted(&mut self, issue: &Issue) {
        self.gone.push(issue.key.clone());
        self.last.retain(|(key, _), _| *key != issue.key);
    }

    /// An issue has another key from now on, and is still the same. What people wanted of it is for its new place.
    pub(crate) fn moved(&mut self, issue: &Issue, key: String, now: i64) {
        self.lives.moved(&issue.key, &key, now);
        if let Some(mut finding) = self.made_for.remove(&issue.key) {
            // A register that does not know it looks for it in the places that its rules name.
            let is_known = self.ties.iter().any(|tie| tie.issue == issue.key);
            let is_lost = self.foreign || self.forgetful && !is_known;
            if is_lost && !finding.ends_with(ELSEWHERE) {
                finding.push_str(ELSEWHERE);
            }
            self.made_for.insert(key, finding);
        }
        self.last.retain(|(key, _), _| *key != issue.key);
    }

    pub(crate) fn visible(&mut self, public: bool, now: i64) {
        self.public_since = public.then(|| self.public_since.unwrap_or(now));
    }

    /// A request that is about to leave.
    pub(crate) fn sent(&mut self, line: &str, body: &str, to_repository: bool, now: i64) {
        if body.contains(RED) || line.contains(RED) {
            self.broken.push(format!("RED text left: {line}"));
        }
        let open_too_long = self.public_since.is_some_and(|since| now - since > PROOF);
        if to_repository && body.contains(AMBER) && open_too_long {
            self.broken.push(format!("AMBER text left for a public repository: {line}"));
        }
    }

    /// A copy of a register says nothing to any tracker: the original goes on there.
    pub(crate) fn copy_spoke(&mut self, line: &str) {
        if self.copied {
            self.broken.push(format!("a copy of the register asks {line}"));
        }
    }

    /// Something that people may read outside: a log, a report, an error.
    pub(crate) fn told(&mut self, what: &str, text: &str, words: &[&str]) {
        for word in words.iter().filter(|word| text.contains(**word)) {
            self.broken.push(format!("{word} in {what}"));
        }
    }

    /// How the trackers are after a step.
    pub(crate) fn look(&mut self, state: &Value, now: i64, by: By) {
        let issues = issues(state);
        let changed = self.lives.look(&issues, now, by);
        if by == By::Us && self.skewed && !changed.is_empty() {
            self.broken.push(format!("{changed:?} were written by a clock that is days off"));
        }
        for issue in &issues {
            if self.made_for.contains_key(&issue.key) {
                continue;
            }
            self.made_for.insert(issue.key.clone(), issue.title.clone());
            match self.may_create.checked_sub(1) {
                _ if issue.title.starts_with(SHARED) => {}
                Some(left) => self.may_create = left,
                None => self.broken.push(format!("{} is created beyond the limit", issue.key)),
            }
        }
        let mut live: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
        for issue in &issues {
            let finding = self.made_for.get(&issue.key).map_or("", String::as_str);
            // Each of them was taken away from another register.
            if finding.ends_with(ELSEWHERE) {
                continue;
            }
            live.entry((issue.tracker, finding)).or_default().push(&issue.key);
        }
        for ((_, finding), keys) in live.into_iter().filter(|(_, keys)| keys.len() > 1) {
            self.broken.push(format!("`{finding}` has several issues: {keys:?}"));
        }
    }

    /// Whether an issue was made with a title, wherever it was taken since.
    fn is_for(&self, key: &str, title: &str) -> bool {
        let made = self.made_for.get(key).map(String::as_str);
        made.is_some_and(|made| made.strip_suffix(ELSEWHERE).unwrap_or(made) == title)
    }

    /// How the trackers are when everything has settled. `history` says what was overruled.
    pub(crate) fn settled(&mut self, state: &Value, wanted: &[String], history: &[Recorded]) {
        let issues = issues(state);
        for title in wanted {
            let is_there = issues.iter().any(|issue| self.is_for(&issue.key, title));
            let was_deleted = self.gone.iter().any(|key| self.is_for(key, title));
            if !is_there && !was_deleted {
                self.broken.push(format!("`{title}` has no issue in the end"));
            }
        }
        for ((key, field), (deed, at)) in &self.last {
            let Some(issue) = issues.iter().find(|issue| issue.key == *key) else { continue };
            let holds = match deed {
                Deed::Assigned(who) => issue.assignees.contains(who),
                Deed::Unassigned(who) => !issue.assignees.contains(who),
                Deed::Closed => !issue.open,
                Deed::Opened => issue.open,
            };
            let words: &[&str] = match deed {
                Deed::Assigned(who) => &[who],
                Deed::Unassigned(who) => &[who, "nobody"],
                Deed::Closed => &["done", "declined"],
                Deed::Opened => &["open", "in_progress"],
            };
            // Jira's own history calls people by their whole names.
            let first = |value: &str| value.split(' ').next().unwrap_or_default().to_lowercase();
            let told = history.iter().any(|entry| {
                let named = entry.values.iter().flatten().any(|value| words.contains(&first(value).as_str()));
                let same = entry.issue.as_ref() == Some(key) && entry.field.as_deref() == Some(*field);
                same && named && entry.seq > *at
            });
            let is_taken_back = *deed == Deed::Closed && taken_back(history, key, *at);
            if !holds && !told && !is_taken_back {
                self.broken.push(format!("{key}: {deed:?} is lost, and nobody says so"));
            }
        }
    }

    /// What reviewers decided still holds, or somebody was told what became of it; and where a finding and its issue are
    /// apart, the last cycle says so.
    pub(crate) fn stood(&mut self, state: &Value, findings: &[Stood], history: &[Recorded]) {
        for ((key, field), (value, at)) in &self.decided {
            let Some(found) = findings.iter().find(|found| found.finding == *key) else { continue };
            let is = if *field == "owner" { &found.owner } else { &found.state };
            let told = history.iter().any(|entry| {
                let same = entry.field.as_deref() == Some(*field)
                    || *field == "state" && entry.field.as_deref() == Some("status");
                entry.seq > *at && entry.finding.as_ref() == Some(key) && same
            });
            if is != value && !told {
                self.broken.push(format!("{key}: {field} `{value}` became `{is}`, and nobody says so"));
            }
        }
        let issues = issues(state);
        for found in findings.iter().filter(|found| !found.noted) {
            // Several issues of one finding speak together.
            let [key] = found.issues.as_slice() else { continue };
            let Some(issue) = issues.iter().find(|issue| issue.key == *key) else { continue };
            let owned = match found.owner.as_str() {
                "" => issue.assignees.is_empty(),
                owner => issue.assignees.iter().any(|assignee| assignee == owner),
            };
            // What follows other issues as well may be open because of those, and of what is noted somebody was told.
            let says =
                |other: &Stood| other.open.filter(|open| !other.noted && (!open || other.issues.len() == 1));
            let followers = findings.iter().filter(|other| other.issues.contains(key));
            let expected: Vec<Option<bool>> = followers.map(says).collect();
            let open = if expected.contains(&None) { None } else { Some(expected.contains(&Some(true))) };
            if !owned || open.is_some_and(|open| open != issue.open) {
                self.broken.push(format!("{found:?} and {issue:?} are apart, and nobody says so"));
            }
        }
    }
}
