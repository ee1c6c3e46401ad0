//! What a project's create screen and statuses lack of what a rule sends there.
//!
//! Knows what every create sends. A site that does not tell what its screens take is not asked further: the create itself will tell.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use super::{Jira, lenient, search::PAGE, shapes::KindRef, wire};
use crate::{
    model::{ids::AccountId, issue::PlaceFacts, rule::Destination, status::same, terms::Progress},
    tracker::{TrackerError, needs::Lack},
};

/// Fields that every create brings by itself, or that Jira fills in.
const BROUGHT: [&str; 8] =
    ["project", "issuetype", "summary", "description", "labels", "duedate", "assignee", "reporter"];

/// The statuses of one issue type.
#[derive(Debug, Deserialize)]
struct OfKind {
    #[serde(deserialize_with = "lenient::id")]
    id: String,
    #[serde(default)]
    statuses: Vec<wire::Status>,
}

/// Somebody who can be assigned.
#[derive(Debug, Deserialize)]
struct Assignable {
    #[serde(flatten)]
    user: wire::User,
}

impl Jira {
    /// What the creates of a rule would lack.
    pub(super) async fn lacking(
        &self,
        facts: &PlaceFacts,
        to: &Destination,
    ) -> Result<Vec<Lack>, TrackerError> {
        let mut lacks = Vec::new();
        let wanted: BTreeSet<Option<&str>> = [to.bug_type.as_deref(), to.change_type.as_deref()].into();
        let statuses: Vec<OfKind> =
            self.channel.get(&self.api(&format!("project/{}/statuses", facts.id))).await.unwrap_or_default();
        for name in wanted {
            let kind = match self.kind_of((&facts.id, &facts.name), name).await {
                Ok(KindRef::Id(kind)) => kind,
                Ok(KindRef::Name(_)) => continue,
                Err(TrackerError::Rejected { why, .. }) => {
                    lacks.push(Lack::stopping(why));
                    continue;
                }
                Err(error) => return Err(error),
            };
            let fields = self.fields(&facts.id, &kind).await?;
            if !fields.is_empty() {
                lacks.extend(on_screen(&fields, to));
            }
            if let Some(of_kind) = statuses.iter().find(|of_kind| of_kind.id == kind) {
                lacks.extend(self.in_workflow(&of_kind.statuses));
            }
        }
        lacks.dedup();
        Ok(lacks)
    }

    /// Whether the statuses of an issue type include what is written.
    fn in_workflow(&self, statuses: &[wire::Status]) -> Vec<Lack> {
        let map = &self.settings.statuses;
        let names: Vec<&str> = statuses.iter().map(|status| status.name.as_str()).collect();
        let has = names.join(", ");
        let named = map.targets.values().flatten().filter(|name| !names.iter().any(|has| same(has, name)));
        let mut lacks: Vec<Lack> = named
            .map(|name| {
                Lack::missing(format!(
                    "its workflow has no status `{name}`, which `targets` names; it has: {has}"
                ))
            })
            .collect();
        for to in [Progress::Open, Progress::Done] {
            if !statuses.is_empty() && statuses.iter().all(|status| map.wanted(to, status).is_none()) {
                let why = format!(
                    "no status of its workflow means {to}, so no issue is moved there; it has: {has}"
                );
                lacks.push(Lack::missing(why));
            }
        }
        lacks
    }

    /// Those of some accounts that cannot be assigned in a project, as far as one list tells.
    pub(super) async fn not_assignable(
        &self,
        facts: &PlaceFacts,
        accounts: &[AccountId],
    ) -> Result<Vec<AccountId>, TrackerError> {
        const MOST: usize = 10 * PAGE;
        let query = format!("user/assignable/search?project={}&maxResults={MOST}", facts.name);
        let listed: Vec<Assignable> = self.channel.get(&self.api(&query)).await?;
        // Of a list that does not end here, nobody knows who is missing.
        if listed.len() >= MOST {
            return Ok(Vec::new());
        }
        let listed: Vec<AccountId> =
            listed.iter().filter_map(|somebody| self.account_of(&somebody.user)).collect();
        let is_there = |account: &&AccountId| listed.iter().any(|known| known.is(account));
        Ok(accounts.iter().filter(|account| !is_there(account)).cloned().collect())
    }
}

/// What a create screen lacks of what a rule sends, or asks for beyond that.
fn on_screen(fields: &[wire::FieldMeta], to: &Destination) -> Vec<Lack> {
    let find = |id: &str| fields.iter().find(|field| field.is(id));
    let mut lacks = Vec::new();
    if find("labels").is_none() {
        lacks.push(Lack::stopping(
            "its create screen has no labels; without the label of its marker, an issue whose create got no answer could not be found again",
        ));
    }
    for (id, name) in [("duedate", "due date"), ("assignee", "assignee"), ("description", "description")] {
        if find(id).is_none() {
            lacks.push(Lack::missing(format!(
                "its create screen has no {name}: issues are created without it"
            )));
        }
    }
    for (id, template) in &to.fields {
        match find(id) {
            None => lacks.push(Lack::stopping(format!(
                "its create screen has no field `{id}`, which the rule fills in"
            ))),
            Some(field) => lacks.extend(not_allowed(field, template)),
        }
    }
    let is_asked = |field: &&wire::FieldMeta| {
        let is_brought = BROUGHT.iter().any(|id| field.is(id)) || to.fields.keys().any(|id| field.is(id));
        field.required && !field.has_default && !is_brought
    };
    for field in fields.iter().filter(is_asked) {
        let help = format!("the rule has to give it: `fields: {{ {}: … }}`", field.id_or_key());
        lacks.push(Lack::stopping(format!("its create screen asks for {}; {help}", field.called())));
    }
    lacks
}

/// That a value which is the same for every finding is none of those that a field takes.
fn not_allowed(field: &wire::FieldMeta, template: &str) -> Option<Lack> {
    let is_fixed = !template.contains("{{")
        && !template.contains("{%")
        && !template.trim_start().starts_with(['{', '[']);
    let names: Vec<&str> = field.allowed.iter().filter_map(name_of).collect();
    // A value that cannot be read may be the one.
    if !is_fixed || names.is_empty() || names.len() < field.allowed.len() {
        return None;
    }
    let is_list = field.schema.as_ref().is_some_and(|schema| schema.kind == "array");
    let given: Vec<&str> = if is_list { template.split(',').collect() } else { vec![template] };
    let wrong = given.into_iter().map(str::trim).find(|value| !names.iter().any(|name| same(name, value)))?;
    let takes = names.join(", ");
    Some(Lack::stopping(format!("{} does not take `{wrong}`; it takes: {takes}", field.called())))
}

fn name_of(value: &Value) -> Option<&str> {
    value.get("value").or_else(|| value.get("name")).and_then(Value::as_str)
}
