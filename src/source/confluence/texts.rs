//! The texts of pages, several at once; where that fails, one by one, so that one page spoils no other.

use std::collections::BTreeMap;

use super::{
    Wiki,
    head::{self, Head, Reach},
    list::{self, Budget},
    names,
};
use crate::{
    model::postmortem::{Diagnostic, Document, Level},
    net::NetError,
    source::pages::{PageText, read_pages},
};

/// How many texts are asked for at once; no more than 50 are ever given.
const BATCH: usize = 25;

/// Reads the texts of pages as documents. Of what could not be read it is told why.
pub(super) async fn read(
    wiki: &Wiki,
    heads: Vec<Head>,
    documents: &mut BTreeMap<u64, Document>,
    unread: &mut BTreeMap<u64, String>,
    budget: &mut Budget<'_>,
) {
    for batch in heads.chunks(BATCH) {
        match texts(wiki, batch, budget).await {
            Ok(texts) => take_in(wiki, batch, texts, documents, unread, budget).await,
            Err(NetError::Transient { .. } | NetError::Malformed { .. }) if budget.spent.is_none() => {
                one_by_one(wiki, batch, documents, unread, budget).await;
            }
            Err(error) => unread.extend(batch.iter().map(|head| (head.id, error.to_string()))),
        }
    }
}

/// Reads pages each by itself. If none of them can be read, it is no fault of a page, and nothing more is asked.
async fn one_by_one(
    wiki: &Wiki,
    batch: &[Head],
    documents: &mut BTreeMap<u64, Document>,
    unread: &mut BTreeMap<u64, String>,
    budget: &mut Budget<'_>,
) {
    let mut failed = Vec::new();
    for head in batch {
        let alone = std::slice::from_ref(head);
        match texts(wiki, alone, budget).await {
            Ok(texts) => take_in(wiki, alone, texts, documents, unread, budget).await,
            Err(error) => {
                unread.insert(head.id, error.to_string());
                failed.push(error);
            }
        }
    }
    if failed.len() == batch.len() && batch.len() > 1 {
        budget.spent = failed.pop();
    }
}

/// Texts with the numbers of their versions, by the numbers of their pages.
type Texts = BTreeMap<u64, (Option<u64>, String)>;

async fn texts(wiki: &Wiki, batch: &[Head], budget: &mut Budget<'_>) -> Result<Texts, NetError> {
    let ids: Vec<u64> = batch.iter().map(|head| head.id).collect();
    let found = list::by_numbers(wiki, &ids, "body.storage,version", budget).await?;
    let text = |content: super::wire::Content| {
        let version = content.version.as_ref().map(|version| version.number);
        Some((content.id, (version, content.body?.storage?.value)))
    };
    Ok(found.into_iter().filter_map(text).collect())
}

async fn take_in(
    wiki: &Wiki,
    batch: &[Head],
    mut texts: Texts,
    documents: &mut BTreeMap<u64, Document>,
    unread: &mut BTreeMap<u64, String>,
    budget: &mut Budget<'_>,
) {
    let bodies = texts.values().map(|(_, body)| body.as_str());
    let short = bodies.filter(|body| body.len() as u64 <= wiki.settings.max_bytes);
    let people = names::of(wiki, short.collect(), budget).await;
    for head in batch {
        let Some((version, body)) = texts.remove(&head.id) else {
            unread.insert(head.id, "the answer does not show its text".to_owned());
            continue;
        };
        // It may have been edited since it was listed.
        let head = Head { version, ..head.clone() };
        let page = PageText {
            key: head::path_of(head.id),
            revision: version.map(|version| version.to_string()).unwrap_or_default(),
            title: head.title.clone(),
            url: head.url.clone(),
            body,
            labels: head.labels.iter().cloned().chain(head.handling()).collect(),
            people: people.known.clone(),
        };
        let settings = &wiki.settings;
        let read = read_pages(&settings.name, &[page], settings.max_bytes, &settings.conventions);
        for mut document in read {
            document.diagnostics.extend(restricted(&head));
            documents.insert(head.id, document.clone());
            if people.complete {
                wiki.keep(head.clone(), document);
            }
        }
    }
}

/// That a page is stricter because some only may read it.
fn restricted(head: &Head) -> Option<Diagnostic> {
    let Reach::Some(why) = &head.reach else { return None };
    Some(Diagnostic {
        path: head::path_of(head.id),
        line: 0,
        column: 0,
        level: Level::Info,
        code: "page_restricted".to_owned(),
        message: format!("{why}, so the page counts as `classification: restricted`"),
        help: Some(
            "that is RED unless `words.markings` of its source says what `restricted` means; a reviewer can correct it with \
             `finding classify KEY --tlp CLASS`"
                .to_owned(),
        ),
    })
}
