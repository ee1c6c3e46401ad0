//! Which write-up of the register a document is: its id is fixed at first sight, so a file that is renamed, moved
//! or given another id stays what it was, and what cannot be told is asked.
//!
//! An id that a document states comes first, then the place where the register last saw it, then the id that its name gives,
//! then what it says: a write-up that is gone and one that is new are the same if most of what they list is.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use super::{
    Listed, Listing,
    likeness::{Likeness, Said},
    remark,
    write_ups::{WriteUps, places},
};
use crate::model::{
    finding::Finding,
    ids::PostmortemId,
    observed::Observed,
    postmortem::{Diagnostic, Document, Postmortem},
};

/// A document that is taken in.
#[derive(Clone, Debug)]
pub(super) struct Placed<'a> {
    /// Its listing.
    pub(super) listing: &'a Listing,
    /// The document.
    pub(super) document: &'a Document,
    /// What it says, under the id by which the register knows it.
    pub(super) postmortem: Cow<'a, Postmortem>,
}

/// A write-up whose document was told by what it says.
#[derive(Debug)]
pub(super) struct Moved {
    /// The write-up.
    pub(super) id: PostmortemId,
    /// Where it stood.
    pub(super) from: Option<String>,
    /// Where it stands.
    pub(super) to: String,
}

/// What all documents turned out to be.
#[derive(Debug, Default)]
pub(super) struct Origins<'a> {
    /// Those that are taken in.
    pub(super) placed: Vec<Placed<'a>>,
    /// Those that are not, with the reason.
    pub(super) refused: BTreeMap<Listed<'a>, String>,
    /// Write-ups that may have become another document; nothing about them changes until a person says.
    pub(super) held: BTreeMap<PostmortemId, String>,
    /// Those that stand elsewhere than before.
    pub(super) moved: Vec<Moved>,
    /// What a person should know.
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// Says of every readable document which write-up it is, beside others that are not listed here.
pub(super) fn settle<'a>(
    known: &WriteUps<'a>,
    listings: &'a [Listing],
    others: &BTreeSet<PostmortemId>,
) -> Origins<'a> {
    let mut settling = Settling::of(known, listings);
    settling.claimed.extend(others.iter().cloned());
    settling.by_stated_id();
    settling.by_place();
    settling.by_derived_id();
    settling.by_content();
    settling.as_new();
    settling.finish()
}

/// A readable document whose write-up is being found out.
struct Sheet<'a> {
    listing: &'a Listing,
    document: &'a Document,
    postmortem: &'a Postmortem,
    /// The write-up it is; none while that is not settled, or when it is not taken in.
    id: Option<PostmortemId>,
    open: bool,
}

impl<'a> Sheet<'a> {
    fn place(&self) -> Listed<'a> {
        (&self.listing.source, self.document.path.as_str())
    }
}

struct Settling<'k, 'a> {
    known: &'k WriteUps<'a>,
    sheets: Vec<Sheet<'a>>,
    /// Places whose document cannot be read now.
    unread: BTreeSet<Listed<'a>>,
    /// Sources that could not be listed.
    unlisted: BTreeSet<&'a str>,
    /// Ids that documents have, settled or not.
    claimed: BTreeSet<PostmortemId>,
    origins: Origins<'a>,
}

impl<'k, 'a> Settling<'k, 'a> {
    fn of(known: &'k WriteUps<'a>, listings: &'a [Listing]) -> Self {
        let mut settling = Self {
            known,
            sheets: Vec::new(),
            unread: BTreeSet::new(),
            unlisted: BTreeSet::new(),
            claimed: BTreeSet::new(),
            origins: Origins::default(),
        };
        for listing in listings {
            let Observed::Known(documents) = &listing.documents else {
                settling.unlisted.insert(listing.source.as_str());
                continue;
            };
            for document in documents {
                let Observed::Known(postmortem) = &document.postmortem else {
                    settling.unread.insert((&listing.source, &document.path));
                    continue;
                };
                settling.sheets.push(Sheet { listing, document, postmortem, id: None, open: true });
            }
        }
        settling.sheets.sort_by_key(Sheet::place);
        settling
    }

    /// Documents that are not settled yet, by a key.
    fn groups<K: Ord>(&self, key: impl Fn(&Sheet<'a>) -> Option<K>) -> BTreeMap<K, Vec<usize>> {
        let mut groups: BTreeMap<K, Vec<usize>> = BTreeMap::new();
        for (n, sheet) in self.sheets.iter().enumerate().filter(|(_, sheet)| sheet.open) {
            if let Some(key) = key(sheet) {
                groups.entry(key).or_default().push(n);
            }
        }
        groups
    }

    fn settle(&mut self, n: usize, id: &PostmortemId) {
        self.claimed.insert(id.clone());
        if let Some(sheet) = self.sheets.get_mut(n) {
            (sheet.id, sheet.open) = (Some(id.clone()), false);
        }
    }

    /// Takes none of the documents, because they cannot be told apart.
    fn refuse(&mut self, id: &PostmortemId, documents: &[usize], holders: &[usize]) {
        let all: Vec<Listed<'a>> =
            documents.iter().chain(holders).filter_map(|n| self.sheets.get(*n)).map(Sheet::place).collect();
        for n in documents {
            let Some(sheet) = self.sheets.get_mut(*n) else { continue };
            sheet.open = false;
            let why = format!("{} shares its id with another document", sheet.document.path);
            self.origins.refused.insert(sheet.place(), why);
            self.origins.diagnostics.push(remark::id_taken(sheet.listing, sheet.document, id, &all));
        }
    }

    /// An id that a document states is its own, unless another one states it as well.
    fn by_stated_id(&mut self) {
        let stated = self.groups(|sheet| Some(&sheet.postmortem.id).filter(|_| !sheet.postmortem.id_derived));
        self.claimed.extend(stated.keys().map(|id| (*id).clone()));
        for (id, documents) in stated {
            match documents.as_slice() {
                [n] if self.known.knows(id) => self.settle(*n, id),
                [_] => {}
                several => self.refuse(id, several, &[]),
            }
        }
    }

    /// What stands where the register last saw a write-up is that write-up. One that states another id now is it only if
    /// it still lists the same.
    fn by_place(&mut self) {
        for n in 0..self.sheets.len() {
            let Some(sheet) = self.sheets.get(n).filter(|sheet| sheet.open) else { continue };
            let standing = self.known.standing_at(&sheet.place(), |id| !self.claimed.contains(id));
            let Some(id) = standing else { continue };
            let likeness = || Likeness::of(sheet.postmortem, self.known.findings(id));
            let same = match (sheet.postmortem.id_derived, self.known.is_derived(id)) {
                (true, _) => true,
                (false, true) => likeness().alike > 0,
                (false, false) => likeness().certain(),
            };
            if same {
                self.settle(n, id);
                self.tell_kept(n);
            }
        }
    }

    /// Says that a write-up is followed under another id than the one it states.
    fn tell_kept(&mut self, n: usize) {
        let Some(sheet) = self.sheets.get(n).filter(|sheet| !sheet.postmortem.id_derived) else { return };
        if let Some(id) = &sheet.id {
            self.origins.diagnostics.push(remark::id_kept(sheet.document, sheet.postmortem, id));
        }
    }

    /// A file in another folder keeps the id that its name gives, if no other document has it.
    fn by_derived_id(&mut self) {
        let derived = self.groups(|sheet| Some(&sheet.postmortem.id).filter(|_| sheet.postmortem.id_derived));
        for (id, documents) in derived {
            if let ([n], true) = (documents.as_slice(), self.is_gone(id)) {
                self.settle(*n, id);
            }
        }
    }

    /// Whether a write-up of the register has no document any more, as far as can be seen.
    fn is_gone(&self, id: &PostmortemId) -> bool {
        let findings = self.known.findings(id);
        let seen = |finding: &&Finding| {
            let place = (&finding.stated.source, finding.stated.path.as_str());
            !self.unread.contains(&place) && !self.unlisted.contains(finding.stated.source.as_str())
        };
        !findings.is_empty() && !self.claimed.contains(id) && findings.iter().all(seen)
    }

    /// A new document that lists what a write-up listed that is gone is that write-up.
    fn by_content(&mut self) {
        let open: Vec<usize> = self.groups(|_| Some(())).into_values().flatten().collect();
        if open.is_empty() {
            return;
        }
        let gone: Vec<&PostmortemId> =
            self.known.by_id.keys().copied().filter(|id| self.is_gone(id)).collect();
        let said = Said::of(gone.iter().map(|id| (*id, self.known.findings(id))));
        let mut likely: BTreeMap<usize, Vec<(&PostmortemId, Likeness)>> = BTreeMap::new();
        let mut wanted: BTreeMap<&PostmortemId, usize> = BTreeMap::new();
        for n in open {
            let Some(sheet) = self.sheets.get(n) else { continue };
            let known = said.alike(sheet.postmortem);
            let found: Vec<_> = known
                .into_iter()
                .map(|id| (id, Likeness::of(sheet.postmortem, self.known.findings(id))))
                .filter(|(id, likeness)| {
                    let stated = !sheet.postmortem.id_derived;
                    if stated { self.known.is_derived(id) && likeness.certain() } else { likeness.asks() }
                })
                .collect();
            for (id, _) in found.iter().filter(|(_, likeness)| likeness.certain()) {
                *wanted.entry(id).or_default() += 1;
            }
            likely.insert(n, found);
        }
        for (n, found) in likely {
            let certain: Vec<_> = found.iter().filter(|(_, likeness)| likeness.certain()).collect();
            match (certain.as_slice(), found.as_slice()) {
                ([(id, _)], _) if wanted.get(id) == Some(&1) => self.moved(n, id),
                (_, []) => {}
                _ => self.ask(n, &found.iter().map(|(id, _)| *id).collect::<Vec<_>>()),
            }
        }
    }

    fn moved(&mut self, n: usize, id: &PostmortemId) {
        let from = places(self.known.findings(id)).into_iter().next().map(|(_, path)| path.to_owned());
        self.settle(n, id);
        self.tell_kept(n);
        if let Some(sheet) = self.sheets.get(n) {
            let to = sheet.document.path.clone();
            self.origins.moved.push(Moved { id: id.clone(), from, to });
        }
    }

    /// Leaves a document alone, and the write-ups it may be, until a person says which one it is.
    fn ask(&mut self, n: usize, perhaps: &[&PostmortemId]) {
        let Some(sheet) = self.sheets.get_mut(n).filter(|sheet| sheet.postmortem.id_derived) else { return };
        sheet.open = false;
        let path = &sheet.document.path;
        self.origins.diagnostics.push(remark::perhaps_moved(sheet.document, sheet.postmortem, perhaps));
        let why = "it may be a write-up that the register knows by another name".to_owned();
        self.origins.refused.insert(sheet.place(), why);
        for id in perhaps {
            let why = format!("{path} may be its document under another name; a person must say");
            self.origins.held.insert((*id).clone(), why);
        }
    }

    /// What is left is new. Where an id is taken, the next number is given; a copy of what has the id is refused.
    fn as_new(&mut self) {
        for (id, documents) in self.groups(|sheet| Some(&sheet.postmortem.id)) {
            let holders: Vec<usize> = self.holders(id);
            let all: Vec<usize> = holders.iter().chain(&documents).copied().collect();
            let unseen = self.known.knows(id) && holders.is_empty() && !self.is_gone(id);
            if self.any_alike(&all) || unseen {
                self.refuse(id, &documents, &holders);
                continue;
            }
            for n in documents {
                let stated = self.sheets.get(n).is_some_and(|sheet| !sheet.postmortem.id_derived);
                let free = if stated { id.clone() } else { self.free(id) };
                self.settle(n, &free);
            }
        }
    }

    /// Documents that are settled under an id.
    fn holders(&self, id: &PostmortemId) -> Vec<usize> {
        let holds = |(n, sheet): (usize, &Sheet<'a>)| (sheet.id.as_ref() == Some(id)).then_some(n);
        self.sheets.iter().enumerate().filter_map(holds).collect()
    }

    /// Whether two of some documents say the same.
    fn any_alike(&self, documents: &[usize]) -> bool {
        if documents.len() < 2 {
            return false;
        }
        let sheets: Vec<&Sheet<'a>> = documents.iter().filter_map(|n| self.sheets.get(*n)).collect();
        let mut said = BTreeSet::new();
        let texts = |sheet: &Sheet<'a>| {
            let hash = Some(sheet.document.hash.clone()).filter(|hash| !hash.is_empty());
            let items: BTreeSet<String> = Said::words(sheet.postmortem).collect();
            items.into_iter().chain(hash).collect::<Vec<_>>()
        };
        sheets.into_iter().flat_map(texts).any(|text| !said.insert(text))
    }

    /// The id itself, or the first numbered one that nobody has.
    fn free(&self, id: &PostmortemId) -> PostmortemId {
        let taken = |id: &PostmortemId| self.claimed.contains(id) || self.known.knows(id);
        let numbered = (2_u64..).map(|number| PostmortemId::new(format!("{id}-{number}")));
        std::iter::once(id.clone()).chain(numbered).find(|id| !taken(id)).unwrap_or_else(|| id.clone())
    }

    fn finish(self) -> Origins<'a> {
        let mut origins = self.origins;
        for sheet in self.sheets {
            let Some(id) = sheet.id else { continue };
            let mut postmortem = Cow::Borrowed(sheet.postmortem);
            let derived =
                sheet.postmortem.id_derived || (id != sheet.postmortem.id && self.known.is_derived(&id));
            if id != postmortem.id || derived != postmortem.id_derived {
                let known = postmortem.to_mut();
                (known.id, known.id_derived) = (id, derived);
            }
            origins.placed.push(Placed { listing: sheet.listing, document: sheet.document, postmortem });
        }
        origins
    }
}
