//! What an unquoted word stands for: YAML 1.2 core schema (section 10.3.2), where `no`, `on` and dates are text.

use serde_json::{Number, Value};

/// The value of an unquoted word, or why there is none.
pub(super) fn plain(text: &str) -> Result<Value, &'static str> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Ok(Value::Null),
        "true" | "True" | "TRUE" => Ok(Value::Bool(true)),
        "false" | "False" | "FALSE" => Ok(Value::Bool(false)),
        ".nan" | ".NaN" | ".NAN" => Err("is not a number"),
        _ if is_infinite(text) => Err("is not a finite number"),
        _ => number(text).unwrap_or_else(|| Ok(Value::String(text.to_owned()))),
    }
}

fn is_infinite(text: &str) -> bool {
    matches!(text.strip_prefix(['-', '+']).unwrap_or(text), ".inf" | ".Inf" | ".INF")
}

/// Nothing if the word is no number at all.
fn number(text: &str) -> Option<Result<Value, &'static str>> {
    if let Some(digits) = text.strip_prefix("0x") {
        return based(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return based(digits, 8);
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !unsigned.is_empty() && unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(whole(text));
    }
    fraction(text)
}

fn based(digits: &str, radix: u32) -> Option<Result<Value, &'static str>> {
    let all = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
    all.then(|| u64::from_str_radix(digits, radix).map(Value::from).map_err(|_| TOO_LARGE))
}

/// More digits than 64 bits hold would be lost silently, and with them an identifier.
const TOO_LARGE: &str = "is too large a number";

fn whole(text: &str) -> Result<Value, &'static str> {
    let small = text.parse::<i64>().map(Value::from);
    small.or_else(|_| text.parse::<u64>().map(Value::from)).map_err(|_| TOO_LARGE)
}

fn fraction(text: &str) -> Option<Result<Value, &'static str>> {
    let is_written = |letter: char| letter.is_ascii_digit() || matches!(letter, '+' | '-' | '.' | 'e' | 'E');
    if !text.chars().all(is_written) {
        return None;
    }
    let number = text.parse::<f64>().ok()?;
    Some(Number::from_f64(number).map(Value::Number).ok_or(TOO_LARGE))
}
