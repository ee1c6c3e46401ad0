//! The text of a first configuration.
//!
//! Whatever comes from a tracker is written as a quoted string. Must not know files.

use std::{collections::BTreeSet, fmt::Write as _};

use crate::{
    model::{ids::TrackerName, issue::TrackerKind},
    tracker::survey::{SeenPlace, Survey},
};

/// So many places of a tracker get a rule; the others are named in a remark.
const RULES: usize = 12;

/// What is known of a configuration to be.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) instance: String,
    pub(super) documents: String,
    pub(super) asked: Vec<Asked>,
}

/// A tracker that is asked.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) name: TrackerName,
    pub(super) kind: TrackerKind,
    pub(super) url: String,
    pub(super) email: Option<String>,
    pub(super) token: Kept,
    pub(super) survey: Survey,
}

/// Where a secret is kept, as the command line names it.
#[derive(Clone, Debug)]
pub(super) enum Kept {
    Env(String),
    File(String),
}

impl Kept {
    /// Reads `env:NAME` or `file:PATH`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("env", name)) if !name.is_empty() => Ok(Self::Env(name.to_owned())),
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(path.to_owned())),
            _ => {
                Err("say where a token is kept: `env:NAME` or `file:PATH`, never the token itself".to_owned())
            }
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Env(name) => format!("{{ env: {} }}", quoted(name)),
            Self::File(path) => format!("{{ file: {} }}", quoted(path)),
        }
    }
}

/// A string in YAML, which understands JSON's.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// What is left of a text as a name: small letters, digits and hyphens.
pub(super) fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars() {
        match c {
            c if c.is_ascii_alphanumeric() => slug.push(c.to_ascii_lowercase()),
            _ if !slug.is_empty() && !slug.ends_with('-') => slug.push('-'),
            _ => {}
        }
    }
    slug.trim_end_matches('-').to_owned()
}

/// A name that is not taken yet, and is from now on.
pub(super) fn untaken(name: &str, taken: &mut BTreeSet<String>) -> String {
    let numbered = (2..).map(|n: usize| format!("{name}-{n}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    let free = names.find(|name| !taken.contains(name)).unwrap_or_default();
    taken.insert(free.clone());
    free
}

/// The main file, but for whom it names.
pub(super) fn text(draft: &Draft) -> String {
    let trackers: String = draft.asked.iter().map(tracker).collect();
    let mut taken = BTreeSet::from(["process".to_owned()]);
    let rules: String = draft.asked.iter().map(|asked| rules(asked, &mut taken)).collect();
    format!(
        "\
# A first configuration of postmortem-sync. Every key: `postmortem-sync schema config`. Secrets are never written here.

# Name of this deployment, part of every marker. Never change it once issues were created.
instance: {instance}

# The register: findings, links, deadlines, decisions. Back it up.
store: sqlite:postmortem-sync.db

# What may be written to trackers: observe (nothing) | create-only | upsert | full. Look at `plan` before you change it.
mode: observe

schedule:
  sync: \"*/5 * * * *\"              # every five minutes
  timezone: UTC                    # of schedules, dates and deadlines: yours, such as Europe/London

# Where the write-ups are; `postmortem-sync intake scan FILE` shows what is read of one.
sources:
  - name: postmortems
    files: [{documents}]

trackers:
{trackers}
# Which finding goes where. The first match wins; `postmortem-sync explain FINDING` says which and why.
rules:
  # Findings about procedures and other organisations stay in the register.
  - name: process
    when: {{ route: [process, cross_org] }}
    register: {{ group: security }}
{rules}",
        instance = quoted(&draft.instance),
        documents = quoted(&draft.documents),
    )
}

fn tracker(asked: &Asked) -> String {
    let mut text = format!(
        "  - name: {}\n    kind: {}\n    url: {}\n",
        asked.name,
        asked.kind.as_str(),
        quoted(&asked.url)
    );
    if let Some(email) = &asked.email {
        let _ = writeln!(text, "    email: {}", quoted(email));
    }
    let _ = writeln!(text, "    token: {}", asked.token.text());
    text
}

/// A rule for each of the first places, and a remark that names the others.
fn rules(asked: &Asked, taken: &mut BTreeSet<String>) -> String {
    let (key, further) = match asked.kind {
        TrackerKind::Github => ("repository", ""),
        TrackerKind::JiraCloud | TrackerKind::JiraDataCenter => ("project", ", type: Task"),
    };
    let (readable, places): (Vec<&SeenPlace>, Vec<&SeenPlace>) =
        asked.survey.places.iter().partition(|place| place.is_read_only);
    let mut text = String::new();
    if !places.is_empty() {
        let _ = writeln!(
            text,
            "\n  # {}: what may be seen by everybody who can read a place is said by `max_tlp`; only CLEAR leaves without it.",
            asked.name
        );
    }
    for place in places.iter().take(RULES) {
        let name = place.name.as_str();
        let team = slug(name.rsplit('/').next().unwrap_or(name));
        let rule = untaken(&team, taken);
        let _ = writeln!(
            text,
            "  - name: {}{remark}\n    when: {{ team: {} }}\n    create: {{ tracker: {}, {key}: {}{further} }}",
            quoted(&rule),
            quoted(&team),
            asked.name,
            quoted(name),
            remark = remark(place),
        );
    }
    for (what, places) in [
        ("Further places", places.get(RULES..).unwrap_or_default()),
        ("Where this account may only read", readable.as_slice()),
    ] {
        let names: Vec<String> = places.iter().map(|place| quoted(place.name.as_str())).collect();
        if !names.is_empty() {
            let _ = writeln!(text, "  # {what}: {}", names.join(", "));
        }
    }
    if asked.survey.has_more {
        text.push_str("  # There are more places than were listed.\n");
    }
    text
}

/// What is known of a place beside its name.
fn remark(place: &SeenPlace) -> String {
    let readers = place.is_public.map(|is_public| if is_public { "public" } else { "private" });
    let title = place.title.as_deref().map(quoted);
    let known: Vec<String> = title.into_iter().chain(readers.map(str::to_owned)).collect();
    if known.is_empty() { String::new() } else { format!("   # {}", known.join(", ")) }
}
