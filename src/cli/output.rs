//! Printing: text and tables for people, JSON for machines, colour only on terminals.

use std::io::{IsTerminal, Write as _, stderr, stdout};

use comfy_table::{ContentArrangement, Table, presets::NOTHING};
use serde::Serialize;

use super::{Colour, Failed, Format, Global};
use crate::{
    model::postmortem::{Diagnostic, Level},
    plan::secrets::without_passwords,
    review::inert::{acts_on_readers, escaped_json},
    settings,
};

/// What begins and ends every colour.
const ESCAPE: &str = "\u{1b}[";
const END: &str = "\u{1b}[0m";

/// Where and how results are printed.
#[derive(Clone, Debug)]
pub(super) struct Output {
    format: Format,
    colour: bool,
    colour_errors: bool,
}

/// Meaning of a colour.
#[derive(Clone, Copy, Debug)]
pub(super) enum Tone {
    /// A heading.
    Strong,
    /// Of less importance.
    Faint,
    /// As it should be.
    Good,
    /// Somebody should look.
    Warning,
    /// Wrong.
    Bad,
}

impl Output {
    /// Decides on format and colour.
    pub(super) fn new(global: &Global) -> Self {
        let plain = settings::environment().get("NO_COLOR").is_some_and(|value| !value.is_empty());
        let colour = |terminal: bool| match global.color {
            Colour::Auto => terminal && !plain,
            Colour::Always => true,
            Colour::Never => false,
        };
        Self {
            format: global.format,
            colour: colour(stdout().is_terminal()),
            colour_errors: colour(stderr().is_terminal()),
        }
    }

    /// Whether machines read the result.
    pub(super) fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    /// Whether standard error may be coloured.
    pub(super) fn paints_errors(&self) -> bool {
        self.colour_errors
    }

    /// Whether people watch while it runs.
    pub(super) fn is_watched(&self) -> bool {
        stderr().is_terminal() && !self.is_json()
    }

    /// Prints a line.
    pub(super) fn line(&self, text: impl AsRef<str>) {
        // A reader that went away, such as `head`, is no error of ours.
        let _ = writeln!(stdout(), "{}", harmless(text.as_ref(), self.colour));
    }

    /// Prints text as it is.
    pub(super) fn raw(&self, text: &str) {
        let _ = stdout().write_all(text.as_bytes());
        let _ = stdout().flush();
    }

    /// Prints a part of something long as it is; whether anybody still reads it.
    pub(super) fn part(&self, text: &str) -> bool {
        let mut out = stdout().lock();
        out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_ok()
    }

    /// Prints a line for people on standard error.
    pub(super) fn aside(&self, text: impl AsRef<str>) {
        let text = without_passwords(text.as_ref());
        let _ = writeln!(stderr(), "{}", harmless(&text, self.colour_errors));
    }

    /// Prints a value as JSON.
    pub(super) fn json(&self, value: &impl Serialize) -> Result<(), serde_json::Error> {
        self.raw(&(escaped_json(&serde_json::to_string_pretty(value)?) + "\n"));
        Ok(())
    }

    /// A text in a tone.
    pub(super) fn paint(&self, tone: Tone, text: impl AsRef<str>) -> String {
        if self.colour { painted(tone, text.as_ref()) } else { text.as_ref().to_owned() }
    }

    /// Prints a heading.
    pub(super) fn heading(&self, text: impl AsRef<str>) {
        self.line(self.paint(Tone::Strong, text));
    }

    /// Prints rows under a header; nothing where there are no rows.
    pub(super) fn table(&self, header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) {
        let table = self.columns(Some(header), rows);
        if !table.is_empty() {
            self.line(table.to_string());
        }
    }

    /// Rows in columns, not printed yet.
    pub(super) fn columns(
        &self,
        header: Option<&[&str]>,
        rows: impl IntoIterator<Item = Vec<String>>,
    ) -> Table {
        let mut table = Table::new();
        table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        if let Some(header) = header {
            table.set_header(header.iter().map(|title| self.paint(Tone::Faint, title)));
        }
        for row in rows {
            table.add_row(row.iter().map(|cell| harmless(cell, self.colour)));
        }
        table
    }

    /// Text as a terminal may have it.
    pub(super) fn harmless(&self, text: &str) -> String {
        harmless(text, self.colour)
    }

    /// Prints what was noticed in files: place, message, help.
    pub(super) fn diagnostics(&self, diagnostics: &[Diagnostic]) {
        for diagnostic in diagnostics {
            let (tone, word) = match diagnostic.level {
                Level::Error => (Tone::Bad, "error"),
                Level::Warning => (Tone::Warning, "warning"),
                Level::Info => (Tone::Faint, "note"),
            };
            let word = if self.colour_errors { painted(tone, word) } else { word.to_owned() };
            self.aside(format!("{}: {word}[{}]: {}", place(diagnostic), diagnostic.code, diagnostic.message));
            if let Some(help) = &diagnostic.help {
                self.aside(format!("    help: {help}"));
            }
        }
    }

    /// Prints why a command failed; gives its exit code.
    pub(super) fn fail(&self, failed: &Failed) -> u8 {
        let word = if self.colour_errors { painted(Tone::Bad, "error") } else { "error".to_owned() };
        self.aside(format!("{word}: {:#}", failed.error));
        failed.exit as u8
    }
}

/// `file:line:column`, as far as it is known.
pub(super) fn place(diagnostic: &Diagnostic) -> String {
    let Diagnostic { path, line, column, .. } = diagnostic;
    match (line, column) {
        (0, _) => path.clone(),
        (line, 0) => format!("{path}:{line}"),
        (line, column) => format!("{path}:{line}:{column}"),
    }
}

fn painted(tone: Tone, text: &str) -> String {
    format!("{ESCAPE}{}m{text}{END}", tone.code())
}

impl Tone {
    /// All of them.
    const ALL: [Self; 5] = [Self::Strong, Self::Faint, Self::Good, Self::Warning, Self::Bad];

    /// What a terminal calls it.
    fn code(self) -> &'static str {
        match self {
            Self::Strong => "1",
            Self::Faint => "2",
            Self::Good => "32",
            Self::Warning => "33",
            Self::Bad => "31",
        }
    }
}

/// The text with everything spelled out that a terminal obeys instead of showing it: what documents and trackers say must
/// not move the cursor, rename the window or read backwards. Where colours are shown, ours stay, and end with the
/// line.
pub(super) fn harmless(text: &str, coloured: bool) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut open = false;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let colour = if coloured { colour_at(rest) } else { None };
        let length = colour.map_or(c.len_utf8(), str::len);
        if c == '\n' && open {
            shown.push_str(END);
        }
        if colour.is_none() && c != '\n' && c != '\t' && acts_on_readers(c) {
            shown.push_str(&format!("[U+{:04X}]", c as u32));
        } else {
            shown.push_str(rest.get(..length).unwrap_or_default());
        }
        open = colour.map_or(open && c != '\n', |colour| colour != END);
        rest = rest.get(length..).unwrap_or_default();
    }
    if open {
        shown.push_str(END);
    }
    shown
}

/// A colour of ours with which a text begins.
fn colour_at(text: &str) -> Option<&str> {
    let after = text.strip_prefix(ESCAPE)?;
    let code = Tone::ALL
        .map(Tone::code)
        .into_iter()
        .chain(["0"])
        .find(|code| after.strip_prefix(code).is_some_and(|after| after.starts_with('m')))?;
    text.get(..ESCAPE.len() + code.len() + 1)
}
