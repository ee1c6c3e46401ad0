//! The documents of the configured sources: files from their folders, issues from their trackers, pages from their wikis.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::{
    cycle::ports::Library,
    model::{
        cycle::Coverage,
        document::{DocumentRecord, FileStat, Sameness},
        finding::Owner,
        ids::{PersonId, PlaceName, SourceName, TrackerName},
        issue::TrackerKind,
        observed::Observed,
        people::People,
        postmortem::Document,
    },
    plan::intake::{
        Listing,
        altered::{Altered, Files},
        documents::Records,
    },
    settings::source::{Contents, SourceSettings},
    source::{
        Rewritten, Shelf, Source,
        confluence::Wiki,
        issues::{read_issues, read_issues_of},
    },
    tracker::TrackerWrite,
};

/// Longest time for the files of one source; ten thousand take a few seconds. A disk that hangs costs no more than that.
const LONGEST: Duration = Duration::from_secs(120);

/// Everything that sources hold.
pub struct Documents {
    longest: Duration,
    sources: Vec<Shelved>,
    trackers: BTreeMap<TrackerName, Arc<dyn TrackerWrite>>,
    people: People,
    wikis: BTreeMap<SourceName, Wiki>,
    /// What sources held that are no folders when they were last listed to tell what is altered.
    listed: Mutex<BTreeMap<SourceName, Vec<Document>>>,
}

/// A source, and what was read of it before.
struct Shelved {
    settings: SourceSettings,
    shelf: Arc<Mutex<Shelf>>,
}

impl Documents {
    /// The documents of these sources. Issues are read from these trackers; those of another one are unknown.
    pub fn new(sources: Vec<SourceSettings>, trackers: BTreeMap<TrackerName, Arc<dyn TrackerWrite>>) -> Self {
        let sources = sources.into_iter().map(|settings| Shelved { settings, shelf: Arc::default() });
        Self {
            longest: LONGEST,
            sources: sources.collect(),
            trackers,
            people: People::default(),
            wikis: BTreeMap::new(),
            listed: Mutex::default(),
        }
    }

    /// Knows these people where an issue mentions them by their accounts.
    pub fn knowing(self, people: &People) -> Self {
        Self { people: people.clone(), ..self }
    }

    /// Reads pages from these wikis, each by the name of its source; those of another one are unknown.
    pub fn with_wikis(self, wikis: BTreeMap<SourceName, Wiki>) -> Self {
        Self { wikis, ..self }
    }

    /// Gives each source another time than two minutes.
    pub fn within(self, longest: Duration) -> Self {
        Self { longest, ..self }
    }

    async fn read(&self, Shelved { settings, shelf }: &Shelved) -> Observed<Vec<Document>> {
        match &settings.contents {
            Contents::Files { root, patterns } => {
                let source = below(settings, root, patterns);
                self.in_time(Arc::clone(shelf), move |shelf| source.read(shelf)).await
            }
            Contents::Issues { tracker, repository, label } => {
                self.issues(settings, tracker, repository, label).await
            }
            Contents::Query { tracker, jql } => self.found(settings, tracker, jql).await,
            Contents::Confluence(_) => match self.wikis.get(&settings.name) {
                Some(wiki) => wiki.read().await,
                None => Observed::unknown("its Confluence is not asked"),
            },
        }
    }

    /// Which files of a folder are not as they were.
    async fn files_altered(
        &self,
        source: Source,
        known: &[&DocumentRecord],
        since: DateTime<Utc>,
    ) -> Option<Rewritten> {
        let same = |record: &&DocumentRecord| {
            Some((record.key.path.clone(), (record.same.stat?, record.same.digest.clone())))
        };
        let files = known.iter().map(same).collect::<Option<BTreeMap<String, (FileStat, String)>>>()?;
        let look = tokio::task::spawn_blocking(move || source.altered(files, since));
        tokio::time::timeout(self.longest, look).await.ok()?.ok()?
    }

    /// Which issues or pages do not say what they said; all of them are listed for that, and kept until they are asked for.
    async fn texts_altered(&self, shelved: &Shelved, known: &[&DocumentRecord]) -> Option<Rewritten> {
        let Observed::Known(documents) = self.read(shelved).await else { return None };
        let mut before: BTreeMap<&str, &DocumentRecord> =
            known.iter().map(|record| (record.key.path.as_str(), *record)).collect();
        let mut altered = Rewritten::default();
        for document in &documents {
            let was = before.remove(document.path.as_str());
            if !was.is_some_and(|was| says_the_same(was, document)) {
                altered.edited.insert(document.path.clone());
            }
        }
        altered.gone = before.into_keys().map(str::to_owned).collect();
        let mut listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        listed.insert(shelved.settings.name.clone(), documents);
        Some(altered)
    }

    /// What is read of files, unless it takes too long.
    async fn in_time(
        &self,
        shelf: Arc<Mutex<Shelf>>,
        read: impl FnOnce(&mut Shelf) -> Observed<Vec<Document>> + Send + 'static,
    ) -> Observed<Vec<Document>> {
        let read = move || read(&mut shelf.lock().unwrap_or_else(PoisonError::into_inner));
        match tokio::time::timeout(self.longest, tokio::task::spawn_blocking(read)).await {
            Ok(Ok(read)) => read,
            Ok(Err(error)) => Observed::unknown(format!("reading stopped: {error}")),
            Err(_) => Observed::unknown(format!("reading took longer than {:?}", self.longest)),
        }
    }

    /// No issue at all is unknown, as no file is: it would mean that every finding has disappeared.
    async fn issues(
        &self,
        settings: &SourceSettings,
        tracker: &TrackerName,
        repository: &PlaceName,
        label: &str,
    ) -> Observed<Vec<Document>> {
        let Some(tracker) = self.trackers.get(tracker) else {
            return Observed::unknown(format!("the tracker `{tracker}` is not asked"));
        };
        match tracker.texts(repository, label).await {
            Ok(texts) if texts.is_empty() => {
                Observed::unknown(format!("no issue of `{repository}` carries the label `{label}`"))
            }
            Ok(texts) => {
                let max_bytes = settings.max_bytes.get();
                Observed::Known(read_issues(&settings.name, &texts, max_bytes, &settings.conventions))
            }
            Err(error) => {
                Observed::unknown(format!("the issues of `{repository}` cannot be listed: {error}"))
            }
        }
    }

    /// The issues of a Jira that a query finds. None at all is unknown here as well.
    async fn found(
        &self,
        settings: &SourceSettings,
        tracker: &TrackerName,
        jql: &str,
    ) -> Observed<Vec<Document>> {
        let Some(tracker) = self.trackers.get(tracker) else {
            return Observed::unknown(format!("the tracker `{tracker}` is not asked"));
        };
        match tracker.searched(jql).await {
            Ok(texts) if texts.is_empty() => Observed::unknown(format!("no issue is found by `{jql}`")),
            Ok(texts) => {
                let people = self.mentioned(tracker.kind());
                let (name, max_bytes) = (&settings.name, settings.max_bytes.get());
                Observed::Known(read_issues_of(name, &texts, &people, max_bytes, &settings.conventions))
            }
            Err(error) => {
                Observed::unknown(format!("the issues that `{jql}` finds cannot be listed: {error}"))
            }
        }
    }

    /// Everybody in the directory by the account of a kind of tracker, written as documents name people who are asked.
    fn mentioned(&self, kind: TrackerKind) -> BTreeMap<String, String> {
        let named = |id: &PersonId| {
            let name = format!("@{id}");
            // Somebody else may have that login elsewhere.
            let is_own = self.people.owner_written(&name) == Owner::Person(id.clone());
            if is_own { name } else { id.to_string() }
        };
        let account = |id| self.people.account(kind, id).map(|account| (account.to_string(), named(id)));
        self.people.0.keys().filter_map(account).collect()
    }
}

#[async_trait]
impl Library for Documents {
    fn know(&self, documents: &Records) {
        for wiki in self.wikis.values() {
            wiki.know(documents.iter());
        }
    }

    async fn altered(&self, documents: &Records, since: DateTime<Utc>) -> Option<Altered> {
        let mut there: BTreeMap<&SourceName, Vec<&DocumentRecord>> = BTreeMap::new();
        for record in documents.values().filter(|record| record.state.gone.is_none()) {
            there.entry(&record.key.source).or_default().push(record);
        }
        let mut altered = Altered::default();
        for shelved in &self.sources {
            let known = there.remove(&shelved.settings.name).unwrap_or_default();
            if !known.iter().all(|record| is_settled(record)) {
                return None;
            }
            let Rewritten { edited, same, gone } = match folder(&shelved.settings) {
                Some(source) => self.files_altered(source, &known, since).await?,
                None => self.texts_altered(shelved, &known).await?,
            };
            let is_other = |record: &&&DocumentRecord| {
                edited.contains(&record.key.path) || gone.contains(&record.key.path)
            };
            let others = known.iter().filter(is_other);
            altered.known.extend(others.map(|record| (record.key.clone(), (*record).clone())));
            altered.same.extend(
                known.iter().filter_map(|record| Some(restated(record, same.get(&record.key.path)?))),
            );
            if !edited.is_empty() || !gone.is_empty() {
                altered.files.insert(shelved.settings.name.clone(), edited);
            }
        }
        // What a source lists that is not configured any more is not as it was.
        there.is_empty().then_some(altered)
    }

    /// What every source holds now, in the order of the sources.
    async fn listings(&self) -> Vec<Listing> {
        let mut listings = Vec::new();
        for source in &self.sources {
            listings.push(Listing {
                source: source.settings.name.clone(),
                team: source.settings.team.clone(),
                documents: self.read(source).await,
            });
        }
        listings
    }

    async fn read_again(&self, files: &Files) -> Vec<Listing> {
        let mut listings = Vec::new();
        for Shelved { settings, shelf } in &self.sources {
            let Some(paths) = files.get(&settings.name).cloned() else { continue };
            let documents = match folder(settings) {
                Some(source) => {
                    let read = move |shelf: &mut Shelf| source.read_again(&paths, shelf);
                    self.in_time(Arc::clone(shelf), read).await
                }
                None => {
                    let listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
                    let of_source = listed.get(&settings.name).into_iter().flatten();
                    Observed::Known(
                        of_source.filter(|document| paths.contains(&document.path)).cloned().collect(),
                    )
                }
            };
            listings.push(Listing { source: settings.name.clone(), team: settings.team.clone(), documents });
        }
        listings
    }
}

/// Whether a text says what it said when it was taken in, and to the same people.
fn says_the_same(was: &DocumentRecord, document: &Document) -> bool {
    let class = document.postmortem.known().map(|postmortem| postmortem.tlp);
    was.same.digest == document.hash
        && was.same.revision == document.revision
        && was.state.laxer.or(was.state.class) == class
        && (was.key.id.is_none() || class.is_some())
}

/// A document as before, of whose file the file system says something else.
fn restated(record: &DocumentRecord, stat: &FileStat) -> DocumentRecord {
    let same = Sameness { stat: Some(*stat), ..record.same.clone() };
    DocumentRecord { same, ..record.clone() }
}

/// Whether reading a document again comes to the same: it is taken in, or says something that was never understood.
fn is_settled(record: &DocumentRecord) -> bool {
    let is_garbled = record.state.coverage == Coverage::Unreadable && !record.same.digest.is_empty();
    record.state.taken_in || record.key.id.is_none() && is_garbled
}

/// The folder of a source, if it has one.
pub fn folder(settings: &SourceSettings) -> Option<Source> {
    match &settings.contents {
        Contents::Files { root, patterns } => Some(below(settings, root, patterns)),
        Contents::Issues { .. } | Contents::Query { .. } | Contents::Confluence(_) => None,
    }
}

fn below(settings: &SourceSettings, root: &Path, patterns: &[String]) -> Source {
    Source {
        name: settings.name.clone(),
        root: root.to_owned(),
        files: patterns.to_owned(),
        conventions: settings.conventions.clone(),
        max_bytes: settings.max_bytes.get(),
    }
}
