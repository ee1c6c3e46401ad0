//! What is told of an answer that has none of its usual members.

use http::StatusCode;
use postmortem_sync::net::spoken::spoken;

#[test]
fn what_people_would_read_is_said_in_one_short_line() {
    let said = |body: &str| spoken(StatusCode::BAD_GATEWAY, body.as_bytes());
    assert_eq!(said(""), "HTTP 502");
    assert_eq!(said("no healthy\n upstream"), "HTTP 502: no healthy upstream");
    assert!(!said("clear\u{1b}[2J").contains('\u{1b}'));
    let page =
        "<html><style>p { color: red }</style><title>Blocked</title><script>alert(1)</script><p>by the proxy";
    assert_eq!(said(page), "HTTP 502: Blocked by the proxy");
    assert_eq!(said("{\"reason\":\"maintenance\"}"), "HTTP 502: {\"reason\":\"maintenance\"}");
    assert_eq!(said(&"x".repeat(500)), format!("HTTP 502: {}…", "x".repeat(200)));
}
