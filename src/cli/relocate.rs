//! `store moved` and `store fork`: a person says what a copied register is.

use std::sync::Arc;

use anyhow::anyhow;
use clap::Args;

use super::{
    Done, Exit, Failed,
    context::{allowed, build, not_built, person},
    finding::{load, record, store_error},
    output::{Output, Tone},
};
use crate::{
    app::{App, Reach, SystemClock, Unwatched, open_store},
    model::{
        clock::Clock as _,
        edit_intent::EditIntent,
        finding::Finding,
        history::Entry,
        ids::{FindingKey, Host, InstanceName, PersonId, PlaceName},
        issue::{IssueId, IssueRef},
        link::{End, Intent, Link, Tombstone},
        register::Write,
    },
    review::roles::Verb,
    settings::Settings,
    store::{Lease, StoreError},
};

/// Why the links of a copy end.
const FOLLOWED: &str = "followed by the register it was copied from";

/// Who says so.
#[derive(Debug, Args)]
pub(super) struct Says {
    /// Who decides; a reviewer.
    #[arg(long = "as", id = "person", env = "POSTMORTEM_SYNC_AS", value_name = "PERSON")]
    person: Option<String>,
}

/// The register was moved here, and the other one is given up.
pub(super) async fn moved(settings: Settings, says: Says, output: &Output) -> Done {
    let app = build(settings, Reach::Register, Arc::new(Unwatched), output).await?;
    let by = person(&app.config.people, says.person.as_deref())?;
    allowed(&app, &by, Verb::MoveRegister)?;
    let Some((home, here, lease)) = copied(&app).await? else {
        output.line("the register stands where it says that it stands; nothing to do");
        return Ok(Exit::Success);
    };
    let values = (Some(home), Some(here.clone()));
    let entry = entry(&app, &by, "register_moved", values, "a person says that the register was moved here");
    let recorded = record(&app, &lease, vec![Write::Moved, entry]).await;
    app.ports.store.release(lease).await.map_err(store_error)?;
    recorded?;
    output.line(format!("{} the register is at {here} from now on", output.paint(Tone::Good, "✓")));
    Ok(Exit::Success)
}

/// The copy goes its own way, as a register of the instance that the configuration names now.
pub(super) async fn fork(mut settings: Settings, says: Says, output: &Output) -> Done {
    let instance = settings.instance.clone();
    settings.instance = former(&settings).await?;
    let app = build(settings, Reach::Register, Arc::new(Unwatched), output).await?;
    let by = person(&app.config.people, says.person.as_deref())?;
    allowed(&app, &by, Verb::MoveRegister)?;
    let Some((home, here, lease)) = copied(&app).await? else {
        let why = "the register stands where it always stood, and is no copy; copy the folder first";
        return Err(Failed::with(Exit::Configuration, anyhow!(why)));
    };
    let from = format!("{} at {home}", app.config.instance);
    let values = (Some(from), Some(format!("{instance} at {here}")));
    let forked = fork_under_lease(&app, &lease, (&by, &instance), values).await;
    app.ports.store.release(lease).await.map_err(store_error)?;
    let ended = forked?;
    output.line(format!(
        "{} the register is one of its own, of the instance `{instance}`: findings that wait for `link rebind`: {ended}",
        output.paint(Tone::Good, "✓")
    ));
    Ok(Exit::Success)
}

/// The instance that the register belongs to, which has to be another one than the configuration's.
async fn former(settings: &Settings) -> Result<InstanceName, Failed> {
    let same = "the configuration still has the instance of the register that this one was copied from: give it another \
                `instance` first, because two of one name would take each other's issues for their own";
    match open_store(settings, SystemClock.now()).await {
        Ok(_) => Err(Failed::with(Exit::Configuration, anyhow!(same))),
        Err(error) => match error.downcast_ref::<StoreError>() {
            Some(StoreError::OtherInstance { found, .. }) => Ok(InstanceName::new(found.as_str())),
            Some(_) | None => Err(not_built(error)),
        },
    }
}

/// Where a copied register says that it stands, where it is, and its lease; none where it is no copy.
async fn copied(app: &App) -> Result<Option<(String, String, Lease)>, Failed> {
    let store = app.ports.store.as_ref();
    match store.lease(&app.config.holder).await {
        Ok(lease) => {
            store.release(lease).await.map_err(store_error)?;
            Ok(None)
        }
        Err(StoreError::Copied { home, here }) => {
            let lease = store.lease_anywhere(&app.config.holder).await.map_err(store_error)?;
            Ok(Some((home, here, lease)))
        }
        Err(error) => Err(store_error(error)),
    }
}

/// Records in one transaction that the copy is a register of its own; how many findings wait for a person then.
async fn fork_under_lease(
    app: &App,
    lease: &Lease,
    (by, instance): (&PersonId, &InstanceName),
    values: (Option<String>, Option<String>),
) -> Result<usize, Failed> {
    let register = load(app).await?;
    if let Some(misfit) = register.misfits.first() {
        return Err(Failed::with(Exit::Held, anyhow!("{}", misfit.why())));
    }
    let why = "a person says that this copy goes its own way; nothing of it follows an issue any more";
    let mut writes =
        vec![Write::Moved, Write::Instance(instance.clone()), entry(app, by, "register_forked", values, why)];
    for link in &register.links {
        writes.extend(unlinked(app, by, link));
    }
    writes.extend(register.intents.iter().map(Write::intent_done));
    let ended =
        |open: &EditIntent| Write::EditDone { finding: open.finding.clone(), issue: open.issue.clone() };
    writes.extend(register.edits.iter().map(ended));
    // Also one that has no issue yet, or cites one that is not linked yet: the register that this one was copied from
    // does all that.
    let open: Vec<&Finding> =
        register.findings.values().filter(|finding| finding.state.is_unresolved()).collect();
    for finding in &open {
        let sent = register.intents.iter().find(|intent| intent.finding == finding.key);
        writes.push(Write::Tombstone(Box::new(stone(app, &finding.key, nothing(sent)))));
    }
    record(app, lease, writes).await?;
    Ok(open.len())
}

/// What ends a link.
fn unlinked(app: &App, by: &PersonId, link: &Link) -> [Write; 3] {
    let detached = Entry {
        at: app.ports.clock.now(),
        cycle: "command".to_owned(),
        event: "link_detached".to_owned(),
        finding: Some(link.finding.clone()),
        issue: Some(link.issue.key.clone()),
        actor: by.to_string(),
        known_by: None,
        field: None,
        before: None,
        after: None,
        why: FOLLOWED.to_owned(),
    };
    [
        Write::Unlink { finding: link.finding.clone(), issue: link.issue.id.clone() },
        Write::Tombstone(Box::new(stone(app, &link.finding, link.issue.clone()))),
        Write::History(detached),
    ]
}

fn stone(app: &App, finding: &FindingKey, issue: IssueRef) -> Tombstone {
    Tombstone {
        finding: finding.clone(),
        issue,
        why: FOLLOWED.to_owned(),
        at: app.ports.clock.now(),
        end: Some(End::Detached),
        link: None,
        looked: None,
    }
}

/// No issue, in the place where one may have been created.
fn nothing(sent: Option<&Intent>) -> IssueRef {
    let place = sent.map_or_else(|| PlaceName::new(""), |sent| sent.place.clone());
    IssueRef {
        id: IssueId { host: Host::new(""), id: String::new() },
        node: None,
        key: String::new(),
        url: String::new(),
        place,
        place_id: sent.map(|sent| sent.place_id.clone()).unwrap_or_default(),
    }
}

fn entry(
    app: &App,
    by: &PersonId,
    event: &str,
    (before, after): (Option<String>, Option<String>),
    why: &str,
) -> Write {
    Write::History(Entry {
        at: app.ports.clock.now(),
        cycle: "command".to_owned(),
        event: event.to_owned(),
        finding: None,
        issue: None,
        actor: by.to_string(),
        known_by: None,
        field: None,
        before,
        after,
        why: why.to_owned(),
    })
}
