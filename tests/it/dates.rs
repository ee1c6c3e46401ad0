//! Dates, severities and priorities as people write them: what has one reading is read, and the rest is told truthfully.

use postmortem_sync::{
    model::{
        conventions::Conventions,
        ids::SourceName,
        postmortem::{Document, DocumentFinding, Level},
        terms::{Priority, Severity},
    },
    source::read_bytes,
};

use crate::scanned::{post, scanned};

/// A write-up with one action for each cell of a column.
fn column(header: &str, cells: &[&str]) -> Document {
    let rows: String =
        cells.iter().enumerate().map(|(n, cell)| format!("| Change key {n} | {cell} |\n")).collect();
    scanned("a.md", &format!("# T\n\n## Action items\n\n| Action | {header} |\n|---|---|\n{rows}"))
}

fn only(document: &Document) -> &DocumentFinding {
    let [finding] = post(document).findings.as_slice() else { panic!("{document:?}") };
    finding
}

fn due(document: &Document) -> Vec<Option<String>> {
    post(document).findings.iter().map(|finding| finding.due.map(|due| due.to_string())).collect()
}

fn told(document: &Document, code: &str) -> Vec<String> {
    let of = document.diagnostics.iter().filter(|noted| noted.code == code);
    of.map(|noted| noted.message.clone()).collect()
}

#[test]
fn a_date_with_one_reading_is_read_in_tables_lists_and_csv() {
    for written in [
        "2026-07-23",
        "23.07.2026",
        "23/07/2026",
        "07/23/2026",
        "2026/07/23",
        "2026.7.23",
        "20260723",
        "23/Jul/26",
        "23-Jul-2026",
        "Thu 23 Jul 2026",
        "Thursday, July 23rd, 2026",
        "Donnerstag, 23. Juli 2026",
        "jeudi 23 juillet 2026",
        "23 de julio de 2026",
        "quinta-feira, 23 de julho de 2026",
        "2026年7月23日",
        "2026-07-23 17:00",
        "2026-07-23T17:00:00+02:00",
        "2026-07-23, 5 pm CET",
        "2026-07-23 (Thu)",
        "by 2026-07-23",
        "bis zum 23.07.2026",
        "avant le 23/07/2026",
        "antes del 23/07/2026",
        "2026-07-23まで",
    ] {
        let day = Some("2026-07-23".to_owned());
        let table = column("Due", &[written]);
        assert_eq!((due(&table), &table.diagnostics), (vec![day.clone()], &Vec::new()), "{written}");
        let csv = scanned("a.csv", &format!("Action,Due\nChange the key,\"{written}\"\n"));
        assert_eq!(due(&csv), std::slice::from_ref(&day), "{written}: {:?}", csv.diagnostics);
        let list = scanned("a.md", &format!("# T\n\n## Action items\n\n- Change the key (due: {written})\n"));
        assert_eq!(due(&list), [day], "{written}");
        if !written.contains([',', '(']) {
            assert_eq!(only(&list).title, "Change the key", "{written}");
        }
    }
}

#[test]
fn one_date_with_a_single_reading_proves_the_order_of_the_others_with_the_same_mark() {
    let days = |cells: &[&str]| {
        due(&column("Due", cells)).into_iter().map(Option::unwrap_or_default).collect::<Vec<_>>()
    };
    assert_eq!(days(&["25/03/2026", "04/03/2026"]), ["2026-03-25", "2026-03-04"]);
    assert_eq!(days(&["03/25/2026", "04/03/2026"]), ["2026-03-25", "2026-04-03"]);
    assert_eq!(days(&["25.03.2026", "04/03/2026"]), ["2026-03-25", ""], "another mark is another writing");
    assert_eq!(
        days(&["25/03/2026", "03/25/2026", "04/03/2026"]),
        ["2026-03-25", "2026-03-25", ""],
        "both orders prove nothing"
    );
    let list = "# T\n\nIt began on 25/03/2026.\n\n## Action items\n\n- Change the key (by 04/05/2026)\n";
    assert_eq!(due(&scanned("a.md", list)), [Some("2026-05-04".to_owned())]);
}

#[test]
fn what_is_not_read_of_a_deadline_is_told_and_stays_with_the_finding() {
    let ambiguous = column("Due", &["04/03/2026"]);
    assert_eq!(
        told(&ambiguous, "ambiguous_date"),
        ["`04/03/2026` may be 2026-03-04 or 2026-04-03, so there is no deadline"]
    );
    for words in ["next sprint", "end of March", "when the vendor answers", "2026-05-01 or later", "5 May"] {
        let table = column("Due", &[words]);
        assert_eq!((due(&table), told(&table, "no_date").len()), (vec![None], 1), "{words}");
        assert_eq!(only(&table).description.as_deref(), Some(words));
        let list =
            scanned("a.md", &format!("# T\n\n## Action items\n\n- Change the key\n  - Due: {words}\n"));
        assert_eq!((due(&list), told(&list, "no_date").len()), (vec![None], 1), "{words}");
        assert!(only(&list).description.as_deref().unwrap().contains(words));
    }
    let noted = column("Due", &["2026-05-01 (was: March)"]);
    assert_eq!((due(&noted), told(&noted, "noted_date").len()), (vec![Some("2026-05-01".to_owned())], 1));
    assert_eq!(due(&column("Due", &["~~2026-04-01~~ 2026-05-01"])), [Some("2026-05-01".to_owned())]);
    assert_eq!(told(&column("Due", &["31/02/2026"]), "ambiguous_date").len(), 1);
    let undecided = column("Due", &["TBD", "-", ""]);
    assert_eq!((told(&undecided, "no_date").len(), undecided.diagnostics.len()), (1, 1));
    assert_eq!(undecided.diagnostics[0].level, Level::Info);
    assert_eq!(post(&undecided).findings[0].description, None);
}

#[test]
fn severities_and_priorities_are_known_in_seven_languages() {
    let severities = |cells: &[&str]| {
        let document = column("Severity", cells);
        post(&document).findings.iter().map(|finding| finding.severity.unwrap()).collect::<Vec<_>>()
    };
    let critical = [
        "SEV-1",
        "sev 1",
        "S1",
        "P0",
        "Blocker",
        "Highest",
        "kritisch",
        "critique",
        "crítica",
        "致命的",
        "严重",
        "🔴 Critical",
    ];
    assert_eq!(severities(&critical), [Severity::Critical; 12]);
    assert_eq!(
        severities(&["High", "S2", "hoch", "élevée", "alta", "高", "7.4 (High)"]),
        [Severity::High; 7]
    );
    assert_eq!(severities(&["Moderate", "mittel", "moyenne", "media", "média", "中"]), [Severity::Medium; 6]);
    assert_eq!(severities(&["low", "gering", "faible", "baja", "baixa", "低"]), [Severity::Low; 6]);
    let priorities = |cells: &[&str]| {
        let document = column("Priority", cells);
        post(&document).findings.iter().map(|finding| finding.priority.unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(
        priorities(&["P1", "High", "Hoch", "haute", "alta", "高", "P1 - before the audit"]),
        [Priority::P1; 7]
    );
    assert_eq!(priorities(&["Highest", "Urgent", "dringend", "最高"]), [Priority::P0; 4]);
    assert_eq!(priorities(&["Lowest", "trivial", "muito baixa"]), [Priority::P4; 3]);
}

#[test]
fn a_severity_that_nobody_knows_is_told_and_counts_as_high() {
    for (path, text) in [
        (
            "a.md",
            "# T\n\n## Action items\n\n| Action | Severity |\n|---|---|\n| Change the key | terrifying |\n",
        ),
        ("a.md", "# T\n\n## Action items\n\n- Change the key\n  - Severity: terrifying\n"),
        ("a.csv", "Action,Severity\nChange the key,terrifying\n"),
    ] {
        let document = scanned(path, text);
        assert_eq!(only(&document).severity, Some(Severity::High), "{text}");
        assert_eq!(only(&document).severity_unclear.as_deref(), Some("terrifying"), "{text}");
        assert_eq!(told(&document, "unknown_severity").len(), 1, "{text}");
    }
}

#[test]
fn a_general_header_beside_a_column_of_actions_is_no_owner_unless_it_is_a_name() {
    for (header, owner) in
        [("Item | Action | Who", "Bo"), ("Name | Action | Who", "Bo"), ("Name | Action | Due", "Gateway")]
    {
        let last = if header.ends_with("Due") { "2026-07-23" } else { "Bo" };
        let markdown = format!(
            "# T\n\n## Action items\n\n| {header} |\n|---|---|---|\n| Gateway | Change the key | {last} |\n"
        );
        let csv = format!("{}\nGateway,Change the key,{last}\n", header.replace(" | ", ","));
        for (path, text) in [("a.md", markdown), ("a.csv", csv)] {
            let document = scanned(path, &text);
            let finding = only(&document);
            assert_eq!(
                (finding.title.as_str(), finding.owner.as_deref()),
                ("Change the key", Some(owner)),
                "{text}"
            );
        }
    }
}

#[test]
fn a_column_that_tells_a_risk_in_words_rates_nothing() {
    for (path, text) in [
        (
            "a.md",
            "# T\n\n## Action items\n\n| Risk | Rating | Action |\n|---|---|---|\n| Keys leak | Low | Change the key |\n",
        ),
        ("a.csv", "Risk,Rating,Action\nKeys leak,Low,Change the key\n"),
    ] {
        let document = scanned(path, text);
        let finding = only(&document);
        assert_eq!(
            (finding.title.as_str(), finding.severity),
            ("Change the key", Some(Severity::Low)),
            "{text}"
        );
        assert_eq!(finding.description.as_deref(), Some("Keys leak"), "{text}");
        assert_eq!(document.diagnostics, [], "{text}");
    }
    let rated = scanned("a.csv", "Risk,Action\nHigh,Change the key\n");
    assert_eq!(only(&rated).severity, Some(Severity::High));
}

#[test]
fn date_severity_and_status_in_the_text_count_as_in_front_matter() {
    let texts = [
        "# T\n\n**Date:** 2026-04-22\n**Severity:** SEV-2\n**Status:** in review\n",
        "# T\n\n- Datum: 22.04.2026\n- Schweregrad: hoch\n- Stand: Entwurf\n",
        "# T\n\n| Field | Value |\n|---|---|\n| Incident date | Wed 22 Apr 2026 |\n| Severity | High |\n| Status | draft |\n",
        "# T\n\n| Fecha | Severidad | Estado |\n|---|---|---|\n| 22 de abril de 2026 | Alta | Borrador |\n",
        "---\ndata do incidente: 2026-04-22\ngravidade: Alta\nsituação: rascunho\n---\n# T\n",
        "# T\n\n## Severity\n\nSEV-2\n\n## Date\n\n2026-04-22\n\n## Status\n\nDraft\n",
    ];
    for text in texts {
        let document = scanned("a.md", &format!("{text}\n## Action items\n\n- Change the key\n"));
        let post = post(&document);
        let said = (post.published.map(|when| when.date.to_string()), post.severity, post.draft);
        assert_eq!(said, (Some("2026-04-22".to_owned()), Some(Severity::High), true), "{text}");
    }
    let later =
        "# T\n\n## Action items\n\n- Change the key\n\n## Timeline\n\n- Severity: low\n- Date: 2026-01-01\n";
    let later = scanned("a.md", later);
    assert_eq!(
        (post(&later).severity, post(&later).published),
        (None, None),
        "only the beginning speaks for the whole"
    );
}

#[test]
fn the_state_of_an_incident_does_not_make_a_write_up_a_draft() {
    for status in ["mitigated", "Ongoing", "resolved", "Monitoring", "eingedämmt", "mitigado", "復旧"] {
        let document = scanned(
            "a.md",
            &format!("---\nstatus: {status}\n---\n# T\n\n## Action items\n\n- Change the key\n"),
        );
        assert!(
            !post(&document).draft && document.diagnostics.is_empty(),
            "{status}: {:?}",
            document.diagnostics
        );
    }
    let unknown = "# T\n\n**Status:** humming along\n\n## Action items\n\n- Change the key\n";
    let unknown = scanned("a.md", unknown);
    assert!(!post(&unknown).draft);
    assert_eq!(told(&unknown, "unknown_status").len(), 1);
}

/// Periods in seven languages.
const PERIODS: [&str; 42] = [
    "Q3 2026",
    "2026 Q3",
    "Q3/2026",
    "Q3",
    "H1 2027",
    "1H 2027",
    "end of Q2",
    "KW 32",
    "W32 2026",
    "2026-W32",
    "week 32",
    "summer 2026",
    "mid June",
    "June 2026",
    "next sprint",
    "sprint 14",
    "ASAP",
    "TBD",
    "FY27",
    "end of the year",
    "in 2 weeks",
    "fin juin",
    "T3 2026",
    "semaine 32",
    "été 2026",
    "dès que possible",
    "fin de mes",
    "verano 2026",
    "lo antes posible",
    "3º trimestre 2026",
    "final do mês",
    "verão 2026",
    "Ende Q2",
    "nächstes Quartal",
    "Sommer 2026",
    "schnellstmöglich",
    "第3四半期",
    "来月",
    "2026年夏",
    "下个月",
    "第三季度",
    "年底",
];

#[test]
fn a_period_is_no_deadline_and_is_told_in_tables_lists_fields_and_sentences() {
    for period in PERIODS {
        let tables = column("Due", &[period]);
        let csv = scanned("a.csv", &format!("Action,Due\nChange the key,{period}\n"));
        let fields = format!("# T\n\n## Action items\n\n- Change the key\n  - Due: {period}\n");
        let labelled = format!("# T\n\n## Action items\n\n- Change the key (due: {period})\n");
        let apart = format!("# T\n\n## Action items\n\n- Change the key (due {period})\n");
        let sentence = format!("# T\n\n## Action items\n\n- Change the key by {period}\n");
        let lists = [fields, labelled, apart, sentence].map(|text| scanned("a.md", &text));
        for document in [tables, csv].into_iter().chain(lists) {
            let told = told(&document, "no_date");
            assert_eq!((due(&document), told.len()), (vec![None], 1), "{period}: {document:?}");
            assert!(told[0].contains(period), "{told:?}");
            let place = &document.diagnostics[0];
            assert!(place.line > 0 && place.column > 0 && place.help.is_some(), "{place:?}");
        }
    }
    let conventions = Conventions { quarter_is_due: true, ..Conventions::default() };
    let text = "# T\n\n## Action items\n\n- Change the key by Q3 2026\n";
    let read = read_bytes(&SourceName::from("here"), "a.md", text.as_bytes(), &conventions);
    assert_eq!((due(&read), read.diagnostics.len()), (vec![Some("2026-09-30".to_owned())], 0));
    for quiet in [
        "Reduce noise by half the alerts",
        "Sort keys by release date",
        "Stand by the week's plan",
        "Cut load by 20%",
        "Group alerts by week",
        "Split the bill by the month",
        "Replace the share by S3",
        "Label hosts by release",
    ] {
        let document = scanned("a.md", &format!("# T\n\n## Action items\n\n- {quiet}\n"));
        assert_eq!(document.diagnostics, [], "{quiet}");
    }
}

#[test]
fn a_day_without_its_year_is_told_so_wherever_it_stands() {
    for text in [
        "- Rotate — *due 20 May*",
        "- Rotate (due: May 20)",
        "- Rotate\n  - Due: 20. Mai",
        "| Action | Due |\n|-|-|\n| Rotate | 20th of May |",
    ] {
        let document = scanned("a.md", &format!("# T\n\n## Action items\n\n{text}\n"));
        let told = told(&document, "no_date");
        assert!(
            told.len() == 1 && told[0].contains("has no year, so there is no deadline"),
            "{text}: {told:?}"
        );
        assert_eq!(due(&document), [None], "{text}");
    }
    let plain = scanned("a.md", "# T\n\n## Action items\n\n- Rotate what is due at 20 places in May\n");
    assert_eq!(told(&plain, "no_date"), Vec::<String>::new());
}
