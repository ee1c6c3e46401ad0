//! GraphQL as the sandbox plays it.

use serde_json::{Value, json};

use crate::support::{Trackers, sandbox};

/// The union of what our client could ask for.
const EVERYTHING: &str = "
  fragment Whole on Issue {
    id databaseId number title body state stateReason(enableDuplicate: true) url updatedAt closedAt locked
    author { login }
    assignees(first: 10) { nodes { login databaseId } }
    labels(first: 20) { nodes { name } }
    repository { databaseId nameWithOwner visibility isPrivate isArchived }
    timelineItems(itemTypes: [CLOSED_EVENT], last: 1) { nodes { ... on ClosedEvent { actor { login } createdAt } } }
  }";

async fn issues(trackers: &Trackers, n: usize) -> Vec<Value> {
    let repo = json!({"full_name": "acme/payments", "bulk_issues": n});
    trackers.control("POST", "/world/add", json!({"github": {"repositories": [repo]}})).await;
    let state = trackers.sandbox.world().state();
    state["github"]["repositories"][0]["issues"]
        .as_array()
        .unwrap()
        .iter()
        .map(|issue| issue["node_id"].clone())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_has_every_field_that_is_asked_for() {
    let trackers = sandbox().await;
    let made = trackers
        .open_issue("acme/payments", json!({"title": "T", "labels": ["security"], "assignees": ["ana"]}))
        .await;
    let deed = json!({"as": "bo", "tracker": "github", "issue": "acme/payments#1", "do": "close", "reason": "duplicate"});
    trackers.control("POST", "/act", deed).await;
    let query = format!(
        "query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ...Whole }} rateLimit {{ cost remaining resetAt }} }} {EVERYTHING}"
    );
    let reply = trackers.graphql(&query, json!({"ids": [made["node_id"]]})).await;
    let node = &reply.body["data"]["nodes"][0];
    assert_eq!(
        (&node["databaseId"], &node["state"], &node["stateReason"]),
        (&made["id"], &json!("CLOSED"), &json!("DUPLICATE"))
    );
    assert_eq!(node["timelineItems"]["nodes"][0]["actor"]["login"], "bo");
    assert_eq!(node["repository"]["nameWithOwner"], "acme/payments");
    assert_eq!(node["assignees"]["nodes"][0]["login"], "ana");
    assert_eq!(node["labels"]["nodes"], json!([{"name": "security"}]));
    assert_eq!(reply.body["data"]["rateLimit"]["remaining"], 4999);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duplicate_is_told_only_on_demand() {
    let trackers = sandbox().await;
    let made = trackers.open_issue("acme/payments", json!({"title": "T"})).await;
    trackers
        .github(
            "PATCH",
            "/repos/acme/payments/issues/1",
            json!({"state": "closed", "state_reason": "duplicate"}),
        )
        .await;
    let query = format!("{{ node(id: {}) {{ ... on Issue {{ stateReason }} }} }}", made["node_id"]);
    assert_eq!(
        trackers.graphql(&query, Value::Null).await.body["data"]["node"]["stateReason"],
        "NOT_PLANNED"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn several_aliased_fields_carry_more_than_a_hundred_ids() {
    let trackers = sandbox().await;
    let ids = issues(&trackers, 198).await;
    let query = "query($a: [ID!]!, $b: [ID!]!) { a: nodes(ids: $a) { ... on Issue { number } } b: nodes(ids: $b) { ... on Issue { number } } }";
    let reply = trackers.graphql(query, json!({"a": &ids[..99], "b": &ids[99..]})).await;
    assert_eq!(reply.body["data"]["a"][98]["number"], 99);
    assert_eq!(reply.body["data"]["b"][98]["number"], 198);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_a_hundred_ids_in_one_field_are_refused() {
    let trackers = sandbox().await;
    let ids = issues(&trackers, 101).await;
    let reply = trackers.graphql("query($ids:[ID!]!){nodes(ids:$ids){id}}", json!({"ids": ids})).await;
    assert_eq!((reply.status, &reply.body["errors"][0]["type"]), (200, &json!("ARGUMENT_LIMIT")));
    assert!(reply.body.get("data").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_node_is_null_with_an_error_and_the_rest_is_valid() {
    let trackers = sandbox().await;
    let ids = issues(&trackers, 1).await;
    let query = format!("{{ n: nodes(ids: [\"I_kwSB1\", {}]) {{ id }} }}", ids[0]);
    let reply = trackers.graphql(&query, Value::Null).await;
    assert_eq!(reply.body["data"]["n"], json!([null, {"id": ids[0]}]));
    assert_eq!(reply.body["errors"][0]["type"], "NOT_FOUND");
    assert_eq!(reply.body["errors"][0]["path"], json!(["n", 0]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_out_of_sight_is_missing() {
    let trackers = sandbox().await;
    let ids = issues(&trackers, 1).await;
    let deed = json!({"as": "ana", "tracker": "github", "repo": "acme/payments", "do": "set_permission", "login": "acme-bot", "permission": "none"});
    trackers.control("POST", "/act", deed).await;
    let reply = trackers.graphql("query($ids:[ID!]!){nodes(ids:$ids){id}}", json!({"ids": ids})).await;
    assert_eq!(reply.body["data"]["nodes"], json!([null]));
}

#[tokio::test(flavor = "multi_thread")]
async fn used_up_points_are_an_error_with_status_200() {
    let trackers = sandbox().await;
    trackers.control("POST", "/settings", json!({"github": {"graphql_limit": 1}})).await;
    trackers.graphql("{ viewer { login } }", Value::Null).await;
    let reply = trackers.graphql("{ viewer { login } }", Value::Null).await;
    assert_eq!((reply.status, &reply.body["errors"][0]["type"]), (200, &json!("RATE_LIMITED")));
    assert_eq!(
        (reply.header("x-ratelimit-remaining"), reply.header("x-ratelimit-resource")),
        ("0", "graphql")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_field_and_bad_syntax_are_errors_without_data() {
    let trackers = sandbox().await;
    let ids = issues(&trackers, 1).await;
    for query in [
        format!("{{ node(id: {}) {{ ... on Issue {{ colour }} }} }}", ids[0]),
        "{ nodes(ids: [".to_owned(),
        "{ planets { name } }".to_owned(),
    ] {
        let reply = trackers.graphql(&query, Value::Null).await;
        assert_eq!(reply.status, 200);
        assert!(
            reply.body.get("data").is_none() && reply.body["errors"][0]["message"].is_string(),
            "{}",
            reply.body
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn graphql_answers_at_both_addresses_and_only_to_somebody() {
    let trackers = sandbox().await;
    let body = json!({"query": "query Who { viewer { login } }"});
    let enterprise = trackers.github("POST", "/api/graphql", body.clone()).await;
    assert_eq!(enterprise.body["data"]["viewer"]["login"], "acme-bot");
    let nobody = trackers.github_as(crate::support::Auth::None, "POST", "/graphql", body.clone()).await;
    assert_eq!(nobody.status, 401);
    let wrong = trackers.github("POST", "/api/v3/graphql", body).await;
    assert_eq!(wrong.status, 404, "GraphQL is not below /api/v3");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_without_first_or_last_is_refused() {
    let trackers = sandbox().await;
    let ids = issues(&trackers, 1).await;
    let query = format!("{{ node(id: {}) {{ ... on Issue {{ labels {{ nodes {{ name }} }} }} }} }}", ids[0]);
    let reply = trackers.graphql(&query, Value::Null).await;
    assert!(
        reply.body["errors"][0]["message"].as_str().unwrap().contains("`first` or `last`"),
        "{}",
        reply.body
    );
}

/// A list of issues of the first repository, asked for with these arguments.
async fn listed(trackers: &Trackers, arguments: &str, variables: Value) -> Value {
    let heading = if variables.is_null() { "" } else { "query($since: DateTime)" };
    let query = format!(
        "{heading} {{ repository(owner: \"acme\", name: \"payments\") {{ issues({arguments}) {{ totalCount nodes {{ number }} \
         pageInfo {{ hasNextPage hasPreviousPage endCursor }} }} }} }}"
    );
    trackers.graphql(&query, variables).await.body
}

fn numbers(body: &Value) -> Vec<u64> {
    let nodes = body["data"]["repository"]["issues"]["nodes"].as_array().unwrap_or_else(|| panic!("{body}"));
    nodes.iter().map(|node| node["number"].as_u64().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_lists_its_issues_as_it_is_asked() {
    let trackers = sandbox().await;
    issues(&trackers, 3).await;
    trackers.control("POST", "/clock", json!({"advance_ms": 60_000})).await;
    let act = async |deed: Value| {
        let mut deed = deed;
        (deed["as"], deed["tracker"]) = (json!("ana"), json!("github"));
        trackers.control("POST", "/act", deed).await;
    };
    act(json!({"issue": "acme/payments#1", "do": "close"})).await;
    act(json!({"repo": "acme/payments", "do": "open_issue", "title": "P", "pull_request": true})).await;
    assert_eq!(
        numbers(&listed(&trackers, "first: 10", Value::Null).await),
        [1, 2, 3],
        "oldest first, no pull request"
    );
    let newest = "first: 2, orderBy: {field: UPDATED_AT, direction: DESC}";
    let page = listed(&trackers, newest, Value::Null).await;
    assert_eq!(numbers(&page), [1, 3]);
    let info = &page["data"]["repository"]["issues"]["pageInfo"];
    assert_eq!((&info["hasNextPage"], &info["hasPreviousPage"]), (&json!(true), &json!(false)));
    assert_eq!(page["data"]["repository"]["issues"]["totalCount"], 3);
    let next = listed(&trackers, &format!("{newest}, after: {}", info["endCursor"]), Value::Null).await;
    assert_eq!(numbers(&next), [2]);
    let info = &next["data"]["repository"]["issues"]["pageInfo"];
    assert_eq!((&info["hasNextPage"], &info["hasPreviousPage"]), (&json!(false), &json!(true)));
    assert_eq!(numbers(&listed(&trackers, "last: 2", Value::Null).await), [2, 3]);
    let since = |at: &str| json!({"since": at});
    let filtered = "first: 5, filterBy: {since: $since}";
    assert_eq!(
        numbers(&listed(&trackers, filtered, since("2026-09-21T14:14:20Z")).await),
        [1],
        "then or later"
    );
    assert_eq!(numbers(&listed(&trackers, filtered, since("2026-09-21T14:14:21Z")).await), Vec::<u64>::new());
    assert_eq!(numbers(&listed(&trackers, filtered, json!({"since": null})).await), [1, 2, 3]);
    assert_eq!(numbers(&listed(&trackers, "first: 5, states: [OPEN]", Value::Null).await), [2, 3]);
    assert_eq!(numbers(&listed(&trackers, "first: 5, filterBy: {states: CLOSED}", Value::Null).await), [1]);
    let query = "{ a: repository(owner: \"acme\", name: \"payments\") { databaseId new: issues(first: 1, orderBy: {field: UPDATED_AT, direction: DESC}) \
                 { nodes { number } } old: issues(first: 1) { edges { node { number } } } } \
                 b: repository(owner: \"acme\", name: \"nowhere\") { issues(first: 1) { nodes { number } } } }";
    let reply = trackers.graphql(query, Value::Null).await.body;
    assert_eq!(reply["data"]["a"]["new"]["nodes"], json!([{"number": 1}]));
    assert_eq!(reply["data"]["a"]["old"]["edges"], json!([{"node": {"number": 1}}]));
    assert_eq!((&reply["data"]["b"], &reply["errors"][0]["path"]), (&Value::Null, &json!(["b"])));
    trackers.control("POST", "/settings", json!({"github": {"list_lag_ms": 1_000}})).await;
    act(json!({"repo": "acme/payments", "do": "open_issue", "title": "Late"})).await;
    assert_eq!(numbers(&listed(&trackers, "first: 10", Value::Null).await), [1, 2, 3], "lists are behind");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_issues_that_is_asked_for_wrongly_is_refused() {
    let trackers = sandbox().await;
    issues(&trackers, 1).await;
    for (arguments, kind) in [
        ("states: [OPEN]", "MISSING_PAGINATION_BOUNDARIES"),
        ("first: 101", "EXCESSIVE_PAGINATION"),
        ("first: 1, after: \"nonsense\"", "INVALID_CURSOR_ARGUMENTS"),
        ("first: 1, colour: RED", "argumentNotAccepted"),
        ("first: 1, filterBy: {colour: RED}", "argumentNotAccepted"),
        ("first: 1, filterBy: {since: \"soon\"}", "argumentLiteralsIncompatible"),
        ("first: 1, orderBy: {field: COLOUR, direction: ASC}", "argumentLiteralsIncompatible"),
        ("first: 1, orderBy: {field: UPDATED_AT}", "argumentLiteralsIncompatible"),
    ] {
        let reply = listed(&trackers, arguments, Value::Null).await;
        assert_eq!(reply["errors"][0]["type"], kind, "{arguments}: {reply}");
        assert!(reply.get("data").is_none());
    }
}
