//! The statements themselves: accepted, portable, and served by an index.

use super::*;

#[tokio::test]
async fn every_statement_is_accepted_on_an_empty_and_on_a_filled_register() {
    let desk = Desk::new();
    let store = desk.open().await;
    for filled in [false, true] {
        if filled {
            store.record(&leased(&*store).await, full().0).await.unwrap();
        }
        let mut shell = desk.shell().await;
        for statement in statements::ALL.iter().chain(statements::reads::ALL) {
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
    for statement in statements::ALL.iter().chain(statements::reads::ALL) {
        let upper = statement.to_uppercase();
        for word in own {
            assert!(!upper.contains(word), "`{word}` in {statement}");
        }
    }
    let source = include_str!("../../../src/store/statements.rs");
    assert_eq!(source.matches("pub const ").count() - 1, statements::ALL.len(), "ALL lists every statement");
    let source = include_str!("../../../src/store/statements/reads.rs");
    let n_listed = statements::reads::ALL.len();
    assert_eq!(source.matches("pub const ").count() - 1, n_listed, "ALL lists every statement");
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
        (statements::reads::FOLLOWERS, "link_by_issue"),
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
