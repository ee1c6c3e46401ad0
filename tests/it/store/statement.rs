//! The statements themselves: accepted, portable, and served by an index.

use super::*;

/// Every statement.
fn all() -> impl Iterator<Item = &'static str> {
    let beside = [
        statements::names::ALL,
        statements::pages::ALL,
        statements::reads::ALL,
        statements::rows_of::ALL,
        statements::stamped::ALL,
    ];
    statements::ALL.iter().chain(beside.into_iter().flatten()).copied()
}

#[tokio::test]
async fn every_statement_is_accepted_on_an_empty_and_on_a_filled_register() {
    let desk = Desk::new();
    let store = desk.open().await;
    for filled in [false, true] {
        if filled {
            store.record(&leased(&*store).await, full().0).await.unwrap();
        }
        let mut shell = desk.shell().await;
        for statement in all() {
            let prepared = shell.prepare((*statement).into_sql_str()).await;
            assert!(prepared.is_ok(), "{statement}: {prepared:?}");
        }
    }
}

#[test]
fn no_statement_is_for_one_database_only() {
    let own = [
        "?",
        "ROWID",
        "PRAGMA",
        "REPLACE INTO",
        "OR REPLACE",
        "OR IGNORE",
        "STRFTIME",
        "JULIANDAY",
        "DATETIME",
        "JSON",
        "IFNULL",
        "GLOB",
        "SQLITE",
        "UNIXEPOCH",
        "TYPEOF",
        "GROUP_CONCAT",
        "::",
        "FOR UPDATE",
        "NOW",
    ];
    for statement in all() {
        let upper = statement.to_uppercase();
        for word in own {
            assert!(!upper.contains(word), "`{word}` in {statement}");
        }
    }
    let source = include_str!("../../../src/store/statements.rs");
    assert_eq!(source.matches("pub const ").count() - 1, statements::ALL.len(), "ALL lists every statement");
    for (source, listed) in [
        (include_str!("../../../src/store/statements/names.rs"), statements::names::ALL),
        (include_str!("../../../src/store/statements/pages.rs"), statements::pages::ALL),
        (include_str!("../../../src/store/statements/reads.rs"), statements::reads::ALL),
        (include_str!("../../../src/store/statements/rows_of.rs"), statements::rows_of::ALL),
        (include_str!("../../../src/store/statements/stamped.rs"), statements::stamped::ALL),
    ] {
        assert_eq!(source.matches("pub const ").count() - 1, listed.len(), "ALL lists every statement");
    }
}

#[tokio::test]
async fn searches_use_an_index() {
    let desk = Desk::new();
    let store = desk.open().await;
    store.record(&leased(&*store).await, full().0).await.unwrap();
    let mut shell = desk.shell().await;
    for (statement, index) in [
        (statements::LINKS_READ, "link_by_seq"),
        (statements::CYCLE_READ, "cycle_by_seq"),
        (statements::HISTORY_READ_FINDING, "history_by_finding"),
        (statements::HISTORY_READ_CYCLE, "history_by_cycle"),
        (statements::pages::STATE_COUNT, "COVERING INDEX finding_by_"),
        (statements::pages::BY_KEY, "COVERING INDEX finding_by_state (state=? AND key>?)"),
        (statements::pages::BY_DUE, "COVERING INDEX finding_by_due (state=? AND (due,key)>(?,?) AND due<?)"),
        (statements::pages::WITHOUT_DUE, "COVERING INDEX finding_by_due (state=? AND due=? AND key>?)"),
        (statements::pages::LEFT_BY_KEY, "COVERING INDEX finding_by_state (state=? AND key>?)"),
        (
            statements::pages::LEFT_BY_DUE,
            "COVERING INDEX finding_by_due (state=? AND (due,key)>(?,?) AND due<?)",
        ),
        (statements::pages::LEFT_WITHOUT_DUE, "COVERING INDEX finding_by_due (state=? AND due=? AND key>?)"),
        (statements::pages::FINDINGS_PAGE, "(key>?)"),
        (statements::pages::LINKS_PAGE, "link_by_seq"),
        (statements::pages::LINKS_LEFT, "COVERING INDEX link_by_seq"),
        (statements::pages::REPEATED, "finding_alike (alike=?)"),
        (statements::pages::LOOKED_AT, "reading_by_time"),
        (statements::pages::NOTES_PAGE, "note_by_code (code=? AND (subject,name,which)>(?,?,?))"),
        (statements::reads::NOTES_COUNT, "COVERING INDEX note_by_code"),
        (statements::reads::KEPT_COUNT, "COVERING INDEX note_by_code (code=? AND subject=?)"),
        (statements::reads::FOLLOWERS_IN, "link_by_place"),
        (statements::reads::ENDED_READ, "tombstone_by_time"),
    ] {
        let plan = plan(&mut shell, statement).await;
        assert!(plan.iter().any(|step| step.contains(index)), "{statement}: {plan:?}");
        assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{statement}: {plan:?}");
    }
    let plan = plan(&mut shell, statements::reads::DUE).await;
    assert!(!plan.iter().any(|step| step.contains("SCAN")), "{plan:?}");
}

async fn plan(shell: &mut SqliteConnection, statement: &str) -> Vec<String> {
    let explain = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
    let rows = sqlx::query(explain).fetch_all(shell).await.unwrap();
    rows.iter().map(|row| sqlx::Row::get(row, "detail")).collect()
}

#[tokio::test]
async fn what_is_asked_of_one_finding_is_answered_by_an_index() {
    let desk = Desk::new();
    let store = desk.open().await;
    store.record(&leased(&*store).await, full().0).await.unwrap();
    let mut shell = desk.shell().await;
    let of_one = [
        statements::FINDING_READ,
        statements::FINDING_VERSION,
        statements::pages::DUE_OF,
        statements::pages::LINKS_BETWEEN,
        statements::pages::LINK_PLACE,
    ];
    let of_bucket = [
        statements::stamped::STAMPS_OF,
        statements::stamped::STAMPS_AT,
        statements::stamped::STAMP_READ,
        statements::stamped::SUM_READ,
        statements::stamped::STAMPED_LAST,
    ];
    let of_name = [
        statements::names::OF_CASE,
        statements::names::OF_FINDINGS,
        statements::names::OF_WRITE_UPS,
        statements::names::ALIKE,
        statements::names::NAMES_AFTER,
    ];
    let of_one = statements::rows_of::ALL.iter().copied().chain(of_one).chain(of_bucket).chain(of_name);
    for statement in of_one {
        let explain = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
        let rows = sqlx::query(explain).fetch_all(&mut shell).await.unwrap();
        let plan: Vec<String> = rows.iter().map(|row| sqlx::Row::get(row, "detail")).collect();
        let is_search = |step: &String| step.starts_with("SEARCH") || step.contains("TEMP B-TREE");
        let by_index = |step: &String| is_search(step) || step.contains("history_stamped");
        assert!(plan.iter().all(by_index), "{statement}: {plan:?}");
    }
}
