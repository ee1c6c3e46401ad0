//! One item of a plan: from the item and the risks it refers to, to a finding or a candidate.

use chrono::{DateTime, FixedOffset, NaiveTime};

use super::{
    Reader,
    shape::{Item, Link, Origin, Prop, Remediation, Risk},
};
use crate::{
    model::{
        postmortem::{Candidate, DocumentFinding, Level, TrackerRef, When},
        terms::{Claimed, Kind},
    },
    source::{
        date, identity,
        markdown::{LONGEST_TITLE, blank, shorten},
        reference::{self, Lead},
        words::{Rated, Vocabulary, not_understood, squeeze},
    },
};

/// Namespaces of the properties that `FedRAMP` adds; the scheme differs between its templates.
const FEDRAMP: [&str; 2] = ["https://fedramp.gov/ns/oscal", "http://fedramp.gov/ns/oscal"];

/// A risk of an item, with the pointer to it.
type Related<'a> = (String, &'a Risk);

/// Reads the item at a place of the list.
pub(super) fn read(reader: &mut Reader<'_>, n: usize, item: &Item) {
    let at = format!("/poam-items/{n}");
    let risks = risks(reader, &at, item);
    observations(reader, &at, item);
    let title = squeeze(&item.title);
    if risks.iter().any(|(_, risk)| approved(&risk.props, "false-positive")) {
        let message = format!(
            "nobody is to do this, says the plan, because it is a false positive: {}",
            shorten(&title, 80)
        );
        let help = "let a reviewer decide, and take the remark away to have it followed";
        reader.tell(Level::Info, "declined", &at, message, help);
        let line = reader.line(&at);
        return reader.candidates.push(Candidate {
            text: title,
            reason: "declined".to_owned(),
            marked: None,
            line,
        });
    }
    let rated = severity(reader, &risks);
    let finding = DocumentFinding {
        id: id(reader, &at, item),
        description: description(&title, item, &risks),
        title: shorten(&title, LONGEST_TITLE),
        kind: kind(&risks),
        severity: rated.as_ref().map(|rated| rated.severity),
        severity_unclear: rated.and_then(|rated| rated.unclear),
        owner: owner(reader, &at, item, &risks),
        due: due(reader, &risks).map(|due| due.date),
        trackers: trackers(item),
        claimed: claimed(reader, &risks),
        ..blank(reader.line(&at))
    };
    reader.findings.push(finding);
}

/// The risks that an item refers to. One that is not there is told; nothing is invented in its place.
fn risks<'a>(reader: &mut Reader<'a>, at: &str, item: &Item) -> Vec<Related<'a>> {
    let mut found = Vec::new();
    for (n, related) in item.related_risks.iter().enumerate() {
        match reader.risks.get(&related.risk_uuid.to_ascii_lowercase()) {
            Some((place, risk)) => found.push((format!("/risks/{place}"), *risk)),
            None => {
                let at = format!("{at}/related-risks/{n}/risk-uuid");
                let message = format!(
                    "the plan has no risk `{}`, so its status and deadline are not known",
                    related.risk_uuid
                );
                reader.tell(
                    Level::Warning,
                    "dangling_risk",
                    &at,
                    message,
                    "name the uuid of one of the `risks`",
                );
            }
        }
    }
    found
}

fn observations(reader: &mut Reader<'_>, at: &str, item: &Item) {
    for (n, related) in item.related_observations.iter().enumerate() {
        if !reader.observations.contains(&related.observation_uuid.to_ascii_lowercase()) {
            let at = format!("{at}/related-observations/{n}/observation-uuid");
            let message = format!("the plan has no observation `{}`", related.observation_uuid);
            reader.tell(
                Level::Warning,
                "dangling_observation",
                &at,
                message,
                "name the uuid of one of the `observations`",
            );
        }
    }
}

/// The id that people gave the item, else its uuid in lower case; both are meant to stay.
fn id(reader: &mut Reader<'_>, at: &str, item: &Item) -> Option<String> {
    let is_id =
        |prop: &&Prop| prop.name == "POAM-ID" && prop.ns.as_deref().is_some_and(|ns| FEDRAMP.contains(&ns));
    let given = item.props.iter().find(is_id).map(|prop| prop.value.trim().to_owned());
    let (usable, not): (Option<String>, _) = match given {
        Some(id) if identity::is_slug(&id) => (Some(id), None),
        not => (item.uuid.as_ref().map(|uuid| uuid.to_ascii_lowercase()), not),
    };
    if let Some(id) = not {
        let message = format!("`{}` cannot be the id of a finding", shorten(&id, 80));
        let help = "use up to 64 letters, digits, dots, dashes and underscores, such as `V-3`";
        reader.tell(Level::Warning, "invalid_id", at, message, help);
    }
    let id = usable.filter(|id| identity::is_slug(id))?;
    let line = reader.line(at);
    if let Some(first) = reader.ids.insert(id.clone(), line) {
        let message = format!("the id `{id}` is already used on line {first}");
        reader.tell(Level::Error, "duplicate_id", at, message, "give every item an id of its own");
    }
    Some(id)
}

/// What the item says, what is planned about its risks, and the milestones of that.
fn description(title: &str, item: &Item, risks: &[Related<'_>]) -> Option<String> {
    let mut parts = Vec::new();
    if title.chars().count() > LONGEST_TITLE {
        parts.push(title.to_owned());
    }
    parts.push(item.description.trim().to_owned());
    for remediation in risks.iter().flat_map(|(_, risk)| planned(risk)) {
        parts.push(format!("**{}**", squeeze(&remediation.title)));
        parts.push(remediation.description.trim().to_owned());
        let milestones = remediation.tasks.iter().filter(|task| task.kind == "milestone");
        let lines: Vec<String> = milestones
            .map(|task| {
                format!(
                    "- {}{}",
                    task.end().map(|end| format!("{end}: ")).unwrap_or_default(),
                    squeeze(&task.title)
                )
            })
            .collect();
        parts.push(lines.join("\n"));
    }
    parts.retain(|part| !part.is_empty());
    (!parts.is_empty()).then(|| parts.join("\n\n"))
}

/// What is planned or done about a risk; what somebody only recommends is not.
fn planned(risk: &Risk) -> impl Iterator<Item = &Remediation> {
    risk.remediations.iter().filter(|remediation| remediation.lifecycle != "recommendation")
}

fn kind(risks: &[Related<'_>]) -> Option<Kind> {
    let mut props =
        risks.iter().flat_map(|(_, risk)| planned(risk)).flat_map(|remediation| &remediation.props);
    props.any(|prop| prop.name == "type" && prop.value == "mitigate").then_some(Kind::Mitigate)
}

fn approved(props: &[Prop], name: &str) -> bool {
    props.iter().any(|prop| prop.name == name && prop.value == "approved")
}

/// The severity of the worst risk.
fn severity(reader: &mut Reader<'_>, risks: &[Related<'_>]) -> Option<Rated> {
    let mut worst: Option<Rated> = None;
    for (at, risk) in risks {
        let Some(word) = rating(risk) else { continue };
        let rated = Vocabulary::built_in().rated(word);
        if rated.unclear.is_some() {
            let (code, message, help) = not_understood(word);
            reader.tell(Level::Warning, code, at, message, help);
        }
        worst = worst.into_iter().chain([rated]).min_by_key(|rated| rated.severity);
    }
    worst
}

/// How a risk is rated: the facet `risk`, else `impact`. The adjusted value counts once the adjustment is approved, and not before.
fn rating(risk: &Risk) -> Option<&str> {
    let is_adjusted =
        |props: &[Prop]| props.iter().any(|prop| prop.name == "state" && prop.value == "adjusted");
    let facets = || risk.characterizations.iter().flat_map(|judged| &judged.facets);
    let of = |name: &'static str, adjusted: bool| {
        facets()
            .find(|facet| facet.name == name && is_adjusted(&facet.props) == adjusted)
            .map(|facet| facet.value.as_str())
    };
    ["risk", "impact"].into_iter().find_map(|name| {
        let adjusted = of(name, true).filter(|_| approved(&risk.props, "risk-adjustment"));
        adjusted.or_else(|| of(name, false))
    })
}

/// Who is asked: whoever is responsible for a planned step, else the parties that the item or the plan about its risk comes from.
fn owner(reader: &mut Reader<'_>, at: &str, item: &Item, risks: &[Related<'_>]) -> Option<String> {
    let remediations = || risks.iter().flat_map(|(_, risk)| planned(risk));
    let roles =
        remediations().flat_map(|remediation| &remediation.tasks).flat_map(|task| &task.responsible_roles);
    let responsible = roles.flat_map(|role| &role.party_uuids).map(String::as_str);
    let origins = item.origins.iter().chain(remediations().flat_map(|remediation| &remediation.origins));
    let named: Vec<&str> = responsible.chain(origins.flat_map(parties)).collect();
    let mut owner = None;
    for uuid in named {
        match reader.parties.get(&uuid.to_ascii_lowercase()) {
            Some(party) => {
                owner = owner.or_else(|| party.email_addresses.first().or(party.name.as_ref()).cloned())
            }
            None => {
                let message = format!("the plan has no party `{uuid}`, so nobody can tell who that is");
                reader.tell(
                    Level::Warning,
                    "dangling_party",
                    at,
                    message,
                    "add it to the `parties` of the metadata",
                );
            }
        }
    }
    owner
}

/// The people and organisations of an origin; tools own nothing.
fn parties(origin: &Origin) -> impl Iterator<Item = &str> {
    origin.actors.iter().filter(|actor| actor.kind == "party").map(|actor| actor.actor_uuid.as_str())
}

/// The earliest deadline. A time without an offset is none; a milestone after its risk's deadline is told.
fn due(reader: &mut Reader<'_>, risks: &[Related<'_>]) -> Option<When> {
    let mut earliest: Option<When> = None;
    for (at, risk) in risks {
        let Some(written) = &risk.deadline else { continue };
        let at_deadline = format!("{at}/deadline");
        let Some(deadline) = date::when(written) else {
            let message = format!(
                "`{}` is not a date and time with an offset, so it is not used",
                shorten(written, 80)
            );
            reader.tell(
                Level::Warning,
                "ambiguous_date",
                &at_deadline,
                message,
                "write it like 2026-03-04T17:00:00+01:00",
            );
            continue;
        };
        let ends =
            planned(risk).flat_map(|remediation| &remediation.tasks).filter(|task| task.kind == "milestone");
        let late = ends.filter(|task| {
            task.end().and_then(date::when).is_some_and(|end| instant(end) > instant(deadline))
        });
        for task in late {
            let message = format!(
                "the milestone `{}` ends after the deadline {written}",
                shorten(&squeeze(&task.title), 80)
            );
            reader.tell(
                Level::Warning,
                "dates_out_of_order",
                &at_deadline,
                message,
                "correct one of the two dates",
            );
        }
        earliest = earliest.into_iter().chain([deadline]).min_by_key(|when| instant(*when));
    }
    earliest
}

/// The instant, or the day's first one where no time is written.
fn instant(when: When) -> DateTime<FixedOffset> {
    when.instant.unwrap_or_else(|| when.date.and_time(NaiveTime::MIN).and_utc().fixed_offset())
}

/// Issues that the item links, and what it says to be its tracking.
fn trackers(item: &Item) -> Vec<TrackerRef> {
    let of = |link: &Link| match reference::of_url(&link.href) {
        Lead::Issue(issue) => Some(issue),
        Lead::Collection | Lead::Elsewhere => {
            let is_tracking = link.rel.as_deref() == Some("tracking") && link.href.starts_with("http");
            is_tracking.then(|| TrackerRef::Other { url: link.href.clone() })
        }
    };
    item.links.iter().filter_map(of).collect()
}

/// What the plan claims: done when every risk is closed. An accepted risk is no claim; a person records it.
fn claimed(reader: &mut Reader<'_>, risks: &[Related<'_>]) -> Claimed {
    for (at, risk) in risks.iter().filter(|(_, risk)| risk.status == "deviation-approved") {
        let until = risk.deadline.as_deref().map(|deadline| format!(" until {deadline}")).unwrap_or_default();
        let message = format!("the plan says that this risk is accepted{until}");
        let help = "record that with `finding waive`, or it stays open here";
        reader.tell(Level::Warning, "waiver_claimed", &format!("{at}/status"), message, help);
    }
    let is = |status: &str| risks.iter().filter(|(_, risk)| risk.status == status).count();
    match (is("closed"), is("remediating")) {
        (closed, _) if closed > 0 && closed == risks.len() => Claimed::Done,
        (closed, under_way) if closed + under_way > 0 => Claimed::InProgress,
        _ => Claimed::None,
    }
}
