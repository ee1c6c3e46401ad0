//! What an unquoted word stands for: YAML 1.2 core schema (section 10.3.2), where `no`, `on` and dates are text.

use std::num::IntErrorKind;

use serde_json::{Number, Value};

/// The value of an unquoted word, or why there is none.
pub(super) fn plain(text: &str) -> Result<Value, &'static str> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Ok(Value::Null),
        "true" | "True" | "TRUE" => Ok(Value::Bool(true)),
        "false" | "False" | "FALSE" => Ok(Value::Bool(false)),
        ".nan" | ".NaN" | ".NAN" => Err(NOT_A_NUMBER),
        _ if is_infinite(text) => Err(INFINITE),
        _ => number(text).unwrap_or_else(|| Ok(Value::String(text.to_owned()))),
    }
}

fn is_infinite(text: &str) -> bool {
    matches!(text.strip_prefix(['-', '+']).unwrap_or(text), ".inf" | ".Inf" | ".INF")
}

/// Nothing if the word is no number at all.
fn number(text: &str) -> Option<Result<Value, &'static str>> {
    if let Some(digits) = text.strip_prefix("0x") {
        return all_digits(digits, 16).then(|| based(digits, 16));
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return all_digits(digits, 8).then(|| based(digits, 8));
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !unsigned.is_empty() && unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(based(text, 10));
    }
    fraction(text)
}

fn all_digits(digits: &str, radix: u32) -> bool {
    !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix))
}

/// What JSON has no numbers for.
const NOT_A_NUMBER: &str = "is not a number";
const INFINITE: &str = "is not a finite number";

/// More digits than 64 bits hold would be lost silently, and with them an identifier.
const TOO_LARGE: &str = "is too large a number";

/// The whole number that a sign and digits stand for.
pub(super) fn based(text: &str, radix: u32) -> Result<Value, &'static str> {
    let small = i64::from_str_radix(text, radix).map(Value::from);
    small
        .or_else(|_| u64::from_str_radix(text, radix).map(Value::from))
        .map_err(|error| if matches!(error.kind(), IntErrorKind::Empty) { NOT_A_NUMBER } else { TOO_LARGE })
}

fn fraction(text: &str) -> Option<Result<Value, &'static str>> {
    let is_written = |letter: char| letter.is_ascii_digit() || matches!(letter, '+' | '-' | '.' | 'e' | 'E');
    if !text.chars().all(is_written) {
        return None;
    }
    text.parse::<f64>().is_ok().then(|| real(text))
}

/// The number that a decimal fraction stands for, or a word such as `inf`.
pub(super) fn real(text: &str) -> Result<Value, &'static str> {
    let number = text.parse::<f64>().ok().filter(|number| !number.is_nan()).ok_or(NOT_A_NUMBER)?;
    let is_word = !text.contains(|letter: char| letter.is_ascii_digit());
    Number::from_f64(number).map(Value::Number).ok_or(if is_word { INFINITE } else { TOO_LARGE })
}
