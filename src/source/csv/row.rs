//! One row of a table: from its cells to a finding or a candidate.

use chrono::NaiveDate;

use super::{
    Reader,
    record::{Cell, Record},
};
use crate::{
    model::{
        fate::{Aside, CameTo},
        postmortem::{Candidate, DocumentFinding, Level, TrackerRef},
        terms::{Class, Column, Work},
    },
    source::{
        astray,
        date::{self, Stated},
        identity,
        markdown::{LONGEST_TITLE, blank, shorten},
        reference::{self, Lead},
        words::{Exported, Flag, Rated, Standing, not_understood, squeeze},
    },
};

/// Longest text of a candidate, in characters.
const LONGEST_CANDIDATE: usize = 500;

/// Reads a row.
pub(super) fn read(reader: &mut Reader<'_>, record: &Record) {
    let columns = reader.columns.clone();
    let row = Row { columns: &columns, record };
    let title = row.cell(Column::Title);
    let vocabulary = &reader.dialect.words;
    if title.text.is_empty() || vocabulary.is_placeholder(&title.text) {
        reader.aside(record, Aside::Template);
        let message = "this row does not say what must be done".to_owned();
        return reader.warn("placeholder_title", title.at.max(record.at), message, "fill in the action");
    }
    if vocabulary.is_none(&title.text) {
        reader.n_nones += 1;
        reader.aside(record, Aside::SaysNone);
        let message = "the table says that there are no actions here".to_owned();
        return reader.notes.add(Level::Info, "explicit_none", reader.lines.place(record.at), message, "");
    }
    if row.flag(reader, Flag::Duplicate) == Some(true) {
        let text = shorten(&squeeze(&title.text), 80);
        let message =
            format!("another finding says the same, says DefectDojo, so this row is left out: {text}");
        let help = "follow the finding that it repeats";
        return reader.notes.add(Level::Info, "duplicate_row", reader.lines.place(record.at), message, help);
    }
    let leads = row.leads(reader);
    let trackers = row.trackers(&leads);
    if trackers.is_empty() && leads.contains(&Lead::Collection) {
        let message = "the link leads to many issues, so none of them is followed".to_owned();
        reader.warn("collection_link", row.cell(Column::Tracker).at, message, "link each issue by itself");
        return ask(reader, &row, "collection_link");
    }
    let standing = row.standing(reader);
    if standing == Standing::Declined {
        let names: Vec<String> = trackers.iter().map(ToString::to_string).collect();
        let named = if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
        let text = shorten(&squeeze(&title.text), 80);
        let message = format!("nobody is to do this, says the table: {text}{named}");
        let help = "let a reviewer decide, and take the remark away to have it followed";
        reader.notes.add(Level::Info, "declined", reader.lines.place(record.at), message, help);
        return ask(reader, &row, "declined");
    }
    let finding = row.finding(reader, trackers, standing);
    row.tell_astray(reader, finding.id.as_deref());
    let name = row.name(reader);
    let mut fate = reader.fate(record, CameTo::Findings(Vec::new()));
    let postmortem = &mut reader.sheet(name.as_deref()).postmortem;
    fate.came_to = CameTo::Findings(vec![postmortem.findings.len()]);
    postmortem.fates.push(fate);
    postmortem.findings.push(finding);
}

/// Keeps a row for a person to decide about.
fn ask(reader: &mut Reader<'_>, row: &Row<'_>, reason: &str) {
    let text = shorten(&squeeze(&row.cell(Column::Title).text), LONGEST_CANDIDATE);
    let line = reader.lines.place(row.record.at).0;
    let name = row.name(reader);
    let fate = reader.fate(row.record, CameTo::Candidate(reason.to_owned()));
    let postmortem = &mut reader.sheet(name.as_deref()).postmortem;
    postmortem.fates.push(fate);
    postmortem.candidates.push(Candidate { text, reason: reason.to_owned(), marked: None, line });
}

/// A row, by column.
struct Row<'r> {
    columns: &'r [Column],
    record: &'r Record,
}

impl Row<'_> {
    /// Every cell of a column.
    fn cells(&self, wanted: Column) -> impl Iterator<Item = &Cell> {
        let all = self.columns.iter().zip(&self.record.cells);
        all.filter(move |(column, _)| **column == wanted).map(|(_, cell)| cell)
    }

    /// The first cell of a column; an empty one when there is none.
    fn cell(&self, wanted: Column) -> Cell {
        self.cells(wanted).next().cloned().unwrap_or_default()
    }

    /// The cell of a table that Jira exported.
    fn exported(&self, reader: &Reader<'_>, wanted: Exported) -> Option<&Cell> {
        let at = reader.jira.as_ref()?.iter().position(|what| *what == Some(wanted))?;
        self.record.cells.get(at)
    }

    /// The text of a cell, unless it says nothing.
    fn text(&self, reader: &Reader<'_>, wanted: Column) -> Option<String> {
        Some(squeeze(&self.cell(wanted).text)).filter(|text| !reader.dialect.words.says_nothing(text))
    }

    /// The write-up that the row names.
    fn name(&self, reader: &Reader<'_>) -> Option<String> {
        self.text(reader, Column::Postmortem)
    }

    /// What the references of the title and of the tracker columns lead to. Other columns hold links that explain.
    fn leads(&self, reader: &Reader<'_>) -> Vec<Lead> {
        // What Jira exported is an issue of that Jira, whatever the project.
        let key = self.exported(reader, Exported::Key).filter(|key| reference::is_key(&key.text));
        if let Some(key) = key {
            return vec![Lead::Issue(TrackerRef::Jira { host: None, key: key.text.clone() })];
        }
        let cells = self.cells(Column::Tracker).chain(self.cells(Column::Title));
        let found = cells.flat_map(|cell| reference::in_text(&cell.text, &reader.dialect.conventions));
        found.map(|(_, lead)| lead).collect()
    }

    /// The issues among leads, each once; else the links of the tracker columns as they are.
    fn trackers(&self, leads: &[Lead]) -> Vec<TrackerRef> {
        let mut issues: Vec<TrackerRef> = Vec::new();
        for lead in leads {
            if let Lead::Issue(issue) = lead
                && !issues.contains(issue)
            {
                issues.push(issue.clone());
            }
        }
        if issues.is_empty() && !leads.contains(&Lead::Collection) {
            let words = self.cells(Column::Tracker).flat_map(|cell| cell.text.split_whitespace());
            let links = words.filter(|word| word.starts_with("https://") || word.starts_with("http://"));
            issues.extend(links.map(|url| TrackerRef::Other { url: url.to_owned() }));
        }
        issues
    }

    /// Tells what is written like a reference and leads nowhere; ids of the table's own are none.
    fn tell_astray(&self, reader: &mut Reader<'_>, id: Option<&str>) {
        let own = id.and_then(astray::project);
        let exported = reader.jira.is_some();
        let tracking = self.cells(Column::Tracker).filter(|_| !exported).map(|cell| (cell, true));
        for (cell, tracks) in tracking.chain(self.cells(Column::Title).map(|cell| (cell, false))) {
            for lost in astray::find(&cell.text, tracks, reader.dialect) {
                if lost.project().is_none() || lost.project() != own {
                    let (level, message, help) = lost.complaint();
                    reader.notes.add(level, "unknown_reference", reader.lines.place(cell.at), message, help);
                }
            }
        }
    }

    /// What the status column says: a status word, or one before more words. A word that nobody knows is told once.
    fn standing(&self, reader: &mut Reader<'_>) -> Standing {
        let known = |word: &str, reader: &Reader<'_>| reader.dialect.words.standing(word, false);
        // Jira closes what nobody will do like what is done; only the resolution tells the two apart.
        let resolution =
            self.exported(reader, Exported::Resolution).and_then(|cell| known(&cell.text, reader));
        if resolution == Some(Standing::Declined) {
            return Standing::Declined;
        }
        let answers: Vec<Standing> = self.answers(reader).collect();
        if answers.contains(&Standing::Declined) {
            return Standing::Declined;
        }
        match self.flagged(reader) {
            Some(standing) => standing,
            None if self.is_answered(reader) => answers.first().copied().unwrap_or_default(),
            None => {
                let stated = self.known(reader, Column::Status, known);
                stated.or_else(|| answers.first().copied()).unwrap_or_default()
            }
        }
    }

    /// What the answers to an audit say: what was accepted there is not to be done.
    fn answers(&self, reader: &Reader<'_>) -> impl Iterator<Item = Standing> {
        let rated = self.columns.contains(&Column::Severity);
        let words = &reader.dialect.words;
        let cells = reader.answers.iter().filter_map(|at| self.record.cells.get(*at));
        cells
            .filter(|cell| !words.says_nothing(&cell.text))
            .filter_map(move |cell| words.standing(&cell.text, rated))
    }

    /// Whether the first column that says how far things are holds answers, and this row has one that is understood.
    fn is_answered(&self, reader: &Reader<'_>) -> bool {
        let first = self.columns.iter().position(|column| *column == Column::Status);
        first.is_some_and(|first| reader.answers.contains(&first)) && self.answers(reader).next().is_some()
    }

    /// Whether `DefectDojo` says of the finding that something is true; none where it does not say.
    fn flag(&self, reader: &Reader<'_>, wanted: Flag) -> Option<bool> {
        let at = reader.flags.iter().position(|flag| *flag == Some(wanted))?;
        let text = self.record.cells.get(at)?.text.trim().to_ascii_lowercase();
        match text.as_str() {
            "true" | "1" | "yes" => Some(true),
            "false" | "0" | "no" => Some(false),
            _ => None,
        }
    }

    /// How far `DefectDojo` says that it is: what is not there any more claims to be done, and what nobody mends waits for a person.
    fn flagged(&self, reader: &Reader<'_>) -> Option<Standing> {
        let is = |flag: Flag| self.flag(reader, flag);
        let declined = [Flag::FalsePositive, Flag::RiskAccepted, Flag::OutOfScope];
        let standing = match is(Flag::Active) {
            _ if declined.into_iter().any(|flag| is(flag) == Some(true)) => Standing::Declined,
            _ if is(Flag::Mitigated) == Some(true) => Standing::Done,
            Some(false) => Standing::Done,
            Some(true) | None => Standing::Open,
        };
        (!reader.flags.is_empty()).then_some(standing)
    }

    /// A value of a closed vocabulary; a word that is none of it is told once for its column.
    fn known<T>(
        &self,
        reader: &mut Reader<'_>,
        column: Column,
        parse: impl Fn(&str, &Reader<'_>) -> Option<T>,
    ) -> Option<T> {
        let word = self.text(reader, column)?;
        let value = parse(&word, reader);
        if value.is_none() && reader.told.insert((column, word.clone())) {
            let message = format!("`{}` is no {column} that is known, so it is not used", shorten(&word, 80));
            reader.warn("unknown_value", self.cell(column).at, message, "");
        }
        value
    }

    fn finding(
        &self,
        reader: &mut Reader<'_>,
        trackers: Vec<TrackerRef>,
        standing: Standing,
    ) -> DocumentFinding {
        let (title, mut description) = self.titled();
        let due = self.due(reader, &mut description);
        let underscored = |word: &str| word.trim().to_lowercase().replace([' ', '-'], "_");
        // A column called "type" may hold the work kind instead of the action's.
        let work = self.text(reader, Column::Kind).and_then(|word| Work::parse(&underscored(&word)));
        let kind = match work {
            Some(_) => None,
            None => self.known(reader, Column::Kind, |word, reader| reader.dialect.words.action_kind(word)),
        };
        let rated = self.severity(reader);
        DocumentFinding {
            id: self.id(reader),
            title,
            description: (!description.is_empty()).then(|| description.join("\n\n")),
            class: self.known(reader, Column::Class, |word, _| Class::parse(&underscored(word))),
            kind,
            work,
            severity: rated.as_ref().map(|rated| rated.severity),
            severity_unclear: rated.and_then(|rated| rated.unclear),
            priority: self
                .known(reader, Column::Priority, |word, reader| reader.dialect.words.priority(word)),
            owner: self.text(reader, Column::Owner),
            team: self.text(reader, Column::Team),
            due,
            criteria: self.text(reader, Column::Criteria),
            trackers,
            claimed: standing.claimed(),
            ..blank(reader.lines.place(self.record.at).0)
        }
    }

    /// The severity that is stated; one that nobody knows is told once and counts as high.
    fn severity(&self, reader: &mut Reader<'_>) -> Option<Rated> {
        let word = self.text(reader, Column::Severity)?;
        let rated = reader.dialect.words.rated(&word);
        if rated.unclear.is_some() && reader.told.insert((Column::Severity, word.clone())) {
            let (code, message, help) = not_understood(&word);
            reader.warn(code, self.cell(Column::Severity).at, message, help);
        }
        Some(rated)
    }

    /// The first line of the title, and everything that says more.
    fn titled(&self) -> (String, Vec<String>) {
        let cell = self.cell(Column::Title);
        let (first, rest) = cell.text.split_once('\n').unwrap_or((&cell.text, ""));
        let title = squeeze(first);
        let whole = (title.chars().count() > LONGEST_TITLE).then(|| title.clone());
        let more = self.cells(Column::Description).map(|cell| cell.text.clone());
        let more = whole.into_iter().chain([rest.trim().to_owned()]).chain(more);
        (shorten(&title, LONGEST_TITLE), more.filter(|part| !part.is_empty()).collect())
    }

    /// The id that the row states. One that is stated twice for a write-up spoils the table: nobody can tell which finding is meant.
    fn id(&self, reader: &mut Reader<'_>) -> Option<String> {
        let id = self.text(reader, Column::Id)?;
        let at = self.cell(Column::Id).at;
        if !identity::is_slug(&id) {
            let message = format!("`{}` cannot be the id of a finding", shorten(&id, 80));
            let help = "use up to 64 letters, digits, dots, dashes and underscores, such as `F3`";
            reader.warn("invalid_id", at, message, help);
            return None;
        }
        let line = reader.lines.place(at).0;
        let name = self.name(reader);
        if let Some(first) = reader.sheet(name.as_deref()).ids.insert(id.clone(), line) {
            let message = format!("the id `{id}` is already used on line {first}");
            reader.error("duplicate_id", at, message, "give every finding an id of its own");
        }
        Some(id)
    }

    /// The deadline, and what of it cannot be read. One before the finding was found is told.
    fn due(&self, reader: &mut Reader<'_>, description: &mut Vec<String>) -> Option<NaiveDate> {
        let cell = self.cell(Column::Due);
        let undecided = || date::is_period(&cell.text).then(|| squeeze(&cell.text));
        let decided = self.text(reader, Column::Due);
        let is_decided = decided.is_some();
        let written = decided.or_else(undecided)?;
        let at = cell.at;
        let stated = date::stated(&written, reader.dialect);
        if let Some((level, code, message, help)) = stated.complaint(&written, "deadline") {
            // Nobody has decided yet: that is no slip.
            let level = if is_decided { level } else { Level::Info };
            reader.notes.add(level, code, reader.lines.place(at), message, help);
        }
        if is_decided && matches!(stated, Stated::Wish | Stated::Noted(_) | Stated::Words) {
            description.push(written);
        }
        let due = stated.day()?;
        let found =
            self.text(reader, Column::Found).and_then(|found| date::stated(&found, reader.dialect).day());
        if let Some(found) = found.filter(|found| *found > due) {
            let message = format!("the deadline {due} is before {found}, the day when this was found");
            reader.warn("dates_out_of_order", at, message, "correct one of the two dates");
        }
        Some(due)
    }
}
