//! The part of CQL that the sandbox understands: clauses about type, space, label and number, joined by `and`.
//!
//! Knows syntax and what a clause holds of. Anything else is refused, as a wiki refuses what it cannot parse.

use super::data::Page;

/// One condition.
#[derive(Debug)]
pub(crate) struct Clause {
    field: String,
    values: Vec<String>,
}

impl Clause {
    pub(crate) fn holds(&self, page: &Page) -> bool {
        let any = |holds: &dyn Fn(&str) -> bool| self.values.iter().any(|value| holds(value));
        match self.field.as_str() {
            "type" => any(&|value| value == "page"),
            "space" => any(&|value| value.eq_ignore_ascii_case(&page.space)),
            "label" => any(&|value| page.labels.contains(value)),
            _ => any(&|value| value == page.id.to_string()),
        }
    }
}

/// The conditions of a query, all of which have to hold.
pub(crate) fn parse(cql: &str) -> Result<Vec<Clause>, String> {
    let words = words(cql)?;
    let end = words.iter().position(|word| word.eq_ignore_ascii_case("order")).unwrap_or(words.len());
    let mut rest: Vec<&str> = words.iter().take(end).map(String::as_str).collect();
    rest.reverse();
    let clauses = conditions(&mut rest)?;
    if rest.is_empty() { Ok(clauses) } else { Err("unexpected end of a condition".to_owned()) }
}

fn conditions(rest: &mut Vec<&str>) -> Result<Vec<Clause>, String> {
    let mut clauses = Vec::new();
    loop {
        let field = rest.pop().ok_or("a condition is missing")?;
        if field == "(" {
            clauses.extend(conditions(rest)?);
            expect(rest, ")")?;
        } else {
            clauses.push(condition(field, rest)?);
        }
        match rest.last() {
            Some(word) if word.eq_ignore_ascii_case("and") => drop(rest.pop()),
            _ => return Ok(clauses),
        }
    }
}

fn condition(field: &str, rest: &mut Vec<&str>) -> Result<Clause, String> {
    let field = field.to_ascii_lowercase();
    if !["type", "space", "label", "id", "content"].contains(&field.as_str()) {
        return Err(format!("there is no field `{field}`"));
    }
    let mut values = Vec::new();
    match rest.pop() {
        Some("=") => values.extend(rest.pop().map(str::to_owned)),
        Some(word) if word.eq_ignore_ascii_case("in") => {
            expect(rest, "(")?;
            while let Some(value) = rest.pop().filter(|value| *value != ")") {
                values.extend((value != ",").then(|| value.to_owned()));
            }
        }
        Some(_) | None => return Err("an operator is missing".to_owned()),
    }
    if values.is_empty() { Err("a value is missing".to_owned()) } else { Ok(Clause { field, values }) }
}

fn expect(rest: &mut Vec<&str>, wanted: &str) -> Result<(), String> {
    if rest.pop() == Some(wanted) { Ok(()) } else { Err(format!("`{wanted}` is missing")) }
}

/// Words, signs, and texts in quotes without those.
fn words(cql: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut chars = cql.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                let mut text = String::new();
                loop {
                    match chars.next().ok_or("a quote is open")? {
                        '"' => break,
                        '\\' => text.extend(chars.next()),
                        other => text.push(other),
                    }
                }
                words.push(text);
            }
            '=' | '(' | ')' | ',' => words.push(c.to_string()),
            _ if c.is_whitespace() => {}
            _ => {
                let mut word = String::from(c);
                while let Some(next) =
                    chars.next_if(|next| !next.is_whitespace() && !"=(),\"".contains(*next))
                {
                    word.push(next);
                }
                words.push(word);
            }
        }
    }
    Ok(words)
}
