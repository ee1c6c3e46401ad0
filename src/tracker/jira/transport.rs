//! HTTP to one Jira site, with one credential or with none.
//!
//! Knows addresses, credentials, time-outs and sizes. Knows nothing of what is said. Sends once: no retry, no redirect.

use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use data_encoding::BASE64;
use http::{HeaderValue, header};
use secrecy::{ExposeSecret as _, SecretString};

use crate::tracker::http::{Http, HttpError, Request, Response};

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(10);

/// How long a request may take as a whole.
const WHOLE: Duration = Duration::from_secs(60);

/// Longest body that is read: 100 issues with long texts stay far below.
const LONGEST_BODY: usize = 32 << 20;

/// How we prove who we are. Its debug form shows no secret.
#[derive(Clone, Debug)]
pub enum Credential {
    /// Nobody: used to prove that a project cannot be read by everybody (I20).
    Anonymous,
    /// E-mail address and API token, as Jira Cloud wants it.
    Basic {
        /// E-mail address of the account.
        email: String,
        /// API token.
        token: SecretString,
    },
    /// Personal access token of Data Center, or an OAuth access token.
    Bearer(SecretString),
}

/// [`Http`] on reqwest.
pub struct ReqwestHttp {
    client: reqwest::Client,
    base: String,
    authorization: Option<HeaderValue>,
}

/// A transport that cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The address is not an `http` or `https` URL.
    #[error("`{0}` is not an http(s) address")]
    Address(String),
    /// The credential has characters that no header can carry.
    #[error("the credential has characters that cannot be sent; check for line breaks in its file")]
    Credential,
    /// TLS or the like could not be set up.
    #[error("the HTTP client could not be set up: {0}")]
    Setup(String),
}

impl ReqwestHttp {
    /// Prepares requests to `base_url`, which may have a path (`https://api.atlassian.com/ex/jira/<cloud id>`).
    ///
    /// # Errors
    /// [`TransportError`] names what cannot be used; it never contains the credential.
    pub fn new(base_url: &str, credential: &Credential) -> Result<Self, TransportError> {
        let base = base_url.trim().trim_end_matches('/').to_owned();
        let parsed = reqwest::Url::parse(&base).map_err(|_| TransportError::Address(base.clone()))?;
        if !matches!(parsed.scheme(), "http" | "https") || !parsed.has_host() {
            return Err(TransportError::Address(base));
        }
        let builder = if is_loopback(&parsed) {
            reqwest::Client::builder().no_proxy()
        } else {
            reqwest::Client::builder()
        };
        let client = builder
            .user_agent(concat!("postmortem-sync/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(CONNECT)
            .timeout(WHOLE)
            .build()
            .map_err(|error| TransportError::Setup(error.to_string()))?;
        Ok(Self { client, base, authorization: authorization(credential)? })
    }
}

#[async_trait]
impl Http for ReqwestHttp {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let (head, body) = request.into_parts();
        let mut headers = head.headers;
        if let Some(authorization) = &self.authorization {
            headers.insert(header::AUTHORIZATION, authorization.clone());
        }
        let address = format!("{}{}", self.base, head.uri);
        let request = self.client.request(head.method, address).headers(headers).body(body);
        let mut response = request.send().await.map_err(failure)?;
        let mut answer = http::Response::builder().status(response.status());
        if let Some(headers) = answer.headers_mut() {
            std::mem::swap(headers, response.headers_mut());
        }
        answer.body(whole(response).await?).map_err(|error| HttpError::Lost(error.to_string()))
    }
}

/// What runs on this machine is not reached through a proxy.
fn is_loopback(url: &reqwest::Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

async fn whole(mut response: reqwest::Response) -> Result<Bytes, HttpError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(lost)? {
        if body.len() + chunk.len() > LONGEST_BODY {
            return Err(HttpError::Lost(format!("the answer is longer than {LONGEST_BODY} bytes")));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// Only a connection that never stood is certain not to have carried the request.
fn failure(error: reqwest::Error) -> HttpError {
    if error.is_connect() || error.is_builder() {
        return HttpError::Unsent(words(error));
    }
    lost(error)
}

fn lost(error: reqwest::Error) -> HttpError {
    HttpError::Lost(words(error))
}

/// The error with its causes, which is where the operating system's words are.
fn words(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        words.push_str(": ");
        words.push_str(&error.to_string());
        cause = error.source();
    }
    words
}

fn authorization(credential: &Credential) -> Result<Option<HeaderValue>, TransportError> {
    let text = match credential {
        Credential::Anonymous => return Ok(None),
        Credential::Basic { email, token } => {
            let pair = format!("{email}:{}", token.expose_secret());
            format!("Basic {}", BASE64.encode(pair.as_bytes()))
        }
        Credential::Bearer(token) => format!("Bearer {}", token.expose_secret()),
    };
    let mut value = HeaderValue::from_str(&text).map_err(|_| TransportError::Credential)?;
    value.set_sensitive(true);
    Ok(Some(value))
}
