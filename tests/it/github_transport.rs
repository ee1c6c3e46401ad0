//! The transport over octocrab: credentials, redirects, failures. And how answers are classified.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use http::StatusCode;
use postmortem_sync::{
    model::{ids::PlaceName, issue::TrackerKind, postmortem::TrackerRef},
    net::{
        http::{Http as _, HttpError, SetupError, Timeouts},
        pace::Lane,
    },
    tracker::{
        TrackerError, TrackerRead as _, TrackerWrite as _,
        github::{GitHub, GitHubSettings, OctocrabHttp},
    },
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use crate::{
    github_rig::{
        Canned, Hand, act, by_number, client, client_at, client_over, draft, fault, known, log, read, reply,
        rest_issue, settings,
    },
    support::{sandbox, start_of_time},
};

type Check = fn(&TrackerError) -> bool;

const PEM: &str = include_str!("../data/app-key.pem");

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_known_by_its_token() {
    let trackers = sandbox().await;
    assert_eq!(client(&trackers).whoami().await.unwrap().as_str(), "acme-bot");
    let refused = client_at(&trackers, "no-such-token", Hand::at(start_of_time())).whoami().await;
    assert!(matches!(refused, Err(TrackerError::Unauthorized { .. })), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_anonymous_answer_is_no_account() {
    let not_here = || reply(403, &[], &json!({"message": "Resource not accessible by integration"}));
    let nobody = [
        vec![reply(200, &[], &json!({}))],
        vec![reply(200, &[], &json!({"login": ""}))],
        vec![not_here(), reply(200, &[], &json!({"data": {"viewer": null}})), not_here()],
    ];
    for answers in nobody {
        let github = client_over(Canned::new(answers), "https://api.github.com", Hand::at(start_of_time()));
        let refused = github.whoami().await;
        assert!(
            matches!(refused, Err(TrackerError::Unauthorized { .. } | TrackerError::Forbidden { .. })),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn an_installation_that_is_refused_its_user_is_known_by_graphql_or_by_the_app() {
    let refused = || reply(401, &[], &json!({"message": "Requires authentication"}));
    let viewer = reply(200, &[], &json!({"data": {"viewer": {"login": "pm-app[bot]"}}}));
    let app = reply(200, &[], &json!({"slug": "pm-app"}));
    for (answers, n_requests) in
        [(vec![refused(), viewer], 2), (vec![refused(), reply(404, &[], &json!({})), app], 3)]
    {
        let canned = Canned::new(answers);
        let github = client_over(canned.clone(), "https://api.github.com", Hand::at(start_of_time()));
        assert_eq!(github.whoami().await.unwrap().as_str(), "pm-app[bot]");
        assert_eq!(canned.lines().len(), n_requests);
    }
    let canned = Canned::new((0..9).map(|_| refused()));
    let github = client_over(canned.clone(), "https://api.github.com", Hand::at(start_of_time()));
    assert!(matches!(github.whoami().await, Err(TrackerError::Unauthorized { .. })));
    assert_eq!(canned.lines().len(), 2, "a dead token is not tried everywhere");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_file_may_end_with_a_line_break_but_a_token_may_not_contain_one() {
    let trackers = sandbox().await;
    let github = client_at(&trackers, "\n sandbox-github-token\r\n", Hand::at(start_of_time()));
    assert!(github.whoami().await.is_ok());
    for token in ["ghp_se\ncret", "ghp_secret\u{7f}", " \n"] {
        let refused = OctocrabHttp::token("https://api.github.com", &token.into(), Timeouts::default());
        let error = refused.map(|_| ()).unwrap_err();
        assert!(matches!(error, SetupError::Credential(_)), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("cret"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_none_is_refused_without_showing_it() {
    let refused = OctocrabHttp::app(
        "https://api.github.com",
        1,
        2,
        &"-----BEGIN secret".into(),
        Timeouts::default(),
        Hand::at(start_of_time()),
    );
    let error = refused.map(|_| ()).unwrap_err();
    assert!(matches!(error, SetupError::Credential(_)));
    assert!(!format!("{error} {error:?}").contains("secret"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_shows_no_credential_in_debug_output() {
    let http =
        OctocrabHttp::token("https://api.github.com", &"ghp_secret".into(), Timeouts::default()).unwrap();
    let shown = format!("{http:?}");
    assert!(!shown.contains("secret"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_that_cannot_be_a_tracker_are_refused() {
    for url in [
        "github.com",
        "ftp://api.github.com",
        "https://user:secret@ghe.acme.example/api/v3",
        "https://x/?a=b",
    ] {
        let refused = OctocrabHttp::token(url, &"t".into(), Timeouts::default()).map(|_| ()).unwrap_err();
        assert!(matches!(refused, SetupError::Address { .. }), "{url}: {refused:?}");
        assert!(!refused.to_string().contains("secret"), "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_on_an_enterprise_server_is_authenticated_on_rest_graphql_and_next_pages_with_one_token() {
    let trackers = crate::support::sandbox_with(json!({
        "people": [{"login": "ana"}],
        "github": {
            "apps": [{"id": 4242, "slug": "pm-app", "installation": 77, "account": "acme", "repositories": {"acme/payments": "push"}}],
            "repositories": [{"full_name": "acme/payments", "private": true, "bulk_issues": 150, "permissions": {"ana": "push"}}],
        },
    }))
    .await;
    // octocrab takes tokens for expired by the real clock; the sandbox's stands in the past.
    trackers
        .sandbox
        .world()
        .change_settings(&json!({"github": {"installation_token_ms": 3_000_000_000_000_i64}}))
        .unwrap();
    let url = format!("{}/api/v3", trackers.sandbox.addresses.github);
    let http = OctocrabHttp::app(&url, 4242, 77, &PEM.into(), Timeouts::default(), Hand::at(start_of_time()))
        .unwrap();
    let github = client_over(Arc::new(http), &url, Hand::at(start_of_time()));
    assert_eq!(github.whoami().await.unwrap().as_str(), "pm-app[bot]");
    let created = github.create(&draft(&github, "one").await).await.unwrap();
    assert_eq!(known(created.issue).author.unwrap().as_str(), "pm-app[bot]");
    let read = known(read(&github, &created.at).await);
    assert_eq!(read.author.unwrap().as_str(), "pm-app[bot]", "the same account in GraphQL");
    let place = PlaceName::new("acme/payments");
    let since = Some(start_of_time() - TimeDelta::hours(1));
    let marked = github.marked(&place, &[draft(&github, "one").await.marker], since).await.unwrap();
    assert_eq!(marked.len(), 1, "among 151");
    let changes = github.changes(std::slice::from_ref(&place), start_of_time()).await.unwrap();
    assert_eq!((changes.issues.len(), changes.untold.len()), (50, 1));
    let facts = github.place(&PlaceName::new("acme/payments")).await.unwrap();
    assert_eq!(facts.closed, None);
    let log = log(&trackers);
    let n_mints = log.iter().filter(|line| line.ends_with("/access_tokens")).count();
    assert_eq!(n_mints, 1, "{log:?}");
    assert!(log.contains(&"POST /api/graphql".to_owned()), "{log:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_installation_that_is_gone_is_a_refused_credential_and_not_a_missing_issue() {
    let trackers = sandbox().await;
    let url = trackers.sandbox.addresses.github.clone();
    let http =
        OctocrabHttp::app(&url, 4242, 999, &PEM.into(), Timeouts::default(), Hand::at(start_of_time()))
            .unwrap();
    let github = client_over(Arc::new(http), &url, Hand::at(start_of_time()));
    let refused = github.whoami().await;
    assert!(matches!(refused, Err(TrackerError::Unauthorized { .. })), "{refused:?}");
    let why = crate::github_rig::unknown(&github.find("acme/payments#1").await);
    assert!(why.contains("installation"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_cannot_be_minted_means_that_nothing_was_sent() {
    let trackers = sandbox().await;
    fault(&trackers, json!({"path": "access_tokens", "times": null, "action": {"status": {"status": 502}}}));
    let url = trackers.sandbox.addresses.github.clone();
    let http = OctocrabHttp::app(&url, 4242, 77, &PEM.into(), Timeouts::default(), Hand::at(start_of_time()))
        .unwrap();
    let github = client_over(Arc::new(http), &url, Hand::at(start_of_time()));
    assert!(matches!(github.whoami().await, Err(TrackerError::Unsent { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_product_names_itself_and_one_api_version() {
    let trackers = sandbox().await;
    client(&trackers).whoami().await.unwrap();
    let headers = trackers.sandbox.world().log()[0]["headers"].clone();
    assert_eq!(headers["user-agent"], "postmortem-sync");
    assert_eq!(headers["x-github-api-version"], "2022-11-28");
    let request = http::Request::builder().uri("/user").body(bytes::Bytes::new()).unwrap();
    let url = trackers.sandbox.addresses.github.clone();
    let http = OctocrabHttp::token(&url, &"sandbox-github-token".into(), Timeouts::default()).unwrap();
    assert_eq!(http.send(request).await.unwrap().status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_credential_goes_to_no_other_host() {
    let http = OctocrabHttp::token("https://api.github.com", &"secret".into(), Timeouts::default()).unwrap();
    let request = http::Request::builder().uri("http://127.0.0.1:9/steal").body(bytes::Bytes::new()).unwrap();
    assert!(matches!(http.send(request).await, Err(HttpError::Unsent(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_connection_is_certainly_unsent_and_a_cut_one_is_not() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let send = || async {
        let http = OctocrabHttp::token(&url, &"t".into(), Timeouts::default()).unwrap();
        http.send(http::Request::builder().method("POST").uri("/x").body(bytes::Bytes::new()).unwrap()).await
    };
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 1024]).await.unwrap();
        stream.write_all(b"HTTP/1.1 201 Created\r\ncontent-length: 100\r\n\r\n{\"id\":").await.unwrap();
    });
    assert!(matches!(send().await, Err(HttpError::Lost(_))));
    server.await.unwrap();
    assert!(matches!(send().await, Err(HttpError::Unsent(_))), "nobody listens any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_not_followed_so_a_create_can_neither_move_nor_become_a_read() {
    let trackers = sandbox().await;
    let github = client(&trackers);
    let draft = draft(&github, "one").await;
    fault(
        &trackers,
        json!({"method": "POST", "path": "/issues", "action": {"status": {
        "status": 301, "headers": {"Location": format!("{}/repositories/2/issues", trackers.sandbox.addresses.github)}, "body": {}}}}),
    );
    trackers.sandbox.world().clear_log();
    let error = github.create(&draft).await.unwrap_err();
    assert!(matches!(error, TrackerError::Moved { .. }) && error.is_certain(), "{error:?}");
    assert_eq!(log(&trackers).len(), 1);
}

#[tokio::test]
async fn a_secondary_limit_without_a_header_pauses_sixty_seconds_and_nothing_is_sent_meanwhile() {
    let limit = json!({"message": "You have exceeded a secondary rate limit."});
    let clock = Hand::at(start_of_time());
    let canned = Canned::new([reply(403, &[], &limit), reply(404, &[], &json!({}))]);
    let github = client_over(canned.clone(), "https://api.github.com", clock.clone());
    let place = PlaceName::new("acme/payments");
    let until = start_of_time() + TimeDelta::seconds(60);
    for _ in 0..3 {
        let refused = github.place(&place).await;
        assert!(
            matches!(&refused, Err(TrackerError::RateLimited { until: at, .. }) if *at == until),
            "{refused:?}"
        );
    }
    assert_eq!(canned.lines().len(), 1);
    clock.advance(TimeDelta::seconds(60));
    assert!(matches!(github.place(&place).await, Err(TrackerError::NotFound { .. })));
}

#[tokio::test]
async fn limits_are_told_apart_from_missing_permission() {
    let reset = (start_of_time().timestamp() + 900).to_string();
    let date = start_of_time().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let primary = [("date", date.as_str()), ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", &reset)];
    let cases = [
        (403, &primary[..], json!({"message": "API rate limit exceeded for user ID 1."}), 900),
        (429, &[("retry-after", "30")][..], json!({"message": "slow down"}), 30),
        (
            422,
            &[][..],
            json!({"message": "Validation Failed", "errors": [{"message": "was submitted too quickly"}]}),
            60,
        ),
        (
            200,
            &primary[..],
            json!({"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}),
            900,
        ),
        (200, &[][..], json!({"errors": [{"message": "You have exceeded a secondary rate limit"}]}), 60),
    ];
    for (status, headers, body, seconds) in cases {
        // Our own clock is an hour wrong: waits are differences on the server's.
        let clock = Hand::at(start_of_time() - TimeDelta::hours(1));
        // An App's installation has no user, so that its account is asked for in GraphQL, which is always 200.
        let no_user = reply(403, &[], &json!({"message": "Resource not accessible by integration"}));
        let no_user = (status == 200).then_some(no_user);
        let answers = no_user.into_iter().chain([reply(status, headers, &body)]);
        let github = client_over(Canned::new(answers), "https://api.github.com", clock);
        let expected = github.pace().now() + TimeDelta::seconds(seconds);
        let error = github.whoami().await.unwrap_err();
        assert!(matches!(&error, TrackerError::RateLimited { until, .. } if *until == expected), "{error:?}");
        assert!(github.pace().admit(Lane::Read).is_err());
        assert_eq!(github.pace().paused_until(), Some(expected));
    }
    let needs = [("x-accepted-github-permissions", "issues=write"), ("x-ratelimit-remaining", "4000")];
    let body = json!({"message": "Resource not accessible by personal access token"});
    let github = client_over(
        Canned::new([reply(403, &needs, &body)]),
        "https://api.github.com",
        Hand::at(start_of_time()),
    );
    let error = github.place(&PlaceName::new("acme/payments")).await.unwrap_err();
    assert!(
        matches!(error, TrackerError::Forbidden { .. }) && error.to_string().contains("issues=write"),
        "{error}"
    );
    assert_eq!(github.pace().paused_until(), None);
}

#[tokio::test]
async fn statuses_mean_what_the_table_says() {
    let invalid = json!({"message": "Validation Failed", "errors": [{"resource": "Issue", "field": "title", "code": "missing_field"}]});
    let quoting = json!({"message": "Validation Failed", "errors": [{"field": "labels", "code": "invalid", "value": "rate limit"}]});
    let cases: [(u16, Value, Check); 10] = [
        (400, json!({}), |e| matches!(e, TrackerError::Rejected { .. })),
        (401, json!({}), |e| matches!(e, TrackerError::Unauthorized { .. })),
        (403, json!({"message": "Repository was archived so is read-only."}), |e| {
            matches!(e, TrackerError::Forbidden { .. })
        }),
        (404, json!({}), |e| matches!(e, TrackerError::NotFound { .. })),
        (410, json!({}), |e| matches!(e, TrackerError::Gone { .. })),
        (
            422,
            invalid,
            |e| matches!(e, TrackerError::Rejected { field: Some(field), .. } if field == "title"),
        ),
        (422, quoting, |e| matches!(e, TrackerError::Rejected { .. })),
        (500, json!({}), |e| matches!(e, TrackerError::Transient { .. })),
        (304, json!({}), |e| matches!(e, TrackerError::Malformed { .. })),
        (200, json!("not a repository"), |e| matches!(e, TrackerError::Malformed { .. })),
    ];
    for (status, body, is_right) in cases {
        let github = client_over(
            Canned::new([reply(status, &[], &body)]),
            "https://api.github.com",
            Hand::at(start_of_time()),
        );
        let error = github.place(&PlaceName::new("acme/payments")).await.unwrap_err();
        assert!(is_right(&error), "{status}: {error:?}");
    }
}

#[tokio::test]
async fn the_last_permitted_answer_pauses_before_the_refusal() {
    let reset = (start_of_time().timestamp() + 10).to_string();
    let date = start_of_time().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let last = [("date", date.as_str()), ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", &reset)];
    let canned = Canned::new([reply(200, &last, &rest_issue(1))]);
    let github = client_over(canned, "https://api.github.com", Hand::at(start_of_time()));
    known(read(&github, &by_number(1)).await);
    assert_eq!(github.pace().paused_until(), Some(start_of_time() + TimeDelta::seconds(10)));
}

#[tokio::test]
async fn our_own_pace_defers_before_anything_is_sent() {
    let canned = Canned::new([]);
    let mut tight = settings("https://api.github.com");
    tight.allowances.reads_per_minute = 2;
    let github = GitHub::new(tight, canned.clone(), Hand::at(start_of_time())).unwrap();
    for _ in 0..3 {
        let _ = github.whoami().await;
    }
    assert_eq!(canned.lines().len(), 1);
    assert!(matches!(github.whoami().await, Err(TrackerError::RateLimited { .. })));
}

#[test]
fn a_reference_means_this_github_only_when_its_host_or_the_settings_say_so() {
    let reference = |host: Option<&str>| TrackerRef::Github {
        host: host.map(str::to_owned),
        repository: "acme/payments".to_owned(),
        number: 3,
    };
    let at = |url: &str, short: bool| {
        let settings = GitHubSettings { accepts_short_references: short, ..settings(url) };
        GitHub::new(settings, Canned::new([]), Hand::at(start_of_time())).unwrap()
    };
    let key = Some("acme/payments#3".to_owned());
    let public = at("https://api.github.com", true);
    assert_eq!((public.kind(), public.host().as_str()), (TrackerKind::Github, "api.github.com"));
    assert_eq!(public.key_of(&reference(Some("GitHub.com"))), key);
    assert_eq!(public.key_of(&reference(None)), key);
    assert_eq!(public.key_of(&reference(Some("ghe.acme.example"))), None);
    let own = at("https://ghe.acme.example/api/v3", false);
    assert_eq!(own.key_of(&reference(Some("ghe.acme.example"))), key);
    assert_eq!(own.key_of(&reference(None)), None);
    assert_eq!(at("https://api.acme.ghe.com", false).web_host(), "acme.ghe.com");
    let pull = TrackerRef::PullRequest { host: None, repository: "acme/payments".to_owned(), number: 3 };
    assert_eq!(public.key_of(&pull), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_token_that_was_revoked_is_renewed_once() {
    let trackers = sandbox().await;
    trackers
        .sandbox
        .world()
        .change_settings(&json!({"github": {"installation_token_ms": 3_000_000_000_000_i64}}))
        .unwrap();
    let url = trackers.sandbox.addresses.github.clone();
    let http = OctocrabHttp::app(&url, 4242, 77, &PEM.into(), Timeouts::default(), Hand::at(start_of_time()))
        .unwrap();
    let github = client_over(Arc::new(http), &url, Hand::at(start_of_time()));
    act(&trackers, json!({"repo": "acme/payments", "do": "open_issue", "title": "A"}));
    known(github.find("acme/payments#1").await);
    fault(
        &trackers,
        json!({"method": "GET", "path": "/issues/1", "action": {"status": {"status": 401, "body": {"message": "Bad credentials"}}}}),
    );
    known(github.find("acme/payments#1").await);
    let n_mints = log(&trackers).iter().filter(|line| line.ends_with("/access_tokens")).count();
    assert_eq!(n_mints, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_an_end_is_not_read_for_ever() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 1024]).await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        while stream.write_all(&[b' '; 65_536]).await.is_ok() {}
    });
    let http = OctocrabHttp::token(&url, &"t".into(), Timeouts::default()).unwrap();
    let lost = http.send(http::Request::builder().uri("/x").body(bytes::Bytes::new()).unwrap()).await;
    assert!(matches!(&lost, Err(HttpError::Lost(why)) if why.contains("longer than")), "{lost:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_is_a_lost_answer_after_our_own_time_out() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let short = Timeouts { whole: Duration::from_millis(50), ..Timeouts::default() };
    let http = OctocrabHttp::token(&url, &"t".into(), short).unwrap();
    let lost = http.send(http::Request::builder().uri("/x").body(bytes::Bytes::new()).unwrap()).await;
    assert!(matches!(lost, Err(HttpError::Lost(_))), "{lost:?}");
}
