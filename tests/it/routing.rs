//! Which rule a finding falls under, and what is said of those that do not apply.

use postmortem_sync::{
    model::{
        finding::Finding,
        rule::{Condition, Outcome, Rule},
        terms::{Class, Kind, Route, Severity, Work},
    },
    plan::route::{route, verdicts},
};

use crate::build::{destination, finding, rule};

fn creating(name: &str, when: Condition) -> Rule {
    Rule { when, ..rule(name, Outcome::Create(destination("github", "acme/payments"))) }
}

fn registering(name: &str, when: Condition) -> Rule {
    Rule { when, ..rule(name, Outcome::Register { group: "security-response".into() }) }
}

/// A finding that states everything.
fn full() -> Finding {
    let mut finding = finding("PM-2026-004/F1");
    finding.severity = Severity::High;
    finding.stated.kind = Some(Kind::Repair);
    finding.stated.labels = vec!["pci".to_owned(), "q1".to_owned()];
    finding
}

/// What the only rule says to a finding; none when it applies.
fn refusal(when: Condition, finding: &Finding) -> Option<String> {
    let rules = [creating("only", when)];
    let verdict = verdicts(&rules, finding).remove(0);
    assert_eq!(route(&rules, finding).is_some(), verdict.matches);
    (!verdict.matches).then_some(verdict.why)
}

/// A condition that the full finding meets, one that it does not, and what is said then.
fn cases() -> Vec<(Condition, Condition, &'static str)> {
    let text = |text: &str| [text.to_owned()].into();
    let c = Condition::default;
    vec![
        (
            Condition { class: [Class::TechnicalLapse, Class::ManualError].into(), ..c() },
            Condition { class: [Class::ManualError].into(), ..c() },
            "its class is technical_lapse, not manual_error",
        ),
        (
            Condition { kind: [Kind::Repair].into(), ..c() },
            Condition { kind: [Kind::Detect, Kind::Prevent].into(), ..c() },
            "its kind is repair, not prevent, detect",
        ),
        (
            Condition { route: [Route::Engineering].into(), ..c() },
            Condition { route: [Route::Process].into(), ..c() },
            "its route is engineering, not process",
        ),
        (
            Condition { work: [Work::Bug].into(), ..c() },
            Condition { work: [Work::ChangeRequest].into(), ..c() },
            "its work is bug, not change_request",
        ),
        (
            Condition { severity: [Severity::Critical, Severity::High].into(), ..c() },
            Condition { severity: [Severity::Critical].into(), ..c() },
            "its severity is high, not critical",
        ),
        (
            Condition { team: text("Payments"), ..c() },
            Condition { team: text("platform"), ..c() },
            "its team is payments, not platform",
        ),
        (
            Condition { labels: ["pci".to_owned(), "q1".to_owned()].into(), ..c() },
            Condition { labels: ["pci".to_owned(), "q2".to_owned()].into(), ..c() },
            "it lacks the label `q2`",
        ),
        (
            Condition { postmortem: text("PM-2026-*"), ..c() },
            Condition { postmortem: text("PM-2025-*"), ..c() },
            "its postmortem is PM-2026-004, not PM-2025-*",
        ),
        (
            Condition { source: text("postmortems"), ..c() },
            Condition { source: text("wiki"), ..c() },
            "its source is postmortems, not wiki",
        ),
    ]
}

#[test]
fn each_condition_holds_or_says_why_not() {
    for (met, unmet, why) in cases() {
        assert_eq!(refusal(met, &full()), None);
        assert_eq!(refusal(unmet, &full()).as_deref(), Some(why));
    }
}

#[test]
fn every_condition_that_is_given_must_hold() {
    let both =
        Condition { work: [Work::Bug].into(), team: ["platform".to_owned()].into(), ..Condition::default() };
    assert_eq!(refusal(both, &full()).as_deref(), Some("its team is payments, not platform"));
}

#[test]
fn what_is_not_stated_meets_no_condition() {
    let mut bare = full();
    (bare.stated.kind, bare.stated.team) = (None, None);
    let kind = Condition { kind: [Kind::Repair].into(), ..Condition::default() };
    assert_eq!(refusal(kind, &bare).as_deref(), Some("its kind is not stated, not repair"));
    let team = Condition { team: ["payments".to_owned()].into(), ..Condition::default() };
    assert_eq!(refusal(team, &bare).as_deref(), Some("its team is not stated, not payments"));
    assert_eq!(refusal(Condition::default(), &bare), None);
}

#[test]
fn the_first_rule_that_matches_decides() {
    let rules = [
        creating("platform", Condition { team: ["platform".to_owned()].into(), ..Condition::default() }),
        creating("payments", Condition { team: ["payments".to_owned()].into(), ..Condition::default() }),
        creating("rest", Condition::default()),
    ];
    assert_eq!(route(&rules, &full()).unwrap().name.as_str(), "payments");
    let told: Vec<_> =
        verdicts(&rules, &full()).into_iter().map(|verdict| (verdict.rule, verdict.matches)).collect();
    assert_eq!(
        told,
        [("platform".to_owned(), false), ("payments".to_owned(), true), ("rest".to_owned(), true)]
    );
    assert_eq!(verdicts(&rules, &full())[1].why, "every condition holds");
}

#[test]
fn a_target_narrows_the_rules_and_overrides_none() {
    let rules = [
        creating("rest", Condition::default()),
        creating("platform", Condition { team: ["platform".to_owned()].into(), ..Condition::default() }),
        creating("payments", Condition { team: ["payments".to_owned()].into(), ..Condition::default() }),
    ];
    let mut asking = full();
    asking.stated.target = Some("payments".to_owned());
    assert_eq!(route(&rules, &asking).unwrap().name.as_str(), "payments");
    assert_eq!(verdicts(&rules, &asking)[0].why, "the finding asks for the rule `payments`");
    asking.stated.target = Some("platform".to_owned());
    assert_eq!(route(&rules, &asking), None, "its conditions must hold all the same");
    asking.stated.target = Some("unheard-of".to_owned());
    assert_eq!(route(&rules, &asking), None);
}

#[test]
fn a_rule_that_creates_takes_engineering_only_unless_it_names_a_route() {
    for other in [Route::Process, Route::CrossOrg] {
        let finding = Finding { route: other, ..full() };
        let why = refusal(Condition::default(), &finding).unwrap();
        assert!(why.contains(other.as_str()) && why.contains("`route`"), "{why}");
        assert_eq!(refusal(Condition { route: [other].into(), ..Condition::default() }, &finding), None);
        let register = [registering("process", Condition::default())];
        assert!(route(&register, &finding).is_some(), "a register rule takes any");
    }
    let both = [registering("process", Condition { route: [Route::Process].into(), ..Condition::default() })];
    assert_eq!(route(&both, &full()), None);
}

#[test]
fn a_star_stands_for_any_text() {
    let meets = |pattern: &str| {
        let when = Condition { postmortem: [pattern.to_owned()].into(), ..Condition::default() };
        refusal(when, &full()).is_none()
    };
    for pattern in
        ["*", "**", "PM-*", "*004", "PM-*-004", "*2026*", "PM-2026-004", "PM*2026*004", "PM-2026-004*"]
    {
        assert!(meets(pattern), "{pattern}");
    }
    for pattern in
        ["", "PM", "PM-*-005", "*PM", "pm-*", "PM-2026-004*4", "*2026", "?M-2026-004", "PM-2026-004*004"]
    {
        assert!(!meets(pattern), "{pattern}");
    }
}

#[test]
fn without_rules_nothing_matches() {
    assert_eq!(route(&[], &full()), None);
    assert_eq!(verdicts(&[], &full()), []);
}
