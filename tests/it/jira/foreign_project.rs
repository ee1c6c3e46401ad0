//! A project of a Jira that is not our sandbox: who can read it, and what an issue there takes.

use super::{
    elsewhere::{Asked, Elsewhere, Told, json_of},
    foreign::{at, draft, issue},
    *,
};

/// A Jira that knows us and one project, with whatever else a test answers.
async fn with_project(other: impl Fn(&Asked) -> Option<Told> + Send + Sync + 'static) -> Elsewhere {
    Elsewhere::start(move |asked: &Asked| {
        if let Some(told) = other(asked) {
            return told;
        }
        match asked.path.split('?').next().unwrap() {
            path if path.ends_with("/myself") => json_of(200, json!({"accountId": "bot", "name": "bot"})),
            path if path.contains("/project/") && asked.is_anonymous => json_of(404, Value::Null),
            path if path.contains("/project/") => json_of(200, json!({"id": "7", "key": "PLAT"})),
            path if path.ends_with("/issue") => json_of(201, json!({"id": "30", "key": "PLAT-30"})),
            _ => json_of(404, Value::Null),
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn i20_only_401_and_404_to_a_visitor_prove_that_a_project_is_not_public() {
    let place = PlaceName::from("PLAT");
    for (status, is_proof) in
        [(401, true), (404, true), (403, false), (302, false), (400, false), (410, false)]
    {
        let server =
            with_project(move |asked| asked.is_anonymous.then(|| json_of(status, Value::Null))).await;
        match server.client(CLOUD).place(&place).await {
            Ok(facts) => assert!(is_proof && facts.visibility == Visibility::Private, "{status}: {facts:?}"),
            Err(error) => assert!(!is_proof && error.to_string().contains("401 or 404"), "{status}: {error}"),
        }
    }
    let html = || (200, "Content-Type: text/html\r\n", "<html>Log in</html>".to_owned());
    let server = with_project(move |asked| asked.is_anonymous.then(html)).await;
    assert!(server.client(CLOUD).place(&place).await.is_err(), "a login page proves nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_permissions_do_not_tell_closes_no_project() {
    let place = PlaceName::from("PLAT");
    let answers = [
        (json_of(404, Value::Null), None),
        (json_of(200, json!({"permissions": {}})), None),
        (json_of(200, json!({"permissions": {"CREATE_ISSUES": {}}})), None),
        (json_of(200, json!({"permissions": {"CREATE_ISSUES": {"havePermission": true}}})), None),
        (
            json_of(200, json!({"permissions": {"CREATE_ISSUES": {"havePermission": false}}})),
            Some("Create issues"),
        ),
    ];
    for (told, closed) in answers {
        let answer = told.clone();
        let server =
            with_project(move |asked| asked.path.contains("mypermissions").then(|| answer.clone())).await;
        let facts = server.client(CLOUD).place(&place).await.unwrap();
        assert_eq!(facts.closed.is_some(), closed.is_some(), "{told:?}: {:?}", facts.closed);
        assert!(closed.is_none_or(|words| facts.closed.unwrap().contains(words)));
    }
    let down =
        with_project(|asked| asked.path.contains("mypermissions").then(|| json_of(500, Value::Null))).await;
    assert!(down.client(CLOUD).place(&place).await.is_err(), "a server that is down tells nothing at all");
    let archived = json!({"id": "7", "key": "PLAT", "archived": true});
    let server =
        with_project(move |asked| (!asked.is_anonymous).then(|| json_of(200, archived.clone()))).await;
    assert_eq!(
        server.client(DC).place(&place).await.unwrap().closed.as_deref(),
        Some("the project is archived")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn issue_types_are_told_by_whoever_knows_them() {
    let kinds = json!([
        {"id": "1", "name": "Epic", "hierarchyLevel": 1},
        {"id": "2", "name": "Unteraufgabe", "subtask": true, "hierarchyLevel": -1},
        {"id": "3", "name": "Aufgabe", "subtask": null, "hierarchyLevel": 0},
    ]);
    for member in ["issueTypes", "values", "createMetaIssueType", "project"] {
        let kinds = kinds.clone();
        let server = with_project(move |asked| {
            let is_project = asked.path.ends_with("/project/7") && member == "project";
            let is_meta = asked.path.contains("/issuetypes?") && member != "project";
            let project = json!({"id": "7", "key": "PLAT", "issueTypes": kinds});
            let meta = json!({member: kinds, "total": 3, "issueTypesOfOthers": []});
            is_project.then(|| json_of(200, project)).or_else(|| is_meta.then(|| json_of(200, meta)))
        })
        .await;
        server.client(CLOUD).create(&draft("7", 1)).await.unwrap();
        assert_eq!(
            server.sent("POST", "/issue")[0].body["fields"]["issuetype"],
            json!({"id": "3"}),
            "{member}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rich_fields_are_sent_as_documents_to_the_cloud() {
    let server = with_project(|asked| {
        let kinds = json!({"issueTypes": [{"id": "3", "name": "Task"}], "total": 1});
        let fields = json!({"results": [
            {"fieldId": "environment", "key": "environment", "schema": {"type": "string", "system": "environment"}},
            {"key": "components", "schema": {"type": "array", "items": "component"}, "allowedValues": null},
        ], "total": 2});
        match asked.path.split('?').next().unwrap() {
            path if path.ends_with("/issuetypes") => Some(json_of(200, kinds)),
            path if path.ends_with("/issuetypes/3") => Some(json_of(200, fields)),
            _ => None,
        }
    })
    .await;
    let mut draft = draft("7", 1);
    draft.fields =
        [("environment", "prod"), ("components", "api, web")].map(|(a, b)| (a.into(), b.into())).into();
    server.client(CLOUD).create(&draft).await.unwrap();
    let sent = &server.sent("POST", "/issue")[0].body["fields"];
    assert_eq!(sent["environment"]["type"], "doc");
    assert_eq!(sent["components"], json!([{"name": "api"}, {"name": "web"}]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_ends_where_the_server_says_or_where_it_ends() {
    let pages: [(Value, usize); 5] = [
        (json!({}), 1),
        (json!({"maxResults": 2}), 3),
        (json!({"total": 5}), 3),
        (json!({"maxResults": 2, "total": 5, "isLast": null}), 3),
        (json!({"isLast": true}), 1),
    ];
    for (extent, n_pages) in pages {
        let told = extent.clone();
        let server = with_project(move |asked| {
            if !asked.path.contains("/comment?") {
                return asked.path.contains("/issue/1?").then(|| json_of(200, issue(1, &json!({}))));
            }
            let start: usize = asked.path.split("startAt=").nth(1)?.split('&').next()?.parse().ok()?;
            let all = (start..5.min(start + 2)).map(|n| json!({"id": n, "author": {"accountId": "bot"}, "body": "Hm", "created": "2026-01-01T00:00:00.000+0000"}));
            let mut page = told.clone();
            page["comments"] = all.collect();
            Some(json_of(200, page))
        })
        .await;
        let jira = server.client(CLOUD);
        let edit =
            Edit { comment: Some("Hello".to_owned()), comment_mark: Some(mark("d1")), ..Edit::default() };
        let one = known(jira.read(&[at(1, &jira)]).await.remove(0));
        jira.edit(&one, &edit).await.unwrap();
        assert_eq!(server.sent("GET", "/comment").len(), n_pages, "{extent}");
    }
}
