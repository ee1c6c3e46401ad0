//! Trackers of the settings as clients, each with its credential, its pace and its time-outs.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::{Context as _, anyhow};

use super::Reach;
use crate::{
    model::{
        clock::Clock,
        ids::TrackerName,
        issue::TrackerKind,
        rule::{Outcome, Rule},
    },
    net::{connecting::Connecting, pace::Allowances, transport},
    settings::{
        Settings,
        connection::ConnectionSettings,
        tracker::{Credential, PaceSettings, TrackerSettings},
    },
    tracker::{
        TrackerWrite,
        github::{GitHub, GitHubSettings, OctocrabHttp},
        jira::{Jira, JiraSettings},
    },
};

/// The trackers of the settings that are in reach, by name. Nothing is sent to them.
///
/// # Errors
/// A secret cannot be read, or a tracker's address or credential is unusable.
pub fn trackers(
    settings: &Settings,
    reach: Reach,
    clock: &Arc<dyn Clock>,
) -> anyhow::Result<BTreeMap<TrackerName, Arc<dyn TrackerWrite>>> {
    let first_github = settings.trackers.iter().find(|tracker| tracker.kind == TrackerKind::Github);
    let first_github = first_github.map(|tracker| &tracker.name);
    let mut trackers: BTreeMap<TrackerName, Arc<dyn TrackerWrite>> = BTreeMap::new();
    for tracker in settings.trackers.iter().filter(|tracker| reach.includes(settings, &tracker.name)) {
        let built: Arc<dyn TrackerWrite> = match tracker.kind {
            TrackerKind::Github => {
                Arc::new(github(settings, tracker, first_github == Some(&tracker.name), clock)?)
            }
            TrackerKind::JiraCloud | TrackerKind::JiraDataCenter => Arc::new(jira(settings, tracker, clock)?),
        };
        trackers.insert(tracker.name.clone(), built);
    }
    Ok(trackers)
}

fn github(
    settings: &Settings,
    tracker: &TrackerSettings,
    is_first: bool,
    clock: &Arc<dyn Clock>,
) -> anyhow::Result<GitHub> {
    let secret = |reference| settings.secret(reference).map_err(|error| anyhow!("{}", error.message));
    let connecting = connecting(settings, &tracker.connection)?;
    let http = match &tracker.credential {
        Credential::Token(token) => OctocrabHttp::token(&tracker.url, &secret(token)?, connecting),
        Credential::App { id, installation, private_key } => {
            let key = secret(private_key)?;
            OctocrabHttp::app(&tracker.url, *id, *installation, &key, connecting, Arc::clone(clock))
        }
        Credential::Basic { .. } => {
            return Err(anyhow!("`{}`: GitHub takes a token or an App", tracker.name));
        }
    };
    let http = http.with_context(|| format!("tracker `{}`", tracker.name))?;
    let mut options = GitHubSettings::new(tracker.name.as_str(), tracker.url.as_str());
    if let Some(version) = &tracker.api_version {
        options.api_version.clone_from(version);
    }
    options.web_host = tracker.browse_url.as_deref().and_then(authority);
    options.label.clone_from(&settings.labels.general);
    options.accepts_short_references = is_first;
    options.allowances = allowances(Allowances::GITHUB, &tracker.pace);
    GitHub::new(options, Arc::new(http), Arc::clone(clock))
        .with_context(|| format!("tracker `{}`", tracker.name))
}

/// How connections are made; certificates and proxies that cannot be used are an error.
pub(super) fn connecting(settings: &Settings, connection: &ConnectionSettings) -> anyhow::Result<Connecting> {
    settings.connecting(connection).map_err(|error| anyhow!("{}", error.message))
}

/// `github.com` of `https://github.com/acme`.
fn authority(url: &str) -> Option<String> {
    url.parse::<http::Uri>().ok()?.authority().map(ToString::to_string)
}

fn jira(settings: &Settings, tracker: &TrackerSettings, clock: &Arc<dyn Clock>) -> anyhow::Result<Jira> {
    let secret = |reference| settings.secret(reference).map_err(|error| anyhow!("{}", error.message));
    let credential = match &tracker.credential {
        Credential::Token(token) => transport::Credential::Bearer(secret(token)?),
        Credential::Basic { email, token } => {
            transport::Credential::Basic { email: email.clone(), token: secret(token)? }
        }
        Credential::App { .. } => return Err(anyhow!("`{}`: Jira takes a token", tracker.name)),
    };
    let options = JiraSettings {
        name: tracker.name.clone(),
        kind: tracker.kind,
        base_url: tracker.url.clone(),
        browse_url: tracker.browse_url.clone().unwrap_or_else(|| tracker.url.clone()),
        label_prefix: settings.labels.general.clone(),
        projects: projects(&settings.rules, tracker),
        statuses: tracker.statuses.clone(),
        allowances: allowances(Allowances::JIRA, &tracker.pace),
    };
    Jira::connect(options, &credential, connecting(settings, &tracker.connection)?, Arc::clone(clock))
        .with_context(|| format!("tracker `{}`", tracker.name))
}

/// Projects of a tracker that rules name; bare issue keys in documents may belong to them.
fn projects(rules: &[Rule], tracker: &TrackerSettings) -> Vec<String> {
    let place = |rule: &Rule| match &rule.then {
        Outcome::Create(to) if to.tracker == tracker.name => Some(to.place.to_string()),
        Outcome::Create(_) | Outcome::Register { .. } => None,
    };
    rules.iter().filter_map(place).collect()
}

fn allowances(published: Allowances, pace: &PaceSettings) -> Allowances {
    Allowances {
        reads_per_minute: pace.reads_per_minute.unwrap_or(published.reads_per_minute),
        writes_per_minute: pace.writes_per_minute.unwrap_or(published.writes_per_minute),
        creates_per_minute: pace.creates_per_minute.unwrap_or(published.creates_per_minute),
        creates_per_hour: pace.creates_per_hour.or(published.creates_per_hour),
    }
}
