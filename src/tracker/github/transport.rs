//! The HTTP port over octocrab, which adds the credential and keeps App tokens fresh.
//!
//! Knows octocrab's traps (`trackers.md` 4.2) and works around them here. Knows nothing of issues.
//! octocrab's own stack is not used: it names itself twice, logs addresses and brings a retry of its own.

use async_trait::async_trait;
use http::{HeaderValue, Uri};
use octocrab::{
    AuthState, EncodingKey, Octocrab, OctocrabBuilder,
    auth::AppAuth,
    models::{AppId, InstallationId},
    service::middleware::{
        auth_header::AuthHeaderLayer, base_uri::BaseUriLayer, reqwest_connector::ReqwestConnector,
    },
};
use secrecy::{ExposeSecret as _, SecretString};

use super::address::Address;
use crate::tracker::http::{
    Http, HttpError, Request, Response, SetupError, Timeouts, causes, client, failure, whole,
};

/// Sends requests with a token, or as the installation of an App. One value is one credential: an App's tokens are
/// cached inside, so it is shared and not built twice.
pub struct OctocrabHttp {
    crab: Octocrab,
    address: Address,
}

impl std::fmt::Debug for OctocrabHttp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OctocrabHttp").field("address", &self.address).finish_non_exhaustive()
    }
}

impl OctocrabHttp {
    /// Acts with a personal access token, or any other ready token. White space around it is cut off: token files
    /// end with a line break, on which octocrab would panic. Must be called inside a Tokio runtime.
    ///
    /// # Errors
    /// When the address, the token or the TLS set-up cannot be used.
    pub fn token(api_url: &str, token: &SecretString, timeouts: Timeouts) -> Result<Self, SetupError> {
        let token = token.expose_secret().trim();
        if token.is_empty() {
            return Err(SetupError::Credential("the token is empty".to_owned()));
        }
        let mut header = HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| {
            SetupError::Credential(
                "the token has characters that no token has, such as a line break".to_owned(),
            )
        })?;
        header.set_sensitive(true);
        Self::with(api_url, Some(header), AuthState::None, timeouts)
    }

    /// Acts as an installation of a GitHub App. Must be called inside a Tokio runtime.
    ///
    /// # Errors
    /// When the address, the key (PEM, RSA) or the TLS set-up cannot be used.
    pub fn app(
        api_url: &str,
        app_id: u64,
        installation: u64,
        pem: &SecretString,
        timeouts: Timeouts,
    ) -> Result<Self, SetupError> {
        let key = EncodingKey::from_rsa_pem(pem.expose_secret().trim().as_bytes())
            .map_err(|_| SetupError::Credential("the App's key is not an RSA key in PEM form".to_owned()))?;
        let app = AuthState::App(AppAuth { app_id: AppId(app_id), key });
        let Self { crab, address } = Self::with(api_url, None, app, timeouts)?;
        let crab = crab
            .installation(InstallationId(installation))
            .map_err(|error| SetupError::Credential(causes(&error)))?;
        Ok(Self { crab, address })
    }

    fn with(
        api_url: &str,
        token: Option<HeaderValue>,
        auth: AuthState,
        timeouts: Timeouts,
    ) -> Result<Self, SetupError> {
        let address = Address::parse(api_url)?;
        let base: Uri = address.base().parse().map_err(|error: http::uri::InvalidUri| {
            SetupError::Address { url: api_url.to_owned(), why: error.to_string() }
        })?;
        let built = OctocrabBuilder::new_empty()
            .with_service(ReqwestConnector::new(client(timeouts)?))
            .with_layer(&BaseUriLayer::new(base.clone()))
            .with_layer(&AuthHeaderLayer::new(token, base.clone(), base))
            .with_auth(auth)
            .build();
        match built {
            Ok(crab) => Ok(Self { crab, address }),
            Err(never) => match never {},
        }
    }
}

#[async_trait]
impl Http for OctocrabHttp {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let (mut parts, body) = request.into_parts();
        parts.uri = self.address.resolve(&parts.uri).map_err(HttpError::Unsent)?;
        match self.crab.execute(http::Request::from_parts(parts, body)).await {
            Ok(response) => whole(response.map(reqwest::Body::wrap).into()).await,
            Err(error) => token_refusal(error),
        }
    }
}

/// What a failure inside octocrab means. It reports a status as an error only for the request that fetches an App's
/// token, so whatever is behind that was not sent.
fn token_refusal(error: octocrab::Error) -> Result<Response, HttpError> {
    let octocrab::Error::GitHub { source, .. } = &error else { return Err(not_answered(&error)) };
    let why = format!("no token for the App's installation: {} ({})", source.message, source.status_code);
    let is_limit = source.status_code == http::StatusCode::TOO_MANY_REQUESTS
        || source.headers.as_ref().is_some_and(|headers| {
            headers.contains_key("retry-after")
                || headers.get("x-ratelimit-remaining").is_some_and(|left| left == "0")
        });
    if source.status_code.is_server_error() {
        return Err(HttpError::Unsent(why));
    }
    // Anything but a limit is a refused credential, a missing installation (404) included: passed on as 404 it
    // would read as a missing issue.
    let status = if is_limit { source.status_code } else { http::StatusCode::UNAUTHORIZED };
    let body = serde_json::json!({ "message": why }).to_string();
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    *response.headers_mut() = source.headers.clone().unwrap_or_default();
    Ok(response)
}

fn not_answered(error: &octocrab::Error) -> HttpError {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(at) = cause {
        if let Some(error) = at.downcast_ref::<reqwest::Error>() {
            return failure(error);
        }
        cause = at.source();
    }
    let why = causes(error);
    // The App's own token could not be signed, or was not understood.
    let is_about_token = matches!(
        error,
        octocrab::Error::JWT { .. } | octocrab::Error::Json { .. } | octocrab::Error::Serde { .. }
    );
    if is_about_token {
        return HttpError::Unsent(format!("no token for the App's installation: {why}"));
    }
    HttpError::Lost(why)
}
