//! A schema that is ready to be used.

use jsonschema::Validator;
use serde_json::Value;

/// A JSON schema (draft 2020-12), made ready once for the many documents that are held against it.
#[derive(Debug)]
pub struct Schema {
    pub(super) value: Value,
    /// What checks; or what is wrong with the schema itself.
    pub(super) validator: Result<Validator, String>,
}

impl Schema {
    /// Makes a schema ready.
    #[must_use]
    pub fn new(value: Value) -> Self {
        let validator = jsonschema::draft202012::new(&value).map_err(|error| {
            format!("the schema itself is wrong at `{}`: {}", error.instance_path(), error.masked())
        });
        Self { value, validator }
    }
}
