//! Periods that people write where a day belongs: `Q3 2026`, `next sprint`, `end of Q2`, `KW 32`, `as soon as possible`.
//!
//! Knows their words in the languages that are read. Says of none which day it would be.

use super::names::MONTHS;

/// Longest text that is looked at, in bytes.
const LONGEST: usize = 80;

/// What is written before the number of a period in one word with it: `Q3`, `H1`, `W32`, `KW32`, `T2`, `S1`, `FY26`.
const NUMBERED: &[&str] = &["q", "h", "w", "wk", "kw", "cw", "t", "s", "fy", "hj", "qtr"];

/// What a period is called.
const SPANS: &[&str] = &[
    "week",
    "weeks",
    "kw",
    "cw",
    "wk",
    "month",
    "months",
    "quarter",
    "year",
    "half",
    "sprint",
    "sprints",
    "iteration",
    "release",
    "milestone",
    "days",
    "semaine",
    "semaines",
    "mois",
    "trimestre",
    "semestre",
    "année",
    "semana",
    "semanas",
    "mes",
    "meses",
    "año",
    "mês",
    "ano",
    "woche",
    "wochen",
    "kalenderwoche",
    "monat",
    "monate",
    "monats",
    "quartal",
    "quartals",
    "halbjahr",
    "jahr",
    "jahres",
];

/// Periods that a year has one of, which say enough by themselves.
const SEASONS: &[&str] = &[
    "spring",
    "summer",
    "autumn",
    "fall",
    "winter",
    "printemps",
    "été",
    "automne",
    "hiver",
    "primavera",
    "verano",
    "otoño",
    "invierno",
    "verão",
    "outono",
    "inverno",
    "frühjahr",
    "frühling",
    "sommer",
    "herbst",
    "jahresende",
    "monatsende",
    "quartalsende",
];

/// What stands around it and says which.
const AROUND: &[&str] = &[
    "end",
    "early",
    "mid",
    "late",
    "beginning",
    "start",
    "next",
    "this",
    "coming",
    "following",
    "current",
    "second",
    "first",
    "third",
    "fourth",
    "fin",
    "début",
    "mi",
    "milieu",
    "prochain",
    "prochaine",
    "finales",
    "final",
    "fim",
    "principios",
    "mediados",
    "meados",
    "início",
    "inicio",
    "próximo",
    "próxima",
    "ende",
    "anfang",
    "mitte",
    "nächste",
    "nächsten",
    "nächster",
    "nächstes",
    "kommende",
    "kommenden",
    "viene",
];

/// What stands between and says nothing.
const BETWEEN: &[&str] = &[
    "of", "the", "in", "within", "de", "du", "la", "le", "l", "del", "do", "da", "el", "des", "der", "im",
    "que",
];

/// What says that nobody has decided on a day yet, or that it was wanted at once.
const WISHES: &[&str] = &[
    "asap",
    "a.s.a.p.",
    "as soon as possible",
    "soon",
    "tbd",
    "tba",
    "tbc",
    "eoq",
    "eoy",
    "eom",
    "eow",
    "dès que possible",
    "au plus vite",
    "lo antes posible",
    "cuanto antes",
    "o quanto antes",
    "assim que possível",
    "so bald wie möglich",
    "sobald wie möglich",
    "schnellstmöglich",
    "baldmöglichst",
];

/// What is written so without blanks between words.
const UNSPACED: &[&str] = &[
    "四半期",
    "上期",
    "下期",
    "半期",
    "来期",
    "今期",
    "年度",
    "月末",
    "年末",
    "年内",
    "来月",
    "今月",
    "来週",
    "今週",
    "春",
    "夏",
    "秋",
    "冬",
    "スプリント",
    "早急",
    "至急",
    "なるべく早く",
    "季度",
    "半年",
    "月底",
    "年底",
    "年中",
    "下个月",
    "下月",
    "本月",
    "下周",
    "本周",
    "迭代",
    "尽快",
];

/// Most characters of such a text.
const SHORT: usize = 16;

/// Whether a text is nothing but a period, or the wish that it be soon.
pub(in crate::source) fn is_period(text: &str) -> bool {
    let text = text.trim().trim_end_matches(['.', '!']);
    if text.is_empty() || text.len() > LONGEST {
        return false;
    }
    let lower = text.to_lowercase();
    if WISHES.contains(&lower.as_str()) || WISHES.contains(&text.to_lowercase().trim_matches('.')) {
        return true;
    }
    let short = text.chars().count() <= SHORT && !text.contains(['日', '号']);
    if short && UNSPACED.iter().any(|word| text.contains(word)) {
        return true;
    }
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let is_month = |word: &&str| MONTHS.iter().any(|names| names.contains(word));
    let number = |word: &&str| word.bytes().all(|byte| byte.is_ascii_digit());
    let day = |word: &&str| number(word) && word.len() <= 2;
    let spans = words.iter().any(|word| SPANS.contains(word));
    let which = |word: &&str| AROUND.contains(word) || number(word) || is_ordinal(word) || is_numbered(word);
    // `S3` and `T3` alone are something else as often.
    let coded = |word: &&str| is_numbered(word) && (words.len() > 1 || !word.starts_with(['s', 't']));
    let named = words.iter().any(|word| SEASONS.contains(word) || coded(word))
        || (spans && words.iter().any(which))
        || (words.iter().any(is_month) && !words.iter().any(day));
    let known = |word: &&str| {
        SPANS.contains(word)
            || SEASONS.contains(word)
            || BETWEEN.contains(word)
            || is_month(word)
            || which(word)
    };
    named && words.iter().all(known)
}

/// `q3`, `kw32`, `3q`, `1h`, `3q26`.
fn is_numbered(word: &str) -> bool {
    let of = |letters: &str, number: &str| {
        let digits = number.bytes().all(|byte| byte.is_ascii_digit());
        NUMBERED.contains(&letters) && digits && (1..=4).contains(&number.len())
    };
    let at = |is: fn(char) -> bool| word.find(is).and_then(|at| word.split_at_checked(at));
    let before = at(|c| c.is_ascii_digit()).is_some_and(|(letters, number)| of(letters, number));
    let behind = at(|c| !c.is_ascii_digit()).is_some_and(|(number, rest)| {
        let letters = rest.trim_end_matches(|c: char| c.is_ascii_digit());
        !number.is_empty() && of(letters, number)
    });
    before || behind
}

/// `1st`, `2nd`, `1er`, `2e`, `1º`.
fn is_ordinal(word: &str) -> bool {
    let rest = word.trim_start_matches(|c: char| c.is_ascii_digit());
    rest.len() < word.len() && ["st", "nd", "rd", "th", "er", "re", "e", "º", "ª"].contains(&rest)
}
