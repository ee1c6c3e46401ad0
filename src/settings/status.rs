//! What a Jira tracker's own words for status and resolution mean, and which of them are written.

use std::collections::BTreeMap;

use super::{
    file::tracker::{ResolutionsEntry, TargetsEntry, TrackerEntry},
    reading::{Reading, member},
};
use crate::model::{
    status::{StatusMap, same},
    terms::Progress,
};

/// Reads the words of a tracker and refuses a map that could flap: what we write must read back as what we meant.
pub(super) fn status_map(page: &mut Reading, at: &str, entry: &TrackerEntry) -> StatusMap {
    let mut map = StatusMap { names: statuses(page, at, entry), ..StatusMap::default() };
    if let Some(declined) = &entry.declined_resolutions {
        map.declined.clone_from(declined);
    }
    if let Some(targets) = page.part(&format!("{at}/targets"), &entry.targets) {
        map.targets = by_progress(targets);
    }
    if let Some(resolutions) = page.part(&format!("{at}/resolutions"), &entry.resolutions) {
        map.resolutions = by_outcome(resolutions);
    }
    check_resolutions(page, at, &map);
    check_targets(page, at, &map);
    map
}

fn statuses(page: &mut Reading, at: &str, entry: &TrackerEntry) -> BTreeMap<String, Progress> {
    let mut statuses: BTreeMap<String, Progress> = BTreeMap::new();
    for (name, progress) in &entry.statuses {
        let pointer = member(&format!("{at}/statuses"), name);
        let Some(&progress) = page.part(&pointer, progress) else { continue };
        if let Some((other, _)) =
            statuses.iter().find(|(other, known)| same(other, name) && **known != progress)
        {
            let message = format!(
                "the status `{name}` means two things: Jira ignores case, and `{other}` is listed too"
            );
            page.error(&pointer, "status_map", message, Some("keep one of the two".to_owned()));
        }
        statuses.insert(name.clone(), progress);
    }
    statuses
}

fn by_progress(targets: &TargetsEntry) -> BTreeMap<Progress, Vec<String>> {
    let TargetsEntry { open, in_progress, done, declined } = targets;
    let all = [
        (Progress::Open, open),
        (Progress::InProgress, in_progress),
        (Progress::Done, done),
        (Progress::Declined, declined),
    ];
    all.into_iter().filter_map(|(progress, name)| Some((progress, vec![name.clone()?]))).collect()
}

fn by_outcome(resolutions: &ResolutionsEntry) -> BTreeMap<Progress, String> {
    let ResolutionsEntry { done, declined } = resolutions;
    let all = [(Progress::Done, done), (Progress::Declined, declined)];
    all.into_iter().filter_map(|(progress, name)| Some((progress, name.clone()?))).collect()
}

/// A resolution that is written must read back as the outcome it stands for.
fn check_resolutions(page: &mut Reading, at: &str, map: &StatusMap) {
    for (progress, resolution) in &map.resolutions {
        let declined = map.is_declined(resolution);
        let pointer = format!("{at}/resolutions/{progress}");
        match progress {
            Progress::Done if declined => {
                let message = format!(
                    "`{resolution}` is a declined resolution: an issue closed as done would read back as declined"
                );
                let help = "choose another resolution, or take it out of `declined_resolutions`";
                page.error(&pointer, "status_map", message, Some(help.to_owned()));
            }
            Progress::Declined if !declined => {
                let message =
                    format!("an issue closed with `{resolution}` would read back as done, not as declined");
                let help = format!("add `{resolution}` to `declined_resolutions`");
                page.error(&pointer, "status_map", message, Some(help));
            }
            Progress::Open | Progress::InProgress | Progress::Done | Progress::Declined => {}
        }
    }
}

/// A status that is written must read back as the progress it stands for.
fn check_targets(page: &mut Reading, at: &str, map: &StatusMap) {
    for (&progress, target) in
        map.targets.iter().flat_map(|(to, names)| names.iter().map(move |name| (to, name)))
    {
        let pointer = format!("{at}/targets/{progress}");
        // A resolution can turn done into declined, never the other way round.
        let declines = |meaning: Progress| {
            (meaning, progress) == (Progress::Done, Progress::Declined) && by_resolution(map)
        };
        let told_apart = |other: Progress| other.is_closed() && progress.is_closed() && by_resolution(map);
        // A closed status with a declining name is read as declined, unless `statuses` says otherwise.
        let by_name = (progress == Progress::Done && map.is_declined(target)).then_some(Progress::Declined);
        if let Some(meaning) =
            map.named(target).or(by_name).filter(|&meaning| meaning != progress && !declines(meaning))
        {
            let message =
                format!("`{target}` is written for {progress} but read as {meaning}: the status would flap");
            let help = format!("choose another target, or set `statuses: {{ {target}: {progress} }}`");
            page.error(&pointer, "status_map", message, Some(help));
        }
        let twin = map.targets.iter().find(|&(&other, name)| {
            other < progress && name.iter().any(|name| same(name, target)) && !told_apart(other)
        });
        if let Some((other, _)) = twin {
            let message = format!(
                "`{target}` is written for {progress} and for {other}: it can only be read as one of them"
            );
            page.error(&pointer, "status_map", message, Some("give each its own status".to_owned()));
        }
    }
}

/// Whether the resolution tells done and declined apart, so that both may use one status.
fn by_resolution(map: &StatusMap) -> bool {
    map.resolutions.contains_key(&Progress::Declined)
}
