//! Sealed words: nothing prints or serialises them, and they are opened up to a class.

use postmortem_sync::model::{
    finding::Finding,
    terms::Tlp,
    words::{WithWords, Words},
};

use crate::build::{finding, reword};

const CANARY: &str = "CANARY";

/// A finding whose every word is a canary.
fn planted(tlp: Tlp) -> Finding {
    let mut finding = finding("PM-1/F1");
    finding.stated.tlp = tlp;
    reword(&mut finding, |words| {
        let word = || CANARY.to_owned();
        *words = Words {
            postmortem_title: word(),
            title: word(),
            description: Some(word()),
            criteria: Some(word()),
        };
    });
    finding
}

#[test]
fn a_finding_that_is_printed_or_serialised_says_none_of_its_words() {
    let finding = planted(Tlp::Red);
    assert!(!format!("{finding:?}{:#?}", finding.stated).contains(CANARY));
    assert_eq!(format!("{:?}", finding.stated.words), "Sealed");
    assert!(!serde_json::to_string(&finding).unwrap().contains(CANARY));
    assert!(!serde_json::to_string(&finding.stated).unwrap().contains(CANARY));
}

#[test]
fn the_registers_own_files_keep_every_word() {
    let finding = planted(Tlp::Red);
    let kept = serde_json::to_string(&WithWords::from(&finding)).unwrap();
    assert_eq!(kept.matches(CANARY).count(), 4);
    assert_eq!(serde_json::from_str::<Finding>(&kept).unwrap(), finding);
}

#[test]
fn words_are_opened_up_to_the_class_that_a_reader_is_cleared_for() {
    let classes = [Tlp::Clear, Tlp::Green, Tlp::Amber, Tlp::AmberStrict, Tlp::Red];
    for (n, class) in classes.into_iter().enumerate() {
        let stated = planted(class).stated;
        for (most, cleared) in classes.into_iter().enumerate() {
            assert_eq!(stated.words_up_to(cleared).is_some(), most >= n, "{class} for {cleared}");
        }
    }
}

#[test]
fn what_people_told_is_kept_and_takes_no_room_where_nobody_said_anything() {
    let mut finding = planted(Tlp::Green);
    let kept = |finding: &Finding| serde_json::to_value(WithWords::from(finding)).unwrap();
    assert_eq!(kept(&finding).get("told"), None);
    finding.told.aliases.insert("K7".to_owned());
    assert_eq!(serde_json::from_value::<Finding>(kept(&finding)).unwrap(), finding);
}
