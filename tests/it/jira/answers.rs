//! Answers: what each means, for the credential and for a place.

use super::*;
use crate::specs::Checker;

#[tokio::test(flavor = "multi_thread")]
async fn a_place_is_private_only_when_an_anonymous_read_is_refused() {
    for kind in EDITIONS {
        let site = site(kind).await;
        let facts = site.jira.place(&site.place()).await.unwrap();
        assert_eq!((facts.name, facts.visibility, facts.closed), (site.place(), Visibility::Private, None));
        site.act(json!({"project": site.project(), "do": "set_anonymous", "readable": true}));
        assert_eq!(site.jira.place(&site.place()).await.unwrap().visibility, Visibility::Public);
        for reply in [
            json!({"status": 500}),
            json!({"status": 302, "headers": {"Location": "/login"}}),
            json!({"status": 200}),
        ] {
            site.fault(json!({"path": "/project/", "skip": 1, "times": 2, "action": {"status": reply}}));
            let unclear = site.jira.place(&site.place()).await;
            assert!(unclear.is_err(), "{reply}: {unclear:?}");
            site.trackers.sandbox.world().clear_faults();
        }
        site.act(
            json!({"project": site.project(), "do": "set_access", "login": "acme-bot", "access": "browse"}),
        );
        let closed = site.jira.place(&site.place()).await.unwrap().closed.unwrap();
        assert!(closed.contains("Create issues"), "{closed}");
        let missing = site.jira.place(&PlaceName::from("NOPE")).await;
        assert!(matches!(missing, Err(TrackerError::NotFound { .. })), "{missing:?}");
        assert!(site.jira.place(&PlaceName::from("../myself")).await.is_err());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn p49_a_refusal_parks_the_credential_and_a_limit_on_one_issue_does_not() {
    for kind in EDITIONS {
        let site = site(kind).await;
        let (issue, ana) = (site.create(1).await, site.account("ana").await);
        site.fault(json!({"method": "PUT", "action": {"rate_limit": {"reason": "jira-per-issue-on-write", "retry_after": 2}}}));
        let busy = site.jira.edit(&issue, &owner(Some(ana))).await;
        assert!(matches!(busy, Err(TrackerError::RateLimited { .. })), "{busy:?}");
        assert_eq!(site.jira.pace().paused_until(), None);
        site.fault(
            json!({"action": {"rate_limit": {"reason": "jira-quota-global-based", "retry_after": 900}}}),
        );
        unknown_because(&site.read(&issue.at).await, "wait until");
        let until = start_of_time() + TimeDelta::seconds(900);
        assert_eq!(site.jira.pace().paused_until(), Some(until));
        site.trackers.sandbox.world().clear_log();
        assert!(
            matches!(site.jira.whoami().await, Err(TrackerError::RateLimited { until: at, .. }) if at == until)
        );
        assert_eq!(site.trackers.sandbox.world().log_counts()["total"], 0, "nothing is sent during a pause");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i29_every_way_of_asking_for_a_pause_is_understood() {
    let now = start_of_time();
    let date = (now + TimeDelta::seconds(90)).format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let instant = (now + TimeDelta::seconds(90)).format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let minute = (now + TimeDelta::seconds(90)).format("%Y-%m-%dT%H:%MZ").to_string();
    let whole_minute = minute.replace('Z', ":00Z").parse::<DateTime<Utc>>().unwrap() - now;
    let asked = [
        (429, json!({"Retry-After": "90"}), TimeDelta::seconds(90)),
        (429, json!({"Retry-After": date}), TimeDelta::seconds(90)),
        (
            429,
            json!({"X-RateLimit-Reset": instant, "RateLimit-Reason": "jira-quota-tenant-based"}),
            TimeDelta::seconds(90),
        ),
        (429, json!({"X-RateLimit-Reset": minute, "X-RateLimit-Remaining": "7"}), whole_minute),
        (429, json!({"Retry-After": "5", "RateLimit-Reason": "jira-burst-based"}), TimeDelta::seconds(5)),
        (429, json!({}), TimeDelta::seconds(60)),
        (503, json!({"Retry-After": "90"}), TimeDelta::seconds(90)),
        (503, json!({"Retry-After": date}), TimeDelta::seconds(90)),
    ];
    for (status, headers, wait) in asked {
        let site = site(CLOUD).await;
        site.fault(json!({"action": {"status": {"status": status, "headers": headers}}}));
        let error = site.jira.whoami().await.unwrap_err();
        assert_eq!(matches!(error, TrackerError::RateLimited { .. }), status == 429, "{headers}: {error}");
        assert_eq!(site.jira.pace().paused_until(), Some(now + wait), "{status} {headers}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_captcha_is_a_refused_credential_that_a_person_has_to_free() {
    let site = site(DC).await;
    let denied = json!({"X-Authentication-Denied-Reason": "CAPTCHA_CHALLENGE; login-url=https://jira.example/login.jsp"});
    site.fault(json!({"action": {"status": {"status": 403, "headers": denied}}}));
    let error = site.jira.whoami().await.unwrap_err();
    assert!(matches!(error, TrackerError::Unauthorized { .. }), "{error:?}");
    assert!(error.to_string().contains("log in with it in a browser"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn i20_visitors_of_a_site_behind_the_gateway_are_looked_for_at_its_own_address() {
    let site = site(CLOUD).await;
    let own = site.trackers.sandbox.addresses.jira.clone();
    let gateway = |browse: &str| {
        let settings = JiraSettings {
            base_url: format!("{own}/ex/jira/11223344-a1b2-3b33-c444-def123456789"),
            browse_url: browse.to_owned(),
            ..settings(&site.trackers, CLOUD)
        };
        Jira::connect(settings, &credential(CLOUD, None), Timeouts::default(), Arc::new(Still)).unwrap()
    };
    assert_eq!(gateway(&own).place(&site.place()).await.unwrap().visibility, Visibility::Private);
    site.act(json!({"project": "PLAT", "do": "set_anonymous", "readable": true}));
    assert_eq!(gateway(&own).place(&site.place()).await.unwrap().visibility, Visibility::Public);
    let elsewhere = gateway(&format!("{own}/jira")).place(&site.place()).await.unwrap_err();
    assert!(elsewhere.to_string().contains("`browse_url` is"), "{elsewhere}");
}

#[tokio::test(flavor = "multi_thread")]
async fn statuses_of_answers_are_told_apart() {
    let site = site(CLOUD).await;
    let answer = async |status: u16, headers: Value| {
        let reply = json!({"status": status, "headers": headers, "body": {"errorMessages": ["why"]}});
        site.fault(json!({"times": 2, "action": {"status": reply}}));
        let error = site.jira.whoami().await.unwrap_err();
        site.trackers.sandbox.world().clear_faults();
        error
    };
    assert!(matches!(answer(401, json!({})).await, TrackerError::Unauthorized { .. }));
    assert!(matches!(answer(403, json!({})).await, TrackerError::Forbidden { why } if why.contains("why")));
    assert!(matches!(
        answer(403, json!({"X-Seraph-LoginReason": "AUTHENTICATION_DENIED"})).await,
        TrackerError::Unauthorized { .. }
    ));
    assert!(matches!(answer(404, json!({})).await, TrackerError::NotFound { .. }));
    assert!(matches!(answer(410, json!({})).await, TrackerError::Gone { .. }));
    assert!(matches!(answer(400, json!({})).await, TrackerError::Rejected { field: None, .. }));
    assert!(
        matches!(answer(301, json!({"Location": "https://new.example"})).await, TrackerError::Moved { to } if to == "https://new.example")
    );
    assert!(matches!(answer(502, json!({})).await, TrackerError::Transient { .. }));
    assert!(matches!(
        answer(200, json!({"X-AUSERNAME": "anonymous"})).await,
        TrackerError::Unauthorized { .. }
    ));
    assert!(
        matches!(answer(200, json!({})).await, TrackerError::Unauthorized { .. }),
        "an answer without an account"
    );
    site.fault(json!({"times": 2, "action": "drop_before"}));
    assert!(matches!(site.jira.whoami().await, Err(TrackerError::Transient { .. })));
    for action in [
        json!({"status": {"status": 200}}),
        json!({"status": {"status": 200, "body": "<html>Log in</html>"}}),
    ] {
        site.fault(json!({"action": action}));
        assert!(matches!(site.jira.whoami().await, Err(TrackerError::Malformed { .. })), "{action}");
    }
    site.fault(json!({"times": 2, "action": "truncate"}));
    assert!(matches!(site.jira.whoami().await, Err(TrackerError::Transient { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_never_stood_carried_nothing() {
    let site = site(CLOUD).await;
    let draft = site.draft(1).await;
    let issue = known(site.jira.create(&draft).await.unwrap().issue);
    // A client of its own has no connection left over from before.
    let fresh = site.as_token("sandbox-jira-token");
    site.trackers.sandbox.stop().await;
    let error = fresh.edit(&issue, &owner(Some(AccountId::from("x")))).await.unwrap_err();
    assert!(matches!(error, TrackerError::Unsent { .. }) && error.is_certain(), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_in_no_debug_output_and_in_no_error() {
    let credential = Credential::Basic { email: "bot@acme.example".to_owned(), token: "hunter2".into() };
    assert!(!format!("{credential:?}").contains("hunter2"));
    let site = site(CLOUD).await;
    let wrong = site.as_token("hunter2").whoami().await.unwrap_err();
    assert!(matches!(wrong, TrackerError::Unauthorized { .. }));
    assert!(!format!("{wrong:?} {wrong}").contains("hunter2"));
    let broken = Jira::connect(
        settings(&site.trackers, DC),
        &Credential::Bearer("a\nb".into()),
        Timeouts::default(),
        Arc::new(Still),
    );
    assert!(broken.err().unwrap().to_string().contains("line break"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_is_as_the_vendors_descriptions_say() {
    let Some(mut checker) = Checker::load() else { return };
    for kind in EDITIONS {
        let site = site(kind).await;
        site.change(json!({"fields": [{"id": "customfield_10050", "name": "Risk", "kind": "option", "allowed": ["High"]}]}));
        let ana = site.account("ana").await;
        site.trackers.sandbox.world().clear_log();
        let due = NaiveDate::from_ymd_opt(2027, 1, 15);
        let mut draft = Draft { assignee: Some(ana.clone()), due, ..site.draft(1).await };
        draft.fields.insert("customfield_10050".to_owned(), "High".to_owned());
        let issue = known(site.jira.create(&draft).await.unwrap().issue);
        site.jira.changes(&[site.place()], start_of_time()).await.unwrap();
        site.jira.marked(&site.place(), &[marker(1), marker(2)], None).await.unwrap();
        site.read(&issue.at).await;
        let edit = Edit {
            owner: Some(Change { from: Some(ana), to: None }),
            progress: Some(Change { from: Progress::Open, to: Progress::Done }),
            add_labels: BTreeSet::from(["late".to_owned()]),
            remove_labels: BTreeSet::from(["postmortem".to_owned()]),
            due: Some(Change { from: due, to: None }),
            block: Some(Change { from: String::new(), to: "now".to_owned() }),
            comment: Some("Reopened".to_owned()),
            comment_mark: Some(mark("d1")),
            unassign: BTreeSet::new(),
            text_before: None,
        };
        let edited = site.jira.edit(&issue, &edit).await.unwrap();
        assert_eq!(edited.dropped, []);
        let block = Some(Change { from: String::new(), to: "later".to_owned() });
        site.jira.edit(&edited.issue, &Edit { block, ..Edit::default() }).await.unwrap();
        site.jira.closer(&edited.issue).await.unwrap();
        let report = checker.check_log(&site.trackers.sandbox.world().log());
        report.assert_clean();
        assert!(report.n_requests > 20, "{kind:?}: {report:?}");
    }
}
