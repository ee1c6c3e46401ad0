//! Checks a tree against a schema, and says in plain words what does not fit.

use std::collections::BTreeSet;

use jsonschema::{JsonType, ValidationError, error::ValidationErrorKind as Kind};
use serde_json::Value;

use super::{
    Complaint, Tree,
    branches::{options, other_types, types},
    joined,
    schema::Schema,
    words::{either, listed, noun, quoted, required_noun, suggestion},
};

impl Tree {
    /// Everything in which the value does not fit a schema, by position.
    ///
    /// A schema that is itself wrong is the only complaint then.
    #[must_use]
    pub fn check(&self, schema: &Schema) -> Vec<Complaint> {
        let check = Check { tree: self, schema: &schema.value };
        let validator = match &schema.validator {
            Ok(validator) => validator,
            Err(message) => return vec![check.complaint("", message.clone(), None)],
        };
        let errors: Vec<_> = validator.iter_errors(&self.value).collect();
        let mut complaints = check.told(&errors);
        complaints.sort_by_key(|complaint| (complaint.line, complaint.column));
        complaints.dedup();
        complaints
    }
}

/// A check being told in words.
pub(super) struct Check<'t> {
    pub(super) tree: &'t Tree,
    pub(super) schema: &'t Value,
}

impl Check<'_> {
    /// All errors in words. Once a value is of the wrong type, nothing else about it is worth saying.
    pub(super) fn told(&self, errors: &[ValidationError<'_>]) -> Vec<Complaint> {
        let is_type = |error: &ValidationError<'_>| matches!(error.kind(), Kind::Type { .. });
        let settled: BTreeSet<&str> = errors
            .iter()
            .filter(|error| is_type(error))
            .map(|error| error.instance_path().as_str())
            .collect();
        errors
            .iter()
            .filter(|error| is_type(error) || !settled.contains(error.instance_path().as_str()))
            .flat_map(|error| self.complaints(error))
            .collect()
    }

    /// A complaint about a value.
    pub(super) fn complaint(&self, pointer: &str, message: String, help: Option<String>) -> Complaint {
        let (line, column) = self.tree.position(pointer);
        Complaint { pointer: pointer.to_owned(), line, column, message, help }
    }

    /// A complaint that a value is none of the allowed ones.
    pub(super) fn no_option(&self, pointer: &str, value: &Value, options: &[Value]) -> Complaint {
        let names: Vec<String> = options.iter().map(plainly).collect();
        let near = value.as_str().and_then(|text| suggestion(text, options.iter().filter_map(Value::as_str)));
        let (message, help) = match names.as_slice() {
            [only] => {
                let help = near.or_else(|| Some(format!("write `{only}`")));
                (format!("{} is not {only}", quoted(value)), help)
            }
            _ => (format!("{} is not one of {}", quoted(value), listed(&names)), near),
        };
        self.complaint(pointer, message, help)
    }

    /// A complaint that a value is of none of the allowed types.
    pub(super) fn wrong_type(&self, pointer: &str, value: &Value, types: &[JsonType]) -> Complaint {
        let mut nouns: Vec<String> = Vec::new();
        // `null` is said only if nothing else is allowed: an absent value does as well.
        for kind in types.iter().filter(|kind| **kind != JsonType::Null || types.len() == 1) {
            nouns.push(required_noun(*kind).to_owned());
        }
        nouns.dedup();
        let is_fraction = value.is_number() && types.contains(&JsonType::Integer);
        let actual = if is_fraction { quoted(value) } else { noun(value).to_owned() };
        let help = match value {
            Value::Bool(_) | Value::Number(_) if types.contains(&JsonType::String) => {
                Some("write it in quotes")
            }
            Value::String(text) if types.contains(&JsonType::Boolean) => truth(text),
            Value::String(text) if is_quoted_number(text, types) => Some("remove the quotes"),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_) => None,
        };
        let contrast = if value.is_null() { "but is empty".to_owned() } else { format!("not {actual}") };
        let message = format!("must be {}, {contrast}", either(&nouns));
        self.complaint(pointer, message, help.map(str::to_owned))
    }

    /// One error in words.
    #[expect(clippy::wildcard_enum_match_arm, reason = "`misfit` names every kind")]
    fn complaints(&self, error: &ValidationError<'_>) -> Vec<Complaint> {
        let (pointer, value) = (error.instance_path().as_str(), error.instance().as_ref());
        if let Some(options) = options(error) {
            let types = other_types(value, &options);
            // Only quotes are wrong where the words are the same; any other word of any type is none of the options.
            let is_word = !(value.is_null() || value.is_array() || value.is_object());
            let is_known = options.iter().any(|option| plainly(option) == plainly(value));
            let mut told = if types.is_empty() || is_word && !is_known && options.len() > 1 {
                self.no_option(pointer, value, &options)
            } else {
                self.wrong_type(pointer, value, &types)
            };
            // A single word is one of two forms, and what is around them describes both.
            let around = || self.schemas(error).into_iter().skip(1).find_map(|schema| self.meaning(schema));
            if let Some(help) = Some(options.len()).filter(|n| *n == 1).and_then(|_| around()) {
                told.help = Some(help);
            }
            return vec![told];
        }
        match error.kind() {
            Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
                unexpected.iter().map(|name| self.unknown_key(error, name)).collect()
            }
            Kind::AnyOf { context } | Kind::OneOfNotValid { context } => self.nearest_branch(error, context),
            Kind::Type { kind } => {
                let mut told = self.wrong_type(pointer, value, &types(kind));
                let form = self.form_of(error, value, &types(kind)).or(told.help);
                told.help = form.or_else(|| self.wanted(error));
                vec![told]
            }
            Kind::MinProperties { limit: 1 } => {
                let keys = self.named(error).and_then(|schema| self.keys_of(schema));
                let help = keys.map(|keys| format!("write a mapping with one of the keys {keys}"));
                vec![self.complaint(pointer, "this mapping must not be empty".to_owned(), help)]
            }
            Kind::MaxProperties { limit: 1 } => {
                let help = self.named(error).and_then(|schema| self.keys_of(schema));
                let help = help.map(|keys| format!("keep one of {keys}"));
                vec![self.complaint(pointer, "this mapping has more than one key".to_owned(), help)]
            }
            Kind::Required { property } => {
                let wanted =
                    self.named(error).and_then(|object| object.get("properties")?.get(property.as_str()?));
                let help = wanted.and_then(|wanted| self.meaning(wanted));
                vec![self.complaint(pointer, format!("{} is missing", quoted(property)), help)]
            }
            Kind::PropertyNames { error: about } => vec![self.wrong_key(pointer, about)],
            Kind::FalseSchema => vec![self.at_key(pointer, "this is not allowed here".to_owned(), None)],
            other => {
                let help = self.wanted(error);
                // A pattern is for machines: where the form is described, the description says more.
                let misfit = match (other, &help) {
                    (Kind::Pattern { .. }, Some(_)) => "does not have the right form".to_owned(),
                    (other, _) => misfit(other),
                };
                let message = format!("{} {misfit}", shown(value));
                vec![self.complaint(pointer, message, help)]
            }
        }
    }

    /// How a value of the wanted type is written, where another one stands.
    fn form_of(&self, error: &ValidationError<'_>, value: &Value, wanted: &[JsonType]) -> Option<String> {
        match (value, wanted) {
            (Value::Null, _) => Some("fill it in, or take the key out".to_owned()),
            (Value::Number(_) | Value::Bool(_), [JsonType::String]) => {
                let like = self.schemas(error).into_iter().find_map(|schema| schema.get("default")?.as_str());
                like.map(|like| format!("write it like `{like}`"))
            }
            (Value::String(_) | Value::Number(_) | Value::Bool(_), [JsonType::Array]) => {
                // Written as JSON, so that what YAML would take for an alias or a tag stays text.
                Some(format!("write it as a list: {}", quoted(&Value::from(vec![value.clone()]))))
            }
            (_, [JsonType::Object]) => {
                let keys = self.keys_of(self.named(error)?)?;
                Some(format!("write a mapping with the keys {keys}"))
            }
            _ => None,
        }
    }

    /// The keys that a schema names, as a list; none when it names none.
    fn keys_of(&self, schema: &Value) -> Option<String> {
        let mut keys = Vec::new();
        self.keys(schema, 0, &mut keys);
        (!keys.is_empty()).then(|| listed(&keys))
    }

    /// The part of the schema that an error is about; its path goes through references.
    fn named(&self, error: &ValidationError<'_>) -> Option<&Value> {
        self.schemas(error).into_iter().next()
    }

    /// The part of the schema that an error is about, and those that it is an alternative in, innermost first.
    fn schemas(&self, error: &ValidationError<'_>) -> Vec<&Value> {
        let path = error.schema_path().as_str();
        let Some((parent, _)) = path.rsplit_once('/') else { return Vec::new() };
        let mut passed = vec![("", self.schema)];
        for step in parent.split('/').skip(1) {
            let at = passed.last().map_or(self.schema, |(_, at)| at);
            let next = match step {
                "$ref" => self.target(at),
                _ => at.pointer(&format!("/{step}")),
            };
            match next {
                Some(next) => passed.push((step, next)),
                None => return Vec::new(),
            }
        }
        let mut schemas = Vec::new();
        for (step, schema) in passed.into_iter().rev() {
            schemas.push(schema);
            if !["then", "else", "$ref"].contains(&step) {
                break;
            }
        }
        schemas
    }

    /// What the schema says that a value should be.
    fn wanted(&self, error: &ValidationError<'_>) -> Option<String> {
        self.schemas(error).into_iter().find_map(|schema| self.meaning(schema))
    }

    /// What a part of the schema says that it wants: its choices, else its description.
    fn meaning(&self, wanted: &Value) -> Option<String> {
        let wanted = self.target(wanted).unwrap_or(wanted);
        let constants = || wanted.get("oneOf")?.as_array()?.iter().map(|one| one.get("const")).collect();
        let options: Option<Vec<&Value>> =
            wanted.get("enum").and_then(Value::as_array).map(|all| all.iter().collect()).or_else(constants);
        match options {
            Some(options) => {
                let names: Vec<String> = options.into_iter().map(plainly).collect();
                Some(format!("write one of {}", listed(&names)))
            }
            // A description is wrapped as its source is; a help is one line.
            None => {
                let description = wanted.get("description")?.as_str()?;
                Some(description.split_whitespace().collect::<Vec<_>>().join(" "))
            }
        }
    }

    /// A complaint about the form of a key.
    fn wrong_key(&self, pointer: &str, about: &ValidationError<'_>) -> Complaint {
        let name = about.instance().as_ref();
        let pointer = joined(pointer, name.as_str().unwrap_or_default());
        let told = match options(about) {
            Some(options) => self.no_option(&pointer, name, &options),
            None => self.complaint(&pointer, format!("{} {}", quoted(name), misfit(about.kind())), None),
        };
        self.at_key(&pointer, format!("the key {}", told.message), told.help)
    }

    fn at_key(&self, pointer: &str, message: String, help: Option<String>) -> Complaint {
        let (line, column) = self.tree.key_position(pointer);
        Complaint { pointer: pointer.to_owned(), line, column, message, help }
    }

    fn unknown_key(&self, error: &ValidationError<'_>, name: &str) -> Complaint {
        let schema = error.schema_path().as_str();
        let parent = schema.rsplit_once('/').map_or("", |(parent, _)| parent);
        let mut known = Vec::new();
        self.keys(self.schema.pointer(parent).unwrap_or(&Value::Null), 0, &mut known);
        let written = error.instance().as_object();
        let is_free = |key: &&str| !written.is_some_and(|written| written.contains_key(*key));
        let near = suggestion(name, known.iter().map(String::as_str).filter(is_free));
        let help = near.or_else(|| (!known.is_empty()).then(|| format!("known keys: {}", listed(&known))));
        let message = format!("{} is not a known key here", quoted(&Value::from(name)));
        self.at_key(&joined(error.instance_path().as_str(), name), message, help)
    }

    /// All keys that a schema names, through its references and alternatives.
    pub(super) fn keys(&self, schema: &Value, depth: usize, known: &mut Vec<String>) {
        const DEEPEST: usize = 8;
        if depth > DEEPEST {
            return;
        }
        for name in schema.get("properties").and_then(Value::as_object).into_iter().flat_map(|all| all.keys())
        {
            if !known.contains(name) {
                known.push(name.clone());
            }
        }
        for part in
            ["allOf", "anyOf", "oneOf"].iter().filter_map(|word| schema.get(word)?.as_array()).flatten()
        {
            self.keys(part, depth + 1, known);
        }
        for part in ["if", "then", "else"].iter().filter_map(|word| schema.get(word)) {
            self.keys(part, depth + 1, known);
        }
        if let Some(target) = self.target(schema) {
            self.keys(target, depth + 1, known);
        }
    }

    /// What a schema refers to within the same schema text.
    pub(super) fn target(&self, schema: &Value) -> Option<&Value> {
        self.schema.pointer(schema.get("$ref")?.as_str()?.strip_prefix('#')?)
    }
}

/// An allowed value.
fn plainly(option: &Value) -> String {
    match option {
        Value::String(text) if !text.is_empty() => text.clone(),
        Value::String(_) => "an empty text".to_owned(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            option.to_string()
        }
    }
}

/// What to write instead of a word that other notations take for a truth value.
fn truth(text: &str) -> Option<&'static str> {
    match text.to_lowercase().as_str() {
        "yes" | "on" | "y" | "true" => Some("write `true`"),
        "no" | "off" | "n" | "false" => Some("write `false`"),
        _ => None,
    }
}

fn is_quoted_number(text: &str, types: &[JsonType]) -> bool {
    let wants = types.contains(&JsonType::Integer) || types.contains(&JsonType::Number);
    wants && text.parse::<f64>().is_ok_and(f64::is_finite)
}

/// A value as the subject of a sentence: collections are pointed at rather than quoted.
fn shown(value: &Value) -> String {
    match value {
        Value::Array(_) => "this list".to_owned(),
        Value::Object(_) => "this mapping".to_owned(),
        Value::String(text) if text.is_empty() => "this text".to_owned(),
        Value::Null => "this empty value".to_owned(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => quoted(value),
    }
}

/// What is wrong with a value, as the rest of a sentence about it.
fn misfit(kind: &Kind) -> String {
    match kind {
        Kind::MinLength { limit: 1 } => "must not be empty".to_owned(),
        Kind::MinLength { limit } => format!("is too short: at least {}", count(*limit, "character")),
        Kind::MaxLength { limit } => format!("is too long: at most {}", count(*limit, "character")),
        Kind::MinItems { limit: 1 } | Kind::MinProperties { limit: 1 } => "must not be empty".to_owned(),
        Kind::MinItems { limit } => format!("is too short: at least {}", count(*limit, "item")),
        Kind::MaxItems { limit } => format!("is too long: at most {}", count(*limit, "item")),
        Kind::MinProperties { limit } => format!("has too few keys: at least {limit}"),
        Kind::MaxProperties { limit } => format!("has too many keys: at most {limit}"),
        Kind::Minimum { limit } => format!("is too small: at least {limit}"),
        Kind::Maximum { limit } => format!("is too large: at most {limit}"),
        Kind::ExclusiveMinimum { limit } => format!("is too small: more than {limit}"),
        Kind::ExclusiveMaximum { limit } => format!("is too large: less than {limit}"),
        Kind::MultipleOf { multiple_of } => format!("is not a multiple of {multiple_of}"),
        Kind::Pattern { pattern } => format!("does not match the pattern `{pattern}`"),
        Kind::Format { format } => format!("is not a valid {format}"),
        Kind::UniqueItems => "holds the same item twice".to_owned(),
        Kind::Contains => "lacks an item that must be in it".to_owned(),
        Kind::AdditionalItems { limit } => format!("is too long: at most {}", count(*limit as u64, "item")),
        Kind::UnevaluatedItems { .. } => "holds items that are not allowed here".to_owned(),
        Kind::Not { .. } => "is not allowed here".to_owned(),
        Kind::OneOfMultipleValid { .. } => "fits more than one of the allowed forms".to_owned(),
        Kind::ContentEncoding { content_encoding } => format!("is not encoded as {content_encoding}"),
        Kind::ContentMediaType { content_media_type } => format!("is not {content_media_type}"),
        Kind::FromUtf8 { .. } => "does not decode to text".to_owned(),
        Kind::Custom { message, .. } => message.clone(),
        Kind::BacktrackLimitExceeded { .. } | Kind::RegexEngineFailure { .. } | Kind::Referencing(_) => {
            "cannot be checked against the schema".to_owned()
        }
        Kind::AdditionalProperties { .. }
        | Kind::UnevaluatedProperties { .. }
        | Kind::AnyOf { .. }
        | Kind::OneOfNotValid { .. }
        | Kind::Type { .. }
        | Kind::Enum { .. }
        | Kind::Constant { .. }
        | Kind::Required { .. }
        | Kind::PropertyNames { .. }
        | Kind::FalseSchema => "does not fit here".to_owned(),
    }
}

fn count(limit: u64, noun: &str) -> String {
    if limit == 1 { format!("1 {noun}") } else { format!("{limit} {noun}s") }
}
