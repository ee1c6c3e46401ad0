//! Reports out of the register, page by page: what is kept of a finding is what the report says of all of them together.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    io::Write,
};

use chrono::{DateTime, Utc};
use serde::{
    Serialize, Serializer,
    ser::{Error as _, SerializeMap as _},
};
use tokio::{sync::mpsc, task::spawn_blocking};

use super::{at, routed};
use crate::{
    model::{
        finding::Finding,
        ids::{FindingKey, SourceName, TrackerName},
        page::Page,
        register::Register,
    },
    report::{self, Builder, Draft, End, Input, Named, Options, Report, row::Row},
    settings::Settings,
    store::{Store, StoreError, view::View},
};

/// How many findings are read at once.
const AT_ONCE: u32 = 500;

/// How many pages of rows may wait to be written.
const AHEAD: usize = 4;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The register could not be read.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// It could not be written.
    #[error("the report cannot be written: {0}")]
    Written(serde_json::Error),
}

/// Makes reports of a register as it is at one instant.
pub struct Reporter<'a> {
    view: Box<dyn View>,
    facts: Facts<'a>,
    at_once: u32,
}

/// What is known beside the rows.
struct Facts<'a> {
    settings: &'a Settings,
    beside: Register,
    repeated: BTreeSet<FindingKey>,
    trackers: Vec<(TrackerName, String)>,
    sources: Vec<SourceName>,
    now: DateTime<Utc>,
    options: Options,
}

impl Facts<'_> {
    fn input(&self) -> Input<'_> {
        Input {
            register: &self.beside,
            people: &self.settings.people,
            policy: &self.settings.policy,
            trackers: &self.trackers,
            sources: &self.sources,
            instance: &self.settings.instance,
            config: &self.settings.digest,
            now: self.now,
            options: self.options,
        }
    }

    /// The rows of a page that a report names.
    fn rows(&self, page: &Page, named: &Named) -> Vec<(FindingKey, Row)> {
        let input = self.input();
        let named = page.findings.iter().filter(|finding| named.names(&finding.key));
        let row = |finding: &Finding| {
            let routed = routed(&self.settings.rules, finding);
            report::row(&input, page, finding, Some(&routed))
        };
        named.map(|finding| (finding.key.clone(), row(finding))).collect()
    }
}

impl<'a> Reporter<'a> {
    /// Opens the register and proves every row.
    ///
    /// # Errors
    /// The register could not be read.
    pub async fn open(
        settings: &'a Settings,
        store: &dyn Store,
        now: DateTime<Utc>,
        options: Options,
    ) -> Result<Self, StoreError> {
        let mut view = store.view().await?;
        let misfits = view.prove().await?;
        let beside = Register { misfits, ..view.beside().await? };
        let repeated = view.repeated().await?;
        let trackers = settings.trackers.iter().map(|tracker| (tracker.name.clone(), at(tracker))).collect();
        let sources = settings.sources.iter().map(|source| source.name.clone()).collect();
        let facts = Facts { settings, beside, repeated, trackers, sources, now, options };
        Ok(Self { view, facts, at_once: AT_ONCE })
    }

    /// Reads another number of findings at once than 500.
    pub fn at_once(self, at_once: u32) -> Self {
        Self { at_once, ..self }
    }

    /// The report but for its rows.
    ///
    /// # Errors
    /// The register could not be read.
    pub async fn draft(&mut self) -> Result<Draft, StoreError> {
        let Self { view, facts, at_once } = self;
        let (mut misfits, mut after) = (facts.beside.misfits.clone(), None);
        let mut builder = Builder::new(facts.input());
        loop {
            let mut page = view.page(after.as_ref(), *at_once).await?;
            misfits.append(&mut page.misfits);
            builder.take(&page, |finding| {
                (Some(routed(&facts.settings.rules, finding)), facts.repeated.contains(&finding.key))
            });
            after = match page.last {
                Some(last) => Some(last),
                None => break,
            };
        }
        misfits.sort();
        let looked_at = view.looked_at().await?;
        Ok(builder.finish(&End { misfits: &misfits, looked_at: &looked_at }))
    }

    /// The report for people, with the rows that it names.
    ///
    /// # Errors
    /// The register could not be read.
    pub async fn whole(&mut self) -> Result<Report, StoreError> {
        let draft = self.draft().await?;
        let named = draft.named();
        let mut rows: BTreeMap<FindingKey, Row> = BTreeMap::new();
        let mut after = None;
        loop {
            let page = self.view.page(after.as_ref(), self.at_once).await?;
            rows.extend(self.facts.rows(&page, &named));
            after = match page.last {
                Some(last) => Some(last),
                None => break,
            };
        }
        Ok(draft.whole(rows))
    }

    /// Writes the report as JSON, row by row as they are read, and gives back to what it was written.
    ///
    /// # Errors
    /// The register could not be read, or the report not be written.
    pub async fn json<W: Write + Send + 'static>(&mut self, mut to: W) -> Result<W, ReportError> {
        let draft = self.draft().await?;
        let named = draft.named();
        let (sender, arriving) = mpsc::channel(AHEAD);
        let writing = spawn_blocking(move || {
            let report = draft.with(Arriving(RefCell::new(arriving)));
            report::json::write(&report, &mut to).map(|()| to)
        });
        let sent = self.send(&sender, &named).await;
        drop(sender);
        let written =
            writing.await.map_err(|error| ReportError::Written(serde_json::Error::custom(error)))?;
        sent?;
        written.map_err(ReportError::Written)
    }

    /// Sends rows to whoever writes them, as long as they are.
    async fn send(&mut self, rows: &mpsc::Sender<Rows>, named: &Named) -> Result<(), StoreError> {
        let mut after = None;
        loop {
            let page = self.view.page(after.as_ref(), self.at_once).await?;
            let Some(last) = &page.last else { break };
            if rows.send(Some(self.facts.rows(&page, named))).await.is_err() {
                return Ok(());
            }
            after = Some(last.clone());
        }
        // Who writes them is told that these were all; where it is gone, nobody has to know.
        let _ = rows.send(None).await;
        Ok(())
    }
}

/// Some rows; none after the last.
type Rows = Option<Vec<(FindingKey, Row)>>;

/// Rows that are written as they arrive. It is written once.
struct Arriving(RefCell<mpsc::Receiver<Rows>>);

impl Serialize for Arriving {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut rows = serializer.serialize_map(None)?;
        let mut arriving = self.0.borrow_mut();
        loop {
            match arriving.blocking_recv() {
                Some(Some(some)) => {
                    for (key, row) in some {
                        rows.serialize_entry(&key, &row)?;
                    }
                }
                Some(None) => return rows.end(),
                None => return Err(S::Error::custom("the register could not be read to its end")),
            }
        }
    }
}
