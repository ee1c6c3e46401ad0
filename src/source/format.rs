//! Bytes of a file into a document, by what they hold: strict YAML, JSON or TOML, or a Markdown write-up.
//!
//! Knows which formats are read. What cannot be read comes back as unknown with an error, never as an empty document.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::{Conventions, markdown, place::Notes, strict};
use crate::model::{
    ids::SourceName,
    observed::Observed,
    postmortem::{Document, Level},
    tree::{Complaint, Tree},
};

/// Formats that are told apart by their extension and not read.
const UNSUPPORTED: &[&str] = &["xml", "csv", "tsv", "xlsx", "docx", "pdf", "html", "htm"];
/// What to do about a format that is not read.
const FORMATS: &str =
    "this reads Markdown write-ups, and YAML, JSON or TOML that says `format: postmortem/1`";

/// Reads a file's bytes. `path` is how the source names it.
pub(super) fn document(source: &SourceName, path: &str, bytes: &[u8], conventions: &Conventions) -> Document {
    let mut notes = Notes::of(path);
    let hash = HEXLOWER.encode(&Sha256::digest(bytes));
    let read = match std::str::from_utf8(bytes) {
        Ok(text) => read(path, &unify(text), conventions, &mut notes),
        Err(error) => {
            let message =
                format!("the file is not UTF-8 text: byte {} begins no character", error.valid_up_to() + 1);
            notes.add(Level::Error, "not_text", (0, 0), message, "save it as UTF-8");
            None
        }
    };
    let refusal = notes.refused().map(|first| first.message.clone());
    let postmortem = match (read, refusal) {
        (Some(postmortem), None) => Observed::Known(postmortem),
        (_, Some(why)) => Observed::unknown(why),
        (None, None) => Observed::unknown("the file could not be read"),
    };
    Document { source: source.clone(), path: path.to_owned(), hash, postmortem, diagnostics: notes.finish() }
}

/// A document of which nothing is known but why.
pub(super) fn unreadable(
    source: &SourceName,
    path: &str,
    code: &str,
    message: String,
    help: &str,
) -> Document {
    let mut notes = Notes::of(path);
    notes.add(Level::Error, code, (0, 0), message.clone(), help);
    Document {
        source: source.clone(),
        path: path.to_owned(),
        hash: String::new(),
        postmortem: Observed::unknown(message),
        diagnostics: notes.finish(),
    }
}

fn read(
    path: &str,
    text: &str,
    conventions: &Conventions,
    notes: &mut Notes,
) -> Option<crate::model::postmortem::Postmortem> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let extension =
        name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default();
    match extension.as_str() {
        "yaml" | "yml" | "json" => structured(Tree::parse(text), "invalid_yaml", notes),
        "toml" => structured(Tree::parse_toml(text), "invalid_toml", notes),
        extension if UNSUPPORTED.contains(&extension) => {
            let message = format!("`.{extension}` files are not read");
            notes.add(Level::Error, "unsupported_format", (0, 0), message, FORMATS);
            None
        }
        _ if text.contains('\0') => {
            notes.add(Level::Error, "not_text", (0, 0), "the file is not text".to_owned(), FORMATS);
            None
        }
        _ => Some(markdown::read(path, text, conventions, notes)),
    }
}

fn structured(
    read: Result<Tree, Complaint>,
    code: &str,
    notes: &mut Notes,
) -> Option<crate::model::postmortem::Postmortem> {
    match read {
        Ok(tree) => strict::read(&tree, notes),
        Err(complaint) => {
            strict::complain(notes, code, &complaint);
            None
        }
    }
}

/// One kind of line break and no byte order mark, so that neither changes what is read.
fn unify(text: &str) -> String {
    text.strip_prefix('\u{FEFF}').unwrap_or(text).replace("\r\n", "\n").replace('\r', "\n")
}

/// The error for structured text that is not ours.
pub(super) fn foreign(notes: &mut Notes, format: Option<&str>) {
    let message = match format {
        Some(format) => format!("`{format}` is no format that is read"),
        None => "the file does not say `format: postmortem/1`".to_owned(),
    };
    notes.add(Level::Error, "unsupported_format", (1, 1), message, FORMATS);
}
