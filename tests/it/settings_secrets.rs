//! Secrets of the configuration: by reference only, and never repeated.

use postmortem_sync::model::postmortem::Level;
use postmortem_sync::settings::tracker::Credential;
use secrecy::ExposeSecret as _;

use super::settings::{PEOPLE, folder, lines, load, load_in, refused, with};

const LITERAL: &str = "ghp_notARealTokenButItLooksLikeOne";

#[test]
fn a_secret_written_into_the_file_is_refused_and_never_repeated() {
    for literal in [
        format!("token: {LITERAL}"),
        format!("token: {{ env: {LITERAL} }}"),
        format!("token: {{ file: {LITERAL} }}"),
        format!("token: {{ env: {LITERAL}, file: x }}"),
        format!("token: [{LITERAL}]"),
        format!("token: {{ value: {LITERAL} }}"),
        format!("{LITERAL}: x"),
        format!("app: {{ id: 1, installation: 2, private_key: {LITERAL} }}"),
        format!("app: {LITERAL}"),
        format!("app: \"{LITERAL} {}\"", "x".repeat(200)),
        format!("pace: {{ reads_per_minute: {LITERAL} }}"),
        format!("statuses: {{ Done: \"{LITERAL}{}\" }}", "x".repeat(200)),
    ] {
        let noticed = load(
            &with("").replace("kind: github, token: { env: TOKEN }", &format!("kind: github, {literal}")),
        )
        .unwrap_err();
        assert!(!format!("{noticed:?}").contains(LITERAL), "{literal}: {noticed:#?}");
        assert!(noticed.iter().any(|d| d.level == Level::Error && d.line == 6), "{literal}: {noticed:#?}");
    }
    refused(
        &with("").replace("kind: github, token: { env: TOKEN }", &format!("kind: github, token: {LITERAL}")),
        &[
            "main.yaml:6:42: a secret is written here; only references to secrets are accepted | keep it elsewhere and write `{ env: NAME }` or `{ file: PATH }`; if this file was shared, revoke it",
        ],
    );
}

#[test]
fn a_secret_is_read_when_it_is_asked_for_and_trimmed() {
    let settings = load(&with("")).unwrap();
    let Credential::Token(token) = &settings.trackers[0].credential else { panic!("a token") };
    let secret = settings.secret(token).unwrap();
    assert_eq!(secret.expose_secret(), "s3cret-value");
    assert!(!format!("{settings:?} {secret:?}").contains("s3cret"));
}

#[test]
fn a_secret_that_cannot_be_used_is_told_by_its_reference() {
    let main =
        with("").replace("kind: github, token: { env: TOKEN }", "kind: github, token: { file: secret.txt }");
    let told = |text: Option<&str>| {
        let mut files = vec![("main.yaml", main.as_str()), ("people.yaml", PEOPLE)];
        files.extend(text.map(|text| ("secret.txt", text)));
        let folder = folder(&files);
        let settings = load_in(folder.path()).unwrap();
        let Credential::Token(token) = &settings.trackers[0].credential else { panic!("a token") };
        match settings.secret(token) {
            Ok(secret) => secret.expose_secret().to_owned(),
            Err(error) => format!("{}:{} {}", error.line, error.column, error.message)
                .replace(&format!("{}/", folder.path().display()), ""),
        }
    };
    assert_eq!(told(Some("  abc \n")), "abc");
    assert_eq!(
        told(Some("-----BEGIN KEY-----\nabc\n-----END KEY-----\n")),
        "-----BEGIN KEY-----\nabc\n-----END KEY-----"
    );
    assert_eq!(told(None), "6:42 the secret's file `secret.txt` is not there");
    assert_eq!(told(Some(" \n")), "6:42 the secret's file `secret.txt` is empty");
    assert_eq!(told(Some("a\nb")), "6:42 the secret's file `secret.txt` contains control characters");
}

#[test]
fn an_unset_variable_is_told_by_its_name() {
    let settings =
        load(&with("").replace("kind: github, token: { env: TOKEN }", "kind: github, token: { env: OTHER }"))
            .unwrap();
    let Credential::Token(token) = &settings.trackers[0].credential else { panic!("a token") };
    assert_eq!(
        settings.secret(token).unwrap_err().message,
        "the secret's environment variable `OTHER` is not set"
    );
}

#[test]
fn a_store_address_with_a_password_is_refused_and_never_repeated() {
    for store in ["postgres://u:hunter2@h/d", "postgres://u@h/d?password=hunter2"] {
        let noticed = load(&with(&format!("store: {store}\n"))).unwrap_err();
        assert_eq!(
            lines(&noticed, Level::Error),
            [
                "main.yaml:11:8: this address holds a password | leave it out and set `PGPASSWORD` or `PGPASSFILE`"
            ]
        );
    }
}
