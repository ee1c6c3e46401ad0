//! Nothing is lost in silence: a document of which one word is written a little wrong is read as before, or somebody is told.

use std::fmt::Write as _;

use postmortem_sync::{
    model::{
        conventions::Conventions,
        ids::SourceName,
        postmortem::{Document, DocumentFinding, Postmortem},
    },
    source::read_bytes,
};

/// A document that is read, and the words of it that are written otherwise. `«` and `»` stand around each.
type Fixture = (&'static str, &'static str);

const FIXTURES: [Fixture; 10] = [
    (
        "list.md",
        "---\ntitle: Leaked token\n«date»: «2026-05-04»\n«severity»: «high»\n«status»: «draft»\n---\n# Leaked token\n\n\
         ## «Action items»\n\n- Rotate the token\n  - «Owner»: Ana\n  - «Due»: «2026-06-21»\n  - «Status»: «in progress»\n  \
         - «Severity»: «critical»\n  - «Priority»: «P1»\n- [x] Scan the history (owner: Bo, due: «2026-06-15»)\n\n\
         ## «Follow-ups»\n\n- Mask the logs\n",
    ),
    (
        "table.md",
        "# Leaked token\n\n**Date:** «2026-05-04»\n\n## «Corrective actions»\n\n\
         | «Action» | «Owner» | «Due date» | «Status» | «Severity» | «Priority» | «Ticket» |\n|---|---|---|---|---|---|---|\n\
         | Rotate the token | Ana | «2026-06-21» | «Done» | «High» | «P1» | acme/api#12 |\n\
         | Scan the history | Bo | «2026-06-15» | «Pending» | «Medium» | P2 | |\n\n## «Next steps»\n\n- Mask the logs\n",
    ),
    (
        "tabelle.md",
        "# Token offengelegt\n\n## «Maßnahmen»\n\n| «Maßnahme» | «Verantwortlich» | «Fällig» | «Stand» | «Schweregrad» |\n|---|---|---|---|---|\n\
         | Token drehen | Anna | «21.06.2026» | «erledigt» | «hoch» |\n| Logs bereinigen | Ben | «15.10.2026» | «offen» | «mittel» |\n",
    ),
    (
        "table.csv",
        "«Action»,«Owner»,«Due date»,«Status»,«Severity»,«Priority»,«Tracker»\n\
         Rotate the token,Ana,«2026-06-21»,«In progress»,«Critical»,«P1»,acme/api#12\n\
         Scan the history,Bo,«2026-06-15»,«Closed»,«Low»,P3,\n",
    ),
    (
        "tabla.csv",
        "«Acción»;«Responsable»;«Fecha límite»;«Estado»;«Severidad»\n\
         Cambiar la clave;Ana;«21/06/2026»;«Hecho»;«Alta»\nBuscar otras;Bo;«15/10/2026»;«En curso»;«Media»\n",
    ),
    (
        "page.html",
        "<html><head><title>Leaked token</title></head><body>\n<h1>Leaked token</h1>\n<h2>«Action items»</h2>\n<table>\n\
         <tr><th>«Action»</th><th>«Owner»</th><th>«Due»</th><th>«Status»</th><th>«Severity»</th></tr>\n\
         <tr><td>Rotate the token</td><td>Ana</td><td>«1 June 2026»</td><td>«Done»</td><td>«High»</td></tr>\n</table>\n\
         <h2>«Follow-up actions»</h2>\n<ul>\n<li>Mask the logs</li>\n</ul>\n</body></html>\n",
    ),
    (
        "chapters.md",
        "# Leaked token\n\n- **Date**: «2026-05-04»\n- **Severity**: «high»\n\n## «Action items»\n\n### 1. Rotate the token\n\n\
         «Owner»: Ana\n«Due»: «2026-06-21»\n«Status»: «done»\n\n### 2. Scan the history\n\n- **«Owner»:** Bo\n- **«Due»:** «2026-06-15»\n\
         - **«Priority»:** «P1»\n",
    ),
    (
        "report.md",
        "# Penetration test report\n\n## «Findings»\n\n| «Finding» | «Severity» | «Response» | «Owner» |\n|---|---|---|---|\n\
         | Weak digest | «High» | «Remediated» | Ana |\n| Old parser | «Low» | «In progress» | Bo |\n",
    ),
    (
        "list.html",
        "<html><head><title>Leaked token</title></head><body>\n<h1>Leaked token</h1>\n<p><b>Severity:</b> «high»</p>\n<h2>«Action items»</h2>\n\
         <ul>\n<li>[x] Rotate the token (owner: Ana, due: «2026-06-21»)</li>\n<li>Scan the history<ul><li>«Owner»: Bo</li>\n\
         <li>«Due»: «2026-06-15»</li>\n<li>«Status»: «in progress»</li></ul></li>\n</ul>\n</body></html>\n",
    ),
    (
        "mesures.md",
        "---\ntitre: Jeton divulgué\n«date»: «2026-05-04»\n«gravité»: «haute»\n---\n# Jeton divulgué\n\n## «Actions correctives»\n\n\
         | «Action» | «Responsable» | «Échéance» | «Statut» | «Priorité» |\n|---|---|---|---|---|\n| Changer la clé | Ana | «21/06/2026» | «terminé» | «haute» |\n\
         | Chercher d'autres clés | Bo | «15/10/2026» | «en cours» | «basse» |\n",
    ),
];

/// Words in other languages and separators for words above.
const OTHERWISE: [(&str, &[&str]); 14] = [
    ("Action items", &["Maßnahmen", "Action-items", "ACTIONITEMS", "Aktionen", "Azioni", "Action plan"]),
    ("Follow-ups", &["Followups", "Follow_ups", "Suivi"]),
    ("Action", &["Maßnahme", "Azione", "Actie", "Tâche"]),
    ("Owner", &["Verantwortlich", "Eigenaar", "Proprietario", "Own er"]),
    ("Due date", &["due_date", "DueDate", "Fällig am", "Scadenza", "Vervaldatum"]),
    ("Status", &["Estado", "Statut", "Stato", "Toestand"]),
    ("Severity", &["Gravité", "Gravità", "Ernst", "SEVERITY!"]),
    ("severity", &["severidad", "gravità", "severity-level", "schweregrad"]),
    ("date", &["fecha", "data-incidente", "datum", "incidentDate", "incident date"]),
    ("Done", &["done!", "Erledigt", "Fatto", "Gereed", "✅", "100%"]),
    ("High", &["Haute", "Hoog", "SEV-2", "Alta", "высокая"]),
    (
        "2026-06-21",
        &[
            "2026/06/21",
            "2026.06.21",
            "21.06.2026",
            "21 June 2026",
            "2026-06-21 12:00",
            "2026_06_21",
            "2026-13-21",
            "June",
        ],
    ),
    ("2026-06-15", &["15/06/2026", "15 Jun 26", "15. Juni 2026", "2026 06 15", "mid June"]),
    ("2026-05-04", &["2026/05/04", "4 May 2026", "04.05.2026", "May 2026"]),
];

fn scanned(path: &str, text: &str) -> Document {
    let conventions = Conventions { jira_projects: vec!["SEC".to_owned()], ..Conventions::default() };
    read_bytes(&SourceName::from("here"), path, text.as_bytes(), &conventions)
}

/// A word written a little wrong: without one of its letters, with two of them the other way round, and in other words.
fn near_misses(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    let mut all = Vec::new();
    for at in 0..letters.len() {
        let mut without = letters.clone();
        without.remove(at);
        all.push(without.iter().collect::<String>());
        if at + 1 < letters.len() {
            let mut swapped = letters.clone();
            swapped.swap(at, at + 1);
            all.push(swapped.into_iter().collect());
        }
    }
    all.extend(["s", " of it", " (draft)", " ..."].iter().map(|more| format!("{word}{more}")));
    let others = OTHERWISE.iter().filter(|(known, _)| *known == word).flat_map(|(_, others)| *others);
    all.extend(others.map(|other| (*other).to_owned()));
    all.retain(|other| other != word && !other.trim().is_empty());
    all
}

/// The document as it is meant, and every one with a single word of it otherwise: the word, what it became, and its line.
fn variants(marked: &str) -> (String, Vec<(String, String, String, usize)>) {
    let plain = |text: &str| text.replace(['«', '»'], "");
    let mut variants = Vec::new();
    for (at, _) in marked.match_indices('«') {
        let (before, rest) = marked.split_at(at);
        let (word, after) = rest['«'.len_utf8()..].split_once('»').unwrap();
        let line = before.matches('\n').count() + 1;
        for other in near_misses(word) {
            let text = format!("{}{other}{}", plain(before), plain(after));
            variants.push((word.to_owned(), other, text, line));
        }
    }
    (plain(marked), variants)
}

/// What is read of a finding, field by field.
fn fields(finding: &DocumentFinding) -> Vec<(&'static str, String)> {
    vec![
        ("owner", format!("{:?}", finding.owner)),
        ("due", format!("{:?}", finding.due)),
        ("claimed", format!("{:?}", finding.claimed)),
        ("severity", format!("{:?}", finding.severity)),
        ("priority", format!("{:?}", finding.priority)),
        ("trackers", format!("{:?}", finding.trackers)),
    ]
}

fn head(post: &Postmortem) -> Vec<(&'static str, String)> {
    vec![
        ("date", format!("{:?}", post.published.map(|when| when.date))),
        ("severity of the write-up", format!("{:?}", post.severity)),
        ("draft", format!("{:?}", post.draft)),
    ]
}

/// What was read before and is not now, with the lines on which a person would look for it.
fn lost(before: &Postmortem, after: &Document, line: usize) -> Vec<(String, Vec<usize>)> {
    let Some(now) = after.postmortem.known() else { return Vec::new() };
    let mut lost = Vec::new();
    let changed = |old: Vec<(&'static str, String)>, new: Vec<(&'static str, String)>| {
        let pairs: Vec<_> = old.into_iter().zip(new).collect();
        pairs
            .into_iter()
            .filter(|(old, new)| old != new)
            .map(|((name, old), (_, new))| format!("{name}: {old} became {new}"))
    };
    lost.extend(changed(head(before), head(now)).map(|what| (what, vec![line])));
    for finding in &before.findings {
        let same = now.findings.iter().find(|other| other.title.starts_with(&finding.title));
        match same {
            Some(other) => lost.extend(
                changed(fields(finding), fields(other))
                    .map(|what| (format!("{}: {what}", finding.title), vec![line, other.line])),
            ),
            None if now.candidates.iter().any(|candidate| candidate.text.contains(&finding.title)) => {}
            None => lost.push((format!("{} is no finding", finding.title), vec![line, finding.line])),
        }
    }
    lost
}

/// Another day, or a rank or a state with a name of its own, is another statement and no slip.
fn is_other_statement(what: &str) -> bool {
    let Some((_, new)) = what.split_once(" became ") else { return false };
    what.contains("due: Some") && new.starts_with("Some")
        || what.starts_with("date: Some") && new.starts_with("Some")
}

#[test]
fn a_word_that_is_written_a_little_wrong_is_read_or_told() {
    let mut silent = String::new();
    let mut n_read = 0;
    for (path, marked) in FIXTURES {
        let (text, variants) = variants(marked);
        let before = scanned(path, &text);
        let post = before.postmortem.known().unwrap_or_else(|| panic!("{path}: {before:?}"));
        assert!(!post.findings.is_empty(), "{path}");
        for (word, other, text, line) in variants {
            n_read += 1;
            let after = scanned(path, &text);
            let told = |lines: &[usize]| {
                after.diagnostics.iter().any(|noted| {
                    !before.diagnostics.contains(noted) && (noted.line == 0 || lines.contains(&noted.line))
                })
            };
            for (what, lines) in lost(post, &after, line) {
                if !told(&lines) && !is_other_statement(&what) {
                    let _ = writeln!(silent, "{path}:{line}: `{word}` as `{other}`: {what}");
                }
            }
        }
    }
    assert!(silent.is_empty(), "{} of {n_read} in silence:\n{silent}", silent.lines().count());
    assert!(n_read > 500, "{n_read}");
}
