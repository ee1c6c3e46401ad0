//! Habits of people that no style guide foresees: spacing, phases, headings that are questions.

use postmortem_sync::{
    model::{conventions::Conventions, ids::SourceName, terms::Claimed},
    source::read_bytes,
};

use super::{action, actions, codes, findings, read, titles};
use crate::build::date;

#[test]
fn blanks_before_a_colon_are_how_french_is_written() {
    for blank in [" ", "\u{a0}", "\u{202f}"] {
        let found = action(&format!("- Renouveler les clés. Responsable{blank}: alice"));
        assert_eq!(found.owner.as_deref(), Some("alice"), "{found:#?}");
        assert_eq!(found.title, "Renouveler les clés.");
        let bold = action(&format!("- **Renouveler les clés**{blank}: toutes les semaines"));
        assert_eq!(bold.title, "Renouveler les clés", "{bold:#?}");
        assert_eq!(bold.description.as_deref(), Some("toutes les semaines"));
        let below = action(&format!(
            "- Renouveler les clés\n  - Responsable{blank}: alice\n  - Échéance{blank}: 2026-12-01"
        ));
        assert_eq!(
            (below.owner.as_deref(), below.due),
            (Some("alice"), Some(date("2026-12-01"))),
            "{below:#?}"
        );
        let label =
            findings(&format!("# Panne\n\n**Actions correctives{blank}:**\n\n- Renouveler les clés\n"));
        assert_eq!(titles(&label), ["Renouveler les clés"]);
    }
}

#[test]
fn when_is_a_deadline_among_actions_and_a_time_elsewhere() {
    let found = action("| What | Who | When |\n|-|-|-|\n| Rotate the keys | ana | 2026-12-01 |");
    assert_eq!((found.owner.as_deref(), found.due), (Some("ana"), Some(date("2026-12-01"))), "{found:#?}");
    let told = findings(
        "# Leak\n\n## Timeline\n\n| When | What | Who |\n|-|-|-|\n| 2026-12-01 | Keys rotated | ana |\n",
    );
    assert!(told.is_empty(), "{told:#?}");
}

#[test]
fn a_phase_holds_actions_and_says_how_far_they_are() {
    let text = "- **Phase 1 (complete)**\n  - Rotate the keys\n  - Expire the tokens\n- **Phase two: in progress**\n  - Train everybody\n- **Step 3**\n  - Write it down";
    let found = actions(text);
    assert_eq!(titles(&found), ["Rotate the keys", "Expire the tokens", "Train everybody", "Write it down"]);
    let claims: Vec<Claimed> = found.iter().map(|finding| finding.claimed).collect();
    assert_eq!(claims, [Claimed::Done, Claimed::Done, Claimed::InProgress, Claimed::None]);
    let paragraphs = "**Étape 1 (terminé)**\n\n- Rotate the keys\n\n**Étape deux**\n\n- Train everybody";
    let found = actions(paragraphs);
    assert_eq!(titles(&found), ["Rotate the keys", "Train everybody"]);
    assert_eq!((found[0].claimed, found[1].claimed), (Claimed::Done, Claimed::None));
    let kept = action("- **Phase out the old tokens**\n  - all of them");
    assert_eq!(kept.title, "Phase out the old tokens", "an action may begin with such a word");
}

#[test]
fn headings_that_speak_of_change_lead_to_candidates() {
    for heading in [
        "How do we make sure this does not happen again?",
        "Changes we're making",
        "Changes we’re making",
        "What we are doing about it",
        "What we're doing to prevent this",
        "What we will do next time",
        "Comment éviter que cela se reproduise ?",
        "Qué haremos para que no se repita",
        "Wie wir das in Zukunft verhindern",
        "今後の再発を防ぐために",
    ] {
        let read = read(&format!(
            "# Leak\n\n## {heading}\n\n- We will rotate the keys every week.\n- Nothing is logged.\n"
        ));
        assert!(read.findings.is_empty(), "{heading}: {:#?}", read.findings);
        assert!(!read.candidates.is_empty(), "{heading}");
    }
}

#[test]
fn nothing_further_is_an_explicit_none() {
    for none in [
        "Nothing further.",
        "Nothing more",
        "No follow-ups.",
        "None so far.",
        "Rien de plus.",
        "Nada más",
        "Nichts weiter.",
    ] {
        let text = format!("# Leak\n\n## Action items\n\n- {none}\n");
        assert!(findings(&text).is_empty(), "{none}");
        let codes = codes(&text);
        assert!(codes.iter().any(|(code, _)| code == "explicit_none"), "{none}: {codes:?}");
    }
}

#[test]
fn words_that_only_introduce_a_reference_go_with_it() {
    let found = action(
        "- Notify the whole team of an outage. (currently blocked by https://github.com/acme/payments/issues/7)",
    );
    assert_eq!((found.title.as_str(), found.trackers.len()), ("Notify the whole team of an outage.", 1));
    for kept in
        ["Call `close(` where it is missing", "Write the guide (part one", "Stop using eval( on input #"]
    {
        assert_eq!(action(&format!("- {kept}")).title, kept.replace('`', ""), "nothing was cut off");
    }
}

#[test]
fn a_sentence_may_say_that_it_is_done() {
    for said in ["this has already been done.", "already done", "this is done", "this has been done."] {
        let found = action(&format!("- Use our own policies instead of the old ones - {said}"));
        assert_eq!(
            (found.title.as_str(), found.claimed),
            ("Use our own policies instead of the old ones", Claimed::Done)
        );
    }
}

/// Without known projects a key counts where it stands apart; in the middle of a sentence it may be anything.
#[test]
fn a_key_of_an_unknown_project_is_told_where_it_stands_apart() {
    let told = |action: &str| {
        let text = format!("# Leak\n\n## Action items\n\n- {action}\n");
        let source = SourceName::from("here");
        let document = read_bytes(&source, "a.md", text.as_bytes(), &Conventions::default());
        document.diagnostics.iter().filter(|noted| noted.code == "unknown_reference").count()
    };
    for apart in [
        "Rotate keys (PLAT-4)",
        "Rotate keys — PLAT-4",
        "Rotate keys → PLAT-4.",
        "Rotate keys. Ticket: PLAT-4",
    ] {
        assert_eq!(told(apart), 1, "{apart}");
    }
    for within in ["Rotate the PLAT-4 keys", "Rotate keys — SHA-256", "Rotate keys of PLAT-4"] {
        assert_eq!(told(within), 0, "{within}");
    }
}
