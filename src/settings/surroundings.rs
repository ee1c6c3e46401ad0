//! What the environment says of proxies and certificate authorities, and what of it cannot be used.
//!
//! The libraries beneath pass over what they cannot read: a proxy that is misspelt would not be asked at all.

use std::path::Path;

use super::secret::Environment;
use crate::{
    model::postmortem::{Diagnostic, Level},
    net::connecting::proxy_fault,
};

/// Variables that name a proxy, as curl and reqwest read them.
const PROXIES: [&str; 6] =
    ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

/// What is wrong with it.
pub(super) fn wrong(environment: &Environment) -> Vec<Diagnostic> {
    let named = |name: &&str| environment.get(name).filter(|value| !value.is_empty());
    let proxies = PROXIES.iter().filter_map(|name| Some((name, named(name)?)));
    let proxies = proxies.filter_map(|(name, value)| {
        let why = proxy_fault(&value)?;
        let help = "write it like `http://proxy.example.org:3128`, or unset the variable";
        Some(told(name, format!("the variable names no proxy: {why}"), help))
    });
    let authorities = named(&"SSL_CERT_FILE").and_then(|file| {
        let why = file_fault(Path::new(&file))?;
        let help = "name a file with certificates in PEM, or unset the variable";
        Some(told("SSL_CERT_FILE", format!("`{file}` cannot be used: {why}"), help))
    });
    proxies.chain(authorities).collect()
}

fn file_fault(file: &Path) -> Option<String> {
    match std::fs::read(file) {
        Err(error) => Some(error.to_string()),
        Ok(bytes) => {
            let begin: &[u8] = b"-----BEGIN";
            let has_one = bytes.windows(begin.len()).any(|window| window == begin);
            (!has_one).then(|| "it holds no certificate in PEM".to_owned())
        }
    }
}

fn told(name: &str, message: String, help: &str) -> Diagnostic {
    Diagnostic {
        path: name.to_owned(),
        line: 0,
        column: 0,
        level: Level::Error,
        code: "environment".to_owned(),
        message,
        help: Some(help.to_owned()),
    }
}
