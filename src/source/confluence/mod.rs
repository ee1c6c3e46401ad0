//! Pages of a Confluence, Cloud or Data Center, as documents: those of a space with a label, or those that a query finds.
//!
//! Knows Confluence's REST interface (developer.atlassian.com/cloud/confluence/rest, docs.atlassian.com/ConfluenceServer/rest), its limits
//! and its traps. Writes nothing there. A page is known by its number for good: neither a new title nor a move makes it another one.
//!
//! What cannot be read is unknown: the whole listing, if its end was not reached; else a page alone. A page counts as gone only if
//! Confluence says what became of it.

mod call;
mod gone;
mod head;
mod list;
mod names;
mod reach;
mod texts;
mod wire;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use self::{
    call::Channel,
    head::{Head, Reach},
};
use crate::{
    model::{
        clock::Clock,
        conventions::Conventions,
        document::{DocumentKey, DocumentRecord},
        ids::SourceName,
        observed::Observed,
        postmortem::Document,
    },
    net::{
        connecting::Connecting,
        http::{Http, SetupError},
        pace::{Allowances, Pace},
        query::quoted,
        transport::{Credential, ReqwestHttp},
    },
    source::format,
};

/// Which pages are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pages {
    /// Those of a space, those with a label, or those with both.
    Of {
        /// Key of the space.
        space: Option<String>,
        /// The label.
        label: Option<String>,
    },
    /// Those that a query in CQL finds.
    Found(String),
}

/// How one Confluence is read.
#[derive(Clone, Debug)]
pub struct WikiSettings {
    /// The source.
    pub name: SourceName,
    /// Its address, with the context path (`/wiki` in the cloud) and without a slash at its end.
    pub url: String,
    /// Whether it is Confluence Cloud.
    pub is_cloud: bool,
    /// Which pages are read.
    pub pages: Pages,
    /// Names of people by account id or user name, as far as they are known without asking.
    pub accounts: BTreeMap<String, String>,
    /// Longest text of a page that is read, in bytes.
    pub max_bytes: u64,
    /// How its pages are written.
    pub conventions: Conventions,
}

/// A Confluence, and what was read of it before.
pub struct Wiki {
    settings: WikiSettings,
    channel: Channel,
    state: Mutex<State>,
}

/// What is known from before.
#[derive(Default)]
struct State {
    /// Pages as they were read last; their texts are not asked for again while they stay the same.
    kept: BTreeMap<u64, (Head, Document)>,
    /// Names that were asked for, by account.
    names: BTreeMap<String, String>,
    /// Pages that the register knows.
    known: BTreeSet<u64>,
}

impl Wiki {
    /// A client for one address and one credential. Nothing is sent.
    ///
    /// # Errors
    /// When the address, the credential or the TLS set-up cannot be used.
    pub fn connect(
        settings: WikiSettings,
        credential: &Credential,
        connecting: impl Into<Connecting>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SetupError> {
        let http = ReqwestHttp::new(&settings.url, credential, connecting)?;
        Ok(Self::over(settings, Arc::new(http), clock))
    }

    /// A client over a given transport.
    pub fn over(settings: WikiSettings, http: Arc<dyn Http>, clock: Arc<dyn Clock>) -> Self {
        let pace = Pace::new(Allowances::JIRA, clock).of(http.credential().unwrap_or_default());
        Self { settings, channel: Channel::new(http, pace), state: Mutex::default() }
    }

    /// Is told which documents the register knows: what of them is not listed any more is asked for by itself.
    pub fn know<'a>(&self, documents: impl Iterator<Item = (&'a DocumentKey, &'a DocumentRecord)>) {
        let present = documents
            .filter(|(key, record)| key.source == self.settings.name && record.state.gone.is_none())
            .filter_map(|(key, _)| head::number_of(&key.path));
        self.state().known = present.collect();
    }

    /// The documents that its pages are, in the order of their numbers. No page at all is unknown, as no file is.
    pub async fn read(&self) -> Observed<Vec<Document>> {
        self.channel.pace().begin();
        let mut budget = list::Budget::of(self.channel.pace());
        let cql = self.settings.pages.cql();
        let mut heads = match list::heads(self, &cql, &mut budget).await {
            Ok(heads) => heads,
            Err(error) => return Observed::unknown(format!("the pages cannot be listed: {error}")),
        };
        if heads.is_empty() {
            let why = format!("no page is found that this account can read by `{cql}`");
            return Observed::unknown(why);
        }
        let unlisted: Vec<u64> = {
            let state = self.state();
            state.known.iter().filter(|id| !heads.contains_key(id)).copied().collect()
        };
        let mut unread = gone::ask(self, &unlisted, &mut heads, &mut budget).await;
        reach::inherit(self, &mut heads, &mut budget).await;
        let mut documents = self.unchanged(&heads);
        let changed: Vec<Head> =
            heads.into_values().filter(|head| !documents.contains_key(&head.id)).collect();
        texts::read(self, changed, &mut documents, &mut unread, &mut budget).await;
        for (id, why) in unread {
            documents.insert(id, self.unreadable(id, why));
        }
        Observed::Known(documents.into_values().collect())
    }

    /// What was read before of pages that are as they were; whatever else was kept is forgotten.
    fn unchanged(&self, heads: &BTreeMap<u64, Head>) -> BTreeMap<u64, Document> {
        let mut state = self.state();
        state.kept.retain(|id, (before, _)| heads.get(id) == Some(before));
        state.kept.iter().map(|(id, (_, document))| (*id, document.clone())).collect()
    }

    /// Keeps what was read of a page, so that it is not asked for again.
    fn keep(&self, head: Head, document: Document) {
        if head.version.is_some() {
            self.state().kept.insert(head.id, (head, document));
        }
    }

    fn unreadable(&self, id: u64, why: String) -> Document {
        let help = "let the account of this source read the page, or try again later";
        format::unreadable(&self.settings.name, &head::path_of(id), "unreadable", why, help)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pages {
    /// The question in CQL. The oldest come first: what is new while the pages are listed comes last, and nothing is skipped.
    fn cql(&self) -> String {
        let clauses = match self {
            Self::Found(query) => format!(" AND ({query})"),
            Self::Of { space, label } => {
                let clause = |field: &str, value: &Option<String>| {
                    value.as_ref().map(|value| format!(" AND {field} = {}", quoted(value)))
                };
                [clause("space", space), clause("label", label)].into_iter().flatten().collect()
            }
        };
        format!("type = page{clauses} ORDER BY created ASC")
    }

    /// Whether a page is one of these by what it says itself; none where only a search can tell.
    fn has(&self, head: &Head) -> Option<bool> {
        let Self::Of { space, label } = self else { return None };
        let is_same = |one: &String, other: &String| one.eq_ignore_ascii_case(other);
        let in_space =
            space.as_ref().is_none_or(|space| head.space.as_ref().is_some_and(|own| is_same(own, space)));
        let labelled = label.as_ref().is_none_or(|label| head.labels.iter().any(|own| is_same(own, label)));
        Some(in_space && labelled)
    }
}

impl Head {
    /// The class that who may read it stands for, as a label; the source's own words say what `restricted` means.
    fn handling(&self) -> Option<String> {
        matches!(self.reach, Reach::Some(_)).then(|| "classification: restricted".to_owned())
    }
}
