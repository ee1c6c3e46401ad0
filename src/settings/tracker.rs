//! Trackers of the configuration: address, credential, pace and words.

use std::{num::NonZeroU32, time::Duration};

use chrono::NaiveDate;

use super::{
    address::Address,
    connection::{ConnectionSettings, Keys, connection},
    file::{
        main::MainFile,
        part::Part,
        tracker::{AppEntry, PaceEntry, SecretEntry, TrackerEntry},
    },
    general::duration,
    literal::is_token,
    reading::Reading,
    secret::{Kept, SecretRef},
    status::status_map,
};
use crate::model::{
    ids::{Host, TrackerName},
    issue::TrackerKind,
    status::StatusMap,
};

/// One tracker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackerSettings {
    /// Its name.
    pub name: TrackerName,
    /// What it is.
    pub kind: TrackerKind,
    /// Base address of its API, without a slash at its end.
    pub url: String,
    /// Half of every issue's identity: the authority of `url`, or of `browse_url` where many sites share one API address.
    pub host: Host,
    /// Who we act as.
    pub credential: Credential,
    /// Version of GitHub's REST API, when one is asked for.
    pub api_version: Option<String>,
    /// Allowances that differ from the published limits.
    pub pace: PaceSettings,
    /// What the words of a Jira mean; empty for GitHub.
    pub statuses: StatusMap,
    /// Address under which people open issues, where it differs from `url`.
    pub browse_url: Option<String>,
    /// How connections to it are made.
    pub connection: ConnectionSettings,
}

impl TrackerSettings {
    /// The secrets that it needs.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &SecretRef> {
        std::iter::once(self.credential.secret()).chain(self.connection.secrets())
    }
}

/// Who we act as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// A GitHub token or a Jira Data Center personal access token, sent as a bearer token.
    Token(SecretRef),
    /// A Jira Cloud account and its API token, sent as basic authentication.
    Basic {
        /// E-mail address of the account.
        email: String,
        /// Its API token.
        token: SecretRef,
    },
    /// A GitHub App installation.
    App {
        /// App id.
        id: u64,
        /// Installation id.
        installation: u64,
        /// Private key, in PEM.
        private_key: SecretRef,
    },
}

impl Credential {
    /// Where its secret is kept.
    pub(super) fn secret(&self) -> &SecretRef {
        match self {
            Self::Token(token) | Self::Basic { token, .. } => token,
            Self::App { private_key, .. } => private_key,
        }
    }
}

/// Allowances that differ from the published limits; none keeps the tracker's default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PaceSettings {
    /// Reads a minute.
    pub reads_per_minute: Option<u32>,
    /// Writes a minute, creates included.
    pub writes_per_minute: Option<u32>,
    /// Creates a minute.
    pub creates_per_minute: Option<u32>,
    /// Creates an hour.
    pub creates_per_hour: Option<u32>,
}

/// Where GitHub's own API is.
const GITHUB_API: &str = "https://api.github.com";

/// Reads every tracker of the main file.
pub(super) fn trackers(page: &mut Reading, file: &MainFile) -> Vec<TrackerSettings> {
    let items = page.items("/trackers", &file.trackers);
    let mut trackers: Vec<TrackerSettings> = Vec::new();
    for (at, entry) in items {
        let Some(tracker) = tracker(page, &at, entry) else { continue };
        if let Some(other) = trackers.iter().find(|other| is_beside(other, &tracker)) {
            let message = format!(
                "`{}` and `{}` are two sites on {}: their issues have the same numbers and could not be told apart",
                other.name, tracker.name, tracker.host
            );
            let help = "reach one of them by another host name, or follow it with a configuration and a register of its own";
            page.error(&format!("{at}/url"), "address", message, Some(help.to_owned()));
        }
        trackers.push(tracker);
    }
    trackers
}

/// Whether two trackers are different Jira sites that one host serves. Numbers of a GitHub's issues are its own, whoever asks.
fn is_beside(a: &TrackerSettings, b: &TrackerSettings) -> bool {
    let site = |tracker: &TrackerSettings| tracker.browse_url.clone().unwrap_or_else(|| tracker.url.clone());
    let is_jira = |tracker: &TrackerSettings| tracker.kind != TrackerKind::Github;
    is_jira(a) && is_jira(b) && a.host == b.host && site(a) != site(b)
}

fn tracker(page: &mut Reading, at: &str, entry: &TrackerEntry) -> Option<TrackerSettings> {
    refuse_foreign_keys(page, at, entry);
    let address = address(page, at, entry);
    let browse = browse_address(page, at, entry);
    let credential = credential(page, at, entry);
    let pace = pace(page.part(&format!("{at}/pace"), &entry.pace));
    let statuses = match entry.kind {
        TrackerKind::Github => StatusMap::default(),
        TrackerKind::JiraCloud | TrackerKind::JiraDataCenter => status_map(page, at, entry),
    };
    let timeout = timeout(page, at, entry);
    let keys = Keys {
        ca: entry.ca.as_ref(),
        proxy: entry.proxy.as_ref(),
        client_certificate: entry.client_certificate.as_ref(),
    };
    let connection = connection(page, at, &keys, timeout.unwrap_or_default());
    let address = address?;
    let identity = match &browse {
        Some(browse) if is_shared(&address) => browse.authority.clone(),
        Some(_) | None => address.authority.clone(),
    };
    if is_shared(&address) && entry.browse_url.is_none() {
        let message =
            "this address serves every Jira Cloud site, so issues need the address that people open"
                .to_owned();
        let help = "add `browse_url: https://SITE.atlassian.net`".to_owned();
        page.error(&format!("{at}/url"), "address", message, Some(help));
    }
    Some(TrackerSettings {
        name: TrackerName::new(entry.name.clone()),
        kind: entry.kind,
        url: address.url,
        host: Host::new(identity),
        credential: credential?,
        api_version: entry.api_version.clone(),
        pace,
        statuses,
        browse_url: browse.map(|browse| browse.url),
        connection: timeout.map(|_| connection)?,
    })
}

fn timeout(page: &mut Reading, at: &str, entry: &TrackerEntry) -> Option<Duration> {
    duration(page, &format!("{at}/timeout"), &entry.timeout)?.to_std().ok()
}

/// Whether an address is the one that scoped Jira Cloud tokens of every site use (support.atlassian.com, Manage API tokens for service accounts).
fn is_shared(address: &Address) -> bool {
    address.host == "api.atlassian.com"
}

/// Keys that mean something for another kind of tracker only.
fn refuse_foreign_keys(page: &mut Reading, at: &str, entry: &TrackerEntry) {
    let kind = entry.kind.as_str();
    let is_github = entry.kind == TrackerKind::Github;
    let is_cloud = entry.kind == TrackerKind::JiraCloud;
    let for_github = "only `kind: github` has it";
    let for_jira = "only Jira has it: GitHub issues are open or closed";
    let keys = [
        ("app", for_github, entry.app.is_some() && !is_github),
        ("api_version", for_github, entry.api_version.is_some() && !is_github),
        ("email", "only `kind: jira-cloud` has it", entry.email.is_some() && !is_cloud),
        ("statuses", for_jira, !entry.statuses.is_empty() && is_github),
        ("targets", for_jira, page.value().pointer(&format!("{at}/targets")).is_some() && is_github),
        ("resolutions", for_jira, page.value().pointer(&format!("{at}/resolutions")).is_some() && is_github),
        ("declined_resolutions", for_jira, entry.declined_resolutions.is_some() && is_github),
    ];
    for (key, help, _) in keys.into_iter().filter(|(_, _, foreign)| *foreign) {
        let message = format!("a tracker of kind {kind} has no `{key}`");
        page.error(&format!("{at}/{key}"), "tracker", message, Some(help.to_owned()));
    }
    let is_dated = |version: &String| NaiveDate::parse_from_str(version, "%Y-%m-%d").is_ok();
    if is_github && entry.api_version.as_ref().is_some_and(|version| !is_dated(version)) {
        let help = "versions are dates, such as `2022-11-28`".to_owned();
        let message = "this is not a version of GitHub's REST API".to_owned();
        page.error(&format!("{at}/api_version"), "tracker", message, Some(help));
    }
}

fn address(page: &mut Reading, at: &str, entry: &TrackerEntry) -> Option<Address> {
    let text = match (&entry.url, entry.kind) {
        (Some(url), _) => url.as_str(),
        (None, TrackerKind::Github) => GITHUB_API,
        (None, TrackerKind::JiraCloud | TrackerKind::JiraDataCenter) => {
            let message = format!("the tracker `{}` has no `url`", entry.name);
            let help = "add the site's address, such as `url: https://acme.atlassian.net`".to_owned();
            page.error(at, "address", message, Some(help));
            return None;
        }
    };
    let pointer = format!("{at}/url");
    let address = parsed(page, &pointer, text)?;
    if let Some((message, help)) = unlikely(entry.kind, &address) {
        page.error(&pointer, "address", message.to_owned(), Some(help.to_owned()));
    }
    Some(address)
}

/// Addresses of pages, which people copy from their browser instead of the API's.
fn unlikely(kind: TrackerKind, address: &Address) -> Option<(&'static str, &'static str)> {
    match kind {
        TrackerKind::Github => matches!(address.host.as_str(), "github.com" | "www.github.com").then_some((
            "this is GitHub's web address, not its API's",
            "use `https://api.github.com`; on GitHub Enterprise Server it is `https://HOST/api/v3`",
        )),
        TrackerKind::JiraCloud | TrackerKind::JiraDataCenter => {
            let page =
                ["/browse", "/rest", "/projects", "/secure"].iter().any(|part| address.path.contains(part));
            page.then_some((
                "this is the address of a page, not of the site",
                "end it before `/browse` or `/rest`",
            ))
        }
    }
}

fn browse_address(page: &mut Reading, at: &str, entry: &TrackerEntry) -> Option<Address> {
    parsed(page, &format!("{at}/browse_url"), entry.browse_url.as_ref()?)
}

fn parsed(page: &mut Reading, pointer: &str, text: &str) -> Option<Address> {
    match Address::parse(text) {
        Ok(address) => Some(address),
        Err((message, help)) => {
            page.error(pointer, "address", message.to_owned(), Some(help.to_owned()));
            None
        }
    }
}

fn credential(page: &mut Reading, at: &str, entry: &TrackerEntry) -> Option<Credential> {
    let token_at = format!("{at}/token");
    let app_at = format!("{at}/app");
    match (entry.kind, &entry.token, &entry.app) {
        (TrackerKind::Github, Some(_), Some(_)) => {
            let help = "keep one of the two".to_owned();
            page.error(
                &app_at,
                "credential",
                "this tracker has both `token` and `app`".to_owned(),
                Some(help),
            );
            None
        }
        (TrackerKind::Github, None, Some(app)) => app_credential(page, &app_at, app),
        (_, None, _) => {
            let message = format!("the tracker `{}` has no credential", entry.name);
            let help = "add `token: { env: NAME }` or `token: { file: PATH }`".to_owned();
            page.error(at, "credential", message, Some(help));
            None
        }
        (TrackerKind::Github | TrackerKind::JiraDataCenter, Some(token), _) => {
            reference(page, &token_at, token).map(Credential::Token)
        }
        (TrackerKind::JiraCloud, Some(token), _) => {
            let token = reference(page, &token_at, token);
            Some(Credential::Basic { email: email(page, at, entry)?, token: token? })
        }
    }
}

fn app_credential(page: &mut Reading, at: &str, app: &Part<AppEntry>) -> Option<Credential> {
    let app = page.part(at, app)?;
    let private_key = secret_ref(page, &format!("{at}/private_key"), &app.private_key)?;
    Some(Credential::App { id: app.id, installation: app.installation, private_key })
}

fn email(page: &mut Reading, at: &str, entry: &TrackerEntry) -> Option<String> {
    let help = "add the e-mail address of the account that the token belongs to".to_owned();
    match &entry.email {
        Some(email) if email.contains('@') => Some(email.clone()),
        Some(_) => {
            page.error(
                &format!("{at}/email"),
                "credential",
                "this is not an e-mail address".to_owned(),
                Some(help),
            );
            None
        }
        None => {
            page.error(at, "credential", format!("the tracker `{}` has no `email`", entry.name), Some(help));
            None
        }
    }
}

/// Where a secret is kept, as an entry says it.
pub(super) fn reference(page: &mut Reading, at: &str, entry: &Part<SecretEntry>) -> Option<SecretRef> {
    let entry = page.part(at, entry)?;
    secret_ref(page, at, entry)
}

/// The reference, unless it holds a secret in place of a name; then nothing of it is repeated.
pub(super) fn secret_ref(page: &mut Reading, at: &str, entry: &SecretEntry) -> Option<SecretRef> {
    let (key, name, what) = match entry {
        SecretEntry::Env(name) => ("env", name, "the name of an environment variable"),
        SecretEntry::File(path) => ("file", path, "the path of a file"),
    };
    let is_name = match entry {
        SecretEntry::Env(name) => is_variable(name),
        SecretEntry::File(path) => !path.is_empty() && !path.chars().any(char::is_control),
    };
    if !is_name || is_token(name) {
        let help =
            "write where the secret is kept, such as `{ env: GITHUB_TOKEN }`; if this is a token, revoke it";
        page.error(&format!("{at}/{key}"), "secret", format!("this is not {what}"), Some(help.to_owned()));
        return None;
    }
    let kept = match entry {
        SecretEntry::Env(name) => Kept::Env(name.clone()),
        SecretEntry::File(path) => Kept::File(page.beside(path)),
    };
    Some(SecretRef { kept, place: page.place(at) })
}

fn is_variable(name: &str) -> bool {
    name.len() <= 128
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn pace(entry: Option<&PaceEntry>) -> PaceSettings {
    let Some(entry) = entry else { return PaceSettings::default() };
    PaceSettings {
        reads_per_minute: entry.reads_per_minute.map(NonZeroU32::get),
        writes_per_minute: entry.writes_per_minute.map(NonZeroU32::get),
        creates_per_minute: entry.creates_per_minute.map(NonZeroU32::get),
        creates_per_hour: entry.creates_per_hour.map(NonZeroU32::get),
    }
}
