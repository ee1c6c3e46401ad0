//! The outside as it really is: issues in a tracker, and the register that workers share. Times are milliseconds.

/// Findings, all of which belong into one place.
pub(crate) const N_FINDINGS: usize = 2;

/// An issue, as only a god sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Issue {
    pub(crate) finding: usize,
    /// From when on searches show it.
    pub(crate) shown: i64,
    /// Deleted, or closed as a duplicate.
    pub(crate) gone: bool,
}

/// A request that a network or a proxy still holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Underway {
    pub(crate) finding: usize,
    pub(crate) arrives: i64,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Tracker {
    pub(crate) issues: Vec<Issue>,
    pub(crate) underway: Vec<Underway>,
}

impl Tracker {
    /// Makes an issue that searches show after a while; its number.
    pub(crate) fn create(&mut self, finding: usize, shown: i64) -> usize {
        self.issues.push(Issue { finding, shown, gone: false });
        self.issues.len() - 1
    }

    /// What a complete search shows of a finding, the oldest first.
    pub(crate) fn search(&self, finding: usize, now: i64) -> Vec<usize> {
        let shown = |issue: &Issue| issue.finding == finding && !issue.gone && issue.shown <= now;
        (0..self.issues.len()).filter(|n| shown(&self.issues[*n])).collect()
    }

    /// Live issues of a finding.
    pub(crate) fn live(&self, finding: usize) -> usize {
        self.issues.iter().filter(|issue| issue.finding == finding && !issue.gone).count()
    }
}

/// An attempt on record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Intent {
    pub(crate) attempt: u32,
    pub(crate) sent: i64,
}

/// What the workers share. Everything in it changes in transactions.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Register {
    pub(crate) intents: [Option<Intent>; N_FINDINGS],
    pub(crate) links: [Option<usize>; N_FINDINGS],
    /// Findings for which further issues are on record.
    pub(crate) doubled: [bool; N_FINDINGS],
    /// When the place was last searched completely.
    pub(crate) swept: Option<i64>,
    /// Who may write: number of the lease, its holder, its end.
    pub(crate) lease: (u32, usize, i64),
}
