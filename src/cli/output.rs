//! Printing: text and tables for people, JSON for machines, colour only on terminals.

use std::io::{IsTerminal, Write as _, stderr, stdout};

use comfy_table::{ContentArrangement, Table, presets::NOTHING};
use serde::Serialize;

use super::{Colour, Failed, Format, Global};
use crate::{
    model::postmortem::{Diagnostic, Level},
    settings,
};

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
        let _ = writeln!(stdout(), "{}", text.as_ref());
    }

    /// Prints text as it is.
    pub(super) fn raw(&self, text: &str) {
        let _ = stdout().write_all(text.as_bytes());
        let _ = stdout().flush();
    }

    /// Prints a line for people on standard error.
    pub(super) fn aside(&self, text: impl AsRef<str>) {
        let _ = writeln!(stderr(), "{}", text.as_ref());
    }

    /// Prints a value as JSON.
    pub(super) fn json(&self, value: &impl Serialize) -> Result<(), serde_json::Error> {
        self.line(serde_json::to_string_pretty(value)?);
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

    /// Prints rows under a header.
    pub(super) fn table(&self, header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) {
        let mut table = Table::new();
        table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        table.set_header(header.iter().map(|title| self.paint(Tone::Faint, title)));
        for row in rows {
            table.add_row(row);
        }
        self.line(table.to_string());
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
    let code = match tone {
        Tone::Strong => "1",
        Tone::Faint => "2",
        Tone::Good => "32",
        Tone::Warning => "33",
        Tone::Bad => "31",
    };
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}
