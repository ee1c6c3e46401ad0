//! Whom Atlassian's servers took us for, by the headers that they answer with.
//!
//! A dead token is otherwise answered with empty lists, as to a visitor.

use http::HeaderMap;

/// Why an answer was given as to nobody, if it was: the reason that it tells, or nothing. Data Center says so.
pub fn nobody(headers: &HeaderMap) -> Option<String> {
    if let Some(denied) = text(headers, "x-authentication-denied-reason") {
        let help =
            if denied.contains("CAPTCHA") { "; somebody has to log in with it in a browser" } else { "" };
        return Some(format!(": {denied}{help}"));
    }
    let reason = text(headers, "x-seraph-loginreason").unwrap_or_default();
    let was_refused = reason.contains("AUTHENTICATED_FAILED") || reason.contains("AUTHENTICATION_DENIED");
    let is_anonymous =
        text(headers, "x-ausername").is_some_and(|name| name.eq_ignore_ascii_case("anonymous"));
    (was_refused || is_anonymous).then(String::new)
}

/// A header as text.
pub fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}
