//! How connections to one address are made: whom to believe, through what, and who we are to the server.
//!
//! Knows certificates and proxies. Knows no tracker, and no credential that is sent in a request.

use std::{net::IpAddr, time::Duration};

use reqwest::{Certificate, Identity, Proxy, redirect, retry};
use secrecy::{ExposeSecret as _, SecretString};

use super::http::{SetupError, Timeouts, USER_AGENT, causes};

/// How connections to one address are made; by default as the environment says.
#[derive(Clone, Debug, Default)]
pub struct Connecting {
    /// How long to wait.
    pub timeouts: Timeouts,
    /// Certificates of further authorities to believe, in PEM; those of the system are believed as well.
    pub authorities: Option<String>,
    /// Through what the address is asked.
    pub through: Through,
    /// Our own certificate with its private key, in PEM, for servers that ask for one.
    pub certificate: Option<SecretString>,
}

/// Through what an address is asked. One of this machine is always asked directly.
#[derive(Clone, Debug, Default)]
pub enum Through {
    /// What the environment names (`HTTPS_PROXY`, `NO_PROXY` and their kin).
    #[default]
    Environment,
    /// Nothing, whatever the environment says.
    Nothing,
    /// A proxy at this address, which may hold a login.
    Proxy(SecretString),
}

impl From<Timeouts> for Connecting {
    fn from(timeouts: Timeouts) -> Self {
        Self { timeouts, ..Self::default() }
    }
}

/// A client for one address. It follows no redirect and repeats nothing: a redirected write becomes a read, and a repeated create
/// becomes two issues (octocrab 0.54 does both by its default features).
///
/// A loopback address is never asked through a proxy, whatever anything says: the proxy would be told the credential, in clear,
/// and would ask its own machine.
///
/// # Errors
/// When TLS cannot be set up, or a certificate or a proxy is none.
pub fn client(address: &str, connecting: &Connecting) -> Result<reqwest::Client, SetupError> {
    let Connecting { timeouts, authorities, through, certificate } = connecting;
    let mut builder = reqwest::Client::builder();
    match through {
        _ if is_loopback(address) => builder = builder.no_proxy(),
        Through::Environment => {}
        Through::Nothing => builder = builder.no_proxy(),
        Through::Proxy(proxy) => builder = builder.proxy(parsed_proxy(proxy)?),
    }
    if let Some(pem) = authorities {
        builder = builder.tls_certs_merge(parsed_authorities(pem)?);
    }
    if let Some(pem) = certificate {
        builder = builder.identity(parsed_certificate(pem)?);
    }
    builder
        .user_agent(USER_AGENT)
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .connect_timeout(timeouts.connect)
        .timeout(timeouts.whole)
        // A connection that the server has just given up looks like a lost request: no old one is used again.
        .pool_idle_timeout(Duration::from_secs(15))
        .build()
        .map_err(|error| SetupError::Client(causes(&error)))
}

/// A proxy for every scheme. What is wrong with its address is told without the address: it may hold a password.
///
/// # Errors
/// When it is not the address of a proxy.
pub fn parsed_proxy(address: &SecretString) -> Result<Proxy, SetupError> {
    let refused = |why: String| SetupError::Client(format!("the proxy cannot be used: {why}"));
    let address = address.expose_secret().trim();
    if let Some(why) = proxy_fault(address) {
        return Err(refused(why));
    }
    Proxy::all(address).map_err(|_| refused("it is not an address".to_owned()))
}

/// Schemes of proxies that are spoken.
const SCHEMES: [&str; 2] = ["http", "https"];

/// Why a text names no proxy, as the client reads it; never the text itself, which may hold a password.
pub fn proxy_fault(address: &str) -> Option<String> {
    match address.parse::<http::Uri>() {
        Err(error) => Some(error.to_string()),
        Ok(uri) => match uri.scheme_str() {
            Some(scheme) if !SCHEMES.contains(&scheme) => {
                Some(format!("`{scheme}` is no scheme of a proxy that is spoken here"))
            }
            Some(_) | None => uri.authority().is_none().then(|| "it has no host".to_owned()),
        },
    }
}

/// The authorities of a file in PEM.
///
/// # Errors
/// When one of them cannot be read, or there is none.
pub fn parsed_authorities(pem: &str) -> Result<Vec<Certificate>, SetupError> {
    let refused = |why: String| SetupError::Client(format!("the authorities cannot be used: {why}"));
    let authorities =
        Certificate::from_pem_bundle(pem.as_bytes()).map_err(|error| refused(causes(&error)))?;
    if authorities.is_empty() {
        return Err(refused("there is no certificate in PEM".to_owned()));
    }
    Ok(authorities)
}

/// Our own certificate with its key.
///
/// # Errors
/// When the certificate or the key is missing or damaged; nothing of them is repeated.
pub fn parsed_certificate(pem: &SecretString) -> Result<Identity, SetupError> {
    let why = "it has to hold the certificate and its private key, both in PEM and without a passphrase";
    Identity::from_pem(pem.expose_secret().as_bytes())
        .map_err(|_| SetupError::Client(format!("the client certificate cannot be used: {why}")))
}

/// Whether an address is of this machine itself: `127.0.0.0/8`, `::1`, `localhost` and names below it (RFC 6761, 6.3).
pub fn is_loopback(address: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(address) else { return false };
    let Some(host) = url.host_str().map(|host| host.trim_end_matches('.').to_ascii_lowercase()) else {
        return false;
    };
    match host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}
