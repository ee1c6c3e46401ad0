//! What the register is asked for without anything being written.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{SqliteStore, named, read, register, rows_of, turns, view};
use crate::{
    model::{
        document::{DocumentKey, DocumentRecord},
        finding::Finding,
        ids::{FindingKey, Marker, PostmortemId, TrackerName},
        issue::IssueId,
        marked::Mark,
        outline::{Outline, Totals},
        register::Register,
        sighting::Sighting,
    },
    store::{Named, Names, Pages, Rows, StoreError, Turns, view::View},
};

#[async_trait]
impl Rows for SqliteStore {
    async fn load(&self) -> Result<Register, StoreError> {
        let mut tx = self.pool.begin().await?;
        let register = register::whole(&mut tx, &self.identity.database).await?;
        tx.rollback().await?;
        Ok(register)
    }

    async fn rows(&self, wanted: &BTreeSet<FindingKey>) -> Result<Register, StoreError> {
        let mut tx = self.pool.begin().await?;
        let register = rows_of::register(&mut tx, &self.identity.database, wanted).await?;
        tx.rollback().await?;
        Ok(register)
    }

    async fn documents(&self) -> Result<BTreeMap<DocumentKey, DocumentRecord>, StoreError> {
        register::documents(&mut *self.pool.acquire().await?).await
    }

    async fn pauses(&self) -> Result<BTreeMap<TrackerName, DateTime<Utc>>, StoreError> {
        register::pauses(&mut *self.pool.acquire().await?).await
    }

    async fn sighting(&self, issue: &IssueId) -> Result<Option<Sighting>, StoreError> {
        rows_of::sighting(&mut *self.pool.acquire().await?, issue).await
    }

    async fn marked(
        &self,
        tracker: &TrackerName,
        place_id: &str,
        markers: &[Marker],
    ) -> Result<Vec<Mark>, StoreError> {
        let mut tx = self.pool.begin().await?;
        let marks = read::marked(&mut tx, (tracker, place_id), markers).await?;
        tx.rollback().await?;
        Ok(marks)
    }
}

#[async_trait]
impl Turns for SqliteStore {
    async fn totals(&self) -> Result<Totals, StoreError> {
        let mut tx = self.pool.begin().await?;
        let totals = turns::totals(&mut tx).await?;
        tx.rollback().await?;
        Ok(totals)
    }

    async fn outline(&self, since: DateTime<Utc>) -> Result<Outline, StoreError> {
        let mut tx = self.pool.begin().await?;
        let outline = turns::outline(&mut tx, since).await?;
        tx.rollback().await?;
        Ok(outline)
    }

    async fn due(&self, now: DateTime<Utc>, scope: &str) -> Result<BTreeSet<FindingKey>, StoreError> {
        turns::due(&mut *self.pool.acquire().await?, now, scope).await
    }

    async fn followers(&self, named: &Named) -> Result<BTreeSet<FindingKey>, StoreError> {
        let mut tx = self.pool.begin().await?;
        let found = turns::followers(&mut tx, named).await?;
        tx.rollback().await?;
        Ok(found)
    }
}

#[async_trait]
impl Names for SqliteStore {
    async fn called(&self, name: &str) -> Result<BTreeSet<FindingKey>, StoreError> {
        let mut tx = self.pool.begin().await?;
        let keys = named::called(&mut tx, name).await?;
        tx.rollback().await?;
        Ok(keys)
    }

    async fn alike(&self, finding: &Finding) -> Result<BTreeSet<FindingKey>, StoreError> {
        named::alike(&mut *self.pool.acquire().await?, finding).await
    }

    async fn names(
        &self,
        after: (&PostmortemId, &FindingKey),
        most: u32,
    ) -> Result<Vec<(PostmortemId, FindingKey)>, StoreError> {
        named::after(&mut *self.pool.acquire().await?, after, most).await
    }
}

#[async_trait]
impl Pages for SqliteStore {
    async fn view(&self) -> Result<Box<dyn View>, StoreError> {
        view::of(&self.pool, &self.identity.database).await
    }
}
