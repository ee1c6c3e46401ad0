//! The report for machines: the data as it is, in stable order.
//!
//! Knows nothing but the data. Its first member names format and version.

use std::io::{self, Write};

use schemars::generate::SchemaSettings;
use serde::{Serialize, ser::Error as _};
use serde_json::Value;

use super::Report;
use crate::review::inert::escaped_json;

/// The report as indented JSON with a final newline.
///
/// # Errors
///
/// None for the types of a report; kept because serialising is fallible by its signature.
pub fn render(report: &Report) -> Result<String, serde_json::Error> {
    let mut bytes = Vec::new();
    write(report, &mut bytes)?;
    String::from_utf8(bytes).map_err(serde_json::Error::custom)
}

/// Writes the report as [`render`] makes it, while its rows are still on their way.
///
/// # Errors
///
/// It cannot be written, or the rows end early.
pub fn write<S: Serialize, F: Serialize>(
    report: &Report<S, F>,
    to: impl Write,
) -> Result<(), serde_json::Error> {
    let mut to = Escaping { to, rest: Vec::new() };
    serde_json::to_writer_pretty(&mut to, report)?;
    to.write_all(b"\n").and_then(|()| to.flush()).map_err(serde_json::Error::io)
}

/// Writes JSON on with an escape for every character that acts on readers or hides from them.
struct Escaping<W> {
    to: W,
    /// The beginning of a character whose other bytes are still to come.
    rest: Vec<u8>,
}

impl<W: Write> Write for Escaping<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let is_plain = |byte: &u8| matches!(byte, b' '..=b'~' | b'\n');
        if self.rest.is_empty() && bytes.iter().all(is_plain) {
            self.to.write_all(bytes)?;
            return Ok(bytes.len());
        }
        self.rest.extend_from_slice(bytes);
        let whole = match std::str::from_utf8(&self.rest) {
            Ok(text) => text.len(),
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            Err(error) => return Err(io::Error::new(io::ErrorKind::InvalidData, error)),
        };
        let after = self.rest.split_off(whole);
        let text = std::mem::replace(&mut self.rest, after);
        self.to.write_all(escaped_json(&String::from_utf8_lossy(&text)).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
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
