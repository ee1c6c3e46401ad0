//! What is held because it looks like a credential, and what is text like any other.
//!
//! Every credential is put together here at run time, so that no file holds one.

use data_encoding::{BASE64, BASE64URL_NOPAD};
use postmortem_sync::plan::secrets::{REMOVED, is_address_with_password, secret_in, without_secrets};
use proptest::{prelude::*, sample::select};

use crate::surroundings::cases;

const ALNUM: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const HEX: &str = "0123456789abcdef";
const DIGITS: &str = "0123456789";

/// Characters of an alphabet in an order that repeats nothing for long.
fn made(alphabet: &str, n: usize) -> String {
    let letters: Vec<char> = alphabet.chars().collect();
    let mut state: u64 = 0x9E37_79B9_7F4A_7C15 ^ (n as u64) ^ letters.len() as u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % letters.len() as u64).unwrap()
    };
    (0..n).map(|_| letters[next()]).collect()
}

fn alnum(n: usize) -> String {
    made(ALNUM, n)
}

fn hex(n: usize) -> String {
    made(HEX, n)
}

/// CRC-32 in six digits of base 62, in another way than the product's.
fn check_digits(text: &str) -> String {
    let table: Vec<u32> = (0..256_u32)
        .map(|n| (0..8).fold(n, |c, _| if c & 1 == 1 { 0xEDB8_8320 ^ (c >> 1) } else { c >> 1 }))
        .collect();
    let sum =
        text.bytes().fold(!0_u32, |sum, byte| table[((sum ^ u32::from(byte)) & 0xFF) as usize] ^ (sum >> 8));
    let (mut left, mut digits) = (!sum, Vec::new());
    for _ in 0..6 {
        digits.push(ALNUM.chars().nth((left % 62) as usize).unwrap());
        left /= 62;
    }
    digits.iter().rev().collect()
}

/// A token as GitHub makes it, check digits included.
fn github(kind: &str) -> String {
    let body = alnum(30);
    format!("gh{kind}_{body}{}", check_digits(&body))
}

fn jwt() -> String {
    let part = |text: &str| BASE64URL_NOPAD.encode(text.as_bytes());
    let (head, claims) =
        (part("{\"alg\":\"HS256\",\"typ\":\"JWT\"}"), part("{\"sub\":\"1\",\"name\":\"ana\"}"));
    format!("{head}.{claims}.{}", alnum(43))
}

fn discord() -> String {
    format!("{}.{}.{}", BASE64URL_NOPAD.encode(made("123456789", 18).as_bytes()), alnum(6), alnum(38))
}

/// One token each, whole in one word: makers' formats.
fn tokens() -> Vec<String> {
    [forges(), clouds(), services(), marked(), addresses()].concat()
}

fn forges() -> Vec<String> {
    let dash = "-";
    vec![
        github("p"),
        github("o"),
        github("u"),
        github("s"),
        github("r"),
        format!("gh{}_123456_{}", "s", jwt()),
        format!("github{}pat_11{}_{}", "_", made(UPPER, 20), alnum(59)),
        format!("glpat{dash}{}", alnum(20)),
        format!("gldt{dash}{}", alnum(20)),
        format!("glrt{dash}{}", alnum(20)),
        format!("xoxb{dash}{}-{}-{}", made(DIGITS, 12), made(DIGITS, 12), alnum(24)),
        format!("xoxp{dash}{}-{}", made(DIGITS, 12), hex(32)),
        format!("xapp{dash}1-A{}-{}", made(UPPER, 10), hex(64)),
        format!(
            "https://hooks.slack{}com/services/T{}/B{}/{}",
            ".",
            made(UPPER, 8),
            made(UPPER, 8),
            alnum(24)
        ),
    ]
}

fn clouds() -> Vec<String> {
    let dash = "-";
    vec![
        format!("AK{}{}", "IA", made(UPPER, 16)),
        format!("AS{}{}", "IA", made(UPPER, 16)),
        format!("AI{}{}", "za", alnum(35)),
        format!("ya{}.{}", "29", alnum(60)),
        format!("GOCS{}-{}", "PX", alnum(28)),
        format!("Account{}={}==", "Key", alnum(86)),
        format!("https://acme.blob.core.windows.net/c?sv=2024-01-01&si{}={}%3D", "g", alnum(43)),
        format!("sk_{}_{}", "live", alnum(24)),
        format!("rk_{}_{}", "live", alnum(24)),
        format!("whs{}_{}", "ec", alnum(32)),
        format!("S{}{}", "K", hex(32)),
        format!("S{}.{}.{}", "G", alnum(22), alnum(43)),
        format!("npm{}{}", "_", alnum(36)),
        format!("py{}-AgEIcHlwaS5vcmc{}", "pi", alnum(80)),
        format!("ci{}{}", "o", alnum(32)),
        format!("dckr{}pat_{}", "_", alnum(27)),
        format!("dop{}v1_{}", "_", hex(64)),
        format!("ATATT3{}FfGF0{}={}", "x", alnum(180), made(UPPER, 8)),
        format!("ATCTT3{}FfGN0{}", "x", alnum(120)),
        format!("sk{dash}proj-{}", alnum(80)),
        format!("sk{dash}{}T3BlbkFJ{}", alnum(20), alnum(20)),
        format!("sk{dash}ant-api03-{}", alnum(90)),
        format!("hf{}{}", "_", alnum(34)),
        format!("da{}{}", "pi", hex(32)),
        format!("hv{}.{}", "s", alnum(95)),
        format!("{}.atlas{}.{}", alnum(14), "v1", alnum(67)),
        format!("dp.{}.{}", "pt", alnum(43)),
    ]
}

fn services() -> Vec<String> {
    let dash = "-";
    vec![
        format!("lin{}api_{}", "_", alnum(40)),
        format!("shp{}_{}", "at", hex(32)),
        format!("sq0{}-{}", "atp", alnum(22)),
        format!("{}:AA{}", made("123456789", 9), alnum(33)),
        discord(),
        format!("https://discord.com/api/web{}/{}/{}", "hooks", made(DIGITS, 18), alnum(68)),
        format!("key{dash}{}", hex(32)),
        format!("HRKU{dash}{}", alnum(60)),
        jwt(),
        format!("AGE-SECRET-KEY{dash}1{}", made("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58)),
        format!("glsa{}{}_{}", "_", alnum(32), hex(8)),
        format!("NRAK{dash}{}", made(UPPER, 27)),
        format!("PMAK{dash}{}-{}", hex(24), hex(34)),
        format!("pul{dash}{}", hex(40)),
        format!("rubygems{}{}", "_", hex(48)),
        format!("tskey{dash}auth-{}-{}", alnum(16), alnum(32)),
        format!("{}8Q~{}", alnum(3), alnum(34)),
        format!("$2{}$12${}", "b", alnum(53)),
    ]
}

/// Formats that are told by more than a beginning, or that few scanners know.
fn marked() -> Vec<String> {
    vec![
        format!("IQoJb3JpZ2lu{}{}", "X2VjE", alnum(200)),
        format!("AA{}:APA91b{}", alnum(9), alnum(134)),
        format!("{}+AS{}{}Q==", alnum(76), "t", alnum(5)),
        format!("{}AC{}{}A==", alnum(76), "Db", alnum(5)),
        format!("{}+AE{}A{}=", alnum(33), "h", alnum(5)),
        format!("{}AZ{}{}", alnum(76), "DO", alnum(4)),
        format!("{}Az{}{}Q==", alnum(44), "Fu", alnum(5)),
        format!("{}Az{}A{}", alnum(42), "Se", alnum(5)),
        format!("{}-{}-{}", hex(32), hex(8), hex(8)),
        format!("EA{}{}", "AG", alnum(170)),
        format!("{}{}%3D{}", "A".repeat(21), alnum(30), alnum(50)),
        format!("eyJr{}{}=", "Ijoi", alnum(80)),
        format!("s{}aB3{}", ".", alnum(21)),
        format!("GOO{}E{}", "G1", made(UPPER, 56)),
        format!("pi_{}_secret_{}", alnum(24), alnum(25)),
        format!("{}NR{}", hex(36), "AL"),
        format!("4/0{}{}", "A", alnum(70)),
        jira(),
    ]
}

/// A token of Jira Data Center.
fn jira() -> String {
    let random = [0x9f_u8, 0x86, 0xd0, 0x81, 0x88, 0x4c, 0x7d, 0x65, 0x9a, 0x2f];
    BASE64.encode(&[b"126396114255:", &random[..], &random[..]].concat())
}

fn addresses() -> Vec<String> {
    vec![
        format!("postgres://{}:{}@db.example.com:5432/app", "user", "pass"),
        format!("https://bot:{}@git.example.com/x.git", alnum(12)),
        format!("mongodb+srv://app:{}@cluster0.example.net/x", "S3cr3t"),
        format!("redis://:{}@cache:6379/0", "hunter2"),
        format!("amqp://guest:{}@mq:5672/v", "guest1"),
        format!("mysql://root:{}@127.0.0.1/x", "p/w#1"),
        format!("smtp://mail:{}@smtp.example.com:587", "p@ss"),
    ]
}

/// What only its surroundings give away.
fn written() -> Vec<String> {
    let key = |kind: &str| format!("-----BEGIN {kind}PRIVATE {}-----\n{}\n", "KEY", alnum(64));
    let basic = BASE64.encode(format!("ana:{}", alnum(10)).as_bytes());
    vec![
        key(""),
        key("RSA "),
        key("OPENSSH "),
        key("ENCRYPTED "),
        key("EC "),
        format!("-----BEGIN PGP PRIVATE {} BLOCK-----", "KEY"),
        format!("PuTTY-User-{}-File-3: ssh-ed25519", "Key"),
        format!("client-key-data: {}", BASE64.encode(key("RSA ").as_bytes())),
        format!("aws_secret_access_{} = {}/{}", "key", alnum(20), alnum(19)),
        format!("\"SecretAccess{}\": \"{}+{}\"", "Key", alnum(20), alnum(19)),
        format!("{{\"private_{}\": \"-----BEGIN PRIVATE KEY-----\\nMII\"}}", "key"),
        format!("Authorization: Bearer {}", alnum(24)),
        format!("authorization: Basic {basic}"),
        format!("Authorization: token {}", hex(40)),
        format!("it answered to Bearer {} as well", alnum(32)),
        format!("curl -u ana:{} https://example.com", alnum(10)),
        format!("curl --user \"ana:{}\" https://example.com", alnum(10)),
        format!("machine api.example.com login ana password {}", alnum(9)),
        format!("db.example.com:5432:app:ana:{}", alnum(9)),
        format!("pass{} = hunter2", "word"),
        format!("pass{}: Winter2026!", "word"),
        format!("**Pass{}:** `hunter2`", "word"),
        format!("the pass{} is hunter22", "word"),
        format!("| Pass{} | hunter2 |", "word"),
        format!("Pass{}: Sommer2026", "wort"),
        format!("mot de pass{} : Soleil2026", "e"),
        format!("PG{}=Zx81kq", "PASSWORD"),
        format!("api_{}: {}", "key", alnum(32)),
        format!("X-Api-{}: {}", "Key", hex(32)),
        format!("client_{}='{}'", "secret", alnum(28)),
        format!("{}={}", "secret", hex(32)),
        format!("{}: {}", "token", alnum(24)),
        format!("https://example.com/?access_{}={}&x=1", "token", alnum(24)),
        format!("//registry.npmjs.org/:_auth{}={}", "Token", hex(36)),
        format!("\"auth\": \"{basic}\""),
        format!("HEROKU_API_{}=3f2b8c1e-7d4a-4e9b-a6c5-1d0f9e8b7a62", "KEY"),
        format!("<{0}>Zx81!kq</{0}>", "password"),
        format!("mysqldump --{} Zx81kq!", "password"),
        format!("docker login -u ana -p {}", alnum(10)),
        format!("apiVersion: v1\nkind: {}\ndata:\n  user: {}\n", "Secret", BASE64.encode(b"administrator")),
        format!("{{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"{}\"}}", alnum(43)),
        format!("jdbc:oracle:thin:app/{}@db:1521:x", alnum(8)),
        format!("aws configure set aws_secret_access_{} {}/{}", "key", alnum(20), alnum(19)),
        format!("AWS {} {}/{}", "secret", alnum(20), alnum(19)),
        format!("ENV DB_{} Xk29fa8z", "PASSWORD"),
        format!("define(\"DB_{}\", \"Xk29fa8z\");", "PASSWORD"),
        format!("<td>Pass{}</td><td>Xk29fa8z</td>", "word"),
        format!("Pass{}\tXk29fa8z", "word"),
        format!("DD_APP_{}={}", "KEY", hex(40)),
        format!("SECRET_{}_BASE={}", "KEY", hex(128)),
        format!("SERVICE_ROLE_{}={}", "KEY", alnum(60)),
        format!("Ocp-Apim-Subscription-{}: {}", "Key", hex(32)),
        format!("AZURE_DEVOPS_{}={}", "PAT", made("abcdefghijklmnopqrstuvwxyz234567", 52)),
        format!("Authorization: GenieKey {}-7d4a-4e9b-a6c5-1d0f9e8b7a62", hex(8)),
        format!("Authorization: Splunk {}-7d4a-4e9b-a6c5-1d0f9e8b7a62", hex(8)),
        format!("it sent SSWS 00{}", alnum(40)),
        format!("mysqldump -u root -p{} app", "Zx81kq9"),
        format!("redis-cli -h cache -a {} ping", "Zx81kq9"),
        format!("curl -u :{} https://dev.azure.com/acme", alnum(52)),
        format!("Cookie: session={}", alnum(40)),
        format!("otpauth://totp/acme?{}=JBSWY3DPEHPK3PXP&issuer=acme", "secret"),
        format!("untrusted comment: minisign encrypted secret key\nRWRT{}{}", "Y0Iy", alnum(100)),
        format!("https://b.s3.amazonaws.com/k?X-Amz-Date=20260302&X-Amz-{}={}", "Signature", hex(64)),
    ]
}

/// Texts of write-ups that hold no credential.
const ORDINARY: &[&str] = &[
    "a1b2c3d4e5f60718293a4b5c6d7e8f9012345678",
    "fixed in commit 9f9e47e0c1d2b3a495867768594a3b2c1d0e9f8a on main",
    "550e8400-e29b-41d4-a716-446655440000",
    "request 550e8400-e29b-41d4-a716-446655440000 failed",
    "ghcr.io/acme/app@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "CVE-2026-12345 and GHSA-jfh8-c2jp-5v3q",
    "aGVsbG8gd29ybGQ=",
    "PLAT-123, SEC-7 and acme/payments#3",
    "password reset flow",
    "the password policy asks for 14 characters",
    "Password: see the vault",
    "Password hashing: argon2id",
    "password: argon2id with 19 MiB",
    "Passwords: rotate every 90 days",
    "token: expired",
    "Token: revoked on 2026-03-02",
    "the token is valid for 24h",
    "secret: projects/acme/secrets/db/versions/3",
    "secret: my-service-db-credentials-v2",
    "tokens=1500 of 2000",
    "auth: required",
    "secretName: payments-db-credentials",
    "kind: SecretStore\ndata:\n  some: thing",
    "see /etc/payments/secrets/db.env",
    "arn:aws:iam::123456789012:role/payments-deploy",
    "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-A1b2C3",
    "write to security@example.com",
    "password=<redacted>",
    "password=${DB_PASSWORD}",
    "password: $DB_PASSWORD",
    "token = {{ vault.token }}",
    "token: ${TOKEN}",
    "password: xxxx",
    "password: ********",
    "password=changeme",
    "api_key: YOUR_API_KEY",
    "api_key = os.environ[\"API_KEY_2\"]",
    "password = getPassword2()",
    "secret: REDACTED",
    "postgres://db.example.com:5432/app",
    "postgres://app@db.example.com:5432/app",
    "postgres://app:<password>@db.example.com/app",
    "postgres://app:${PASSWORD}@db.example.com/app",
    "https://example.com:8443/@ana/posts",
    "https://github.com/acme/payments/issues/7#issuecomment-123456789",
    "git@github.com:acme/payments.git",
    "ssh://git@github.com/acme/payments.git",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl ana@laptop",
    "-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQswCQYDVQQGEwJJ",
    "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAu1SU1LfVLPHCozMxH2Mo",
    "Rename AKIA to ASIA, and ghp_ in notghp_abc, eyJ",
    "see xoxb- and glpat- and npm_config_registry",
    "set npm_config_registry and npm_package_version in the pipeline of each service",
    "the sk-fading-circle class of the spinner",
    "Bearer tokens must be short-lived",
    "Authorization: Bearer <token>",
    "basic authentication was still allowed",
    "docker run -u 1000:1000 alpine",
    "curl -u ana https://example.com",
    "2026-03-02T10:15:30Z took 1.234567890123456 s",
    "AIDAIOSFODNN7 is a user, AROAIOSFODNN7 a role",
    "src/plan/secrets/pairs.rs:120:9:error: expected one of",
    "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==",
    "the session was open for 12 hours; session: 2026-01",
    "fe80:0000:0000:0000:0202:b3ff:fe1e:8329",
    "Key rotation: quarterly, owner payments-team-2",
    "bypass: enabled2026",
    "compass: north2026",
    "How we will know: the deploy token `deploy-2024` is gone from `ci/config.yml`.",
    "Finding PM-2026-017/F1 of [Leaked deploy token](https://wiki.example.com/pm-2026-017).",
    "Passwort zurücksetzen: Ablauf prüfen",
    "Le mot de passe: à changer",
    "set npm_config_registry_url_for_internal_mirror_of_packages first",
    "mysql -u root -p app_db2",
    "- PAT `Authorization: Bearer` (8.14+); see [the manual](https://example.com/2026), `token` too",
    "key fingerprint is SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDzLp4uvhBRUYvWq3s",
    "Thumbprint: 9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B",
    "SHA256 fingerprint: 9F:86:D0:81:88:4C:7D:65:9A:2F:EA:A0:C5:5A:D0:15:A3:BF:4F:1B:2B:0B:82:2C:D1:5D:6C:15:B0:F0:0A:08",
    "trace id 4bf92f3577b34da6a3ce929d0e0e4736, span 00f067aa0ba902b7",
    "\"integrity\": \"sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC\"",
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4//8/w38GIAXDIBKE0DHxgljNBAAO9TXL0Y4OHwAAAABJRU5ErkJggg==",
    "https://docs.google.com/document/d/1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms/edit?usp=sharing",
    "https://acme.slack.com/archives/C0123ABCDEF/p1700000000123456",
    "https://github.com/acme/payments/compare/9f9e47e0c1d2b3a495867768594a3b2c1d0e9f8a...a1b2c3d4e5f60718293a4b5c6d7e8f9012345678",
    "i-0abcd1234ef567890, vol-049df61146c4d7901 and ami-0abcdef1234567890",
    "arn:aws:kms:eu-west-1:123456789012:key/550e8400-e29b-41d4-a716-446655440000",
    "pod payments-7c9d8b6f5d-x2x9q of coredns-5dd5756b68-8xk2p restarted",
    "part SK-2026-00012345, IBAN DE89370400440532013000",
    "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
    "PASSWORD_MIN_LENGTH=14 and AUTH_TOKEN_TTL_SECONDS=3600",
    "credentials: 3 found, 2 revoked",
    "Auth: OAuth 2.0 with PKCE S256",
    "encryption key: AES-256-GCM, signing key: RS256",
    "session: 2026-03-02T10:15:30Z by ana",
    "session=2026-03-02T10:15:30Z",
    "Cookie: SameSite=Lax and HttpOnly everywhere",
    "ETag: \"5d41402abc4b2a76b9719d911017c592\"",
    "X-Amzn-Trace-Id: Root=1-67891233-abcdef012345678912345678",
    "the access token of ci-bot-2, an API key named payments-ci-2024",
    "Pat: will look at it on 2026-03-02",
    "PAT: rotate all classic ones",
    "task-5d41402abc4b2a76b9719d911017c592 and disk-5d41402abc4b2a76b9719d911017c592",
    "docker run -u 1000:1000 -p 8080:80 nginx:1.25",
    "terraform plan -target=module.payments_v2",
    "https://acme.atlassian.net/wiki/spaces/SEC/pages/1234567890/Postmortem+2026-03",
];

#[test]
fn every_common_shape_of_a_credential_is_held() {
    let all: Vec<String> = [tokens(), written()].concat();
    assert!(all.len() >= 100, "{}", all.len());
    let missed: Vec<&String> = all
        .iter()
        .filter(|secret| {
            secret_in(secret).is_none() || secret_in(&format!("We saw {secret} there.")).is_none()
        })
        .filter(|secret| !secret.contains('\n') || secret_in(secret).is_none())
        .filter(|secret| !secret.starts_with("db.example.com:") || secret_in(secret).is_none())
        .collect();
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn ordinary_text_is_not_held() {
    let held: Vec<(&str, &str)> =
        ORDINARY.iter().filter_map(|text| secret_in(text).map(|name| (*text, name))).collect();
    assert!(held.is_empty(), "{held:#?}");
}

#[test]
fn a_write_up_of_ordinary_lines_is_not_held() {
    let lines: Vec<&str> = ORDINARY.iter().copied().filter(|text| !text.contains('\n')).collect();
    assert_eq!(secret_in(&lines.join("\n")), None);
    assert_eq!(secret_in(&lines.join("; ")), None);
}

#[test]
fn what_markup_hides_from_a_scanner_is_held() {
    let token = github("p");
    let (head, tail) = token.split_at(12);
    for text in [
        format!("{head}<!-- x -->{tail}"),
        format!("{head}<b></b>{tail}"),
        format!("{head}\\\n{tail}"),
        format!("[{head}](https://example.com/){tail}"),
        token.replace('_', "\\_"),
        token.replace('_', "&#95;"),
        token.replace('_', "&#x5F;"),
        token.replace('_', "&lowbar;"),
        token.replace('_', "%5F"),
        token.chars().map(|c| char::from_u32(c as u32 + 0xFEE0).unwrap()).collect(),
        format!("token\u{200B}{token}"),
        format!("**token**{token}"),
    ] {
        assert!(secret_in(&text).is_some(), "{text}");
    }
}

#[test]
fn an_address_with_a_password_is_told_from_one_without() {
    assert!(is_address_with_password(&format!("postgres://{}:{}@host", "user", "pass")));
    assert!(!is_address_with_password("postgres://user@host/db"));
    assert!(!is_address_with_password("https://example.com:8443/x"));
}

#[test]
fn what_is_taken_out_of_a_text_leaves_the_rest() {
    let text = format!("401 for Authorization: Bearer {} of ana", alnum(30));
    assert_eq!(without_secrets(&text), format!("401 for Authorization: Bearer {REMOVED} of ana"));
    assert_eq!(without_secrets("nothing is wrong"), "nothing is wrong");
    for secret in [tokens(), written()].concat() {
        let text = format!("it said: {secret}");
        assert_eq!(secret_in(&without_secrets(&text)), None, "{text}");
    }
}

#[test]
fn a_long_text_takes_no_longer_than_its_length() {
    for part in [
        "password ",
        "a.b:c=",
        "ghp_",
        "://",
        "[(<&#",
        "eyJ.",
        "Bearer ",
        "login: ",
        "<!--",
        "=|:>",
        "-u ",
        "sk-",
        "a=",
        "11:",
        "\\\n",
    ] {
        let text = part.repeat(60_000 / part.len());
        let begun = std::time::Instant::now();
        let _ = secret_in(&text);
        assert!(begun.elapsed().as_secs() < 5, "{part}: {:?}", begun.elapsed());
    }
}

/// What is not seen where text is shown, and what Markdown takes for emphasis.
const HIDDEN: &[&str] = &[
    "\u{200B}",
    "\u{200C}",
    "\u{200D}",
    "\u{2060}",
    "\u{FEFF}",
    "\u{AD}",
    "\u{202E}",
    "\u{2066}",
    "\u{FE0F}",
    "\u{E0041}",
    "\u{34F}",
    "\u{180E}",
    "\u{7}",
    "\u{85}",
    "**",
    "*",
    "`",
    "~~",
    "<!---->",
];

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn nothing_put_into_a_credential_lets_it_through(
        secret in select(tokens()), hidden in select(HIDDEN), at in 0_usize..400, again in 0_usize..400,
    ) {
        let mut text: Vec<char> = secret.chars().collect();
        // A comment within the beginning of another one is none.
        let places = if hidden.starts_with('<') { vec![at] } else { vec![at, again] };
        for at in places {
            let at = at % (text.len() + 1);
            text.splice(at..at, hidden.chars());
        }
        let text: String = text.into_iter().collect();
        prop_assert!(secret_in(&text).is_some(), "{:?}", text);
    }

    #[test]
    fn underscores_put_into_a_credential_do_not_let_it_through(
        secret in select(vec![github("p"), github("s"), format!("npm{}{}", "_", alnum(36)), format!("hf{}{}", "_", alnum(34))]),
        mark in select(vec!["_", "__"]), at in 0_usize..400, again in 0_usize..400,
    ) {
        let mut text: Vec<char> = secret.chars().collect();
        for at in [at % (text.len() + 1), again % (text.len() + 1)] {
            text.splice(at..at, mark.chars());
        }
        let text: String = text.into_iter().collect();
        prop_assert!(secret_in(&text).is_some(), "{:?}", text);
    }

    #[test]
    fn no_text_is_too_odd(text in "\\PC{0,200}", prefix in select(vec!["password: ", "sk-", "https://a:", "kind: Secret\ndata:\n "])) {
        let text = format!("{prefix}{text}");
        let cleansed = without_secrets(&text).into_owned();
        prop_assert_eq!(secret_in(&cleansed), None);
    }
}
