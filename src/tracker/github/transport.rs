//! The HTTP port over octocrab, which adds the credential and keeps App tokens fresh.
//!
//! Knows octocrab's traps (as of octocrab 0.54) and works around them here. Knows nothing of issues.
//! octocrab's own stack is not used: it names itself twice, logs addresses and brings a retry of its own.

use std::sync::Arc;

use async_trait::async_trait;
use http::{HeaderValue, StatusCode, Uri, header};
use jsonwebtoken::EncodingKey;
use octocrab::{
    AuthState, Octocrab, OctocrabBuilder,
    service::middleware::{
        auth_header::AuthHeaderLayer, base_uri::BaseUriLayer, reqwest_connector::ReqwestConnector,
    },
};
use secrecy::{ExposeSecret as _, SecretString};

use super::{
    address::Address,
    installation::{App, Installation, Minted},
};
use crate::{
    model::clock::Clock,
    net::{
        allowance,
        connecting::{Connecting, client},
        foreign::Held,
        http::{Http, HttpError, Request, Response, SetupError, causes, failure, whole},
    },
};

/// What an App is asked about itself; its installation may not ask that.
const APP: &str = "/app";

/// Sends requests with a token, or as the installation of an App. One value is one credential: an App's tokens are
/// kept inside, so it is shared and not built twice.
pub struct OctocrabHttp {
    crab: Octocrab,
    address: Address,
    installation: Option<Installation>,
    held: Held,
    credential: String,
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
    pub fn token(
        api_url: &str,
        token: &SecretString,
        connecting: impl Into<Connecting>,
    ) -> Result<Self, SetupError> {
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
        let address = Address::parse(api_url)?;
        let crab = connected(&address, Some(header), &connecting.into())?;
        let credential = allowance::credential(&[&address.base(), token]);
        Ok(Self { crab, address, installation: None, held: Held::token(token), credential })
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
        connecting: impl Into<Connecting>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SetupError> {
        let key = EncodingKey::from_rsa_pem(pem.expose_secret().trim().as_bytes())
            .map_err(|_| SetupError::Credential("the App's key is not an RSA key in PEM form".to_owned()))?;
        let address = Address::parse(api_url)?;
        let connecting = connecting.into();
        let crab = connected(&address, None, &connecting)?;
        let bare = connected(&address, None, &connecting)?;
        let (held, number) = (Held::default(), installation);
        let app = App::new(app_id, key, clock);
        let installation = Some(Installation::new(bare, app, installation, held.clone()));
        let parts = [address.base(), app_id.to_string(), number.to_string()];
        let credential = allowance::credential(&parts.each_ref().map(String::as_str));
        Ok(Self { crab, address, installation, held, credential })
    }
}

fn connected(
    address: &Address,
    token: Option<HeaderValue>,
    connecting: &Connecting,
) -> Result<Octocrab, SetupError> {
    let url = address.base();
    let base: Uri = url.parse().map_err(|error: http::uri::InvalidUri| SetupError::Address {
        url: url.clone(),
        why: error.to_string(),
    })?;
    let built = OctocrabBuilder::new_empty()
        .with_service(ReqwestConnector::new(client(&url, connecting)?))
        .with_layer(&BaseUriLayer::new(base.clone()))
        .with_layer(&AuthHeaderLayer::new(token, base.clone(), base))
        .with_auth(AuthState::None)
        .build();
    match built {
        Ok(crab) => Ok(crab),
        Err(never) => match never {},
    }
}

#[async_trait]
impl Http for OctocrabHttp {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let (mut parts, body) = request.into_parts();
        let is_about_app = parts.uri.path() == APP;
        parts.uri = self.address.resolve(&parts.uri).map_err(HttpError::Unsent)?;
        let request = || Request::from_parts(parts.clone(), body.clone());
        let Some(installation) = &self.installation else { return execute(&self.crab, request()).await };
        if is_about_app {
            return installation.as_app(request).await;
        }
        let mut refused = None;
        loop {
            let token = match installation.token(refused.as_ref()).await? {
                Minted::Token(token) => token,
                Minted::Refused(response) => return Ok(response),
            };
            let mut request = request();
            request.headers_mut().insert(header::AUTHORIZATION, token.clone());
            let response = execute(&self.crab, request).await?;
            // A refused credential means that nothing was done; a token may have been revoked before its time.
            if response.status() != StatusCode::UNAUTHORIZED || refused.is_some() {
                return Ok(response);
            }
            refused = Some(token);
        }
    }

    fn held(&self) -> Option<&Held> {
        Some(&self.held)
    }

    fn credential(&self) -> Option<&str> {
        Some(&self.credential)
    }
}

/// Sends one request once, and reads the whole answer.
pub(super) async fn execute(crab: &Octocrab, request: Request) -> Result<Response, HttpError> {
    match crab.execute(request).await {
        Ok(response) => whole(response.map(reqwest::Body::wrap).into()).await,
        Err(error) => Err(not_answered(&error)),
    }
}

fn not_answered(error: &octocrab::Error) -> HttpError {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(at) = cause {
        if let Some(error) = at.downcast_ref::<reqwest::Error>() {
            return failure(error);
        }
        cause = at.source();
    }
    HttpError::Lost(causes(error))
}
