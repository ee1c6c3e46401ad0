//! Private keys, hashes of passwords and stored secrets: what is told by words around it.

use super::{
    PRIVATE_KEY,
    alphabet::{alnum, decoded},
    value::{Kind, is_placeholder, looks_secret},
};

/// What private keys begin with, in whatever form they are kept: PEM, PGP, SSH2 and `PuTTY`; and how the first bytes
/// of an unarmoured one look in base64 (SSH, PKCS#1, PKCS#8, SEC 1, minisign).
const KEYS: &[&str] = &[
    "PRIVATE KEY-----",
    "PRIVATE KEY BLOCK-----",
    "BEGIN SSH2 ENCRYPTED PRIVATE KEY",
    "BEGIN OPENSSH PRIVATE KEY",
    "BEGIN RSA PRIVATE KEY",
    "BEGIN EC PRIVATE KEY",
    "BEGIN ENCRYPTED PRIVATE KEY",
    "BEGIN PGP PRIVATE KEY",
    "PuTTY-User-Key-File-",
    "b3BlbnNzaC1rZXktdjE",
    "MIIEpAIBAAKCAQEA",
    "MIIEowIBAAKCAQEA",
    "MIIEpQIBAAKCAQEA",
    "MIIEogIBAAKCAQEA",
    "MIICXAIBAAKBgQ",
    "MIICXQIBAAKBgQ",
    "MIIJKAIBAAKCAgEA",
    "MIIJKQIBAAKCAgEA",
    "MIIG5AIBAAKCAYEA",
    "MIIEvQIBADANBgkqh",
    "MIIEvgIBADANBgkqh",
    "MIIEvAIBADANBgkqh",
    "MIIJQgIBADANBgkqh",
    "MIGHAgEAMBMGByqGSM49",
    "MHcCAQEEI",
    "MC4CAQAwBQYDK2VwBCIEI",
    "RWRTY0Iy",
];

/// How hashes of passwords begin (crypt(5)).
const HASHES: &[&str] =
    &["$2a$", "$2b$", "$2y$", "$5$", "$6$", "$y$", "$7$", "$argon2", "$apr1$", "$scrypt$"];

/// How a PEM file begins in base64.
const PEM: &str = "LS0tLS1CRUdJTi";

/// A key, a hash or a stored secret.
pub(super) fn found(text: &str) -> Option<&'static str> {
    if KEYS.iter().any(|begin| text.contains(begin)) || armoured_twice(text) || web_key(text) {
        Some(PRIVATE_KEY)
    } else if HASHES.iter().any(|begin| hash(text, begin)) {
        Some("the hash of a password")
    } else if stored(text) {
        Some("a stored secret")
    } else if one_time(text) {
        Some("the seed of one-time passwords")
    } else {
        None
    }
}

/// The address from which an authenticator is set up ("Key URI Format" of Google Authenticator), or moved.
fn one_time(text: &str) -> bool {
    let setup = |(at, _): (usize, &str)| {
        let rest = text.get(at..).unwrap_or_default();
        let address =
            rest.split(|c: char| c.is_whitespace() || "\"'<>`".contains(c)).next().unwrap_or_default();
        let value = address.split_once("secret=").or_else(|| address.split_once("data="));
        value.is_some_and(|(_, value)| !is_placeholder(value) && value.len() >= 16)
    };
    text.match_indices("otpauth").any(setup)
}

/// A PEM file in base64, as configurations of clusters hold it, if it is that of a private key.
fn armoured_twice(text: &str) -> bool {
    text.match_indices(PEM).any(|(at, _)| {
        let tail = text.get(at..).unwrap_or_default();
        let body: String =
            tail.chars().take(200).take_while(|c| alnum(*c) || matches!(c, '+' | '/')).collect();
        decoded(&body).is_some_and(|bytes| bytes.windows(11).any(|part| part == b"PRIVATE KEY"))
    })
}

/// A JSON web key with its private part (RFC 7517, RFC 7518).
fn web_key(text: &str) -> bool {
    let private = |(at, _): (usize, &str)| {
        let tail = text.get(at + 3..).unwrap_or_default().trim_start().strip_prefix(':');
        let value = tail.and_then(|tail| tail.trim_start().strip_prefix('"')).unwrap_or_default();
        value.chars().take(40).take_while(|c| alnum(*c) || matches!(c, '-' | '_')).count() == 40
    };
    text.contains("\"kty\"") && text.match_indices("\"d\"").any(private)
}

fn hash(text: &str, begin: &str) -> bool {
    text.match_indices(begin).any(|(at, _)| {
        let tail = text.get(at + begin.len()..).unwrap_or_default();
        let body = tail.chars().take(60).take_while(|c| alnum(*c) || "./$=,+".contains(*c));
        body.count() >= 24
    })
}

/// Data of a Kubernetes object of kind Secret.
fn stored(text: &str) -> bool {
    let is_secret = |line: &str| {
        let line: String = line.chars().filter(|c| !c.is_whitespace() && *c != '"' && *c != ',').collect();
        line == "kind:Secret"
    };
    if !text.contains("Secret") || !text.lines().any(is_secret) {
        return false;
    }
    let mut within = false;
    text.lines().any(|line| {
        let bare = line.trim().trim_matches(['"', '{', ',', ' ']);
        let name = bare.split(':').next().unwrap_or_default().trim_matches('"');
        let value = bare.split_once(':').map(|(_, value)| value.trim().trim_matches(['"', ',', '\'']));
        if matches!(name, "data" | "stringData") {
            within = true;
            return false;
        }
        if !line.starts_with([' ', '\t', '"']) {
            within = false;
        }
        within && value.is_some_and(is_stored)
    })
}

fn is_stored(value: &str) -> bool {
    let is_based = value.len() >= 8 && value.chars().all(|c| alnum(c) || "+/=".contains(c));
    !is_placeholder(value)
        && (is_based && decoded(value).is_some() || looks_secret(Kind::Password, value, true))
}
