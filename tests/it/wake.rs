//! When the clock alone changes what is planned for a row: never before it said so.

use chrono::{DateTime, TimeDelta, Utc};
use postmortem_sync::{
    model::{
        finding::{Finding, Waiver},
        issue::Field,
        link::{Absence, Intent, Link, Refusal},
        observed::Observed,
        terms::{Severity, State},
    },
    plan::{
        row::{RowPlan, plan_row},
        snapshot::{Context, FindingRow, Row},
    },
};
use serde_json::{Value, json};

use crate::{
    build::{date, finding, intent, issue, link, linked, member, minutes, now, unlinked},
    plan_stability::{rows, rules},
};

/// Rows that wait for the clock in every way that there is, beside those that lead to every kind of action.
fn waiting() -> Vec<Row> {
    let key = "PM-8/F1";
    let link = || link(key, 3);
    let late = |due| {
        let mut late = finding(key);
        late.clock.due = Some(date(due));
        late
    };
    let waived = Finding {
        state: State::RiskAccepted,
        waiver: Some(Waiver {
            by: "eli".into(),
            at: now(),
            reason: "x".to_owned(),
            expires: date("2026-03-20"),
        }),
        ..finding(key)
    };
    let refusal = Refusal { why: "full".to_owned(), asked: None, until: minutes(90), facts: None };
    let refused = Link { refused: [(Field::Labels, refusal)].into(), ..link() };
    let written = Link { written: vec![minutes(-30); 6], ..link() };
    let absent =
        Link { absence: Some(Absence { first: minutes(-300), last: minutes(-10), reads: 2 }), ..link() };
    let sent =
        FindingRow { intents: vec![Intent { sent: minutes(-5), ..intent(key) }], ..member(finding(key)) };
    let mut all = rows();
    all.extend([
        unlinked(late("2026-03-20")),
        linked(late("2026-03-10"), link(), issue(3)),
        linked(Finding { severity: Severity::Low, ..late("2026-03-04") }, refused, issue(3)),
        linked(late("2026-02-27"), written, issue(3)),
        linked(waived, link(), issue(3)),
        Row { findings: vec![member(finding(key))], links: vec![(absent, Observed::Missing)] },
        Row { findings: vec![sent], links: Vec::new() },
    ]);
    all
}

/// What a plan says, without the instant at which it is said.
fn said(plan: &RowPlan) -> Value {
    timeless(json!([plan.actions, plan.notes]))
}

fn timeless(value: Value) -> Value {
    match value {
        Value::String(text) if DateTime::parse_from_rfc3339(&text).is_ok() => json!("an instant"),
        Value::Array(values) => values.into_iter().map(timeless).collect(),
        Value::Object(members) => members.into_iter().map(|(name, value)| (name, timeless(value))).collect(),
        plain => plain,
    }
}

/// The row as it is at an instant; a quarantine counts on, because its reads are recorded.
fn at(now: DateTime<Utc>) -> Context {
    Context { now, ..rules() }
}

#[test]
fn no_plan_changes_by_the_clock_alone_before_the_row_said_so() {
    let (mut changes, mut silent) = (0, 0);
    for row in waiting() {
        let mut before = plan_row(&at(now()), &row);
        let mut last = now();
        for step in 1..(40 * 24 * 4) {
            let instant = now() + TimeDelta::minutes(15 * step);
            let after = plan_row(&at(instant), &row);
            if said(&after) != said(&before) {
                changes += 1;
                let told = before.wake.is_some_and(|wake| last < wake && wake <= instant);
                assert!(
                    told,
                    "at {instant}, told {:?}:\n{:#}\n{:#}",
                    before.wake,
                    said(&before),
                    said(&after)
                );
            }
            silent += usize::from(after.wake.is_none());
            (before, last) = (after, instant);
        }
    }
    assert!(changes >= 6, "the rows do wait for the clock: {changes}");
    assert!(silent > 0, "some wait for people alone");
}
