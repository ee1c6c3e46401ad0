//! The text of a first people directory.
//!
//! Two accounts are one person only where both trackers tell the same e-mail address: nobody is guessed from a name.

use std::{collections::BTreeSet, fmt::Write as _};

use super::text::{Asked, quoted, slug, untaken};
use crate::{model::issue::TrackerKind, tracker::survey::Member};

/// One person, with the accounts that are known to be theirs.
struct Entry<'a> {
    key: String,
    name: String,
    email: Option<&'a str>,
    accounts: Vec<(&'static str, &'a str)>,
}

/// The people directory.
pub(super) fn text(asked: &[Asked]) -> String {
    let mut text = "\
# Who is who. Keys are what documents name as owner and what `--as` takes; nobody is ever guessed from a display name.
# Give whoever may verify, extend, waive and dismiss `reviewer: true`, and everybody their `team:`.
# Where two entries are one person, write one with both accounts.
"
    .to_owned();
    for Entry { key, name, email, accounts } in entries(asked) {
        let _ = writeln!(text, "\n{key}:\n  name: {}", quoted(&name));
        if let Some(email) = email {
            let _ = writeln!(text, "  email: {}", quoted(email));
        }
        for (tracker, account) in accounts {
            let _ = writeln!(text, "  {tracker}: {}", quoted(account));
        }
    }
    text
}

fn entries(asked: &[Asked]) -> Vec<Entry<'_>> {
    let mut entries: Vec<Entry<'_>> = Vec::new();
    let mut taken = BTreeSet::from(["teams".to_owned()]);
    for asked in asked {
        let tracker = match asked.kind {
            TrackerKind::Github => "github",
            TrackerKind::JiraCloud => "jira",
            TrackerKind::JiraDataCenter => "jira_dc",
        };
        for member in &asked.survey.people {
            let account = (tracker, member.account.as_str());
            let is_same = |entry: &&mut Entry<'_>| {
                let same = |(a, b): (&str, &str)| a.eq_ignore_ascii_case(b);
                entry.email.zip(member.email.as_deref()).is_some_and(same)
                    && entry.accounts.iter().all(|(known, _)| *known != tracker)
            };
            if let Some(known) = entries.iter_mut().find(is_same) {
                known.accounts.push(account);
                continue;
            }
            let key = untaken(&key(member, asked.kind), &mut taken);
            let name = member.name.clone().unwrap_or_else(|| member.account.to_string());
            entries.push(Entry { key, name, email: member.email.as_deref(), accounts: vec![account] });
        }
    }
    entries
}

/// What an entry is called: the login, or the name where the account is a number.
fn key(member: &Member, kind: TrackerKind) -> String {
    let name = member.name.as_deref().unwrap_or_default();
    let login = member.account.as_str();
    let key = match kind {
        TrackerKind::JiraCloud => slug(name),
        TrackerKind::Github | TrackerKind::JiraDataCenter => slug(login),
    };
    // YAML reads `123` and `true` as something else than a name.
    let is_name = key.starts_with(|c: char| c.is_ascii_alphabetic())
        && !["true", "false", "null"].contains(&key.as_str());
    if is_name { key } else { format!("person-{key}").trim_end_matches('-').to_owned() }
}
