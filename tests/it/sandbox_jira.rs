//! Jira Cloud as the sandbox plays it: every trap a plain fact.

use serde_json::{Value, json};

use crate::support::{CLOUD_BOT, Reply, Trackers, sandbox};

pub(crate) async fn act(trackers: &Trackers, deed: Value) -> Value {
    let mut whole = json!({"as": "ana", "tracker": "jira"});
    whole.as_object_mut().unwrap().extend(deed.as_object().unwrap().clone());
    trackers.control("POST", "/act", whole).await
}

/// Changes PLAT.
pub(crate) async fn plat(trackers: &Trackers, change: Value) {
    let mut project = json!({"key": "PLAT"});
    project.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    trackers.control("POST", "/world/add", json!({"jira": {"projects": [project]}})).await;
}

pub(crate) async fn create(trackers: &Trackers, fields: Value) -> Reply {
    let mut all = json!({"project": {"key": "PLAT"}, "issuetype": {"name": "Bug"}, "summary": "A finding"});
    all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    trackers.jira("POST", "/issue", json!({"fields": all})).await
}

pub(crate) async fn read(trackers: &Trackers, key: &str) -> Value {
    trackers.jira("GET", &format!("/issue/{key}"), Value::Null).await.body["fields"].clone()
}

pub(crate) async fn search(trackers: &Trackers, jql: &str) -> Reply {
    trackers.jira("POST", "/search/jql", json!({"jql": jql, "fields": ["summary"]})).await
}

pub(crate) async fn account(trackers: &Trackers, name: &str) -> String {
    let found = trackers.jira("GET", &format!("/user/search?query={name}"), Value::Null).await;
    found.body[0]["accountId"].as_str().unwrap().to_owned()
}

fn adf(text: &str) -> Value {
    json!({"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [{"type": "text", "text": text}]}]})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_answers_id_key_and_self_only_and_sets_properties_with_it() {
    let trackers = sandbox().await;
    let body = json!({
        "fields": {"project": {"key": "PLAT"}, "issuetype": {"name": "Bug"}, "summary": "S", "labels": ["pm-1"], "description": adf("why")},
        "properties": [{"key": "pm.finding", "value": {"id": "F1"}}],
    });
    let made = trackers.jira("POST", "/issue", body).await;
    assert_eq!(made.status, 201);
    let names: Vec<&String> = made.body.as_object().unwrap().keys().collect();
    assert_eq!(names, ["id", "key", "self"]);
    let property = trackers.jira("GET", "/issue/PLAT-1/properties/pm.finding", Value::Null).await;
    assert_eq!(property.body["value"], json!({"id": "F1"}));
    let fields = read(&trackers, "PLAT-1").await;
    assert_eq!((&fields["description"], &fields["status"]["name"]), (&adf("why"), &json!("To Do")));
    assert_eq!(fields["status"]["statusCategory"]["key"], "new");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_can_carry_a_transition() {
    let trackers = sandbox().await;
    let fields = json!({"project": {"key": "PLAT"}, "issuetype": {"name": "Bug"}, "summary": "S"});
    let made = trackers.jira("POST", "/issue", json!({"fields": fields, "transition": {"id": "21"}})).await;
    assert_eq!((made.status, &made.body["transition"]["status"]), (201, &json!(204)));
    assert_eq!(read(&trackers, "PLAT-1").await["status"]["name"], "In Progress");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_is_refused_field_by_field() {
    let trackers = sandbox().await;
    let cases = [
        (
            json!({"labels": ["two words"]}),
            "labels",
            "The label 'two words' contains spaces which is invalid.",
        ),
        (json!({"summary": "x".repeat(255)}), "summary", "Summary must be less than 255 characters."),
        (
            json!({"summary": "a\nb"}),
            "summary",
            "The summary is invalid because it contains newline characters.",
        ),
        (
            json!({"description": "wiki"}),
            "description",
            "Operation value must be an Atlassian Document (see the Atlassian Document Format)",
        ),
        (json!({"description": adf("")}), "description", "INVALID_INPUT"),
        (
            json!({"description": {"type": "doc", "version": 1, "content": [{"type": "text", "text": "x"}]}}),
            "description",
            "INVALID_INPUT",
        ),
        (
            json!({"description": {"type": "doc", "version": 1, "content": [{"type": "bulletList", "content": []}]}}),
            "description",
            "INVALID_INPUT",
        ),
        (
            json!({"description": adf(&"x".repeat(32_768))}),
            "description",
            "The entered text is too long. It exceeds the allowed limit of 32,767 characters.",
        ),
        (
            json!({"customfield_1": "x"}),
            "customfield_1",
            "Field 'customfield_1' cannot be set. It is not on the appropriate screen, or unknown.",
        ),
        (
            json!({"duedate": "2026-11-24T00:00:00Z"}),
            "duedate",
            "Error parsing date string: 2026-11-24T00:00:00Z",
        ),
        (json!({"assignee": {"accountId": "ghost"}}), "assignee", "Specify a valid value for the assignee"),
        (json!({"issuetype": {"name": "Epic"}}), "issuetype", "Specify a valid issue type"),
        (json!({"project": {"key": "NOPE"}}), "project", "valid project is required"),
    ];
    for (fields, name, reason) in cases {
        let refused = create(&trackers, fields).await;
        assert_eq!((refused.status, &refused.body["errors"][name]), (400, &json!(reason)));
    }
    assert_eq!(
        trackers.sandbox.world().state()["jira"]["projects"][0]["issues"],
        json!([]),
        "nothing was made"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn version_two_of_cloud_takes_and_gives_wiki_text() {
    let trackers = sandbox().await;
    let url = format!("{}/rest/api/2/issue", trackers.sandbox.addresses.jira);
    let fields = json!({"project": {"key": "PLAT"}, "issuetype": {"name": "Bug"}, "summary": "S", "description": "h1. Why"});
    let made = trackers.request("POST", &url, CLOUD_BOT, &[], Some(json!({"fields": fields}))).await.unwrap();
    assert_eq!(made.status, 201);
    let wiki = trackers.request("GET", &format!("{url}/PLAT-1"), CLOUD_BOT, &[], None).await.unwrap();
    assert_eq!(wiki.body["fields"]["description"], "h1. Why");
    assert_eq!(read(&trackers, "PLAT-1").await["description"], adf("h1. Why"));
    let mut rich = fields;
    rich["description"] = adf("x");
    let refused =
        trackers.request("POST", &url, CLOUD_BOT, &[], Some(json!({"fields": rich}))).await.unwrap();
    assert_eq!(refused.body["errors"]["description"], "Operation value must be a string");
}

#[tokio::test(flavor = "multi_thread")]
async fn seeded_required_fields_show_in_createmeta_and_are_enforced() {
    let trackers = sandbox().await;
    let field = json!({"id": "customfield_10050", "name": "Severity", "kind": "option", "required": true, "allowed": ["High", "Low"]});
    plat(&trackers, json!({"fields": [field], "off_screen": ["duedate"]})).await;
    let types = trackers.jira("GET", "/issue/createmeta/PLAT/issuetypes", Value::Null).await.body;
    assert_eq!(types["issueTypes"][0]["name"], "Bug");
    let id = types["issueTypes"][0]["id"].as_str().unwrap();
    let meta =
        trackers.jira("GET", &format!("/issue/createmeta/PLAT/issuetypes/{id}"), Value::Null).await.body;
    let severity = meta["fields"]
        .as_array()
        .unwrap()
        .iter()
        .find(|field| field["fieldId"] == "customfield_10050")
        .unwrap();
    assert_eq!(
        (&severity["required"], &severity["allowedValues"][0]["value"]),
        (&json!(true), &json!("High"))
    );
    let refused = create(&trackers, json!({})).await;
    assert_eq!(refused.body["errors"]["customfield_10050"], "Severity is required.");
    let refused = create(&trackers, json!({"customfield_10050": {"value": "Huge"}})).await;
    assert_eq!(refused.body["errors"]["customfield_10050"], "Option value 'Huge' is not valid");
    let refused =
        create(&trackers, json!({"customfield_10050": {"value": "High"}, "duedate": "2026-12-01"})).await;
    assert!(refused.body["errors"]["duedate"].as_str().unwrap().contains("not on the appropriate screen"));
    assert_eq!(create(&trackers, json!({"customfield_10050": {"value": "High"}})).await.status, 201);
    assert_eq!(read(&trackers, "PLAT-1").await["customfield_10050"]["value"], "High");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_ignores_the_status_without_a_word() {
    let trackers = sandbox().await;
    let key = trackers.create_jira(json!({})).await;
    let change = json!({"fields": {"status": {"name": "Done"}, "summary": "New"}, "update": {"labels": [{"add": "a"}]}});
    assert_eq!(trackers.jira("PUT", &format!("/issue/{key}"), change).await.status, 204);
    let fields = read(&trackers, &key).await;
    assert_eq!(
        (&fields["status"]["name"], &fields["summary"], &fields["labels"]),
        (&json!("To Do"), &json!("New"), &json!(["a"]))
    );
    let back = trackers
        .jira(
            "PUT",
            &format!("/issue/{key}?returnIssue=true"),
            json!({"update": {"labels": [{"remove": "a"}]}}),
        )
        .await;
    assert_eq!((back.status, &back.body["fields"]["labels"]), (200, &json!([])));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_can_leave_the_assignee_without_a_word() {
    let trackers = sandbox().await;
    let key = trackers.create_jira(json!({})).await;
    let ana = account(&trackers, "ana").await;
    let change = json!({"fields": {"assignee": {"accountId": ana}}});
    act(&trackers, json!({"project": "PLAT", "do": "set_drops_assignee", "enabled": true})).await;
    assert_eq!(trackers.jira("PUT", &format!("/issue/{key}"), change.clone()).await.status, 204);
    assert_eq!(read(&trackers, &key).await["assignee"], Value::Null);
    act(&trackers, json!({"project": "PLAT", "do": "set_drops_assignee", "enabled": false})).await;
    trackers.jira("PUT", &format!("/issue/{key}"), change).await;
    assert_eq!(read(&trackers, &key).await["assignee"]["displayName"], "Ana Ruiz");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assignee_is_set_cleared_and_refused() {
    let trackers = sandbox().await;
    let key = trackers.create_jira(json!({})).await;
    let path = format!("/issue/{key}/assignee");
    let (ana, eli) = (account(&trackers, "ana").await, account(&trackers, "eli").await);
    plat(&trackers, json!({"assignable": ["ana", "acme-bot"]})).await;
    assert_eq!(trackers.jira("PUT", &path, json!({"accountId": ana})).await.status, 204);
    let refused = trackers.jira("PUT", &path, json!({"accountId": eli})).await;
    assert_eq!((refused.status, refused.body["errors"]["assignee"].is_string()), (400, true));
    let assignable = trackers
        .jira("GET", &format!("/user/assignable/search?project=PLAT&accountId={eli}"), Value::Null)
        .await;
    assert_eq!(assignable.body, json!([]));
    assert_eq!(trackers.jira("PUT", &path, json!({"accountId": null})).await.status, 204);
    assert_eq!(read(&trackers, &key).await["assignee"], Value::Null);
    assert_eq!(trackers.jira("PUT", &path, json!({"accountId": "-1"})).await.status, 204);
    act(&trackers, json!({"project": "PLAT", "do": "set_requires_assignee", "enabled": true})).await;
    let refused = trackers.jira("PUT", &path, json!({"accountId": null})).await;
    assert_eq!(refused.body["errors"]["assignee"], "Issues must be assigned.");
}

#[tokio::test(flavor = "multi_thread")]
async fn done_asks_for_a_resolution_and_other_ways_refuse_one() {
    let trackers = sandbox().await;
    let key = trackers.create_jira(json!({})).await;
    let path = format!("/issue/{key}/transitions");
    let ways = trackers.jira("GET", &format!("{path}?expand=transitions.fields"), Value::Null).await.body;
    let done =
        ways["transitions"].as_array().unwrap().iter().find(|way| way["to"]["name"] == "Done").unwrap();
    assert_eq!(done["fields"]["resolution"]["required"], true);
    assert_eq!(done["to"]["statusCategory"]["key"], "done");
    let refused = trackers.jira("POST", &path, json!({"transition": {"id": "41"}})).await;
    assert_eq!(
        (refused.status, &refused.body["errorMessages"][0]),
        (400, &json!("Field Resolution is required."))
    );
    let wont = json!({"resolution": {"name": "Won't Do"}});
    let refused = trackers.jira("POST", &path, json!({"transition": {"id": "21"}, "fields": wont})).await;
    let reason = "Field 'resolution' cannot be set. It is not on the appropriate screen, or unknown.";
    assert_eq!((refused.status, &refused.body["errors"]["resolution"]), (400, &json!(reason)));
    let moved = trackers.jira("POST", &path, json!({"transition": {"id": "41"}, "fields": wont})).await;
    assert_eq!((moved.status, moved.body), (204, Value::Null));
    assert_eq!(read(&trackers, &key).await["resolution"]["name"], "Won't Do");
    let again = trackers.jira("POST", &path, json!({"transition": {"id": "21"}})).await;
    assert_eq!(again.status, 400, "no such way from Done");
    trackers.jira("POST", &path, json!({"transition": {"id": "51"}})).await;
    assert_eq!(read(&trackers, &key).await["resolution"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workflow_can_be_seeded_and_hide_its_resolution() {
    let trackers = sandbox().await;
    let workflow = json!({
        "statuses": [{"name": "Open", "category": "new"}, {"name": "Shut", "category": "done"}],
        "transitions": [{"name": "Shut it", "from": ["Open"], "to": "Shut", "resolution": "optional", "hides_resolution": true}],
    });
    plat(&trackers, workflow).await;
    let key = trackers.create_jira(json!({})).await;
    let ways = trackers
        .jira("GET", &format!("/issue/{key}/transitions?expand=transitions.fields"), Value::Null)
        .await
        .body;
    assert_eq!(ways["transitions"][0]["fields"], json!({}));
    let step = json!({"transition": {"id": ways["transitions"][0]["id"]}, "fields": {"resolution": {"name": "Done"}}});
    assert_eq!(trackers.jira("POST", &format!("/issue/{key}/transitions"), step).await.status, 204);
    assert_eq!(read(&trackers, &key).await["status"]["name"], "Shut");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_right_to_move_issues_no_transition_is_offered() {
    let trackers = sandbox().await;
    let key = trackers.create_jira(json!({})).await;
    act(&trackers, json!({"project": "PLAT", "do": "set_access", "login": "acme-bot", "access": "comment"}))
        .await;
    let ways = trackers.jira("GET", &format!("/issue/{key}/transitions"), Value::Null).await;
    assert_eq!((ways.status, &ways.body["transitions"]), (200, &json!([])));
    let refused = trackers.jira("PUT", &format!("/issue/{key}"), json!({"fields": {"summary": "x"}})).await;
    assert_eq!(refused.status, 403);
    let refused = create(&trackers, json!({})).await;
    assert_eq!(refused.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moved_issue_keeps_its_id_and_answers_to_its_old_key() {
    let trackers = sandbox().await;
    trackers.control("POST", "/world/add", json!({"jira": {"projects": [{"key": "NEW"}]}})).await;
    let key = trackers.create_jira(json!({"labels": ["pm-1"]})).await;
    let before = trackers.jira("GET", &format!("/issue/{key}"), Value::Null).await.body;
    act(&trackers, json!({"issue": key, "do": "move", "to": "NEW"})).await;
    let after = trackers.jira("GET", &format!("/issue/{key}?expand=changelog"), Value::Null).await.body;
    assert_eq!((&after["id"], &after["key"]), (&before["id"], &json!("NEW-1")));
    assert_eq!(after["changelog"]["histories"][0]["items"][0]["field"], "Key");
    let fetched = trackers
        .jira("POST", "/issue/bulkfetch", json!({"issueIdsOrKeys": [key], "fields": ["project"]}))
        .await;
    assert_eq!(fetched.body["issues"][0]["key"], "NEW-1");
    let found = search(&trackers, "labels = \"pm-1\"").await;
    assert_eq!(found.body["issues"][0]["key"], "NEW-1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_and_a_forbidden_issue_look_the_same() {
    let trackers = sandbox().await;
    let key = trackers.create_jira(json!({})).await;
    act(&trackers, json!({"project": "PLAT", "do": "set_access", "login": "acme-bot", "access": "none"}))
        .await;
    let forbidden = trackers.jira("GET", &format!("/issue/{key}"), Value::Null).await;
    act(&trackers, json!({"project": "PLAT", "do": "set_access", "login": "acme-bot", "access": "write"}))
        .await;
    act(&trackers, json!({"issue": key, "do": "delete"})).await;
    let deleted = trackers.jira("GET", &format!("/issue/{key}"), Value::Null).await;
    assert_eq!((forbidden.status, deleted.status), (404, 404));
    assert_eq!(forbidden.body, deleted.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_cannot_go_where_the_workflow_has_no_way() {
    let trackers = sandbox().await;
    let key = trackers.create_jira(json!({})).await;
    let deed = json!({"as": "ana", "tracker": "jira", "issue": key, "do": "transition", "to": "In Review"});
    let refused = trackers.control_raw("POST", "/act", deed).await;
    assert_eq!((refused.status, &refused.body["allowed"]), (400, &json!(["In Progress", "Done"])));
    let deed = json!({"as": "ana", "tracker": "jira", "issue": key, "do": "transition", "to": "Done"});
    let refused = trackers.control_raw("POST", "/act", deed).await;
    assert!(refused.body["allowed"].as_array().unwrap().contains(&json!("Won't Do")));
}

#[tokio::test(flavor = "multi_thread")]
async fn comments_properties_and_links_hang_on_an_issue() {
    let trackers = sandbox().await;
    let key = trackers.create_jira(json!({})).await;
    let comments = format!("/issue/{key}/comment");
    assert_eq!(trackers.jira("POST", &comments, json!({"body": "wiki"})).await.status, 400);
    let made = trackers.jira("POST", &comments, json!({"body": adf("one")})).await;
    assert_eq!(made.status, 201);
    let id = made.body["id"].as_str().unwrap();
    trackers.jira("PUT", &format!("{comments}/{id}"), json!({"body": adf("two")})).await;
    assert_eq!(trackers.jira("GET", &comments, Value::Null).await.body["comments"][0]["body"], adf("two"));
    let property = format!("/issue/{key}/properties/pm.x");
    assert_eq!(trackers.jira("PUT", &property, json!(1)).await.status, 201);
    assert_eq!(trackers.jira("PUT", &property, json!(2)).await.status, 200);
    assert_eq!(trackers.jira("DELETE", &property, Value::Null).await.status, 204);
    assert_eq!(trackers.jira("GET", &property, Value::Null).await.status, 404);
    let link = json!({"globalId": "pm=1", "object": {"url": "https://acme.example/f/1", "title": "F1"}});
    let path = format!("/issue/{key}/remotelink");
    let (first, second) =
        (trackers.jira("POST", &path, link.clone()).await, trackers.jira("POST", &path, link).await);
    assert_eq!((first.status, second.status), (201, 200));
    assert_eq!(first.body["id"], second.body["id"], "a known global id is replaced");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bulk_create_answers_in_compacted_order() {
    let trackers = sandbox().await;
    let one = |summary: &str| json!({"fields": {"project": {"key": "PLAT"}, "issuetype": {"name": "Bug"}, "summary": summary}});
    let body = json!({"issueUpdates": [one("A"), one(""), one("C")]});
    let made = trackers.jira("POST", "/issue/bulk", body).await;
    assert_eq!((made.status, made.body["issues"].as_array().unwrap().len()), (201, 2));
    assert_eq!(made.body["errors"][0]["failedElementNumber"], 1);
    let all_bad = trackers.jira("POST", "/issue/bulk", json!({"issueUpdates": [one("")]})).await;
    assert_eq!(all_bad.status, 400);
}
