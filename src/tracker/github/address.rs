//! Where a GitHub is: the addresses of its interfaces and of its pages, and the way back from the links it sends.
//!
//! Knows GitHub.com, ghe.com and GitHub Enterprise Server (GitHub's documentation, Forming calls with GraphQL). Sends nothing.

use http::Uri;
use reqwest::Url;

use crate::{model::ids::Host, net::http::SetupError};

/// Path of the GraphQL interface. Beside REST on an Enterprise Server, below it elsewhere.
pub(super) const GRAPHQL: &str = "/graphql";

/// The address of one GitHub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    origin: String,
    authority: String,
    /// Path of the REST interface without a final slash: empty, or `/api/v3`.
    path: String,
}

impl Address {
    /// Reads the address of a REST interface: `https://api.github.com`, `https://HOST/api/v3`.
    pub(super) fn parse(api_url: &str) -> Result<Self, SetupError> {
        let wrong = |why: &str| SetupError::Address { url: api_url.to_owned(), why: why.to_owned() };
        let url = Url::parse(api_url.trim()).map_err(|error| wrong(&error.to_string()))?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(wrong("it does not begin with https://"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(SetupError::Address {
                url: url.host_str().unwrap_or_default().to_owned(),
                why: "a credential does not belong in an address".to_owned(),
            });
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("it has a query or a fragment"));
        }
        let path = url.path().trim_end_matches('/').to_owned();
        let authority = url.authority().to_owned();
        Ok(Self { origin: format!("{}://{authority}", url.scheme()), authority, path })
    }

    /// The REST interface's address without a final slash.
    pub(super) fn base(&self) -> String {
        format!("{}{}", self.origin, self.path)
    }

    /// The authority of the REST interface.
    pub(super) fn host(&self) -> Host {
        Host::new(&self.authority)
    }

    /// The authority of the pages for people.
    pub(super) fn web_host(&self) -> String {
        let subdomain = self.authority.strip_prefix("api.");
        let is_cloud = self.authority == "api.github.com" || self.authority.ends_with(".ghe.com");
        subdomain.filter(|_| is_cloud).unwrap_or(&self.authority).to_owned()
    }

    /// The request target for octocrab: relative, or it would leave the credential out (octocrab 0.54, `Octocrab::execute`).
    /// GraphQL on an Enterprise Server is `/api/graphql`, one step above REST; the dots are resolved when the
    /// request is sent. One client with one token serves both that way.
    pub(super) fn resolve(&self, target: &Uri) -> Result<Uri, String> {
        if target.authority().is_some() {
            return Err("only paths on the tracker itself are asked for".to_owned());
        }
        if target.path() == GRAPHQL && self.path.ends_with("/v3") {
            let up = format!("{}/..{GRAPHQL}", self.path);
            return up.parse().map_err(|error| format!("{up}: {error}"));
        }
        Ok(target.clone())
    }

    /// The path of a link that GitHub sent, relative to the REST interface. The host in it is ignored: a server
    /// may call itself by another name than ours, and only our own address ever gets the credential.
    pub(super) fn relative(&self, link: &str) -> Option<String> {
        let uri: Uri = link.parse().ok()?;
        let target = uri.path_and_query()?.as_str();
        // Behind a proxy a server may not know which path we see it under.
        let mut paths = [self.path.as_str(), "/api/v3", ""].into_iter();
        paths.find_map(|above| {
            let path = target.strip_prefix(above)?;
            (path.starts_with("/repos/") || path.starts_with("/repositories/")).then(|| path.to_owned())
        })
    }
}

/// One segment of a path, or one value of a query, with everything encoded that could end it.
pub(super) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
