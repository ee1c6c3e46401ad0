//! `link list`: the mapping table, part by part.

use std::collections::BTreeSet;

use anyhow::anyhow;
use clap::Args;

use super::{
    Done, Exit, Failed,
    finding::store_error,
    long::{AT_ONCE, Long},
    output::{Output, Tone},
};
use crate::{
    app::App,
    model::{
        ids::FindingKey,
        link::{Link, LinkKind},
        misfit::Misfit,
    },
    store::view::{LinkPlace, View},
};

/// Arguments of `link list`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  postmortem-sync link list
  postmortem-sync link list --format json
  postmortem-sync link list --limit 100 --after PM-2026-004/F1 acme/payments#3

Links are listed in the order in which they were made.")]
pub(super) struct List {
    /// At most so many.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
    /// Only those that were made after this one.
    #[arg(long, num_args = 2, value_names = ["FINDING", "ISSUE"])]
    after: Option<Vec<String>>,
}

const HEADER: &[&str] = &["finding", "issue", "kind", "status", "since", "page"];

/// Lists links.
pub(super) async fn list(app: &App, output: &Output, list: &List) -> Done {
    let mut view = app.ports.store.view().await.map_err(store_error)?;
    let view = view.as_mut();
    let mut after = begin(view, list.after.as_deref()).await?;
    // Whoever asks for a few has these held against the list of last stamps, and no other.
    let is_proven = list.limit.is_none();
    let mut misfits = if is_proven { view.prove().await.map_err(store_error)? } else { Vec::new() };
    let mut left = list.limit.unwrap_or(u32::MAX);
    let mut long = Long::new(output, HEADER);
    while left > 0 && long.is_read() {
        let page = view.links(after.as_ref(), AT_ONCE.min(left)).await.map_err(store_error)?;
        let Some((last, _)) = page.last() else { break };
        after = Some(last.clone());
        left = left.saturating_sub(u32::try_from(page.len()).unwrap_or(u32::MAX));
        let links = if is_proven {
            page.into_iter().filter_map(|(_, link)| link).collect()
        } else {
            held(view, page, &mut misfits).await?
        };
        long.print(&links, row)?;
    }
    long.end();
    for misfit in &misfits {
        output.aside(format!("{} {}", output.paint(Tone::Bad, "✗"), misfit.why()));
    }
    if let Some(after) = after.filter(|_| left == 0) {
        tell_rest(view, &after, output).await?;
    }
    Ok(if misfits.is_empty() { Exit::Success } else { Exit::Held })
}

/// The link after which the list begins.
async fn begin(view: &mut dyn View, after: Option<&[String]>) -> Result<Option<LinkPlace>, Failed> {
    let Some([finding, issue]) = after else { return Ok(None) };
    let key = FindingKey::new(finding.as_str());
    let links = view.these(std::slice::from_ref(&key)).await.map_err(store_error)?.links;
    let unknown = || Failed::with(Exit::Configuration, anyhow!("{key} is not linked with {issue}"));
    let link = links.iter().find(|link| link.issue.key == *issue).ok_or_else(unknown)?;
    Ok(Some(view.place_of(&key, &link.issue.id).await.map_err(store_error)?.ok_or_else(unknown)?))
}

/// The links at these places that are as the history says.
async fn held(
    view: &mut dyn View,
    page: Vec<(LinkPlace, Option<Link>)>,
    misfits: &mut Vec<Misfit>,
) -> Result<Vec<Link>, Failed> {
    let keys: BTreeSet<FindingKey> = page.iter().map(|(place, _)| place.finding.clone()).collect();
    let keys: Vec<FindingKey> = keys.into_iter().collect();
    let these = view.these(&keys).await.map_err(store_error)?;
    misfits
        .extend(these.misfits.iter().filter(|misfit| !misfits.contains(misfit)).cloned().collect::<Vec<_>>());
    let is_at = |place: &LinkPlace, link: &&Link| link.issue.id == place.issue;
    let link = |(place, _): &(LinkPlace, _)| {
        these.links_of(&place.finding).iter().find(|link| is_at(place, link)).cloned()
    };
    Ok(page.iter().filter_map(link).collect())
}

/// Says what the limit left out.
async fn tell_rest(view: &mut dyn View, after: &LinkPlace, output: &Output) -> Result<(), Failed> {
    let rest = view.links_remaining(after).await.map_err(store_error)?;
    let links = view.these(std::slice::from_ref(&after.finding)).await.map_err(store_error)?.links;
    let last = links.iter().find(|link| link.issue.id == after.issue);
    if let Some(last) = last.filter(|_| rest > 0) {
        output.aside(format!("{rest} more; go on with `--after {} {}`", after.finding, last.issue.key));
    } else if rest > 0 {
        output.aside(format!("{rest} more"));
    }
    Ok(())
}

fn row(link: &Link) -> Vec<String> {
    let kind = match link.kind {
        LinkKind::Created => "created",
        LinkKind::Cited => "cited",
    };
    vec![
        link.finding.to_string(),
        link.issue.key.clone(),
        kind.to_owned(),
        link.seen.status_text.clone(),
        link.since.format("%Y-%m-%d").to_string(),
        link.issue.url.clone(),
    ]
}
