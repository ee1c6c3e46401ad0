//! What the configuration says of a Confluence, and what wrong ones are told.

use postmortem_sync::settings::{
    source::Contents,
    tracker::Credential,
    wiki::{ConfluenceSettings, WantedPages},
};

use crate::settings::{BASE, CREATE, load, refused};

const FILES: &str = "files: [\"*.md\"]";
const ACCOUNT: &str = "email: bot@acme.example, token: { env: TOKEN }";

fn with_source(source: &str) -> String {
    format!("{}  - name: all\n{CREATE}", BASE.replace(FILES, source))
}

fn settings(confluence: &str) -> ConfluenceSettings {
    let settings = load(&with_source(&format!("confluence: {{ {confluence} }}"))).unwrap();
    match &settings.sources[0].contents {
        Contents::Confluence(wiki) => wiki.as_ref().clone(),
        Contents::Files { .. } | Contents::Issues { .. } | Contents::Query { .. } => panic!("no Confluence"),
    }
}

#[test]
fn a_cloud_site_may_be_written_with_its_context_path_and_without() {
    for (url, expected) in [
        ("https://acme.atlassian.net", "https://acme.atlassian.net/wiki"),
        ("https://acme.atlassian.net/", "https://acme.atlassian.net/wiki"),
        ("https://ACME.atlassian.net/wiki/", "https://acme.atlassian.net/wiki"),
        ("https://api.atlassian.com/ex/confluence/4f1", "https://api.atlassian.com/ex/confluence/4f1/wiki"),
        (
            "https://api.atlassian.com/ex/confluence/4f1/wiki",
            "https://api.atlassian.com/ex/confluence/4f1/wiki",
        ),
    ] {
        let wiki = settings(&format!("url: \"{url}\", {ACCOUNT}, space: OPS, label: postmortem"));
        assert_eq!((wiki.url.as_str(), wiki.is_cloud), (expected, true), "{url}");
        assert!(matches!(wiki.credential, Credential::Basic { .. }), "{url}");
        let pages = WantedPages::Of { space: Some("OPS".to_owned()), label: Some("postmortem".to_owned()) };
        assert_eq!(wiki.pages, pages);
    }
}

#[test]
fn data_center_is_at_the_address_that_is_written_and_takes_a_token_alone() {
    for url in ["https://wiki.acme.example", "https://acme.example/confluence", "https://acme.example/wiki"] {
        let wiki = settings(&format!("url: \"{url}\", token: {{ env: TOKEN }}, cql: \"space = OPS\""));
        assert_eq!((wiki.url.as_str(), wiki.is_cloud), (url, false));
        assert!(matches!(wiki.credential, Credential::Token(_)));
        assert_eq!(wiki.pages, WantedPages::Cql("space = OPS".to_owned()));
    }
}

#[test]
fn wrong_sources_in_a_confluence_are_told_with_their_place() {
    let at = "url: \"https://acme.atlassian.net\"";
    for (confluence, told) in [
        (
            format!("{at}, email: bot@acme.example, label: pm"),
            "main.yaml:4:31: the source `docs` has no credential | add `token: { env: NAME }` or `token: { file: PATH }`",
        ),
        (
            format!("{at}, token: {{ env: TOKEN }}, label: pm"),
            "main.yaml:4:31: the source `docs` has no `email` | add the e-mail address of the account that the token belongs to",
        ),
        (
            format!("{at}, {ACCOUNT}"),
            "main.yaml:4:31: the source `docs` does not say which pages are write-ups | add `space: KEY`, `label: postmortem` or both, or a `cql`",
        ),
        (
            format!("{at}, {ACCOUNT}, label: \" \""),
            "main.yaml:4:123: `label` is empty | write it, or leave the key out",
        ),
        (
            format!("{at}, {ACCOUNT}, cql: \"label = pm\", space: OPS"),
            "main.yaml:4:116: `cql` stands beside `space` or `label` | say all of it in `cql`, or leave `cql` out",
        ),
        (
            format!("{at}, {ACCOUNT}, cql: \"label = pm ORDER BY title\""),
            "main.yaml:4:121: the query has an `order by` | leave it out: pages are read in an order of their own",
        ),
        (
            format!("url: \"https://acme.atlassian.net/wiki/spaces/OPS/overview\", {ACCOUNT}, label: pm"),
            "main.yaml:4:38: this is the address of a page, not of the site | end it before `/spaces`, `/display`, `/pages` or `/rest`",
        ),
        (
            format!("url: \"https://acme.atlassian.net/jira\", {ACCOUNT}, label: pm"),
            "main.yaml:4:38: Confluence Cloud is not at this address | write `https://SITE.atlassian.net/wiki`",
        ),
        (
            format!("url: \"https://api.atlassian.com\", {ACCOUNT}, label: pm"),
            "main.yaml:4:38: this address serves every Confluence Cloud site and names none | write `https://api.atlassian.com/ex/confluence/CLOUD-ID/wiki`",
        ),
        (
            format!("url: \"http://wiki.acme.example\", {ACCOUNT}, label: pm"),
            "main.yaml:4:38: plain http would send the token readable to everybody | use https; http is for loopback only",
        ),
    ] {
        refused(&with_source(&format!("confluence: {{ {confluence} }}")), &[told]);
    }
    let both = with_source(&format!("confluence: {{ {at}, {ACCOUNT}, label: pm }}, files: [\"*.md\"]"));
    let told = load(&both).unwrap_err();
    assert!(format!("{told:?}").contains("has both `confluence` and `files`"), "{told:?}");
}

#[test]
fn a_token_that_is_written_into_a_source_is_refused_and_never_repeated() {
    let literal = "notARealTokenButASecret";
    let source = format!("confluence: {{ url: \"https://wiki.acme.example\", token: {literal}, label: pm }}");
    let told = load(&with_source(&source)).unwrap_err();
    let said = format!("{told:?}");
    assert!(said.contains("a secret is written here") && !said.contains(literal), "{said}");
}
