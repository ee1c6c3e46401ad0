//! Who wins where both sides changed a field.

use crate::{
    model::{
        finding::{Finding, Keep},
        issue::Field,
        rule::{ConflictPolicy, Outcome},
    },
    plan::{route::route, snapshot::Context},
};

/// Who wins where both sides changed a field to different values: whom a person named, else whom the rule names.
pub(super) fn policy(context: &Context, finding: &Finding, field: Field) -> ConflictPolicy {
    if let Some(ruled) = ruling(finding, field) {
        return ruled;
    }
    match route(&context.rules, finding).map(|rule| &rule.then) {
        Some(Outcome::Create(to)) if field == Field::Owner => to.owner_conflict,
        Some(Outcome::Create(to)) => to.status_conflict,
        Some(Outcome::Register { .. }) | None => ConflictPolicy::Tracker,
    }
}

/// What a person ruled on a field (`finding settle`).
pub(super) fn ruling(finding: &Finding, field: Field) -> Option<ConflictPolicy> {
    finding.rulings.get(&field).map(|keep| match keep {
        Keep::Finding => ConflictPolicy::Finding,
        Keep::Tracker => ConflictPolicy::Tracker,
    })
}
