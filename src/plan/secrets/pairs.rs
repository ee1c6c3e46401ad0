//! Secrets that stand behind a word which says what they are: `password = …`, `Authorization: …`, `curl -u …`.
//!
//! Knows words and separators. Whether the value is a secret is judged by its own looks.

use super::{
    alphabet::is_basic,
    value::{Kind, is_placeholder, looks_secret},
};

/// Words for what a person chose, in the languages that write-ups are read in. In small letters and without what may
/// stand between their parts.
const PASSWORDS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "passwort",
    "kennwort",
    "motdepasse",
    "contraseña",
    "contrasena",
    "senha",
    "wachtwoord",
    "parolad'ordine",
    "hasło",
    "пароль",
    "密码",
    "密碼",
    "口令",
    "パスワード",
];

/// The same, where they are not the end of another word.
const SHORT: &[&str] = &["pass", "pwd", "pw", "psw", "pswd"];

/// Words for what a machine made.
const KEYS: &[&str] = &[
    "secret",
    "token",
    "apikey",
    "accesskey",
    "accesskeyid",
    "secretkey",
    "privatekey",
    "signingkey",
    "encryptionkey",
    "masterkey",
    "accountkey",
    "storagekey",
    "sharedkey",
    "sharedaccesskey",
    "authkey",
    "authorization",
    "credential",
    "credentials",
    "sessionid",
    "sessid",
    "auth",
    "clientkey",
    "webhookkey",
    "presharedkey",
    "connectionstring",
    "herokuapikey",
    "appkey",
    "applicationkey",
    "secretkeybase",
    "licensekey",
    "licencekey",
    "servicerolekey",
    "subscriptionkey",
    "sessionkey",
    "pat",
    "jeton",
    "geheimnis",
    "schlüssel",
    "secreto",
];

/// Words before the value of `Authorization`.
const SCHEMES: &[&str] = &[
    "bearer",
    "basic",
    "token",
    "apikey",
    "bot",
    "ssws",
    "digest",
    "negotiate",
    "key",
    "geniekey",
    "splunk",
    "oauth",
    "sso-key",
    "api-key",
    "zoho-oauthtoken",
    "hmac",
];

/// Longest part of a line before a separator that is looked at for a word, and behind it for a value.
const BACK: usize = 128;
const AHEAD: usize = 512;

/// How much of that the word itself may take.
const WORD: usize = 48;

/// Options of commands whose value follows a blank.
const OPTIONS: &[&str] = &[
    "--password",
    "--passwd",
    "--pass",
    "--passphrase",
    "--token",
    "--api-key",
    "--apikey",
    "--secret",
    "--auth-token",
    "--access-token",
    "--client-secret",
    "-storepass",
    "-keypass",
    "--http-password",
];

/// A secret behind a word.
pub(super) fn found(text: &str) -> Option<&'static str> {
    text.lines().find_map(|line| {
        let separated = line.char_indices().find_map(|(at, c)| at_separator(line, at, c));
        separated
            .or_else(|| said(line))
            .or_else(|| header(line))
            .or_else(|| commanded(line))
            .or_else(|| set(line))
            .or_else(|| is_aws(line).then_some("an AWS secret key"))
            .or_else(|| pgpass(line))
    })
}

/// A word, a separator and a value.
fn at_separator(line: &str, at: usize, c: char) -> Option<&'static str> {
    if !matches!(c, '=' | ':' | '|' | '>' | '→' | '：' | '＝' | '\t') {
        return None;
    }
    let (before, rest) = (line.get(..at)?, line.get(at + c.len_utf8()..)?);
    if c == '=' && is_session(before, rest) {
        return Some("a session");
    }
    let kind = announced(before)?;
    // What follows a tag is its content only where it is closed again.
    if c == '>' && !first(rest, AHEAD).contains("</") {
        return None;
    }
    judged(kind, rest, matches!(c, '=' | '＝' | '>'))
}

/// What a browser is known by once somebody logged in, as cookies hold it.
fn is_session(before: &str, rest: &str) -> bool {
    let near = last(before, 8);
    if !["session", "sid", "sess"].iter().any(|word| ends_in_word(&near.to_lowercase(), word)) {
        return false;
    }
    let (value, _) = value(first(rest, AHEAD));
    let is_one = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '%' | '~');
    let is_hex = value.chars().all(|c| c.is_ascii_hexdigit());
    let is_made =
        [char::is_uppercase, char::is_lowercase, char::is_numeric].iter().all(|is| value.contains(*is));
    value.len() >= 24 && value.chars().all(is_one) && (is_made || is_hex)
}

/// "The password is …".
fn said(line: &str) -> Option<&'static str> {
    [" is ", " was ", " ist ", " lautet ", " est ", " es ", " è "].iter().find_map(|word| {
        line.match_indices(word)
            .find_map(|(at, _)| judged(announced(line.get(..at)?)?, line.get(at + word.len()..)?, false))
    })
}

/// What the end of a text announces.
fn announced(before: &str) -> Option<Kind> {
    let before = last(before, BACK);
    // The name of a resource in a cloud is made of such words.
    if before.split_whitespace().next_back().is_some_and(|word| word.contains("arn:")) {
        return None;
    }
    let before = before.trim_end_matches(|c: char| c.is_whitespace() || "\"'`*_])>=:|?~#".contains(c));
    let near = last(before, WORD).to_lowercase();
    let near = near.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_');
    let joined: String = near.chars().filter(|c| !matches!(c, ' ' | '-' | '_' | '.')).collect();
    if PASSWORDS.iter().any(|word| joined.ends_with(word))
        || SHORT.iter().any(|word| ends_in_word(near, word))
    {
        return Some(Kind::Password);
    }
    let is_whole = |word: &str| matches!(word, "auth" | "pat");
    let is_key = |word: &str| if is_whole(word) { ends_in_word(near, word) } else { joined.ends_with(word) };
    KEYS.iter().any(|word| is_key(word)).then_some(Kind::Key)
}

/// The last characters of a text.
fn last(text: &str, n: usize) -> &str {
    text.char_indices().rev().nth(n).and_then(|(at, _)| text.get(at..)).unwrap_or(text)
}

/// The first characters of a text.
fn first(text: &str, n: usize) -> &str {
    text.char_indices().nth(n).and_then(|(at, _)| text.get(..at)).unwrap_or(text)
}

fn ends_in_word(text: &str, word: &str) -> bool {
    let head = text.strip_suffix(word);
    head.is_some_and(|head| !head.ends_with(|c: char| c.is_alphanumeric()))
}

/// The value with which a text begins, if it is a secret.
fn judged(kind: Kind, rest: &str, is_firm: bool) -> Option<&'static str> {
    let rest = first(rest, AHEAD).trim_start_matches([' ', '\t', '>', '=', ':', '|', '*', '→']);
    let (value, is_quoted) = value(rest);
    let scheme = value.to_ascii_lowercase();
    if SCHEMES.contains(&scheme.as_str()) {
        let next = rest.get(value.len()..).unwrap_or_default().trim_start();
        let (next, _) = self::value(next);
        let is_secret = if scheme == "basic" { is_basic(next) } else { is_bearer(next, 8) };
        return is_secret.then_some("a credential of a request");
    }
    if kind == Kind::Key
        && value.len() >= 8
        && is_basic(value)
        && value.len() % 4 == 0
        && value.ends_with('=')
    {
        return Some("a name and a password in base64");
    }
    let is_code = !is_quoted && value.contains(['(', '[', '{']);
    let is_secret = !is_code && looks_secret(kind, value, is_firm || is_quoted);
    is_secret.then_some(match kind {
        Kind::Password => "a password",
        Kind::Key => "a secret behind its name",
    })
}

/// A value up to its end, and whether it is in quotes.
fn value(text: &str) -> (&str, bool) {
    let quote = text.chars().next().filter(|c| "\"'`".contains(*c));
    if let Some(quote) = quote {
        let inner = text.get(1..).unwrap_or_default().trim_start_matches(quote);
        return (inner.split([quote, '\\']).next().unwrap_or_default(), true);
    }
    let end = text.find(|c: char| c.is_whitespace() || "\"'`,;|<&".contains(c)).unwrap_or(text.len());
    let value = text.get(..end).unwrap_or_default();
    (value.trim_end_matches(['.', ',', ';', ':', ')', '!', '?', '}', ']']), false)
}

/// `Bearer …` and `Basic …` without the name of the header.
fn header(line: &str) -> Option<&'static str> {
    let lower = line.to_ascii_lowercase();
    let after = |word: &'static str| {
        let at = lower.match_indices(word);
        at.filter_map(|(at, _)| line.get(at + word.len()..)).map(|rest| value(rest.trim_start()).0)
    };
    let bearer = after("bearer ").chain(after("ssws ")).any(|value| is_bearer(value, 16));
    let basic = after("basic ").any(|value| value.len() >= 8 && is_basic(value) && !value.contains(':'));
    (bearer || basic).then_some("a credential of a request")
}

fn is_bearer(value: &str, least: usize) -> bool {
    let is_long = value.len() >= least && !is_placeholder(value) && !value.contains(char::is_whitespace);
    let is_mixed =
        value.chars().any(|c| c.is_ascii_digit()) && value.chars().any(|c| c.is_ascii_alphabetic());
    is_long && (is_mixed || looks_secret(Kind::Key, value, true)) && !value.contains("://")
}

/// A password on a command line, or in a `.netrc`.
fn commanded(line: &str) -> Option<&'static str> {
    let words: Vec<&str> = line.split_whitespace().map(|word| word.trim_matches(['"', '\'', '`'])).collect();
    let calls = |names: &[&str]| words.iter().any(|word| names.iter().any(|name| word.ends_with(name)));
    let is_request = calls(&["curl", "wget", "http", "https"]);
    let is_login = calls(&["login", "sshpass", "smbclient", "ldapsearch", "mosquitto_pub"]);
    let is_cache = calls(&["redis-cli", "valkey-cli"]);
    let is_netrc = words.contains(&"machine") || words.contains(&"default");
    let found = words.windows(2).any(|pair| {
        let [option, value] = pair else { return false };
        let given = |value: &str| value.len() >= 4 && !is_placeholder(value);
        match *option {
            "-u" | "--user" | "--proxy-user" | "-U" if is_request => is_pair(value),
            "-p" | "-w" if is_login => given(value) && !value.starts_with('-') && !is_number(value),
            "-a" if is_cache => looks_secret(Kind::Password, value, true),
            "password" if is_netrc && words.contains(&"login") => given(value),
            option if OPTIONS.contains(&option) => looks_secret(Kind::Password, value, true),
            _ => false,
        }
    });
    let attached = |word: &&str| {
        let pair = word.strip_prefix("--user=").or_else(|| word.strip_prefix("-u"));
        is_request && pair.is_some_and(is_pair)
    };
    // The only way in which these take one: `-p` alone asks for it.
    let is_database = calls(&["mysql", "mysqldump", "mysqladmin", "mariadb", "mariadb-dump"]);
    let joined = |word: &&str| {
        let password = word.strip_prefix("-p").filter(|_| is_database);
        password.is_some_and(|password| looks_secret(Kind::Password, password, true))
    };
    let found = found || words.iter().any(attached) || words.iter().any(joined);
    found.then_some("a password on a command line")
}

/// A variable or a setting by its name, and its value behind a blank or a comma: `ENV DB_PASSWORD …`.
fn set(line: &str) -> Option<&'static str> {
    let mut words = line.split_whitespace().peekable();
    while let (Some(name), Some(value)) = (words.next(), words.peek()) {
        let name = name.rsplit('(').next().unwrap_or_default().trim_matches(['"', '\'', '`', ',', '*']);
        let value = value.trim_matches(['"', '\'', '`', ',', ';', ')', '.']);
        let is_variable = name.contains('_') && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let kind = announced(name).filter(|kind| {
            // In prose, names in small letters are spoken of.
            is_variable && (*kind == Kind::Key || !name.contains(|c: char| c.is_ascii_lowercase()))
        });
        match kind {
            Some(Kind::Password) if looks_secret(Kind::Password, value, true) => return Some("a password"),
            Some(Kind::Key) if looks_secret(Kind::Key, value, true) => {
                return Some("a secret behind its name");
            }
            Some(_) | None => {}
        }
    }
    None
}

/// A secret access key of AWS: forty characters of base64 on a line that speaks of a secret.
fn is_aws(line: &str) -> bool {
    let mut words = line.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '/')));
    let is_key = |word: &str| {
        let made = [char::is_uppercase, char::is_lowercase, char::is_numeric];
        word.len() == 40
            && made.iter().all(|is| word.contains(*is))
            && looks_secret(Kind::Key, word.trim_start_matches('/'), true)
    };
    line.to_ascii_lowercase().contains("secret") && words.any(is_key)
}

/// A name, a colon and a password; a token may stand without a name.
fn is_pair(text: &str) -> bool {
    text.split_once(':').is_some_and(|(name, password)| {
        let least = if name.is_empty() { 20 } else { 3 };
        password.len() >= least && !is_placeholder(password) && !is_number(password)
    })
}

fn is_number(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_digit())
}

/// A line of a `.pgpass`: host, port, database, user and password.
fn pgpass(line: &str) -> Option<&'static str> {
    let parts: Vec<&str> = line.trim().splitn(5, ':').collect();
    let [host, port, database, user, password] = parts.as_slice() else { return None };
    let is_host = *host == "*" || *host == "localhost" || host.contains('.') && !host.contains('/');
    let is_port = *port == "*" || (2..=5).contains(&port.len()) && is_number(port);
    let is_name = |text: &str| !text.is_empty() && !text.contains(char::is_whitespace) && !is_number(text);
    let is_line = is_host && is_port && is_name(database) && is_name(user) && is_name(password);
    (is_line && password.len() >= 4 && !is_placeholder(password)).then_some("a password for a database")
}
