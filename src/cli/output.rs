//! Printing: text and tables for people, JSON for machines, colour only on terminals.

use std::{
    io::{self, ErrorKind, IsTerminal, Write as _, stderr, stdout},
    sync::{Arc, OnceLock},
};

use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width, presets::NOTHING};
use serde::Serialize;
use terminal_size::terminal_size_of;
use textwrap::{Options, core::display_width};

use super::{Colour, Failed, Format, Global};
use crate::{
    model::postmortem::{Diagnostic, Level},
    plan::secrets::without_passwords,
    review::inert::{acts_on_readers, escaped_json},
    settings::{self, general::StoreAddress},
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
    /// Columns of the terminal on standard output, and of the one on standard error; none where there is none.
    width: Option<usize>,
    width_of_errors: Option<usize>,
    /// Why something could not be printed, for the first time.
    broken: Arc<OnceLock<io::Error>>,
    /// Where the register is, once the settings are read.
    register: Arc<OnceLock<String>>,
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
            width: terminal_size_of(stdout()).map(|(width, _)| usize::from(width.0)),
            width_of_errors: terminal_size_of(stderr()).map(|(width, _)| usize::from(width.0)),
            broken: Arc::default(),
            register: Arc::default(),
        }
    }

    /// Remembers where the register is, for whatever is said about it.
    pub(super) fn is_about(&self, store: &StoreAddress) {
        let StoreAddress::Sqlite(path) = store else { return };
        // Settings are read once.
        let _ = self.register.set(path.display().to_string());
    }

    /// Why not everything could be printed, if it could not.
    pub(super) fn broken(&self) -> Option<&io::Error> {
        self.broken.get()
    }

    /// Prints bytes; whether that went well. A reader that went away, such as `head`, is no error of ours.
    fn print(&self, text: &str) -> bool {
        let mut out = stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Ok(()) => true,
            Err(error) if error.kind() == ErrorKind::BrokenPipe => false,
            Err(error) => {
                // What is said is why it failed first.
                let _ = self.broken.set(error);
                false
            }
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

    /// Prints a line, on a terminal no wider than that.
    pub(super) fn line(&self, text: impl AsRef<str>) {
        self.print(&(within(self.width, &harmless(text.as_ref(), self.colour)) + "\n"));
    }

    /// Prints text as it is.
    pub(super) fn raw(&self, text: &str) {
        self.print(text);
    }

    /// Prints a part of something long as it is; whether anybody still reads it.
    pub(super) fn part(&self, text: &str) -> bool {
        self.print(text)
    }

    /// Prints a line for people on standard error.
    pub(super) fn aside(&self, text: impl AsRef<str>) {
        let text = without_passwords(text.as_ref());
        let _ = writeln!(stderr(), "{}", within(self.width_of_errors, &harmless(&text, self.colour_errors)));
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
        let mut columns = self.columns(Some(header), rows);
        if !columns.table.is_empty() {
            let widths = self.fitting(&columns.widths, &columns.words);
            self.print(&(columns.lines(&widths) + "\n"));
        }
    }

    /// Widths of columns, cut so that all of them fit a terminal: the widest give way, and words break only where nothing else helps.
    pub(super) fn fitting(&self, widths: &[usize], words: &[usize]) -> Vec<usize> {
        let mut widths = widths.to_vec();
        let Some(width) = self.width else { return widths };
        for least in [words, &vec![NARROWEST; words.len()]] {
            while widths.iter().map(|width| width + GAP).sum::<usize>() > width {
                let wide = widths.iter_mut().zip(least).filter(|(width, least)| **width > **least);
                let Some((widest, _)) = wide.max_by_key(|(width, _)| **width) else { break };
                *widest -= 1;
            }
        }
        widths
    }

    /// Whether what is printed has to fit a terminal.
    pub(super) fn is_narrow(&self) -> bool {
        self.width.is_some()
    }

    /// Rows in columns, not printed yet.
    pub(super) fn columns(
        &self,
        header: Option<&[&str]>,
        rows: impl IntoIterator<Item = Vec<String>>,
    ) -> Columns {
        let mut table = Table::new();
        table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        let mut words = Vec::new();
        if let Some(header) = header {
            measure(&mut words, header.iter().copied());
            table.set_header(header.iter().map(|title| self.paint(Tone::Faint, title)));
        }
        for row in rows {
            let cells: Vec<String> = row.iter().map(|cell| harmless(cell, self.colour)).collect();
            measure(&mut words, cells.iter().map(String::as_str));
            table.add_row(cells);
        }
        let widths = table.column_max_content_widths().into_iter().map(usize::from).collect();
        Columns { table, widths, words }
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
        let text = format!("{:#}", failed.error);
        match self.register.get().filter(|path| failed.is_of_register && !text.contains(*path)) {
            Some(path) => self.aside(format!("{word}: {path}: {text}")),
            None => self.aside(format!("{word}: {text}")),
        }
        failed.exit as u8
    }
}

/// Columns between two columns of a table.
const GAP: usize = 2;
/// No column is cut to fewer.
const NARROWEST: usize = 5;

/// Rows in columns.
pub(super) struct Columns {
    table: Table,
    /// How wide the content of each column is.
    pub(super) widths: Vec<usize>,
    /// How wide the longest word of each column is.
    pub(super) words: Vec<usize>,
}

impl Columns {
    /// The lines, with columns of these widths, without blanks at their ends.
    pub(super) fn lines(&mut self, widths: &[usize]) -> String {
        let fixed = |width: &usize| u16::try_from(width + GAP).unwrap_or(u16::MAX);
        let exactly = widths.iter().map(|width| ColumnConstraint::Absolute(Width::Fixed(fixed(width))));
        self.table.set_constraints(exactly);
        self.table.to_string().lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
    }
}

/// Keeps the width of the longest word of each column.
fn measure<'a>(words: &mut Vec<usize>, cells: impl Iterator<Item = &'a str>) {
    for (n, cell) in cells.enumerate() {
        let longest = cell.split_whitespace().map(display_width).max().unwrap_or_default();
        match words.get_mut(n) {
            Some(known) => *known = longest.max(*known),
            None => words.push(longest),
        }
    }
}

/// Lines no wider than a terminal; what goes on stands a little further in. Words are not broken.
fn within(width: Option<usize>, text: &str) -> String {
    let Some(width) = width else { return text.to_owned() };
    let fold = |line: &str| {
        let indent: String = line.chars().take_while(|c| *c == ' ').collect();
        let further = format!("{indent}    ");
        let options = Options::new(width.max(20)).subsequent_indent(&further).break_words(false);
        textwrap::fill(line, options.word_splitter(textwrap::WordSplitter::NoHyphenation))
    };
    text.lines().map(fold).collect::<Vec<_>>().join("\n")
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
