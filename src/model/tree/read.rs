//! Reads YAML, and says in plain words where it is not well-formed.

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, Tag};
use serde_json::Value;

use super::{
    Complaint, Position,
    build::{Builder, Node, Opened},
    scalar,
    words::quoted,
};

/// The value of a YAML text, with the keys that are repeated in it.
pub(super) fn yaml(text: &str) -> Result<(Node, Vec<Complaint>), Complaint> {
    let lines: Vec<&str> = text.lines().collect();
    let mut builder = Builder::default();
    let mut documents = 0;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| malformed(text, &error))?;
        if let Event::DocumentStart(_) = event {
            documents += 1;
        }
        if documents > 1 {
            return Err(whole(
                position(span.start),
                "there is more than one document",
                "remove the second `---`",
            ));
        }
        step(&mut builder, event, span, &lines)?;
    }
    builder.finish().ok_or_else(empty)
}

fn empty() -> Complaint {
    whole((1, 1), "the text is empty", "write `key: value` lines")
}

fn step(builder: &mut Builder, event: Event<'_>, span: Span, lines: &[&str]) -> Result<(), Complaint> {
    let at = position(span.start);
    match event {
        Event::Nothing
        | Event::StreamStart
        | Event::StreamEnd
        | Event::DocumentStart(_)
        | Event::DocumentEnd => Ok(()),
        Event::Alias(anchor) => builder.alias(anchor, at),
        Event::SequenceStart(anchor, tag) => {
            collection(builder, Opened::List, "seq", (at, anchor), tag.as_deref())
        }
        Event::MappingStart(anchor, tag) => {
            collection(builder, Opened::Mapping, "map", (at, anchor), tag.as_deref())
        }
        Event::SequenceEnd | Event::MappingEnd => builder.close(),
        Event::Scalar(text, style, anchor, tag) => {
            // What is not written has no place of its own: the parser tells that of whatever follows.
            let is_unwritten = text.is_empty() && style == ScalarStyle::Plain;
            if is_unwritten && builder.is_outermost() {
                return Err(empty());
            }
            let at = match style {
                ScalarStyle::Literal | ScalarStyle::Folded => indicator(lines, at).unwrap_or(at),
                ScalarStyle::Plain | ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => {
                    builder.key_position().filter(|_| is_unwritten).unwrap_or(at)
                }
            };
            let value = match value(&text, style, tag.as_deref()) {
                Ok(value) => value,
                Err((message, help)) => return Err(builder.complaint(at, message, Some(help))),
            };
            builder.scalar(value, at, anchor)
        }
    }
}

/// Where the `|` or `>` of a block of text stands; the parser tells only where its first line does.
fn indicator(lines: &[&str], (first, _): Position) -> Option<Position> {
    let above = lines.get(..first.saturating_sub(1))?;
    let (line, header) = above.iter().enumerate().rfind(|(_, line)| !line.trim().is_empty())?;
    let begins = |(column, (start, _)): &(usize, (usize, char))| {
        let is_apart =
            *column == 0 || header.get(..*start).is_some_and(|before| before.ends_with([' ', '\t']));
        is_apart && header.get(*start..).is_some_and(is_indicator)
    };
    let (column, _) = header.char_indices().enumerate().find(begins)?;
    Some((line + 1, column + 1))
}

/// Whether a line ends with this indicator and at most a comment.
fn is_indicator(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(['|', '>']) else { return false };
    let rest = rest.trim_start_matches(|letter: char| letter.is_ascii_digit() || matches!(letter, '+' | '-'));
    rest.trim().is_empty() || (rest.starts_with([' ', '\t']) && rest.trim_start().starts_with('#'))
}

fn collection(
    builder: &mut Builder,
    opened: Opened,
    name: &str,
    (at, anchor): (Position, usize),
    tag: Option<&Tag>,
) -> Result<(), Complaint> {
    match tag {
        Some(tag) if !is_core(tag, name) && !is_unspecific(tag) => {
            let (message, help) = unknown_tag(tag);
            Err(builder.complaint(at, message, Some(help)))
        }
        _ => builder.open(opened, at, anchor),
    }
}

type Unreadable = (String, &'static str);

fn value(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Value, Unreadable> {
    let is_text = match (tag, style) {
        (Some(tag), _) if is_core(tag, "str") || is_unspecific(tag) => true,
        (Some(tag), _) if ["int", "float", "bool", "null"].iter().any(|name| is_core(tag, name)) => false,
        (Some(tag), _) => return Err(unknown_tag(tag)),
        (None, ScalarStyle::Plain) => false,
        (
            None,
            ScalarStyle::SingleQuoted
            | ScalarStyle::DoubleQuoted
            | ScalarStyle::Literal
            | ScalarStyle::Folded,
        ) => true,
    };
    if is_text {
        return Ok(Value::from(text));
    }
    let shown =
        |why| (format!("{} {why}", quoted(&Value::from(text))), "write it in quotes to keep it as text");
    scalar::plain(text).map_err(shown)
}

fn is_core(tag: &Tag, name: &str) -> bool {
    tag.is_yaml_core_schema() && tag.suffix == name
}

/// A lone `!`, which means text for a scalar (YAML 1.2, section 6.9.1).
fn is_unspecific(tag: &Tag) -> bool {
    format!("{}{}", tag.handle, tag.suffix) == "!"
}

fn unknown_tag(tag: &Tag) -> Unreadable {
    let shown = quoted(&Value::from(tag.to_string()));
    (format!("the tag {shown} is not known here"), "remove it, or write the text in quotes")
}

fn position(marker: Marker) -> Position {
    (marker.line().max(1), marker.col() + 1)
}

fn whole((line, column): Position, message: &str, help: &str) -> Complaint {
    let (message, help) = (message.to_owned(), Some(help.to_owned()));
    Complaint { pointer: String::new(), line, column, message, help }
}

/// What the scanner says (a part of its words), what that means, and what to do.
const MEANINGS: [(&str, &str, &str); 20] = [
    ("recursion limit", "this is nested more than 64 deep", "flatten it"),
    ("unexpected character", "text cannot begin with this character", "write the text in quotes"),
    (
        "placement of ':'",
        "a `:` is not expected here",
        "close the bracket before it, or write text that holds `: ` in quotes",
    ),
    ("unknown anchor", "this alias refers to nothing", "write text that begins with `*` in quotes"),
    (
        "unknown escape",
        "this escape is not known",
        "use single quotes, where a backslash is just a backslash",
    ),
    ("',' or '}'", "`,` or `}` is missing before this", "close the mapping, or separate its members"),
    ("',' or ']'", "`,` or `]` is missing before this", "close the list, or separate its items"),
    ("misplaced bracket", "this bracket closes nothing", "remove it, or write the text in quotes"),
    (
        "indentation in flow",
        "this is not indented enough",
        "indent it more than the line that opens the bracket",
    ),
    ("found unexpected end of stream", "a quoted text is not closed", "add the closing quote"),
    ("found unexpected document indicator", "a quoted text is not closed", "add the closing quote"),
    (
        "indentation in quoted",
        "this line of a quoted text is not indented enough",
        "indent it, or close the quote",
    ),
    (
        "trailing content",
        "there is something after the closing quote",
        "put the whole text in one pair of quotes",
    ),
    (
        "block scalar",
        "this block of text is wrongly indented",
        "indent all its lines at least as far as its first",
    ),
    (
        "mapping values are not",
        "a `:` is not expected here",
        "write text that holds `: ` in quotes, and check the indentation",
    ),
    (
        "simple key",
        "a `:` is missing after the key before this",
        "write `key: value`, and check the indentation",
    ),
    ("expected key", "a key is expected here", "write `key: value`, indented like the keys before it"),
    ("'-' indicator", "a `- ` is expected here", "indent the items of a list alike"),
    ("block sequence entries", "a list cannot begin here", "begin it on its own line"),
    ("unprintable", "this character cannot be printed", "remove it, or escape it in double quotes"),
];

fn malformed(text: &str, error: &ScanError) -> Complaint {
    let (line, column) = position(*error.marker());
    // Within brackets a tab is as good as a space.
    let is_flow = text.trim_start().starts_with(['{', '[']);
    // The text before a tab is told as the place when it could have gone on in the next line.
    let places = [line, line + 1].into_iter().find_map(|line| Some((line, tab(text, line)?)));
    if let Some(at) = places.filter(|(at, _)| !is_flow && (*at == line || error.info().contains("tab"))) {
        return whole(at, "a tab cannot be used for indentation", "indent with spaces");
    }
    if let Some(at) = glued(text, line).filter(|_| error.info().contains("simple key")) {
        return whole(at, "a `:` is part of the text unless a blank follows", "write `key: value`");
    }
    let meaning = MEANINGS.iter().find(|(said, _, _)| error.info().contains(said));
    match meaning {
        Some((_, message, help)) => whole((line, column), message, help),
        None => {
            let message = format!("this is not well-formed YAML: {}", error.info());
            whole((line, column), &message, "check the indentation, and quote text with special characters")
        }
    }
}

/// Where a `:` is followed by no blank, in the last line before this one that says something.
fn glued(text: &str, line: usize) -> Option<Position> {
    let above = text.lines().enumerate().take(line.saturating_sub(1));
    let (n, said) =
        above.filter(|(_, line)| !line.trim().is_empty() && !line.trim().starts_with('#')).last()?;
    let column = said.find(':').filter(|_| !said.contains(": "))?;
    Some((n + 1, said.get(..column)?.chars().count() + 1))
}

/// Column of a tab in the indentation of a line.
fn tab(text: &str, line: usize) -> Option<usize> {
    let line = text.lines().nth(line.saturating_sub(1))?;
    let spaces = line.len() - line.trim_start_matches(' ').len();
    line.get(spaces..)?.starts_with('\t').then_some(spaces + 1)
}
