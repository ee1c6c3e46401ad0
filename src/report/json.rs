//! The report for machines: the data as it is, in stable order.
//!
//! Knows nothing but the data. Its first member names format and version.

use super::Report;

/// The report as indented JSON with a final newline.
///
/// # Errors
///
/// None for the types of a report; kept because serialising is fallible by its signature.
pub fn render(report: &Report) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(report).map(|text| text + "\n")
}
