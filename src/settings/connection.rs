//! How connections to one server are made, where that is not left to the environment.
//!
//! What is named is read when it is used: a certificate that is replaced counts from the next start on.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use secrecy::SecretString;

use super::{
    file::{connection::ProxyEntry, part::Part, tracker::SecretEntry},
    reading::{Place, Reading, read_text},
    secret::{Environment, SecretRef},
    tracker::{reference, secret_ref},
};
use crate::{
    model::postmortem::Diagnostic,
    net::{
        connecting::{
            Connecting, Through, parsed_authorities, parsed_certificate, parsed_proxy, proxy_fault,
        },
        http::{SetupError, Timeouts},
    },
};

/// How connections to one server are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionSettings {
    /// How long one request may take.
    pub timeout: Duration,
    /// File with certificates of further authorities.
    ca: Option<(PathBuf, Place)>,
    proxy: Option<(ProxySettings, Place)>,
    /// Our own certificate with its key.
    client_certificate: Option<SecretRef>,
}

/// Through what a server is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
enum ProxySettings {
    /// Through nothing, whatever the environment says.
    None,
    /// A proxy without a login.
    Address(String),
    /// A proxy whose address is kept elsewhere, because it holds a login.
    Secret(SecretRef),
}

/// The keys of an entry that say how connections are made.
pub(super) struct Keys<'a> {
    pub(super) ca: Option<&'a String>,
    pub(super) proxy: Option<&'a Part<ProxyEntry>>,
    pub(super) client_certificate: Option<&'a Part<SecretEntry>>,
}

/// Reads them.
pub(super) fn connection(
    page: &mut Reading,
    at: &str,
    keys: &Keys<'_>,
    timeout: Duration,
) -> ConnectionSettings {
    let place = |page: &Reading, key: &str| page.place(&format!("{at}/{key}"));
    let ca = keys.ca.map(|path| (page.beside(path), place(page, "ca")));
    let proxy_at = format!("{at}/proxy");
    let proxy = keys.proxy.and_then(|entry| {
        let proxy = proxy(page, &proxy_at, entry)?;
        Some((proxy, place(page, "proxy")))
    });
    let certificate_at = format!("{at}/client_certificate");
    let client_certificate =
        keys.client_certificate.and_then(|entry| reference(page, &certificate_at, entry));
    ConnectionSettings { timeout, ca, proxy, client_certificate }
}

fn proxy(page: &mut Reading, at: &str, entry: &Part<ProxyEntry>) -> Option<ProxySettings> {
    match page.part(at, entry)? {
        ProxyEntry::Secret(entry) => secret_ref(page, at, entry).map(ProxySettings::Secret),
        ProxyEntry::Address(address) if address == "none" => Some(ProxySettings::None),
        ProxyEntry::Address(address) => match proxy_fault(address) {
            None => Some(ProxySettings::Address(address.clone())),
            Some(why) => {
                let help = "write it like `http://proxy.example.org:3128`, or `none` to ask directly";
                page.error(at, "proxy", format!("this is no proxy: {why}"), Some(help.to_owned()));
                None
            }
        },
    }
}

impl ConnectionSettings {
    /// The secrets that it needs.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &SecretRef> {
        let of_proxy = self.proxy.as_ref().and_then(|(proxy, _)| match proxy {
            ProxySettings::Secret(secret) => Some(secret),
            ProxySettings::None | ProxySettings::Address(_) => None,
        });
        of_proxy.into_iter().chain(&self.client_certificate)
    }

    /// How connections are made now, with what is kept elsewhere read and understood.
    ///
    /// # Errors
    /// A file or a secret is not there, or is not what it should be.
    pub(super) fn connecting(&self, environment: &Environment) -> Result<Connecting, Diagnostic> {
        let default = Timeouts::default();
        let timeouts = Timeouts { connect: default.connect.min(self.timeout), whole: self.timeout };
        let authorities = self.ca.as_ref().map(|(path, place)| authorities(path, place)).transpose()?;
        let certificate = self.client_certificate.as_ref().map(|secret| secret.read(environment));
        let certificate = certificate.transpose()?;
        if let (Some(pem), Some(secret)) = (&certificate, &self.client_certificate) {
            parsed_certificate(pem).map_err(|error| told(&secret.place, "certificate", &error))?;
        }
        let through = match &self.proxy {
            None => Through::Environment,
            Some((ProxySettings::None, _)) => Through::Nothing,
            Some((ProxySettings::Address(address), _)) => {
                Through::Proxy(SecretString::from(address.as_str()))
            }
            Some((ProxySettings::Secret(secret), place)) => {
                let address = secret.read(environment)?;
                parsed_proxy(&address).map_err(|error| told(place, "proxy", &error))?;
                Through::Proxy(address)
            }
        };
        Ok(Connecting { timeouts, authorities, through, certificate })
    }
}

fn authorities(path: &Path, place: &Place) -> Result<String, Diagnostic> {
    let pem = read_text(path).map_err(|error| {
        let message = format!("`{}` cannot be used: {}", path.display(), error.message);
        place.error("authority", message, error.help)
    })?;
    parsed_authorities(&pem).map_err(|error| told(place, "authority", &error))?;
    Ok(pem)
}

fn told(place: &Place, code: &str, error: &SetupError) -> Diagnostic {
    let message = match error {
        SetupError::Client(why) => why.clone(),
        SetupError::Address { .. } | SetupError::Credential(_) => error.to_string(),
    };
    let help = match code {
        "authority" => "name a file with the authorities' certificates in PEM",
        "proxy" => "keep an address there like `http://name:password@proxy.example.org:3128`",
        _ => "put both into one file, the certificate first, and let only this user read it",
    };
    place.error(code, message, Some(help.to_owned()))
}
