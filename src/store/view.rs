//! The register in parts, as it is at one instant: what lists and reports ask for.
//!
//! Nothing here reads the register as one value. What is asked of everything is proven as a whole, by a sum over all rows; what
//! is asked of a few findings by what the list of last stamps says of them. Knows no database.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::StoreError;
use crate::model::{
    cycle::NoteKind,
    ids::{FindingKey, TrackerName},
    issue::IssueId,
    link::Link,
    misfit::Misfit,
    note::{NoteName, Standing},
    page::Page,
    register::Register,
    terms::State,
};

/// Which findings are asked for, and in what order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindingQuery {
    /// Those in one of these states, as it was recorded.
    pub states: BTreeSet<State>,
    /// In what order.
    pub order: Order,
}

/// In what order findings are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// By their keys.
    Key,
    /// By their deadlines, then by their keys; those without one last.
    Due,
    /// The same, without those whose deadline is not between two days.
    DueBetween {
        /// The last day that is too early.
        after: Option<NaiveDate>,
        /// The last day.
        until: NaiveDate,
    },
}

/// Where a link stands in the order of linking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkPlace {
    /// The transaction that linked it.
    pub seq: i64,
    /// When that was, in milliseconds since 1970.
    pub since_ms: i64,
    /// The finding.
    pub finding: FindingKey,
    /// The issue.
    pub issue: IssueId,
}

/// The register as it is at one instant, whatever is written meanwhile.
#[async_trait]
pub trait View: Send {
    /// How many findings were recorded in each state. An index answers it: no row is read or proven.
    async fn states(&mut self) -> Result<BTreeMap<State, usize>, StoreError>;

    /// As many findings that a query finds as are asked for, after one of them, with their links. Each is held against what the list of
    /// last stamps says of it, and no other row is read.
    async fn some(
        &mut self,
        query: &FindingQuery,
        after: Option<&FindingKey>,
        most: u32,
    ) -> Result<Page, StoreError>;

    /// These findings with their links, as [`Self::some`] reads them.
    async fn these(&mut self, keys: &[FindingKey]) -> Result<Page, StoreError>;

    /// How many findings a query finds after one of them. An index answers it.
    async fn remaining(
        &mut self,
        query: &FindingQuery,
        after: Option<&FindingKey>,
    ) -> Result<usize, StoreError>;

    /// Reads every row and says which are not as the history says. Memory does not grow with the rows that do fit. From then on
    /// none of them is in what [`Self::page`] and [`Self::links`] read.
    async fn prove(&mut self) -> Result<Vec<Misfit>, StoreError>;

    /// As many findings as are asked for, in the order of their keys, after one of them, with everything that a report says of them;
    /// proven by [`Self::prove`] alone.
    async fn page(&mut self, after: Option<&FindingKey>, most: u32) -> Result<Page, StoreError>;

    /// As many links as are asked for, in order of linking, after one of them; proven by [`Self::prove`] alone. A row that this
    /// program cannot understand stands as none.
    async fn links(
        &mut self,
        after: Option<&LinkPlace>,
        most: u32,
    ) -> Result<Vec<(LinkPlace, Option<Link>)>, StoreError>;

    /// Where a link stands in the order of linking; none where it is not there.
    async fn place_of(
        &mut self,
        finding: &FindingKey,
        issue: &IssueId,
    ) -> Result<Option<LinkPlace>, StoreError>;

    /// How many links stand after one in the order of linking.
    async fn links_remaining(&mut self, after: &LinkPlace) -> Result<usize, StoreError>;

    /// As many notes of a kind as are asked for, by what they are about, after one of them.
    async fn noted(
        &mut self,
        kind: NoteKind,
        after: Option<&NoteName>,
        most: u32,
    ) -> Result<Vec<Standing>, StoreError>;

    /// What belongs to no finding, and all that stands.
    async fn beside(&mut self) -> Result<Register, StoreError>;

    /// Findings that may ask for the same as others, by their titles. Of those that do, none is left out.
    async fn repeated(&mut self) -> Result<BTreeSet<FindingKey>, StoreError>;

    /// Since when every finding that is linked in a tracker was looked at in full; one that was written about since has no part in it.
    async fn looked_at(&mut self) -> Result<BTreeMap<TrackerName, DateTime<Utc>>, StoreError>;
}
