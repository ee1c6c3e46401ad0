//! Markdown as Jira wiki text, which Data Center wants for every rich text.
//!
//! Foreign text is escaped so that macros, mentions, images, issue keys, links and emoticons in it do nothing.

use super::markdown::{self, Block, Inline, Marks};

/// Markdown as wiki text.
pub fn text(markdown: &str) -> String {
    blocks(&markdown::parse(markdown))
}

fn blocks(list: &[Block]) -> String {
    list.iter().map(block).collect::<Vec<_>>().join("\n\n")
}

fn block(block: &Block) -> String {
    match block {
        Block::Paragraph(line) => inlines(line),
        Block::Heading(level, content) => format!("h{level}. {}", one_line(content)),
        Block::Code { text, .. } => code(text),
        Block::Quote(content) => format!("{{quote}}\n{}\n{{quote}}", quoted(content)),
        Block::List { start, items } => list("", *start, items),
        Block::Table(rows) => table(rows),
        Block::Rule => "----".to_owned(),
    }
}

/// The quote macro does not nest: a quote within a quote is part of the outer one.
fn quoted(content: &[Block]) -> String {
    let one = |inner: &Block| match inner {
        Block::Quote(content) => quoted(content),
        Block::Paragraph(_)
        | Block::Heading(..)
        | Block::Code { .. }
        | Block::List { .. }
        | Block::Table(_)
        | Block::Rule => block(inner),
    };
    content.iter().map(one).collect::<Vec<_>>().join("\n\n")
}

fn list(prefix: &str, start: Option<u64>, items: &[Vec<Block>]) -> String {
    let prefix = format!("{prefix}{}", if start.is_some() { '#' } else { '*' });
    items.iter().map(|content| item(&prefix, content)).collect::<Vec<_>>().join("\n")
}

/// An item is one line; further paragraphs go on after a forced break, and lists below it carry its prefix.
fn item(prefix: &str, content: &[Block]) -> String {
    let mut lines = String::new();
    let mut below = String::new();
    for inner in content {
        let more = match inner {
            Block::Paragraph(line) | Block::Heading(_, line) => one_line(line),
            Block::Table(rows) => {
                rows.iter().map(|row| cells(row, " \\| ")).collect::<Vec<_>>().join(" \\\\ ")
            }
            Block::Code { text, .. } => format!("\n{}", code(text)),
            Block::Quote(content) => content.iter().map(flat).collect::<Vec<_>>().join(" \\\\ "),
            Block::Rule => continue,
            Block::List { start, items } => {
                below.push('\n');
                below.push_str(&list(prefix, *start, items));
                continue;
            }
        };
        if !lines.is_empty() && !more.starts_with('\n') {
            lines.push_str(" \\\\ ");
        }
        lines.push_str(&more);
    }
    format!("{prefix} {lines}{below}")
}

/// A block in one line, for quotes within items.
fn flat(block: &Block) -> String {
    match block {
        Block::Paragraph(line) | Block::Heading(_, line) => one_line(line),
        Block::Code { text, .. } => escaped(&text.replace('\n', " ")),
        Block::Quote(content) => content.iter().map(flat).collect::<Vec<_>>().join(" \\\\ "),
        Block::List { items, .. } => items.iter().flatten().map(flat).collect::<Vec<_>>().join(" \\\\ "),
        Block::Table(rows) => rows.iter().map(|row| cells(row, " \\| ")).collect::<Vec<_>>().join(" \\\\ "),
        Block::Rule => String::new(),
    }
}

/// The macros that we write around foreign text.
const AROUND: [&str; 2] = ["noformat", "quote"];

/// Verbatim text ends at the closing macro, and a quote around it at that of the quote: both are broken up by a
/// character of no width.
fn code(text: &str) -> String {
    let mut inert = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        let (before, from) = rest.split_at(at);
        inert.push_str(before);
        inert.push('{');
        rest = from.strip_prefix('{').unwrap_or_default();
        let closes = |name: &&str| rest.get(..name.len()).is_some_and(|word| word.eq_ignore_ascii_case(name));
        if AROUND.iter().any(closes) {
            inert.push('\u{200b}');
        }
    }
    inert.push_str(rest);
    format!("{{noformat}}\n{inert}\n{{noformat}}")
}

fn table(rows: &[Vec<Vec<Inline>>]) -> String {
    let row = |(n, line): (usize, &Vec<Vec<Inline>>)| {
        let bar = if n == 0 { "||" } else { "|" };
        format!("{bar}{}{bar}", cells(line, bar))
    };
    rows.iter().filter(|row| !row.is_empty()).enumerate().map(row).collect::<Vec<_>>().join("\n")
}

/// An empty cell needs a space: two bars begin a heading.
fn cells(row: &[Vec<Inline>], between: &str) -> String {
    let cell = |line: &Vec<Inline>| match one_line(line) {
        text if text.trim().is_empty() => " ".to_owned(),
        text => text,
    };
    row.iter().map(cell).collect::<Vec<_>>().join(between)
}

/// Inline content that may take several lines.
fn inlines(line: &[Inline]) -> String {
    line.split(|inline| *inline == Inline::Break).map(segment).collect::<Vec<_>>().join(" \\\\\n")
}

/// Inline content where a line end would end the item, cell or heading.
fn one_line(line: &[Inline]) -> String {
    line.split(|inline| *inline == Inline::Break).map(segment).collect::<Vec<_>>().join(" \\\\ ")
}

fn segment(line: &[Inline]) -> String {
    let text: String = line
        .iter()
        .map(|inline| match inline {
            Inline::Text(text, marks) => marked(text, marks),
            Inline::Break => String::new(),
        })
        .collect();
    without_line_command(text.trim())
}

/// Marks stand directly around the text, so spaces at its ends go outside.
fn marked(text: &str, marks: &Marks) -> String {
    let core = text.trim();
    if core.is_empty() {
        return text.to_owned();
    }
    let before: String = text.chars().take_while(|c| c.is_whitespace()).collect();
    let after: String = text.chars().rev().take_while(|c| c.is_whitespace()).collect();
    let mut shown = escaped(core);
    if marks.code {
        shown = format!("{{{{{shown}}}}}");
    }
    for (is_on, sign) in [(marks.strong, '*'), (marks.em, '_'), (marks.strike, '-')] {
        if is_on {
            shown = format!("{sign}{shown}{sign}");
        }
    }
    if let Some(address) = &marks.link {
        // A link is divided at its bars, and whether an escaped one divides it too is not worth finding out.
        let shown_inside = shown.replace("\\|", "&#124;");
        shown = format!("[{shown_inside}|{}]", link(address));
    }
    format!("{before}{shown}{after}")
}

/// The characters that Jira's renderer takes with a backslash get one. A backslash itself and what begins an entity
/// become entities, because two backslashes are a line break. A colon that could begin an address or an emoticon
/// becomes one too, because it takes no backslash.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\\' => out.push_str("&#92;"),
            '&' => out.push_str("&amp;"),
            ':' if rest.peek().is_some_and(|next| !next.is_whitespace() && !next.is_ascii_digit()) => {
                out.push_str("&#58;");
            }
            '-' | '#' | '*' | '_' | '+' | '?' | '^' | '~' | '|' | '%' | '{' | '}' | '[' | ']' | '(' | ')'
            | '!' | '@' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push(' '),
            _ => out.push(c),
        }
    }
    out
}

/// `h1. ` to `h6. ` and `bq. ` at the start of a line are commands.
fn without_line_command(line: &str) -> String {
    let start: Vec<char> = line.chars().take(3).flat_map(char::to_lowercase).collect();
    let is_command = matches!(start.as_slice(), ['h', '0'..='9', '.'] | ['b', 'q', '.']);
    match line.chars().next() {
        Some(first) if is_command => format!("&#{};{}", u32::from(first), chars_after_first(line)),
        Some(_) | None => line.to_owned(),
    }
}

fn chars_after_first(line: &str) -> &str {
    let mut chars = line.chars();
    chars.next();
    chars.as_str()
}

/// An address with everything encoded that could end the link.
fn link(address: &str) -> String {
    address
        .chars()
        .map(|c| match c {
            '|' | '[' | ']' | '{' | '}' | '\\' | '^' | '!' | '~' | '*' | '"' | '<' | '>' => {
                format!("%{:02X}", u32::from(c))
            }
            _ => c.to_string(),
        })
        .collect()
}
