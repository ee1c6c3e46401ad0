//! The report for machines: the data as it is, in stable order.
//!
//! Knows nothing but the data. Its first member names format and version.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::Report;
use crate::review::inert::escaped_json;

/// The report as indented JSON with a final newline.
///
/// # Errors
///
/// None for the types of a report; kept because serialising is fallible by its signature.
pub fn render(report: &Report) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(report).map(|text| escaped_json(&text) + "\n")
}

/// The JSON Schema of what [`render`] makes. The shape is public and only grows.
pub fn schema() -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let mut schema = settings.into_generator().into_root_schema_for::<Report>().to_value();
    if let Some(root) = schema.as_object_mut() {
        root.insert("title".to_owned(), Value::from("Deadline report of postmortem-sync"));
    }
    schema
}
