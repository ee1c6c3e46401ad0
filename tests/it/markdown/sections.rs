//! Where a reader sees actions begin and end: headings, labels, lists, fields, quotes and boxes.

use postmortem_sync::model::terms::Claimed;

use super::{actions, codes, findings, read, titles};
use crate::build::date;

/// What waits for a person, as written.
fn candidates(text: &str) -> Vec<String> {
    read(text).candidates.into_iter().map(|candidate| candidate.text).collect()
}

#[test]
fn a_heading_of_actions_decides_over_a_title_that_speaks_of_them() {
    for (title, inner) in [
        ("Measures to prevent another outage of the queue", "Corrective actions"),
        ("Follow-ups of the outage", "Tasks and action items"),
        ("Maßnahmen nach dem Ausfall", "Folgemaßnahmen"),
        ("Améliorations après la panne", "Plan d'action"),
        ("Acciones después del corte", "Próximos pasos"),
        ("Melhorias depois da queda", "Próximos passos"),
        ("再発防止に向けた取り組み", "アクションアイテム"),
        ("改进建议汇总", "行动项"),
    ] {
        let text = format!(
            "# {title}\n\n## Timeline\n\n- 10:00 queue full\n\n## {inner}\n\n- Shard the queue\n\n## Attendees\n\n- Kim\n"
        );
        let read = read(&text);
        assert_eq!(titles(&read.findings), ["Shard the queue"], "{title}");
        assert_eq!(read.candidates, [], "{title}");
    }
}

#[test]
fn a_nested_heading_of_actions_decides_over_one_that_only_may_mean_them() {
    let text = "# Outage\n\n## How we will improve\n\nWe met twice.\n\n### Tasks we follow: action items\n\n- [ ] Shard the queue\n";
    let read = read(text);
    assert_eq!((titles(&read.findings), read.candidates.len()), (vec!["Shard the queue"], 0));
    assert!(!codes(text).iter().any(|(code, _)| code == "no_action_section"));
}

#[test]
fn words_for_actions_inside_a_sentence_announce_nothing() {
    for sentence in [
        "Good action items of any team share two traits:",
        "What makes action items useful, in our view:",
        "Every action item must have these before it is accepted:",
    ] {
        let text = format!("# Guide\n\n## Reviews\n\n{sentence}\n\n- one owner\n- one date\n");
        assert_eq!(findings(&text), [], "{sentence}");
    }
    for sentence in ["Here are the action items we agreed on:", "Our action items from this review:"] {
        let text = format!("# Outage\n\n{sentence}\n\n- Shard the queue\n");
        assert_eq!(titles(&findings(&text)), ["Shard the queue"], "{sentence}");
    }
}

#[test]
fn a_label_of_something_else_ends_the_actions() {
    for other in [
        "Lessons learnt:",
        "Who was there:",
        "**Attendees**",
        "Resources",
        "Beteiligte:",
        "Offene Fragen:",
        "Personnes présentes :",
        "Liens utiles",
        "Preguntas abiertas:",
        "Participantes:",
        "Perguntas em aberto:",
        "参加者：",
        "相关链接：",
    ] {
        for begin in ["Action items:\n", "## Action items\n"] {
            let text = format!("# Outage\n\n{begin}\n- Shard the queue\n\n{other}\n\n- Kim and Lee\n");
            assert_eq!(titles(&findings(&text)), ["Shard the queue"], "{begin} {other}");
        }
    }
}

#[test]
fn lists_that_have_titles_of_their_own_are_all_actions_and_a_lonely_title_asks() {
    let grouped =
        "# O\n\n## Action items\n\nBackend:\n\n- Shard the queue\n\nMobile:\n\n- Retry with back-off\n";
    assert_eq!(titles(&findings(grouped)), ["Shard the queue", "Retry with back-off"]);
    let lonely = "# O\n\n## Action items\n\n- Shard the queue\n\nCuriosities:\n\n- The log was empty\n";
    assert_eq!(titles(&findings(lonely)), ["Shard the queue"]);
    assert_eq!(candidates(lonely), ["The log was empty"]);
}

#[test]
fn a_heading_with_fields_below_it_is_one_action() {
    for (heading, fields) in [
        ("### 1. Shard the queue", "- **Owner:** Kim\n- **Due:** 2026-07-01\n- **Status:** In progress"),
        ("### AI-7: Shard the queue", "Owner: Kim. Due: 2026-07-01. Status: in progress."),
        ("### Action 2 – Shard the queue", "Verantwortlich: Kim\nFrist: 2026-07-01\nStatus: in Umsetzung"),
        (
            "### Shard the queue",
            "| Porteur | Kim |\n|---|---|\n| Échéance | 2026-07-01 |\n| Statut | en cours |",
        ),
        (
            "### Shard the queue",
            "| Responsable | Plazo | Estado |\n|---|---|---|\n| Kim | 2026-07-01 | en curso |",
        ),
    ] {
        let text =
            format!("{heading}\n\n{fields}\n\nIt is full every Monday.\n\n### Page earlier\n\n- Owner: Lee");
        let found = actions(&text);
        assert_eq!(titles(&found), ["Shard the queue", "Page earlier"], "{heading}\n{fields}");
        let first = &found[0];
        assert_eq!((first.owner.as_deref(), first.due), (Some("Kim"), Some(date("2026-07-01"))), "{fields}");
        assert_eq!(first.claimed, Claimed::InProgress, "{fields}");
        assert!(first.description.as_deref().is_some_and(|said| said.contains("every Monday")));
    }
}

#[test]
fn headings_lists_tables_and_prose_mix_in_one_section() {
    let text = "- Shard the queue\n\n| Action | Owner |\n|---|---|\n| Page earlier | Lee |\n\n### 3. Rehearse the failover\n\nOwner: Kim\n\n### Later\n\n- Write the runbook";
    let found = actions(text);
    assert_eq!(
        titles(&found),
        ["Shard the queue", "Page earlier", "Rehearse the failover", "Write the runbook"]
    );
}

#[test]
fn fields_on_lines_of_an_item_are_no_part_of_its_title() {
    for item in [
        "- Shard the queue\n  Owner: Kim\n  Due: 2026-07-01\n  Ticket: PLAT-9",
        "- **Task:** Shard the queue\n  **Owner:** Kim\n  **Deadline:** 2026-07-01\n  **Ticket:** PLAT-9",
        "- Action: Shard the queue\n  - Owner: Kim\n  - Due: 2026-07-01\n  - PLAT-9",
        "- Shard the queue\n- Owner: Kim\n- Due: 2026-07-01\n- Status: open, PLAT-9",
        "- Acción: Shard the queue\n  Responsable: Kim; Plazo: 2026-07-01; Ticket: PLAT-9",
    ] {
        let found = actions(item);
        assert_eq!(titles(&found), ["Shard the queue"], "{item}");
        let first = &found[0];
        assert_eq!((first.owner.as_deref(), first.due), (Some("Kim"), Some(date("2026-07-01"))), "{item}");
        assert_eq!(first.trackers.len(), 1, "{item}");
    }
}

#[test]
fn each_action_of_a_cell_or_of_a_second_column_is_a_finding() {
    let listed = "| Theme | Actions | Owner |\n|---|---|---|\n| Queue | 1. Shard it<br>2. Page earlier | Kim |\n| Log | • Keep it<br>• Rotate it | Lee |";
    let found = actions(listed);
    assert_eq!(titles(&found), ["Shard it", "Page earlier", "Keep it", "Rotate it"]);
    assert!(found.iter().take(2).all(|finding| finding.owner.as_deref() == Some("Kim")));
    for (first, second) in [
        ("Corrective action", "Preventive action"),
        ("Action corrective", "Action préventive"),
        ("Acción correctiva", "Acción preventiva"),
        ("Short-term actions", "Long-term actions"),
    ] {
        let text = format!(
            "| {first} | {second} | Owner |\n|---|---|---|\n| Shard it | Page earlier | Kim |\n| – | Keep it | Lee |"
        );
        let found = actions(&text);
        assert_eq!(titles(&found), ["Shard it", "Page earlier", "Keep it"], "{first}");
        assert_eq!(found[1].owner.as_deref(), Some("Kim"));
    }
}

#[test]
fn a_table_with_owners_and_deadlines_is_a_plan_wherever_it_stands() {
    let table = |header: &str| {
        format!("| {header} | Owner | Due |\n|---|---|---|\n| Shard it | Kim | 2026-07-01 |\n")
    };
    for heading in ["Recommendations", "Améliorations", "Mejoras", "Verbesserungen", "改善点"] {
        let text = format!("# Outage\n\n## {heading}\n\n{}", table("Action"));
        assert_eq!(titles(&findings(&text)), ["Shard it"], "{heading}");
    }
    let recommended = format!("# Review\n\n## Recommendations\n\n{}", table("Recommendation"));
    assert_eq!(titles(&findings(&recommended)), ["Shard it"]);
    let aside = format!("# Outage\n\n## Contributing factors\n\n{}", table("Action"));
    assert_eq!((findings(&aside).len(), candidates(&aside)), (0, vec!["Shard it".to_owned()]));
}

#[test]
fn what_looks_like_an_action_elsewhere_waits_for_a_person() {
    for text in [
        "## Containment\n\n- [x] Block the address\n- [ ] Shard the queue\n",
        "## Discussion\n\nNobody noticed. ACTION(kim): Shard the queue. It was late.\n",
        "## Discussion\n\n- 👉 Action item: Shard the queue\n",
        "## Discussion\n\n1. Long talk\n   - [ ] Shard the queue\n",
        "## Discussion\n\n- Shard the queue (owner: Kim)\n",
        "## Discussion\n\n- Shard the queue\n  - Due: 2026-07-01\n",
        "## Notes\n\n> **Next steps**\n>\n> - Shard the queue\n",
        "## What we are going to do\n\n- Shard the queue\n",
        "## Stabilisation roadmap\n\n- Shard the queue\n",
        "## Was wir künftig ändern\n\n- Shard the queue\n",
        "## Dringend umzusetzen\n\n- Shard the queue\n",
        "## Ce que nous allons faire\n\n- Shard the queue\n",
        "## Lo que haremos\n\n- Shard the queue\n",
        "## O que faremos\n\n- Shard the queue\n",
        "## 今後の強化\n\n- Shard the queue\n",
        "## 加固方向\n\n- Shard the queue\n",
        "## Improvements\n\n| Idea | Benefit |\n|---|---|\n| Shard the queue | less pain |\n",
    ] {
        let text = format!("# Outage\n\n{text}\n## Action items\n\n- Page earlier\n");
        assert_eq!(titles(&findings(&text)), ["Page earlier"], "{text}");
        let waiting = candidates(&text);
        assert!(waiting.len() == 1 && waiting[0].contains("Shard the queue"), "{text}: {waiting:?}");
    }
}

#[test]
fn boxes_of_other_tools_are_read_like_what_they_show() {
    for text in [
        "!!! warning \"Action items\"\n    - Shard the queue\n",
        ":::note Action items\n- Shard the queue\n:::\n",
        ":::tip[Action items]\n\n- Shard the queue\n\n:::\n",
        "## Action items {#action-items}\n\n- Shard the queue {/* ask kim */}\n",
        "**Action items** {: .label}\n\n- Shard the queue\n",
    ] {
        let found = findings(&format!("# Outage {{#outage}}\n\n{text}"));
        assert_eq!(titles(&found), ["Shard the queue"], "{text}");
    }
    let place = findings("# Outage {#outage}\n\n## Action items {#action-items}\n\n- Shard the queue\n");
    assert_eq!(place[0].line, 5);
    assert_eq!(read("# Outage {#outage}\n").title, "Outage");
    let code = "## Action items\n\n- Shard the queue\n\n```\n!!! note \"Action items\"\n    - No\n```\n";
    assert_eq!(titles(&findings(code)), ["Shard the queue"]);
}

#[test]
fn none_with_a_reason_is_none() {
    for none in [
        "_No action items – all of it was mended at once._",
        "None: the service is gone.",
        "No further actions are needed because the service is gone.",
        "Aucune action nécessaire, car le service est arrêté.",
        "Ninguna acción pendiente: el servicio ya no existe.",
        "Sem ações pendentes — o serviço foi desligado.",
        "Keine weiteren Maßnahmen nötig, da der Dienst abgeschaltet ist.",
        "特になし（サービス終了のため）",
        "无需整改，服务已下线",
    ] {
        let text = format!("# Outage\n\n## Action items\n\n{none}\n");
        let read = read(&text);
        assert_eq!((read.findings.len(), read.candidates.len()), (0, 0), "{none}");
        assert_eq!(codes(&text), [("explicit_none".to_owned(), 5)], "{none}");
    }
    assert_eq!(
        titles(&actions("- None of the keys may outlive a week")),
        ["None of the keys may outlive a week"]
    );
}
