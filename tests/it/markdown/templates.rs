//! What a template leaves to be written is no finding, however it is written.

use super::{actions, codes, titles};

#[test]
fn gaps_names_and_numbers_are_no_actions() {
    for item in [
        "[describe the step] (owner: NAME, due: DD/MM/YYYY)",
        "[Task 3] - Assignee: [who] - Due date: [when]",
        "<next step>",
        "<what to do> (Ticket: #xxx)",
        "{{ task }} – {{ owner }} – {{ due }}",
        "Action 4",
        "Action item #2",
        "Second action item",
        "Add action items here",
        "Example action",
        "_____ (owner: ____)",
        "TBD",
        "[Maßnahme] (Verantwortlich: NAME, Frist: TT.MM.JJJJ)",
        "Maßnahme 2",
        "<Mesure> (Responsable : NOM, échéance : JJ/MM/AAAA)",
        "Exemple d'action",
        "[acción] (responsable: NOMBRE)",
        "Acción 1",
        "[ação] (responsável: NOME, prazo: DD/MM/AAAA)",
        "Ação 3",
        "アクション 1",
        "行动项 2",
    ] {
        for mark in ["- ", "- [ ] ", "1. "] {
            let found = actions(&format!("{mark}{item}"));
            assert!(found.is_empty(), "{mark}{item}: {found:#?}");
        }
        let codes = codes(&format!("# T\n\n## Action items\n\n- {item}\n"));
        let told = ["placeholder_title", "empty_action_section"];
        assert!(codes.iter().any(|(code, _)| told.contains(&code.as_str())), "{item}: {codes:?}");
    }
}

#[test]
fn rows_and_fields_of_a_template_are_none() {
    let table = "| Action | Owner | Due date |\n|---|---|---|\n| Action 1 | Person | Date |\n| <action> | @name | YYYY-MM-DD |\n| Shard it | Person | Date |";
    let found = actions(table);
    assert_eq!(titles(&found), ["Shard it"]);
    assert_eq!((found[0].owner.as_deref(), found[0].due), (None, None));
    let nested = "- [ ] Action 1\n  - Owner: NAME\n  - Due: YYYY-MM-DD\n- [ ] Shard it\n  - Owner: [name]";
    assert_eq!(titles(&actions(nested)), ["Shard it"]);
}

#[test]
fn actions_that_speak_of_such_words_are_kept() {
    for item in [
        "Fill in the owner of every key",
        "[Kim] shard the queue",
        "Action 2: shard the queue",
        "Add an example to the runbook",
        "Update the **status**",
        "Rename the column `<name>`",
        "Plan the move to [OIDC](https://example.com)",
        "Use <b>two</b> keys",
    ] {
        assert_eq!(actions(&format!("- {item}")).len(), 1, "{item}");
    }
}
