//! Wikis of the settings as clients, each with its credential, its pace and its time-outs.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::{Context as _, anyhow};

use super::{Reach, SystemClock, trackers::connecting};
use crate::{
    model::ids::SourceName,
    net::transport,
    settings::{
        Settings,
        source::{Contents, SourceSettings},
        tracker::Credential,
        wiki::{ConfluenceSettings, WantedPages},
    },
    source::confluence::{Pages, Wiki, WikiSettings},
};

/// The wikis of the sources that are in reach, by the names of those. Nothing is sent to them.
///
/// # Errors
/// A secret cannot be read, or an address or credential is unusable.
pub fn wikis(settings: &Settings, reach: Reach) -> anyhow::Result<BTreeMap<SourceName, Wiki>> {
    let mut wikis = BTreeMap::new();
    for source in settings.sources.iter().filter(|_| reach.reads_documents()) {
        if let Contents::Confluence(wiki) = &source.contents {
            let built = connect(settings, source, wiki);
            wikis.insert(source.name.clone(), built.with_context(|| format!("source `{}`", source.name))?);
        }
    }
    Ok(wikis)
}

fn connect(settings: &Settings, source: &SourceSettings, wiki: &ConfluenceSettings) -> anyhow::Result<Wiki> {
    let secret = |reference| settings.secret(reference).map_err(|error| anyhow!("{}", error.message));
    let credential = match &wiki.credential {
        Credential::Token(token) => transport::Credential::Bearer(secret(token)?),
        Credential::Basic { email, token } => {
            transport::Credential::Basic { email: email.clone(), token: secret(token)? }
        }
        Credential::App { .. } => return Err(anyhow!("Confluence takes a token")),
    };
    let options = WikiSettings {
        name: source.name.clone(),
        url: wiki.url.clone(),
        is_cloud: wiki.is_cloud,
        pages: match &wiki.pages {
            WantedPages::Of { space, label } => Pages::Of { space: space.clone(), label: label.clone() },
            WantedPages::Cql(query) => Pages::Found(query.clone()),
        },
        accounts: accounts(settings, wiki.is_cloud),
        max_bytes: source.max_bytes.get(),
        conventions: source.conventions.clone(),
    };
    let connecting = connecting(settings, &wiki.connection)?;
    Ok(Wiki::connect(options, &credential, connecting, Arc::new(SystemClock))?)
}

/// Who is who without asking: accounts are the same in Jira and Confluence of one site.
fn accounts(settings: &Settings, is_cloud: bool) -> BTreeMap<String, String> {
    let people = settings.people.0.iter();
    let account = people.filter_map(|(id, person)| {
        let account = if is_cloud { person.jira.as_ref() } else { person.jira_dc.as_ref() };
        Some((account?.as_str().to_owned(), id.to_string()))
    });
    account.collect()
}
