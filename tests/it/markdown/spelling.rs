//! How words are spelled, what editors add around them, and how far a status says that an action is.

use postmortem_sync::model::terms::Claimed;

use super::{action, actions, codes, findings, read, titles};
use crate::build::date;

#[test]
fn accents_umlauts_width_and_case_tell_no_headings_apart() {
    for heading in [
        "Massnahmen",
        "MASSNAHMEN",
        "Naechste Schritte",
        "Nachste Schritte",
        "Acoes corretivas",
        "Proximos passos",
        "Acciones correctivas",
        "Proximos pasos",
        "Prochaines etapes",
        "Elements d'action",
        "Ｎｅｘｔ ｓｔｅｐｓ",
        "Next&nbsp;steps",
    ] {
        assert_eq!(findings(&format!("## {heading}\n\n- Shard it\n")).len(), 1, "{heading}");
    }
}

#[test]
fn accents_and_umlauts_tell_no_labels_columns_or_status_apart() {
    for text in [
        "- Shard it\n  - Zustaendig: Kim\n  - Faellig: 2026-07-01\n  - Status: in Ausfuehrung",
        "| Massnahme | Zustandig | Faelligkeit |\n|---|---|---|\n| Shard it | Kim | 2026-07-01 |",
        "- Shard it (responsavel: Kim, prazo: 2026-07-01)",
        "- Shard it (Échéance : 2026-07-01, responsable : Kim)",
        "- Shard it (echeance : 2026-07-01, responsable : Kim)",
    ] {
        let found = action(text);
        assert_eq!(found.title, "Shard it", "{text}");
        assert_eq!((found.owner.as_deref(), found.due), (Some("Kim"), Some(date("2026-07-01"))), "{text}");
    }
}

#[test]
fn people_and_days_that_editors_mention_are_fields() {
    let found = action("- [ ] Shard the queue @Kim Lee");
    assert_eq!((found.title.as_str(), found.owner.as_deref()), ("Shard the queue", Some("Kim Lee")));
    let found = action("- [ ] Shard the queue @Kim Lee @July 1, 2026");
    assert_eq!((found.title.as_str(), found.owner.as_deref()), ("Shard the queue", Some("Kim Lee")));
    assert_eq!(found.due, Some(date("2026-07-01")));
    let kept = action("- Write to ops@Example Corp Ltd");
    assert_eq!(kept.title, "Write to ops@Example Corp Ltd");
    let notion = "| Name | Assign | Status |\n|---|---|---|\n| Shard &amp; page | Kim Lee | In progress |";
    let found = action(notion);
    assert_eq!((found.title.as_str(), found.owner.as_deref()), ("Shard & page", Some("Kim Lee")));
    let named = "| Name | Task |\n|---|---|\n| Kim Lee | Shard it |";
    let found = action(named);
    assert_eq!((found.title.as_str(), found.owner.as_deref()), ("Shard it", Some("Kim Lee")));
}

/// What a status claims; none when no finding came of it.
fn claimed(status: &str) -> Option<Claimed> {
    let found = actions(&format!("| Action | Status |\n|---|---|\n| Shard it | {status} |"));
    found.first().map(|finding| finding.claimed)
}

#[test]
fn a_status_says_how_far_an_action_is() {
    for status in [
        "Mitigated",
        "Fixed in #4",
        "Done by Kim",
        "Closed 2026-05-01",
        "100 %",
        "Verified (Kim)",
        "✅ since v2",
        "Corrigé",
        "Corregido el lunes",
        "Resolvido em maio",
        "Behoben am 3. Mai",
        "修正済み",
        "已修复",
    ] {
        assert_eq!(claimed(status), Some(Claimed::Done), "{status}");
    }
    for status in [
        "50%",
        "In progress (see #4)",
        "Partially fixed",
        "teilweise behoben",
        "en cours de correction",
        "parcialmente resuelto",
        "Em andamento, falta testar",
        "一部完了",
        "部分整改",
        "In Progress: waiting for Kim",
    ] {
        assert_eq!(claimed(status), Some(Claimed::InProgress), "{status}");
    }
    for status in [
        "0%",
        "Not fixed",
        "Not yet done",
        "⏳ queued",
        "noch nicht behoben",
        "En cola",
        "En file d'attente",
        "Ainda não corrigido",
        "未修正",
        "待修复",
        "Open since May",
        "accepted",
    ] {
        assert_eq!(claimed(status), Some(Claimed::None), "{status}");
    }
}

#[test]
fn a_status_that_puts_off_or_accepts_asks_a_person_and_one_that_nobody_knows_is_told() {
    for status in [
        "Risk accepted",
        "Deferred to 2027",
        "False positive",
        "Acknowledged",
        "Risiko akzeptiert",
        "Faux positif",
        "Aplazado",
        "Adiado",
        "誤検知",
        "误报",
    ] {
        let text = format!("## Action items\n\n| Action | Status |\n|---|---|\n| Shard it | {status} |\n");
        assert_eq!(claimed(status), None, "{status}");
        assert_eq!(read(&text).candidates[0].reason, "declined", "{status}");
    }
    let text = "## Action items\n\n| Action | Status |\n|---|---|\n| Shard it | purple |\n";
    assert!(codes(text).contains(&("unknown_status".to_owned(), 5)));
}

#[test]
fn a_status_counts_below_an_action_and_on_its_line_as_in_a_cell() {
    for text in [
        "- Shard it\n  - Status: In progress ([#4](https://github.com/a/b/pull/4))",
        "- Shard it. Status: partially done",
        "- Shard it | Status: 40%",
        "- Shard it\n  Statut : en cours, voir Kim",
        "- In Arbeit: Shard it",
    ] {
        let found = action(text);
        assert_eq!(
            (found.title.trim_end_matches('.'), found.claimed),
            ("Shard it", Claimed::InProgress),
            "{text}"
        );
    }
    for text in ["- À faire : Shard it", "- To do: Shard it", "- Por hacer: Shard it", "- 未着手：Shard it"]
    {
        let found = action(text);
        assert_eq!((found.title.as_str(), found.claimed), ("Shard it", Claimed::None), "{text}");
    }
    assert_eq!(titles(&actions("- Open: the door")), ["Open: the door"]);
}
