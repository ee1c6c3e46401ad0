//! Whether what stands behind a word such as "password" is a secret, or says something about one.

/// What the word announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Chosen by a person.
    Password,
    /// Made by a machine.
    Key,
}

/// Longest value that is looked at.
const LONGEST: usize = 4096;

/// What stands for a value that is not there.
const STAND_INS: &[&str] =
    &["redacted", "removed", "changeme", "change-me", "change_me", "placeholder", "..."];

/// What configurations write before the name of a secret.
const TAGS: &[&str] = &["!vault", "!ref", "!sub", "!getatt", "!importvalue", "!secret", "!env"];

/// Names of methods with a digit in them, which are what texts on passwords speak of.
const METHODS: &[&str] = &[
    "argon2id",
    "argon2",
    "pbkdf2",
    "sha256",
    "sha512",
    "sha-256",
    "sha-512",
    "bcrypt2",
    "oauth2",
    "oauth2.0",
    "base64",
    "aes256",
    "aes-256",
    "nist800-63b",
    "fido2",
    "webauthn2",
    "saml2",
    "saml2.0",
    "http2",
    "tls1.3",
    "tls1.2",
    "pkcs12",
    "x.509",
    "auth0",
    "sha-2",
    "sha3-256",
    "ed25519",
    "rsa2048",
    "rsa4096",
];

/// What names of files end in.
const ENDINGS: &[&str] = &[
    ".txt", ".yaml", ".yml", ".json", ".md", ".env", ".pem", ".key", ".py", ".rs", ".toml", ".csv", ".html",
    ".go", ".js", ".ts", ".sh", ".xml",
];

/// Whether a value only says that one belongs there.
pub(super) fn is_placeholder(value: &str) -> bool {
    let lower = value.to_lowercase();
    let is_filling = |c: char| "xX*•●.-_#?…".contains(c);
    value.is_empty()
        || value.starts_with(['<', '{', '[', '(', '…', '•'])
        || value.contains("${")
        || value.contains("{{")
        || value.chars().all(is_filling)
        || is_variable(value)
        || TAGS.iter().any(|tag| lower.starts_with(tag))
        || STAND_INS.iter().any(|word| lower.contains(word))
}

/// The name of a variable, as shells and templates write it.
fn is_variable(value: &str) -> bool {
    let is_name = |name: &str| {
        let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        is_plain && (name.contains('_') || name.chars().all(|c| !c.is_ascii_lowercase()))
    };
    value.strip_prefix('$').is_some_and(|name| name.starts_with('(') || is_name(name))
        || value.strip_prefix('%').is_some_and(|name| name.ends_with('%') || name == "s")
}

/// Whether a value is one that nobody writes as a word.
///
/// `is_firm` says that it is in quotes or behind an equals sign, where prose does not stand.
pub(super) fn looks_secret(kind: Kind, value: &str, is_firm: bool) -> bool {
    let is_one = value.len() <= LONGEST && !is_placeholder(value) && !says_where(value);
    is_one
        && match kind {
            Kind::Password => is_password(value, is_firm),
            Kind::Key => is_key(value),
        }
}

fn is_password(value: &str, is_firm: bool) -> bool {
    let has_letter = value.chars().any(char::is_alphabetic);
    let has_digit = value.chars().any(|c| c.is_ascii_digit());
    let has_sign = value.chars().any(|c| "!@#$%^&*+?~=".contains(c));
    let is_kebab = value.contains(['-', '_', '/', '.']) && value.chars().all(|c| !c.is_uppercase());
    let is_known = METHODS.contains(&value.to_ascii_lowercase().as_str());
    value.chars().count() >= if is_firm { 6 } else { 7 }
        && has_letter
        && (has_digit || has_sign)
        && distinct(value) >= 5
        && !is_known
        && !is_reference(value)
        && !(is_kebab && !has_sign && is_name(value))
}

fn is_key(value: &str) -> bool {
    let has_digit = value.chars().any(|c| c.is_ascii_digit());
    let has_letter = value.chars().any(|c| c.is_ascii_alphabetic());
    let has_both =
        value.chars().any(|c| c.is_ascii_lowercase()) && value.chars().any(|c| c.is_ascii_uppercase());
    value.len() >= 12
        && has_letter
        && (has_digit || has_both && value.len() >= 20)
        && distinct(value) >= 6
        && !is_reference(value)
        && !is_name(value)
}

/// Whether a value tells where a secret is, and is none: a path, an address, a function, a digest, the name of a file.
fn says_where(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let begins =
        ["/", "./", "../", "~/", "sha1:", "sha256:", "sha512:", "arn:", "http://", "https://", "vault:"];
    begins.iter().any(|begin| lower.starts_with(begin))
        || ENDINGS.iter().any(|end| lower.ends_with(end))
        || is_mailbox(&lower)
}

fn is_mailbox(value: &str) -> bool {
    let plain = |text: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || ".-_+".contains(c))
    };
    value.split_once('@').is_some_and(|(name, host)| plain(name) && plain(host) && host.contains('.'))
}

/// The key of an issue, the number of a weakness, a version or a date: capitals, then numbers.
fn is_reference(value: &str) -> bool {
    let mut parts = value.split(['-', '.', ':', '/']);
    let first = parts.next().unwrap_or_default();
    let is_head = first.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit()) && first.len() <= 10;
    let rest: Vec<&str> = parts.collect();
    is_head
        && !rest.is_empty()
        && rest.iter().all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit()))
}

/// Whether a value is put together from words: what chance makes changes between letters, digits and capitals all the
/// time.
fn is_name(value: &str) -> bool {
    let (mut parts, mut letters) = (0_usize, 0_usize);
    let mut before = None;
    for c in value.chars() {
        let now = class(c);
        if now != Class::Other {
            letters += 1;
            // A capital begins a word and goes on in small letters.
            let goes_on = before == Some(now) || before == Some(Class::Upper) && now == Class::Lower;
            parts += usize::from(!goes_on);
        }
        before = Some(now);
    }
    parts == 0 || letters * 10 >= parts * 32 && !is_made(value)
}

/// Whether letters and digits change often within one long word: no words are put together so.
fn is_made(value: &str) -> bool {
    value.split(|c: char| !c.is_alphanumeric()).any(|word| {
        let kinds: Vec<bool> = word.chars().map(|c| c.is_ascii_digit()).collect();
        let changes = kinds.iter().zip(kinds.iter().skip(1)).filter(|(one, next)| one != next).count();
        word.len() >= 32 && changes >= 6
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Lower,
    Upper,
    Digit,
    Other,
}

fn class(c: char) -> Class {
    match c {
        c if c.is_ascii_digit() => Class::Digit,
        c if c.is_uppercase() => Class::Upper,
        c if c.is_alphabetic() => Class::Lower,
        _ => Class::Other,
    }
}

/// How many different characters there are.
fn distinct(value: &str) -> usize {
    value.chars().collect::<std::collections::BTreeSet<char>>().len()
}
