//! The report while it is made: findings are taken page by page, and none is kept.
//!
//! Knows in what order things are asked. Which finding belongs where is for `arrange`, what is said of it for `describe`.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chrono::{DateTime, Utc};

use super::{
    Compact, Input, Routed,
    arrange::{Arranged, Lists},
    data::{FORMAT, Report, Verdict},
    describe, freshness,
    lists::{Keys, Listed},
    row::Row,
};
use crate::model::{
    finding::Finding,
    ids::{FindingKey, TrackerName},
    misfit::Misfit,
    page::Page,
    register::Register,
};

/// Takes findings in the order of their keys, and remembers of each what the report as a whole has to know.
#[derive(Debug)]
pub struct Builder<'a> {
    input: Input<'a>,
    lists: Lists,
    links: BTreeMap<TrackerName, usize>,
}

/// What is known once every finding was taken.
#[derive(Clone, Copy, Debug)]
pub struct End<'a> {
    /// Rows that are not as the history says.
    pub misfits: &'a [Misfit],
    /// Since when every finding that is linked in a tracker was looked at in full.
    pub looked_at: &'a BTreeMap<TrackerName, DateTime<Utc>>,
}

impl<'a> Builder<'a> {
    /// Nothing was taken yet.
    pub fn new(input: Input<'a>) -> Self {
        Self { lists: Lists::new(&input), input, links: BTreeMap::new() }
    }

    /// Takes the next findings. Of each it is asked where the rules send it, and whether it may ask for the same as another.
    pub fn take(&mut self, page: &Page, facts: impl Fn(&Finding) -> (Option<Routed>, bool)) {
        for link in &page.links {
            match self.links.get_mut(&link.tracker) {
                Some(n) => *n += 1,
                None => drop(self.links.insert(link.tracker.clone(), 1)),
            }
        }
        for finding in &page.findings {
            let (routed, is_repeated) = facts(finding);
            let row = row(&self.input, page, finding, routed.as_ref());
            self.lists.take(finding, &row, (routed.as_ref(), is_repeated));
        }
    }

    /// The report but for its rows.
    pub fn finish(self, end: &End<'_>) -> Draft {
        let Self { input, lists, links } = self;
        let Arranged { sections, counts, tlp, withheld, last_verification, names } =
            lists.arranged(&input, end);
        let trackers = freshness::trackers(&input, &links, end);
        let sources = freshness::sources(&input);
        let verdict = freshness::verdict(&input, (&counts, &sections), (&trackers, &sources), end.misfits);
        let report = Report {
            format: FORMAT,
            as_of: input.now,
            zone: input.policy.zone.name().to_owned(),
            instance: input.instance.clone(),
            config: input.config.to_owned(),
            register_version: input.register.version,
            policy: input.policy.name.clone(),
            calendar: input.policy.calendar.name.clone(),
            tlp,
            withheld,
            definitions: freshness::definitions(&input, last_verification),
            verdict,
            trackers,
            sources,
            counts,
            sections,
            findings: (),
        };
        let (listed, repeated) = names;
        Draft { report, named: Named { listed, repeated: Arc::new(repeated) } }
    }
}

/// The report but for its rows: for each finding that a list names it has a few bytes.
#[derive(Debug)]
pub struct Draft {
    report: Report<Compact, ()>,
    named: Named,
}

/// The findings that a list names.
#[derive(Clone, Debug)]
pub struct Named {
    listed: Arc<Keys>,
    repeated: Arc<BTreeSet<FindingKey>>,
}

impl Named {
    /// Whether a finding is among them.
    pub fn names(&self, finding: &FindingKey) -> bool {
        self.listed.has(finding) || self.repeated.contains(finding)
    }
}

impl Draft {
    /// What there is to know first.
    pub fn verdict(&self) -> &Verdict {
        &self.report.verdict
    }

    /// The findings that a list names, so that their rows belong in the report.
    pub fn named(&self) -> Named {
        self.named.clone()
    }

    /// The report for machines, with whatever writes the rows.
    pub fn with<F>(self, rows: F) -> Report<impl serde::Serialize, F> {
        with(self.report, |sections| sections, rows)
    }

    /// The report for people, with the rows that it names.
    pub fn whole(self, rows: BTreeMap<FindingKey, Row>) -> Report {
        with(self.report, |sections| sections.map(Listed::keys, |strays| strays.entries().collect()), rows)
    }
}

fn with<S, F>(report: Report<Compact, ()>, sections: impl FnOnce(Compact) -> S, findings: F) -> Report<S, F> {
    Report {
        format: report.format,
        as_of: report.as_of,
        zone: report.zone,
        instance: report.instance,
        config: report.config,
        register_version: report.register_version,
        policy: report.policy,
        calendar: report.calendar,
        tlp: report.tlp,
        withheld: report.withheld,
        verdict: report.verdict,
        trackers: report.trackers,
        sources: report.sources,
        counts: report.counts,
        sections: sections(report.sections),
        findings,
        definitions: report.definitions,
    }
}

/// A finding of a page as the report shows it.
pub fn row(input: &Input<'_>, page: &Page, finding: &Finding, routed: Option<&Routed>) -> Row {
    describe::row(input, page, finding, routed)
}

/// Builds the report of a register of few findings. The same input gives the same report.
pub fn build(input: Input<'_>, register: &Register, routed: &BTreeMap<FindingKey, Routed>) -> Report {
    let page = Page::of(register);
    let mut builder = Builder::new(input);
    builder.take(&page, |finding| (routed.get(&finding.key).cloned(), true));
    let mut looked_at: BTreeMap<TrackerName, DateTime<Utc>> = BTreeMap::new();
    for link in &register.links {
        let Some(reading) = register.readings.get(&link.finding) else { continue };
        let at = looked_at.entry(link.tracker.clone()).or_insert(reading.at);
        *at = reading.at.min(*at);
    }
    let draft = builder.finish(&End { misfits: &register.misfits, looked_at: &looked_at });
    let named = draft.named();
    let named = page.findings.iter().filter(|finding| named.names(&finding.key));
    let rows = named.map(|finding| {
        let routed = routed.get(&finding.key);
        (finding.key.clone(), row(&input, &page, finding, routed))
    });
    let rows = rows.collect();
    draft.whole(rows)
}
