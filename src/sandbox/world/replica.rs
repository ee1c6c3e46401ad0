//! A replica of every tracker that follows only when it is told to: reads that are answered from it are old news.
//!
//! Knows which things are copied. Must not know which requests are answered from it.

use std::collections::BTreeMap;

use super::Everything;
use crate::sandbox::{
    github, jira,
    wire::{Answer, Call, Tracker},
};

/// Every issue as it was when the replica last followed.
#[derive(Debug)]
pub(crate) struct Replica {
    github: BTreeMap<u64, github::data::Issue>,
    jira: BTreeMap<u64, jira::data::Issue>,
    jira_dc: BTreeMap<u64, jira::data::Issue>,
}

impl Everything {
    /// Lets the replica follow up to now.
    pub(crate) fn follow(&mut self) {
        self.replica = Some(Replica {
            github: self.github.issues.clone(),
            jira: self.jira.issues.clone(),
            jira_dc: self.jira_dc.issues.clone(),
        });
    }

    /// Answers a request from the replica, if there is one.
    pub(crate) fn answer_behind(&mut self, tracker: Tracker, call: &Call) -> (Answer, Option<String>) {
        self.exchange();
        let answer = self.answer(tracker, call);
        self.exchange();
        answer
    }

    fn exchange(&mut self) {
        let Some(replica) = &mut self.replica else { return };
        std::mem::swap(&mut self.github.issues, &mut replica.github);
        std::mem::swap(&mut self.jira.issues, &mut replica.jira);
        std::mem::swap(&mut self.jira_dc.issues, &mut replica.jira_dc);
    }
}
