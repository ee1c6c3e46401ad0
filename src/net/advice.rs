//! What to do about a connection that did not come to be, by its cause.
//!
//! The causes are those of rustls and of the system, in their words; what is not known here is passed on without advice.

/// Words of a cause, and what to do about it.
const ADVICE: [(&str, &str); 13] = [
    (
        "CertificateRequired",
        "the server asks for a certificate of ours: name its file by `client_certificate: { file: PATH }`",
    ),
    (
        "CaUsedAsEndEntity",
        "the server shows the certificate of a certificate authority as its own: let that authority issue one for the server",
    ),
    (
        "UnknownIssuer",
        "nobody here trusts the issuer of the server's certificate: name the file of your certificate authority by `ca:`, or add it to \
         the system's",
    ),
    (
        "NotValidForName",
        "the server's certificate is for another name: write in `url` the name that it is for",
    ),
    ("NotValidYet", "the server's certificate is not valid yet, or this machine's clock is wrong"),
    (
        "Expired",
        "the server's certificate has expired, or this machine's clock is wrong: renew it, or set the clock",
    ),
    ("Revoked", "the server's certificate was revoked: renew it"),
    ("InvalidContentType", "the port does not speak TLS: write `http://`, or the port of HTTPS"),
    (
        "dns error",
        "its name is not known here: check `url` and the name servers, or whether a proxy is needed (`proxy:`, HTTPS_PROXY)",
    ),
    (
        "407 Proxy Authentication Required",
        "the proxy asks for a login: name its address with the login by `proxy: { file: PATH }`",
    ),
    (
        "tunnel",
        "the proxy does not let it through: ask for this address to be allowed, or name it in NO_PROXY",
    ),
    ("Connection refused", "nothing listens there: check `url`, and whether it is running"),
    (
        "timed out",
        "it did not answer in time: a firewall may be in the way, or a proxy is needed (`proxy:`, HTTPS_PROXY)",
    ),
];

/// What to do about a failed connection, from its causes; none where that is not known.
pub fn advice(causes: &str) -> Option<&'static str> {
    ADVICE.iter().find(|(words, _)| causes.contains(words)).map(|(_, advice)| *advice)
}
