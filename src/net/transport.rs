//! The HTTP port over reqwest, with one Jira credential or with none.
//!
//! Knows the site's address and how Jira wants a credential. Knows nothing of what is said.

use async_trait::async_trait;
use data_encoding::BASE64;
use http::{HeaderValue, header};
use secrecy::{ExposeSecret as _, SecretString};

use super::{
    allowance,
    connecting::{Connecting, client},
    foreign::Held,
    http::{Http, HttpError, Request, Response, SetupError, failure, whole},
};

/// How we prove who we are. Its debug form shows no secret.
#[derive(Clone, Debug)]
pub enum Credential {
    /// Nobody: used to prove that a project cannot be read by everybody (invariant 13).
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

/// Sends requests to one site with one credential.
pub struct ReqwestHttp {
    client: reqwest::Client,
    base: String,
    authorization: Option<HeaderValue>,
    held: Option<Held>,
    credential: Option<String>,
}

impl ReqwestHttp {
    /// Prepares requests to `base_url`, which may have a path (`https://api.atlassian.com/ex/jira/<cloud id>`).
    ///
    /// # Errors
    /// When the address, the credential or the TLS set-up cannot be used.
    pub fn new(
        base_url: &str,
        credential: &Credential,
        connecting: impl Into<Connecting>,
    ) -> Result<Self, SetupError> {
        let base = base_url.trim().trim_end_matches('/').to_owned();
        let refused = |why: &str| SetupError::Address { url: base.clone(), why: why.to_owned() };
        let url = reqwest::Url::parse(&base).map_err(|error| refused(&error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(refused("it is not an http or https address"));
        }
        if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
            return Err(refused("it has more than a host and a path"));
        }
        let (authorization, held) = (authorization(credential)?, held(credential));
        let of = |header: &HeaderValue| {
            allowance::credential(&[&base, &String::from_utf8_lossy(header.as_bytes())])
        };
        let credential = authorization.as_ref().map(of);
        Ok(Self { client: client(&base, &connecting.into())?, authorization, held, credential, base })
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
        whole(request.send().await.map_err(|error| failure(&error))?).await
    }

    fn held(&self) -> Option<&Held> {
        self.held.as_ref()
    }

    fn credential(&self) -> Option<&str> {
        self.credential.as_deref()
    }
}

fn held(credential: &Credential) -> Option<Held> {
    match credential {
        Credential::Anonymous => None,
        Credential::Basic { email, token } => Some(Held::basic(email.trim(), token.expose_secret().trim())),
        Credential::Bearer(token) => Some(Held::token(token.expose_secret())),
    }
}

/// White space around a token is cut off: token files end with a line break.
fn authorization(credential: &Credential) -> Result<Option<HeaderValue>, SetupError> {
    let (text, secret) = match credential {
        Credential::Anonymous => return Ok(None),
        Credential::Basic { email, token } => {
            let token = token.expose_secret().trim();
            (format!("Basic {}", BASE64.encode(format!("{}:{token}", email.trim()).as_bytes())), token)
        }
        Credential::Bearer(token) => {
            let token = token.expose_secret().trim();
            (format!("Bearer {token}"), token)
        }
    };
    if secret.is_empty() {
        return Err(SetupError::Credential("the token is empty".to_owned()));
    }
    let mut value = HeaderValue::from_str(&text).map_err(|_| {
        SetupError::Credential("the token has characters that no token has, such as a line break".to_owned())
    })?;
    value.set_sensitive(true);
    Ok(Some(value))
}
