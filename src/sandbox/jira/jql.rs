//! JQL: the few clauses a synchroniser needs, joined by AND.
//!
//! Knows syntax only. Must not know issues.

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, TimeZone as _, Utc};
use chrono_tz::Tz;

/// One condition.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Clause {
    /// Has one of these labels.
    Labels(Vec<String>),
    /// Is in one of these projects.
    Projects(Vec<String>),
    /// Is one of these issues, by id or key.
    Issues(Vec<String>),
    /// Has one of these statuses.
    Statuses(Vec<String>),
    /// Is of one of these types.
    Kinds(Vec<String>),
    /// Was updated then or later.
    UpdatedSince(DateTime<Utc>),
    /// Was created then or later.
    CreatedSince(DateTime<Utc>),
}

/// What this search understands, for its refusals.
const UNDERSTOOD: &str = "the sandbox understands: labels = \"x\", labels in (\"a\", \"b\"), project = KEY, project in (…), status = \"x\", issuetype = \"x\", id in (…), key in (…), \
updated >= <epoch ms, \"-90m\" or \"yyyy-MM-dd HH:mm\">, created >= …, joined by AND, with any ORDER BY";

/// What a search sorts by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum By {
    /// The time of the last change.
    Updated,
    /// The time of the creation.
    Created,
    /// The key: by project, then by number.
    Key,
    /// The id.
    Id,
    /// Something that the sandbox does not sort by.
    Other,
}

/// One step of an order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Order {
    pub(crate) by: By,
    pub(crate) is_descending: bool,
}

/// Parses a query into its conditions and its order; times without a zone are in `zone`.
pub(crate) fn parse(jql: &str, now: DateTime<Utc>, zone: Tz) -> Result<(Vec<Clause>, Vec<Order>), String> {
    let words = words(jql)?;
    let end = words.windows(2).position(|pair| {
        matches!(pair, [Word::Bare(order), Word::Bare(by)] if order.eq_ignore_ascii_case("order") && by.eq_ignore_ascii_case("by"))
    });
    let order = end.and_then(|end| words.get(end + 2..)).unwrap_or_default();
    let words = words.get(..end.unwrap_or(words.len())).unwrap_or_default();
    if words.is_empty() {
        return Err(
            "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
                .to_owned(),
        );
    }
    let is_and = |word: &Word| matches!(word, Word::Bare(text) if text.eq_ignore_ascii_case("and"));
    let clauses = words.split(is_and).map(|clause| clause_of(clause, now, zone)).collect::<Result<_, _>>()?;
    let is_comma = |word: &Word| *word == Word::Sign(",".to_owned());
    let order =
        order.split(is_comma).filter(|step| !step.is_empty()).map(order_of).collect::<Result<_, _>>()?;
    Ok((clauses, order))
}

/// A field and its direction. Times go from the newest to the oldest unless the query says otherwise.
fn order_of(step: &[Word]) -> Result<Order, String> {
    let refused = || format!("Error in the JQL query near {step:?}; {UNDERSTOOD}");
    let (field, direction) = match step {
        [field] => (text(field), None),
        [field, Word::Bare(direction)] => (text(field), Some(direction.to_lowercase())),
        _ => return Err(refused()),
    };
    let by = match field.to_lowercase().as_str() {
        "updated" | "updateddate" => By::Updated,
        "created" | "createddate" => By::Created,
        "key" | "issuekey" | "issue" => By::Key,
        "id" => By::Id,
        _ => By::Other,
    };
    let is_descending = match direction.as_deref() {
        Some("asc") => false,
        Some("desc") => true,
        Some(_) => return Err(refused()),
        None => matches!(by, By::Updated | By::Created),
    };
    Ok(Order { by, is_descending })
}

/// A word, with or without quotes, or a sign.
#[derive(Clone, Debug, PartialEq)]
enum Word {
    Bare(String),
    Quoted(String),
    Sign(String),
}

fn clause_of(words: &[Word], now: DateTime<Utc>, zone: Tz) -> Result<Clause, String> {
    let refused = || format!("Error in the JQL query near {words:?}; {UNDERSTOOD}");
    let [Word::Bare(field), operator, values @ ..] = words else { return Err(refused()) };
    let operator = match operator {
        Word::Sign(sign) => sign.as_str(),
        Word::Bare(word) if word.eq_ignore_ascii_case("in") => "in",
        Word::Bare(_) | Word::Quoted(_) => return Err(refused()),
    };
    let list = match (operator, values) {
        ("=", [value @ (Word::Bare(_) | Word::Quoted(_))]) => vec![text(value)],
        ("in", [Word::Sign(open), inner @ .., Word::Sign(close)]) if open == "(" && close == ")" => {
            inner.iter().filter(|word| !matches!(word, Word::Sign(_))).map(text).collect()
        }
        (">=" | ">", [value]) => {
            let at = moment(value, now, zone).ok_or_else(refused)?;
            return match field.to_lowercase().as_str() {
                "updated" => Ok(Clause::UpdatedSince(at)),
                "created" => Ok(Clause::CreatedSince(at)),
                _ => Err(refused()),
            };
        }
        _ => return Err(refused()),
    };
    match field.to_lowercase().as_str() {
        _ if list.is_empty() => Err(refused()),
        "labels" => Ok(Clause::Labels(list)),
        "project" => Ok(Clause::Projects(list)),
        "id" | "key" | "issuekey" | "issue" => Ok(Clause::Issues(list)),
        "status" => Ok(Clause::Statuses(list)),
        "issuetype" | "type" => Ok(Clause::Kinds(list)),
        _ => Err(format!(
            "Field '{field}' does not exist or you do not have permission to view it; {UNDERSTOOD}"
        )),
    }
}

fn text(word: &Word) -> String {
    match word {
        Word::Bare(text) | Word::Quoted(text) | Word::Sign(text) => text.clone(),
    }
}

/// A moment: epoch milliseconds without quotes, a relative time, or a minute in the account's zone.
fn moment(word: &Word, now: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
    let text = text(word);
    if let (Word::Bare(_), Ok(ms)) = (word, text.parse::<i64>())
        && ms > 0
    {
        return DateTime::from_timestamp_millis(ms);
    }
    if let Some(ago) = text.strip_prefix('-') {
        let unit = ago.chars().last()?;
        let n: i64 = ago.trim_end_matches(unit).parse().ok()?;
        let ago = match unit {
            'm' => Duration::minutes(n),
            'h' => Duration::hours(n),
            'd' => Duration::days(n),
            'w' => Duration::weeks(n),
            _ => return None,
        };
        return Some(now - ago);
    }
    let minute = ["%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(&text, form).ok());
    let day = || NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0);
    let local = minute.or_else(day)?;
    Some(zone.from_local_datetime(&local).earliest()?.with_timezone(&Utc))
}

fn words(jql: &str) -> Result<Vec<Word>, String> {
    let mut words = Vec::new();
    let mut chars = jql.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            c if c.is_whitespace() => {}
            '"' | '\'' => {
                let mut text = String::new();
                loop {
                    match chars.next() {
                        Some('\\') => text.extend(chars.next()),
                        Some(end) if end == c => break,
                        Some(other) => text.push(other),
                        None => return Err("The quoted string has not been completed.".to_owned()),
                    }
                }
                words.push(Word::Quoted(text));
            }
            '>' | '<' | '=' | '!' | '~' => {
                let mut sign = String::from(c);
                sign.extend(chars.next_if(|next| matches!(next, '=' | '~')));
                words.push(Word::Sign(sign));
            }
            '(' | ')' | ',' => words.push(Word::Sign(c.to_string())),
            c => {
                let mut text = String::from(c);
                while let Some(more) = chars.next_if(|c| !c.is_whitespace() && !"\"'()=,<>!~".contains(*c)) {
                    text.push(more);
                }
                words.push(Word::Bare(text));
            }
        }
    }
    Ok(words)
}
