//! What documents are written in besides what is read: by which name each is refused, and what to do instead.
//!
//! Knows extensions, and lines that only Jira's wiki markup has.

/// Something that is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Other {
    /// What people call it.
    pub(super) name: &'static str,
    /// What to do instead.
    pub(super) instead: &'static str,
}

/// Jira's wiki markup, which has no extension of its own.
pub(super) const WIKI: Other =
    Other { name: "Jira's wiki markup", instead: "convert it with `pandoc -f jira -t gfm FILE -o FILE.md`" };

/// Everything that is told apart by its extension.
const OTHERS: &[(&[&str], &str, &str)] = &[
    (
        &["adoc", "asciidoc", "asc"],
        "AsciiDoc",
        "convert it with `asciidoctor FILE`, which writes HTML, and keep that file",
    ),
    (&["rst", "rest"], "reStructuredText", "convert it with `pandoc -f rst -t gfm FILE -o FILE.md`"),
    (
        &["org"],
        "Org mode",
        "convert it with `pandoc -f org -t gfm FILE -o FILE.md`, or export it as Markdown",
    ),
    (
        &["wiki", "mediawiki", "mw"],
        "MediaWiki's wiki text",
        "convert it with `pandoc -f mediawiki -t gfm FILE -o FILE.md`",
    ),
    (&["textile"], "Textile", "convert it with `pandoc -f textile -t gfm FILE -o FILE.md`"),
    (&["tex", "latex"], "LaTeX", "convert it with `pandoc -f latex -t gfm FILE -o FILE.md`"),
    (
        &["docx", "docm"],
        "a Word document (.docx)",
        "save it as a web page (.html), or convert it with `pandoc -t gfm FILE -o FILE.md`",
    ),
    (&["doc", "rtf"], "a word processor's document", "save it as a web page (.html)"),
    (
        &["odt", "fodt"],
        "an OpenDocument text (.odt)",
        "save it as a web page (.html), or convert it with `pandoc -t gfm FILE -o FILE.md`",
    ),
    (&["pages"], "a document of Pages", "export it as a Word document, and save that as a web page (.html)"),
    (
        &["one", "onepkg"],
        "a OneNote section",
        "copy the page into a document, and save that as a web page (.html)",
    ),
    (
        &["mht", "mhtml", "webarchive"],
        "a web page in one file with its pictures",
        "save it as a web page, HTML only (.html)",
    ),
    (
        &["xls", "xlsx", "xlsm", "xlsb", "ods", "numbers"],
        "a spreadsheet",
        "save each sheet that lists findings as CSV (UTF-8)",
    ),
    (&["pdf"], "PDF", "take the text that it was made from, or save that as HTML or Markdown"),
    (&["ppt", "pptx", "odp"], "a presentation", "write the findings into a table and save it as CSV"),
    (&["eml", "msg", "mbox"], "mail", "save its text as Markdown (.md) or as a web page (.html)"),
];

/// What a file of an extension is written in, if it is not read.
pub(super) fn of_extension(extension: &str) -> Option<Other> {
    let found = OTHERS.iter().find(|(extensions, _, _)| extensions.contains(&extension));
    found.map(|(_, name, instead)| Other { name, instead })
}

/// Whether a text has headings (`h2. Impact`) or headers of tables (`||Action||Owner||`) of Jira's wiki markup.
pub(super) fn is_wiki(text: &str) -> bool {
    let is_heading = |line: &str| {
        let level =
            line.strip_prefix('h').and_then(|rest| rest.strip_prefix(|c: char| ('1'..='6').contains(&c)));
        level.is_some_and(|rest| rest.starts_with(". "))
    };
    let is_head = |line: &str| line.starts_with("||") && line.trim_end().ends_with("||");
    text.lines().any(|line| is_heading(line) || is_head(line))
}
