//! Addresses of trackers: what is accepted, and in which form it is kept.

use std::net::IpAddr;

use http::Uri;

/// An accepted address, without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// The whole of it, with scheme and authority in lower case.
    pub(super) url: String,
    /// Host, with the port if one is written.
    pub(super) authority: String,
    /// Host without port.
    pub(super) host: String,
    /// Path without a slash at its end; empty for none.
    pub(super) path: String,
}

/// Why an address is refused, and what to do. Never names the address: it may hold a password.
pub(super) type Refusal = (&'static str, &'static str);

impl Address {
    /// Reads an address.
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        let complete = "write a complete address such as `https://acme.atlassian.net`";
        let uri: Uri = text.trim().parse().map_err(|_| ("this is not an address", complete))?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(("this address is not complete", complete));
        };
        if authority.as_str().contains('@') {
            return Err((
                "this address holds a user name or password",
                "give the secret by reference: `token: { env: NAME }`",
            ));
        }
        if uri.query().is_some() || text.contains('#') {
            return Err(("this address has a query or a fragment", "end it after the path"));
        }
        let host = authority.host().trim_matches(['[', ']']).to_ascii_lowercase();
        match scheme {
            "https" => {}
            "http" if is_loopback(&host) => {}
            "http" => {
                return Err((
                    "plain http would send the token readable to everybody",
                    "use https; http is for loopback only",
                ));
            }
            _ => return Err(("this address is neither http nor https", "begin it with `https://`")),
        }
        let authority = authority.as_str().to_ascii_lowercase();
        let path = uri.path().trim_end_matches('/').to_owned();
        Ok(Self { url: format!("{scheme}://{authority}{path}"), authority, host, path })
    }
}

/// Whether a host never leaves this machine.
pub(super) fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
