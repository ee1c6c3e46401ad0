//! Everything that can happen to issues on GitHub, whoever asks for it.
//!
//! Knows what a change does and which events it leaves. Must not know who may make it.

use chrono::{DateTime, Utc};

use super::data::{Comment, Event, Github, Happening, Issue, Label, Repo, Slot};

/// Who changes something, and when.
#[derive(Clone, Debug)]
pub(crate) struct Hand {
    pub(crate) login: String,
    pub(crate) now: DateTime<Utc>,
}

/// What a new issue starts with.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    pub(crate) title: String,
    pub(crate) body: Option<String>,
    pub(crate) assignees: Vec<String>,
    pub(crate) labels: Vec<String>,
    pub(crate) kind: Option<String>,
    pub(crate) is_pull_request: bool,
}

impl Github {
    /// Opens an issue and returns its id.
    pub(crate) fn open_issue(&mut self, repo: u64, draft: Draft, hand: &Hand) -> Option<u64> {
        let id = self.fresh_id();
        let number = self.repos.get(&repo)?.next_number();
        let issue = Issue {
            id,
            repo,
            number,
            title: draft.title,
            body: draft.body,
            is_open: true,
            reason: None,
            author: hand.login.clone(),
            assignees: Vec::new(),
            labels: Vec::new(),
            kind: draft.kind,
            is_pull_request: draft.is_pull_request,
            is_locked: false,
            created_at: hand.now,
            updated_at: hand.now,
            closed_at: None,
            closed_by: None,
            comments: Vec::new(),
            events: Vec::new(),
        };
        self.issues.insert(id, issue);
        self.repos.get_mut(&repo)?.slots.insert(number, Slot::Issue(id));
        self.set_labels(id, &draft.labels, hand);
        self.set_assignees(id, &draft.assignees, hand);
        Some(id)
    }

    /// Notes an event and that the issue was updated.
    pub(crate) fn happened(&mut self, issue: u64, what: Happening, hand: &Hand) {
        let event = Event { id: self.fresh_id(), at: hand.now, actor: hand.login.clone(), what };
        if let Some(issue) = self.issues.get_mut(&issue) {
            issue.events.push(event);
            issue.updated_at = hand.now;
        }
    }

    /// Closes or reopens an issue; the reason counts only if the state changes.
    pub(crate) fn set_state(&mut self, id: u64, open: bool, reason: Option<String>, hand: &Hand) {
        let Some(issue) = self.issues.get_mut(&id).filter(|issue| issue.is_open != open) else { return };
        issue.is_open = open;
        if open {
            issue.reason = Some("reopened".to_owned());
            issue.closed_at = None;
            issue.closed_by = None;
            return self.happened(id, Happening::Reopened, hand);
        }
        let reason = reason.unwrap_or_else(|| "completed".to_owned());
        issue.reason = Some(reason.clone());
        issue.closed_at = Some(hand.now);
        issue.closed_by = Some(hand.login.clone());
        self.happened(id, Happening::Closed(Some(reason)), hand);
    }

    /// Gives an issue exactly these assignees.
    pub(crate) fn set_assignees(&mut self, id: u64, logins: &[String], hand: &Hand) {
        let Some(issue) = self.issues.get_mut(&id) else { return };
        let mut wanted: Vec<String> = Vec::new();
        for login in logins {
            if !contains(&wanted, login) {
                wanted.push(login.clone());
            }
        }
        let before = std::mem::replace(&mut issue.assignees, wanted.clone());
        for login in before.iter().filter(|login| !contains(&wanted, login)) {
            self.happened(id, Happening::Unassigned(login.clone()), hand);
        }
        for login in wanted.iter().filter(|login| !contains(&before, login)) {
            self.happened(id, Happening::Assigned(login.clone()), hand);
        }
    }

    /// Gives an issue exactly these labels; missing ones are created.
    pub(crate) fn set_labels(&mut self, id: u64, names: &[String], hand: &Hand) {
        let Some(repo) = self.issues.get(&id).map(|issue| issue.repo) else { return };
        let mut wanted: Vec<String> = Vec::new();
        for name in names {
            let known = self.ensure_label(repo, name);
            if !contains(&wanted, &known) {
                wanted.push(known);
            }
        }
        let Some(issue) = self.issues.get_mut(&id) else { return };
        let before = std::mem::replace(&mut issue.labels, wanted.clone());
        for name in before.iter().filter(|name| !contains(&wanted, name)) {
            self.happened(id, Happening::Unlabeled(name.clone()), hand);
        }
        for name in wanted.iter().filter(|name| !contains(&before, name)) {
            self.happened(id, Happening::Labeled(name.clone()), hand);
        }
    }

    /// The label's name as the repository spells it, after creating it if need be.
    pub(crate) fn ensure_label(&mut self, repo: u64, name: &str) -> String {
        let id = self.fresh_id();
        let Some(repo) = self.repos.get_mut(&repo) else { return name.to_owned() };
        let fresh = || Label { id, name: name.to_owned(), color: "ededed".to_owned(), description: None };
        repo.labels.entry(name.to_lowercase()).or_insert_with(fresh).name.clone()
    }

    /// Takes a label out of a repository and off its issues.
    pub(crate) fn drop_label(&mut self, repo: u64, name: &str) {
        if let Some(repo) = self.repos.get_mut(&repo) {
            repo.labels.remove(&name.to_lowercase());
        }
        for issue in self.issues.values_mut().filter(|issue| issue.repo == repo) {
            issue.labels.retain(|label| !label.eq_ignore_ascii_case(name));
        }
    }

    /// Changes a title.
    pub(crate) fn set_title(&mut self, id: u64, title: &str, hand: &Hand) {
        let Some(issue) = self.issues.get_mut(&id).filter(|issue| issue.title != title) else { return };
        let from = std::mem::replace(&mut issue.title, title.to_owned());
        self.happened(id, Happening::Renamed { from, to: title.to_owned() }, hand);
    }

    /// Changes a body.
    pub(crate) fn set_body(&mut self, id: u64, body: Option<String>, hand: &Hand) {
        if let Some(issue) = self.issues.get_mut(&id).filter(|issue| issue.body != body) {
            issue.body = body;
            issue.updated_at = hand.now;
        }
    }

    /// Locks or unlocks the conversation.
    pub(crate) fn set_locked(&mut self, id: u64, locked: bool, hand: &Hand) {
        if let Some(issue) = self.issues.get_mut(&id).filter(|issue| issue.is_locked != locked) {
            issue.is_locked = locked;
            self.happened(id, if locked { Happening::Locked } else { Happening::Unlocked }, hand);
        }
    }

    /// Adds a comment and returns its id.
    pub(crate) fn add_comment(&mut self, issue: u64, body: &str, hand: &Hand) -> u64 {
        let id = self.fresh_id();
        let comment = Comment {
            id,
            issue,
            author: hand.login.clone(),
            body: body.to_owned(),
            created_at: hand.now,
            updated_at: hand.now,
        };
        self.comments.insert(id, comment);
        if let Some(issue) = self.issues.get_mut(&issue) {
            issue.comments.push(id);
            issue.updated_at = hand.now;
        }
        id
    }

    /// Deletes an issue; its number stays taken.
    pub(crate) fn delete_issue(&mut self, id: u64) {
        let Some(issue) = self.issues.remove(&id) else { return };
        for comment in issue.comments {
            self.comments.remove(&comment);
        }
        if let Some(repo) = self.repos.get_mut(&issue.repo) {
            repo.slots.insert(issue.number, Slot::Deleted);
        }
    }

    /// Moves an issue to another repository: new number, new id, labels only where they exist.
    pub(crate) fn transfer(&mut self, id: u64, to: u64, hand: &Hand) -> Option<u64> {
        let new_id = self.fresh_id();
        let number = self.repos.get(&to)?.next_number();
        let mut issue = self.issues.remove(&id)?;
        let (old_repo, old_number) = (issue.repo, issue.number);
        for comment in &issue.comments {
            if let Some(comment) = self.comments.get_mut(comment) {
                comment.issue = new_id;
            }
        }
        let target = self.repos.get_mut(&to)?;
        issue.labels.retain(|name| target.labels.contains_key(&name.to_lowercase()));
        (issue.id, issue.repo, issue.number) = (new_id, to, number);
        target.slots.insert(number, Slot::Issue(new_id));
        self.issues.insert(new_id, issue);
        if let Some(repo) = self.repos.get_mut(&old_repo) {
            repo.slots.insert(old_number, Slot::Moved { repo: to, number });
        }
        self.happened(new_id, Happening::Transferred, hand);
        Some(new_id)
    }

    /// Gives a repository a new full name; the old one redirects.
    pub(crate) fn rename_repo(&mut self, id: u64, full_name: &str) {
        let (Some(repo), Some((owner, name))) = (self.repos.get_mut(&id), full_name.split_once('/')) else {
            return;
        };
        (repo.owner, repo.name) = (owner.to_owned(), name.to_owned());
        self.names.insert(full_name.to_lowercase(), id);
    }

    /// Adds a repository.
    pub(crate) fn add_repo(&mut self, full_name: &str, now: DateTime<Utc>) -> Option<u64> {
        let (owner, name) = full_name.split_once('/')?;
        let id = 500_000 + self.repos.len() as u64 + 1;
        let repo = Repo {
            id,
            owner: owner.to_owned(),
            name: name.to_owned(),
            is_private: true,
            is_archived: false,
            has_issues: true,
            is_deleted: false,
            permissions: Default::default(),
            labels: Default::default(),
            slots: Default::default(),
            created_at: now,
        };
        self.names.insert(full_name.to_lowercase(), id);
        self.repos.insert(id, repo);
        Some(id)
    }
}

/// Whether a list of names has this one, whatever the case.
pub(crate) fn contains(names: &[String], name: &str) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}
