//! Tells which of several allowed forms a value was probably meant to have.

use std::collections::BTreeMap;

use jsonschema::{
    JsonType, ValidationError,
    error::{TypeKind, ValidationErrorKind as Kind},
};
use serde_json::Value;

use super::{
    Complaint,
    check::Check,
    words::{either, quoted, required_noun},
};

/// What one form has against a value.
type Branch = [ValidationError<'static>];

impl Check<'_> {
    /// What the form that a value comes nearest to has against it.
    pub(super) fn nearest_branch(
        &self,
        error: &ValidationError<'_>,
        branches: &[Vec<ValidationError<'static>>],
    ) -> Vec<Complaint> {
        let (pointer, value) = (error.instance_path().as_str(), error.instance().as_ref());
        let fitting: Vec<&Branch> = branches
            .iter()
            .map(Vec::as_slice)
            .filter(|branch| refused_types(branch, pointer).is_empty())
            .collect();
        if fitting.is_empty() {
            let types: Vec<_> = branches.iter().flat_map(|branch| refused_types(branch, pointer)).collect();
            return vec![self.wrong_type(pointer, value, &types)];
        }
        if let [only] = fitting.as_slice() {
            return self.told(only);
        }
        if let Some((pointer, options)) = common_choice(&fitting) {
            let value = self.tree.value.pointer(&pointer).unwrap_or(&Value::Null);
            return vec![self.no_option(&pointer, value, &options)];
        }
        let told: Vec<Vec<Complaint>> = fitting.iter().map(|branch| self.told(branch)).collect();
        let shared = shared(&told);
        if !shared.is_empty() {
            return shared;
        }
        match cheapest(told.iter().zip(&fitting).map(|(told, branch)| (cost(told, branch, pointer), told))) {
            Some(told) => told.clone(),
            None => vec![self.no_form(error)],
        }
    }

    /// A complaint that a value has none of the allowed forms.
    fn no_form(&self, error: &ValidationError<'_>) -> Complaint {
        let schemas = self.schema.pointer(error.schema_path().as_str()).and_then(Value::as_array);
        let mut forms: Vec<String> = Vec::new();
        for form in schemas.into_iter().flatten().filter_map(|schema| self.form(schema)) {
            if !forms.contains(&form) {
                forms.push(form);
            }
        }
        let help = (!forms.is_empty()).then(|| format!("write {}", either(&forms)));
        self.complaint(error.instance_path().as_str(), "has none of the allowed forms".to_owned(), help)
    }

    /// A form in words.
    fn form(&self, schema: &Value) -> Option<String> {
        let schema = self.target(schema).unwrap_or(schema);
        if let Some(only) = schema.get("const") {
            return Some(quoted(only));
        }
        let required: Vec<String> =
            schema.get("required").and_then(Value::as_array).into_iter().flatten().map(quoted).collect();
        if !required.is_empty() {
            return Some(format!("a mapping with {}", required.join(", ")));
        }
        let kind = schema.get("type")?.as_str()?.parse::<JsonType>().ok()?;
        (kind != JsonType::Null).then(|| required_noun(kind).to_owned())
    }
}

/// The types that a form wants of the value itself, if the value is of none of them.
fn refused_types(branch: &Branch, pointer: &str) -> Vec<JsonType> {
    let own = branch.iter().filter(|error| error.instance_path().as_str() == pointer);
    own.flat_map(|error| {
        if let Kind::Type { kind } = error.kind() {
            return types(kind);
        }
        options(error).map_or_else(Vec::new, |options| other_types(error.instance(), &options))
    })
    .collect()
}

/// The types that a schema allows.
pub(super) fn types(kind: &TypeKind) -> Vec<JsonType> {
    match kind {
        TypeKind::Single(kind) => vec![*kind],
        TypeKind::Multiple(kinds) => kinds.iter().collect(),
    }
}

/// The types of options, if a value shares its type with none of them.
pub(super) fn other_types(value: &Value, options: &[Value]) -> Vec<JsonType> {
    let types: Vec<_> = options.iter().map(JsonType::from).collect();
    if types.contains(&JsonType::from(value)) { Vec::new() } else { types }
}

/// The allowed values, if the error is that a value is none of them.
pub(super) fn options(error: &ValidationError<'_>) -> Option<Vec<Value>> {
    if let Kind::Constant { expected_value } = error.kind() {
        return Some(vec![expected_value.as_ref().clone()]);
    }
    let Kind::Enum { options } = error.kind() else { return None };
    options.as_array().cloned()
}

/// The value by which all forms tell themselves apart, and all that it may be.
fn common_choice(branches: &[&Branch]) -> Option<(String, Vec<Value>)> {
    let mut choices: BTreeMap<String, (usize, Vec<Value>)> = BTreeMap::new();
    for branch in branches {
        let own: BTreeMap<String, Vec<Value>> = branch
            .iter()
            .filter_map(|error| Some((error.instance_path().as_str().to_owned(), options(error)?)))
            .collect();
        for (pointer, options) in own {
            let (seen, all) = choices.entry(pointer).or_default();
            *seen += 1;
            all.extend(options.into_iter().filter(|option| !all.contains(option)).collect::<Vec<_>>());
        }
    }
    let in_all = choices.into_iter().filter(|(_, (seen, _))| *seen == branches.len());
    let (pointer, (_, options)) = in_all.min_by_key(|(pointer, _)| pointer.matches('/').count())?;
    Some((pointer, options))
}

/// What every form complains about.
fn shared(told: &[Vec<Complaint>]) -> Vec<Complaint> {
    let Some((first, others)) = told.split_first() else { return Vec::new() };
    first.iter().filter(|complaint| others.iter().all(|other| other.contains(complaint))).cloned().collect()
}

/// How far a form is from a value: what is wrong further inside weighs less.
fn cost(told: &[Complaint], branch: &Branch, pointer: &str) -> usize {
    const CHOICE: usize = 20;
    const OWN: usize = 4;
    const INNER: usize = 2;
    let is_suggested =
        |complaint: &Complaint| complaint.help.as_ref().is_some_and(|help| help.starts_with("did you mean"));
    let errors: usize = branch
        .iter()
        .map(|error| match error.instance_path().as_str().strip_prefix(pointer) {
            Some("") => OWN,
            Some(inner) if options(error).is_some() && inner.matches('/').count() == 1 => CHOICE,
            _ => INNER,
        })
        .sum();
    (errors + told.len()).saturating_sub(told.iter().filter(|complaint| is_suggested(complaint)).count())
}

/// The one with the least cost, unless several share it.
fn cheapest<T>(costs: impl Iterator<Item = (usize, T)>) -> Option<T> {
    let mut costs: Vec<(usize, T)> = costs.collect();
    costs.sort_by_key(|(cost, _)| *cost);
    let mut costs = costs.into_iter();
    let (least, first) = costs.next()?;
    match costs.next() {
        Some((next, _)) if next == least => None,
        _ => Some(first),
    }
}
