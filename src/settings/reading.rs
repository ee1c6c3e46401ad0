//! A configuration file being read: its tree, and everything noticed so far.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use data_encoding::HEXLOWER;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::file::part::Part;
use crate::model::{
    postmortem::{Diagnostic, Level},
    tree::{Complaint, Schema, Tree},
};

/// Code of a file that is not there.
pub(super) const MISSING: &str = "missing";

/// Largest configuration file, in bytes: far beyond any that a person wrote.
const LARGEST: u64 = 8 * 1024 * 1024;

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    path: String,
    line: usize,
    column: usize,
}

impl Place {
    /// A warning at this place.
    pub(super) fn warning(&self, code: &str, message: String, help: Option<String>) -> Diagnostic {
        self.diagnostic(Level::Warning, code, message, help)
    }

    /// An error at this place.
    pub(super) fn error(&self, code: &str, message: String, help: Option<String>) -> Diagnostic {
        self.diagnostic(Level::Error, code, message, help)
    }

    fn diagnostic(&self, level: Level, code: &str, message: String, help: Option<String>) -> Diagnostic {
        Diagnostic {
            path: self.path.clone(),
            line: self.line,
            column: self.column,
            level,
            code: code.to_owned(),
            message,
            help,
        }
    }
}

/// A file being read.
#[derive(Debug)]
pub(super) struct Reading {
    path: PathBuf,
    text: String,
    tree: Tree,
    noticed: Vec<Diagnostic>,
    /// Schema violations, with the pointers of the values concerned.
    violations: Vec<(String, Diagnostic)>,
    /// Digest of everything that was read.
    digest: Sha256,
}

impl Reading {
    /// Reads and parses a file.
    ///
    /// # Errors
    /// When there is no readable file, or it is not YAML.
    pub(super) fn open(path: &Path) -> Result<Self, Diagnostic> {
        Self::of(path, read_text(path)?)
    }

    /// Parses the text of a file.
    ///
    /// # Errors
    /// When it is not YAML.
    pub(super) fn of(path: &Path, text: String) -> Result<Self, Diagnostic> {
        let told = |Complaint { line, column, message, help, .. }| {
            Place { path: path.display().to_string(), line, column }.error("syntax", message, help)
        };
        let (tree, repeated) = Tree::parse_all(&text).map_err(told)?;
        let noticed = repeated.into_iter().map(told).collect();
        let digest = Sha256::new_with_prefix(&text);
        Ok(Self { path: path.to_owned(), text, tree, noticed, violations: Vec::new(), digest })
    }

    /// Where the file is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// A path of the file, which is relative to the file's folder.
    pub(super) fn beside(&self, path: &str) -> PathBuf {
        match self.path.parent() {
            Some(folder) => folder.join(path),
            None => PathBuf::from(path),
        }
    }

    /// The whole text.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The whole value.
    pub(super) fn value(&self) -> &Value {
        &self.tree.value
    }

    /// The whole value as a type; wrong only when its outermost form is.
    pub(super) fn parse<T: DeserializeOwned>(&self) -> Part<T> {
        match serde_json::from_value(self.tree.value.clone()) {
            Ok(file) => Part::Read(file),
            Err(_) => Part::Wrong(self.tree.value.clone()),
        }
    }

    /// Checks the tree against a schema and notices every violation.
    pub(super) fn check(&mut self, schema: &Schema) {
        for Complaint { pointer, line, column, message, help } in self.tree.check(schema) {
            let place = Place { path: self.path.display().to_string(), line, column };
            self.violations.push((pointer, place.error("schema", message, help)));
        }
    }

    /// Tells the violations of a value in other words.
    pub(super) fn replace_violations(&mut self, at: &str, code: &str, message: String, help: Option<String>) {
        self.forget_violations(at);
        self.error(at, code, message, help);
    }

    /// Whether an error was noticed at a value.
    pub(super) fn is_refused(&self, at: &str) -> bool {
        let Place { line, column, .. } = self.place(at);
        let is_there = |told: &Diagnostic| (told.line, told.column) == (line, column);
        self.noticed.iter().any(|told| told.level == Level::Error && is_there(told))
    }

    /// Does not tell the violations of a value, because something else says it.
    pub(super) fn forget_violations(&mut self, at: &str) {
        self.violations.retain(|(pointer, _)| !is_inside(pointer, at));
    }

    /// Takes a text out of every message, also where a quotation shortened it.
    pub(super) fn redact(&mut self, secret: &str) {
        // Quotations are on one line and end after sixty characters, so a part from the beginning is enough.
        let quoted = |c: char| if c.is_control() || c == '`' { ' ' } else { c };
        let beginning: String = secret.chars().take(40).map(quoted).collect();
        let told = self.noticed.iter_mut().chain(self.violations.iter_mut().map(|(_, violation)| violation));
        for diagnostic in told.filter(|_| !beginning.trim().is_empty()) {
            for text in [Some(&mut diagnostic.message), diagnostic.help.as_mut()].into_iter().flatten() {
                if text.contains(beginning.as_str()) {
                    *text = "this cannot be told without repeating what looks like a secret".to_owned();
                }
            }
        }
    }

    /// Counts another file's text to the digest.
    pub(super) fn consulted(&mut self, text: &str) {
        self.digest.update([0]);
        self.digest.update(text);
    }

    /// SHA-256 over everything that was read, in hexadecimal.
    pub(super) fn digest(&self) -> String {
        HEXLOWER.encode(&self.digest.clone().finalize())
    }

    /// Whether the schema has something against a value or something inside it.
    pub(super) fn is_wrong(&self, at: &str) -> bool {
        self.violations.iter().any(|(pointer, _)| is_inside(pointer, at))
    }

    /// A part of the file; notices why not when the schema saw nothing wrong with it.
    pub(super) fn part<'a, T: DeserializeOwned>(&mut self, at: &str, part: &'a Part<T>) -> Option<&'a T> {
        let value = match part {
            Part::Read(part) => return Some(part),
            Part::Wrong(value) => value,
        };
        if !self.is_wrong(at)
            && let Err(error) = serde_json::from_value::<T>(value.clone())
        {
            self.error(at, "schema", format!("this cannot be read: {error}"), None);
        }
        None
    }

    /// The readable parts of a list, with their pointers.
    pub(super) fn items<'a, T: DeserializeOwned>(
        &mut self,
        pointer: &str,
        list: &'a Part<Vec<Part<T>>>,
    ) -> Vec<(String, &'a T)> {
        let Some(list) = self.part(pointer, list) else { return Vec::new() };
        let mut items = Vec::new();
        for (n, item) in list.iter().enumerate() {
            let pointer = format!("{pointer}/{n}");
            if let Some(item) = self.part(&pointer, item) {
                items.push((pointer, item));
            }
        }
        items
    }

    /// Where a value begins.
    pub(super) fn place(&self, pointer: &str) -> Place {
        let (line, column) = self.tree.position(pointer);
        Place { path: self.path.display().to_string(), line, column }
    }

    /// Line on which a value begins.
    pub(super) fn line(&self, pointer: &str) -> usize {
        self.tree.position(pointer).0
    }

    /// Notices an error at a value.
    pub(super) fn error(&mut self, pointer: &str, code: &str, message: String, help: Option<String>) {
        let error = self.place(pointer).error(code, message, help);
        self.noticed.push(error);
    }

    /// Notices an error at a member's key.
    pub(super) fn error_at_key(&mut self, pointer: &str, code: &str, message: String, help: Option<String>) {
        let (line, column) = self.tree.key_position(pointer);
        let place = Place { path: self.path.display().to_string(), line, column };
        self.noticed.push(place.error(code, message, help));
    }

    /// Notices an error on a line, from 1, of a text that is a value here.
    pub(super) fn error_within(
        &mut self,
        pointer: &str,
        line: usize,
        code: &str,
        message: String,
        help: Option<String>,
    ) {
        let mut place = self.place(pointer);
        let (key_line, _) = self.tree.key_position(pointer);
        let written = |line: usize| self.text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
        // The lines of a block follow the line of its key; any other text is told where it begins.
        if is_block(written(key_line)) {
            place.line = key_line + line;
            let indented = written(place.line);
            place.column = 1 + indented.chars().count() - indented.trim_start().chars().count();
        }
        self.noticed.push(place.error(code, message, help));
    }

    /// Notices something at a value that a person should look at.
    pub(super) fn warn(&mut self, pointer: &str, code: &str, message: String, help: Option<String>) {
        let warning = self.place(pointer).warning(code, message, help);
        self.noticed.push(warning);
    }

    /// Notices something on a line, from 1, that a person should look at; 0 is the whole file.
    pub(super) fn warn_line(&mut self, line: usize, code: &str, message: String, help: Option<String>) {
        let place = Place { path: self.path.display().to_string(), line, column: 0 };
        self.noticed.push(place.warning(code, message, help));
    }

    /// Takes over what was noticed elsewhere.
    pub(super) fn notice(&mut self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        self.noticed.extend(diagnostics);
    }

    /// Everything noticed, each once, in the order of files and lines.
    pub(super) fn into_noticed(self) -> Vec<Diagnostic> {
        let violations = self.violations.into_iter().map(|(_, violation)| violation);
        let mut noticed: Vec<Diagnostic> = self.noticed.into_iter().chain(violations).collect();
        noticed.sort();
        noticed.dedup();
        noticed
    }
}

/// Whether a line ends with the indicator of a block scalar: `|`, `>-`, `|2`, maybe with a comment behind.
fn is_block(line: &str) -> bool {
    let line = line.split(" #").next().unwrap_or(line).trim_end();
    line.trim_end_matches(|c: char| matches!(c, '+' | '-') || c.is_ascii_digit()).ends_with(['|', '>'])
}

/// Whether a pointer is of a value or of something inside it.
fn is_inside(pointer: &str, value: &str) -> bool {
    pointer.strip_prefix(value).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Reads a text file of sane size.
///
/// # Errors
/// When there is none, it is too large or not UTF-8.
pub(super) fn read_text(path: &Path) -> Result<String, Diagnostic> {
    let whole = Place { path: path.display().to_string(), line: 0, column: 0 };
    let told = |code: &str, message: String, help: &str| {
        let help = Some(help.to_owned()).filter(|help| !help.is_empty());
        whole.error(code, message, help)
    };
    let unreadable = |error: io::Error| {
        if error.kind() == io::ErrorKind::NotFound {
            return told(MISSING, "there is no such file".to_owned(), "");
        }
        if error.kind() == io::ErrorKind::PermissionDenied {
            return told("unreadable", "this file may not be read".to_owned(), "let this user read it");
        }
        told("unreadable", format!("this file cannot be read: {error}"), "")
    };
    let facts = fs::metadata(path).map_err(unreadable)?;
    if facts.is_dir() {
        return Err(told("unreadable", "this is a folder".to_owned(), "name the file inside it"));
    }
    if facts.len() > LARGEST {
        let message = format!("this file has {} bytes, more than {LARGEST}", facts.len());
        return Err(told("unreadable", message, "split it; no configuration is this long"));
    }
    let bytes = fs::read(path).map_err(unreadable)?;
    String::from_utf8(bytes).map_err(|error| {
        let (line, column) =
            after(error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default());
        let place = Place { line, column, ..whole.clone() };
        place.error(
            "unreadable",
            "this is not UTF-8 text".to_owned(),
            Some("save the file as UTF-8".to_owned()),
        )
    })
}

/// Line and column, both from 1, of what follows a text.
fn after(text: &[u8]) -> (usize, usize) {
    let text = String::from_utf8_lossy(text);
    let line = text.matches('\n').count() + 1;
    (line, text.rsplit('\n').next().unwrap_or_default().chars().count() + 1)
}

/// The pointer of a member, with `~` and `/` in its key escaped (RFC 6901).
pub(super) fn member(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}
