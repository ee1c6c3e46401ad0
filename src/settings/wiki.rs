//! Sources in a Confluence: address, credential, and which pages.

use super::{
    address::{Address, is_loopback},
    connection::{ConnectionSettings, Keys, connection},
    file::{main::SourceEntry, wiki::ConfluenceEntry},
    general::duration,
    reading::Reading,
    secret::SecretRef,
    tracker::{Credential, reference},
};

/// A Confluence whose pages are documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfluenceSettings {
    /// Its address, with the context path and without a slash at its end.
    pub url: String,
    /// Whether it is Confluence Cloud.
    pub is_cloud: bool,
    /// Who we act as: an account with its e-mail address, or a token alone.
    pub credential: Credential,
    /// Which pages are read.
    pub pages: WantedPages,
    /// How connections to it are made.
    pub connection: ConnectionSettings,
}

impl ConfluenceSettings {
    /// The secrets that it needs.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &SecretRef> {
        std::iter::once(self.credential.secret()).chain(self.connection.secrets())
    }
}

/// Which pages are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WantedPages {
    /// Those of a space, those with a label, or those with both.
    Of {
        /// Key of the space.
        space: Option<String>,
        /// The label.
        label: Option<String>,
    },
    /// Those that a query in CQL finds.
    Cql(String),
}

/// Where the context path of Confluence Cloud ends.
const CLOUD_PATH: &str = "/wiki";

/// Parts of an address that belong to a page and not to the site.
const OF_PAGES: [&str; 6] = ["/display", "/spaces", "/pages", "/rest", "/api/", "/x/"];

/// Reads what a source says of a Confluence.
pub(super) fn confluence(
    page: &mut Reading,
    at: &str,
    source: &SourceEntry,
    entry: &ConfluenceEntry,
) -> Option<ConfluenceSettings> {
    let others = [
        ("files", !source.files.is_empty()),
        ("root", source.root.is_some()),
        ("issues", source.issues.is_some()),
    ];
    for (key, _) in others.into_iter().filter(|(_, is_there)| *is_there) {
        let message = format!("the source `{}` has both `confluence` and `{key}`", source.name);
        page.error_at_key(
            &format!("{at}/{key}"),
            "source",
            message,
            Some("make two sources of it".to_owned()),
        );
    }
    let at = format!("{at}/confluence");
    let site = site(page, &at, entry);
    let is_cloud = site.as_ref().is_some_and(|site| site.is_cloud);
    let credential = credential(page, &at, source, entry, is_cloud);
    let pages = pages(page, &at, source, entry);
    let timeout =
        duration(page, &format!("{at}/timeout"), &entry.timeout).and_then(|time| time.to_std().ok());
    let keys = Keys {
        ca: entry.ca.as_ref(),
        proxy: entry.proxy.as_ref(),
        client_certificate: entry.client_certificate.as_ref(),
    };
    let connection = connection(page, &at, &keys, timeout.unwrap_or_default());
    let site = site?;
    Some(ConfluenceSettings {
        url: site.url,
        is_cloud: is_cloud || entry.email.is_some(),
        credential: credential?,
        pages: pages?,
        connection: timeout.map(|_| connection)?,
    })
}

/// The address of a site.
struct Site {
    url: String,
    is_cloud: bool,
}

fn site(page: &mut Reading, at: &str, entry: &ConfluenceEntry) -> Option<Site> {
    let at = format!("{at}/url");
    let mut told = |message: &str, help: &str| {
        page.error(&at, "address", message.to_owned(), Some(help.to_owned()));
    };
    let address = match Address::parse(&entry.url) {
        Ok(address) => address,
        Err((message, help)) => {
            told(message, help);
            return None;
        }
    };
    let of_site = address.host.ends_with(".atlassian.net");
    let shared = address.host == "api.atlassian.com";
    let path = address.path.as_str();
    let below = path.strip_suffix(CLOUD_PATH).unwrap_or(path);
    if OF_PAGES.iter().any(|part| path.contains(part)) {
        told(
            "this is the address of a page, not of the site",
            "end it before `/spaces`, `/display`, `/pages` or `/rest`",
        );
        return None;
    }
    if of_site && !below.is_empty() {
        told("Confluence Cloud is not at this address", "write `https://SITE.atlassian.net/wiki`");
        return None;
    }
    if shared && !below.strip_prefix("/ex/confluence/").is_some_and(|id| !id.is_empty() && !id.contains('/'))
    {
        told(
            "this address serves every Confluence Cloud site and names none",
            "write `https://api.atlassian.com/ex/confluence/CLOUD-ID/wiki`",
        );
        return None;
    }
    let is_cloud = of_site || shared;
    let lacks = is_cloud && !path.ends_with(CLOUD_PATH);
    let url = if lacks { format!("{}{CLOUD_PATH}", address.url) } else { address.url };
    Some(Site { url, is_cloud: is_cloud || (is_loopback(&address.host) && path == CLOUD_PATH) })
}

fn credential(
    page: &mut Reading,
    at: &str,
    source: &SourceEntry,
    entry: &ConfluenceEntry,
    is_cloud: bool,
) -> Option<Credential> {
    let Some(token) = &entry.token else {
        let message = format!("the source `{}` has no credential", source.name);
        let help = "add `token: { env: NAME }` or `token: { file: PATH }`".to_owned();
        page.error(at, "credential", message, Some(help));
        return None;
    };
    let token = reference(page, &format!("{at}/token"), token);
    let help = "add the e-mail address of the account that the token belongs to".to_owned();
    match &entry.email {
        Some(email) if email.contains('@') => {
            Some(Credential::Basic { email: email.trim().to_owned(), token: token? })
        }
        Some(_) => {
            let message = "this is not an e-mail address".to_owned();
            page.error(&format!("{at}/email"), "credential", message, Some(help));
            None
        }
        None if is_cloud => {
            page.error(at, "credential", format!("the source `{}` has no `email`", source.name), Some(help));
            None
        }
        None => token.map(Credential::Token),
    }
}

fn pages(page: &mut Reading, at: &str, source: &SourceEntry, entry: &ConfluenceEntry) -> Option<WantedPages> {
    for (key, value) in [("space", &entry.space), ("label", &entry.label), ("cql", &entry.cql)] {
        if value.as_ref().is_some_and(|value| value.trim().is_empty()) {
            let help = "write it, or leave the key out".to_owned();
            page.error(&format!("{at}/{key}"), "source", format!("`{key}` is empty"), Some(help));
            return None;
        }
    }
    let trimmed = |value: &Option<String>| value.as_ref().map(|value| value.trim().to_owned());
    match (&entry.cql, &entry.space, &entry.label) {
        (Some(_), Some(_), _) | (Some(_), _, Some(_)) => {
            let message = "`cql` stands beside `space` or `label`".to_owned();
            let help = "say all of it in `cql`, or leave `cql` out".to_owned();
            page.error_at_key(&format!("{at}/cql"), "source", message, Some(help));
            None
        }
        (Some(cql), None, None) => cql_of(page, at, cql).map(WantedPages::Cql),
        (None, None, None) => {
            let message = format!("the source `{}` does not say which pages are write-ups", source.name);
            let help = "add `space: KEY`, `label: postmortem` or both, or a `cql`".to_owned();
            page.error(at, "source", message, Some(help));
            None
        }
        (None, space, label) => Some(WantedPages::Of { space: trimmed(space), label: trimmed(label) }),
    }
}

/// A query that can stand beside what we ask ourselves.
fn cql_of(page: &mut Reading, at: &str, cql: &str) -> Option<String> {
    let words: Vec<String> = cql.split_whitespace().map(str::to_ascii_lowercase).collect();
    if words.windows(2).any(|pair| matches!(pair, [order, by] if order == "order" && by == "by")) {
        let help = "leave it out: pages are read in an order of their own".to_owned();
        page.error(&format!("{at}/cql"), "source", "the query has an `order by`".to_owned(), Some(help));
        return None;
    }
    Some(cql.trim().to_owned())
}
