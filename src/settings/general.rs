//! The single values of the main file: names, times, limits, addresses of our own.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use chrono::TimeDelta;
use chrono_tz::{TZ_VARIANTS, Tz};
use http::Uri;

use super::{
    file::{
        main::{MainFile, ScheduleEntry},
        part::Part,
    },
    reading::Reading,
    suggest::nearest,
};
use crate::{
    model::{ids::InstanceName, rule::Limits, terms::Mode},
    review::schedule::{Schedule, ScheduleError},
};

/// Where the register is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreAddress {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL database, without a password.
    Postgres(String),
}

/// When the worker runs.
#[derive(Clone, Debug)]
pub struct ScheduleSettings {
    /// When a cycle runs.
    pub sync: Schedule,
    /// When reviewers are notified; none for never.
    pub review: Option<Schedule>,
    /// Zone of schedules, dates and deadlines.
    pub zone: Tz,
}

/// What to write when a mode is missing or unknown.
const MODES: &str = "`observe` writes nothing to trackers, `create-only` opens issues, `upsert` also keeps owner, labels, \
                     date and comments, `full` also keeps the status; begin with `observe`";

/// Reads the instance's name.
pub(super) fn instance(page: &mut Reading, file: &MainFile) -> Option<InstanceName> {
    let name = page.part("/instance", file.instance.as_ref()?)?;
    let is_slug = name.len() <= 63
        && name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && name.ends_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if is_slug {
        return Some(InstanceName::new(name.clone()));
    }
    let message =
        "the instance's name has other characters than lower-case letters, digits and hyphens".to_owned();
    page.error("/instance", "instance", message, Some("write it like `acme-security`".to_owned()));
    None
}

/// Reads the mode; a missing or unknown one is explained.
pub(super) fn mode(page: &mut Reading, file: &MainFile) -> Option<Mode> {
    let wrong = match &file.mode {
        Some(Part::Read(mode)) => return Some(*mode),
        Some(Part::Wrong(wrong)) => wrong.as_str().map_or_else(|| wrong.to_string(), str::to_owned),
        None => String::new(),
    };
    if wrong.is_empty() {
        let (at, how) = if page.value().get("mode").is_some() { ("/mode", "empty") } else { ("", "missing") };
        let message = format!("`mode` is {how}: somebody must choose what may be written to the trackers");
        page.forget_violations("/mode");
        page.error(at, "mode", message, Some(MODES.to_owned()));
        return None;
    }
    let near = nearest(&wrong, Mode::ALL.iter().map(|mode| mode.as_str()));
    let meant = near.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
    page.replace_violations(
        "/mode",
        "mode",
        format!("`{wrong}` is not a mode"),
        Some(format!("{meant}{MODES}")),
    );
    None
}

/// Reads the register's address.
pub(super) fn store(page: &mut Reading, file: &MainFile) -> Option<StoreAddress> {
    let text = page.part("/store", &file.store)?;
    let (message, help) = match text.split_once(':') {
        Some(("sqlite", ":memory:")) => {
            ("a register in memory would forget every issue", "write it like `sqlite:postmortem-sync.db`")
        }
        Some(("sqlite", path)) if !path.trim_start_matches('/').is_empty() => {
            // `sqlite:///var/lib/x.db` and `sqlite:/var/lib/x.db` mean the same file.
            let path = page.beside(path.strip_prefix("//").unwrap_or(path));
            warn_of_folder(page, &path);
            return Some(StoreAddress::Sqlite(path));
        }
        Some(("postgres" | "postgresql", _)) => match text.parse::<Uri>() {
            Ok(uri) if !has_password(&uri) => return Some(StoreAddress::Postgres(text.clone())),
            Ok(_) => ("this address holds a password", "leave it out and set `PGPASSWORD` or `PGPASSFILE`"),
            Err(_) => ("this is not an address", "write it like `postgres://user@host/database`"),
        },
        Some(_) | None => (
            "this is neither a SQLite file nor a PostgreSQL address",
            "write it like `sqlite:postmortem-sync.db`",
        ),
    };
    page.error("/store", "store", message.to_owned(), Some(help.to_owned()));
    None
}

/// The file is made on first use, its folder is not. It may be made by whoever starts the worker, so this is no error.
fn warn_of_folder(page: &mut Reading, path: &Path) {
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return };
    if !folder.is_dir() {
        let message = format!("there is no folder `{}` for the register yet", folder.display());
        let help = "make it before the first cycle, writable by the worker".to_owned();
        page.warn("/store", "store", message, Some(help));
    }
}

fn has_password(uri: &Uri) -> bool {
    let user = uri.authority().and_then(|authority| authority.as_str().split_once('@'));
    user.is_some_and(|(user, _)| user.contains(':'))
        || uri.query().is_some_and(|query| query.contains("password"))
}

/// Reads the schedules. Deadlines are read in the same zone.
pub(super) fn schedule(page: &mut Reading, file: &MainFile) -> Option<ScheduleSettings> {
    let entry: &ScheduleEntry = page.part("/schedule", &file.schedule)?;
    let zone: Option<Tz> = entry.timezone.parse().ok();
    if zone.is_none() {
        let help = zone_advice(&entry.timezone);
        let message = format!("there is no time zone `{}`", entry.timezone);
        page.error("/schedule/timezone", "time_zone", message, Some(help));
    }
    // The expressions are checked even so, in any zone.
    let in_zone = zone.unwrap_or(Tz::UTC);
    let sync = times(page, "/schedule/sync", &entry.sync, in_zone);
    let review = match &entry.review {
        Some(text) => Some(times(page, "/schedule/review", text, in_zone)?),
        None => None,
    };
    Some(ScheduleSettings { sync: sync?, review, zone: zone? })
}

/// The zone that was probably meant: a city alone is enough to tell.
fn zone_advice(text: &str) -> String {
    let names = || TZ_VARIANTS.iter().map(|zone| zone.name());
    let city = text.rsplit('/').next().unwrap_or(text).replace(' ', "_").to_lowercase();
    let of_city =
        names().find(|name| name.rsplit('/').next().is_some_and(|last| last.to_lowercase() == city));
    match nearest(text, names()).or(of_city) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "write a name of the IANA database, such as `Europe/London`".to_owned(),
    }
}

fn times(page: &mut Reading, at: &str, text: &str, zone: Tz) -> Option<Schedule> {
    let error = match Schedule::parse(text, zone) {
        Ok(schedule) => return Some(schedule),
        Err(error) => error,
    };
    let help = match &error {
        ScheduleError::Fields(..) | ScheduleError::Field { .. } => {
            "write it like `*/5 * * * *` or `0 0 8 * * Mon-Fri`"
        }
        ScheduleError::BothDays(..) => "write `*` for one of the two",
        ScheduleError::Never(_) => "choose a day that exists",
    };
    page.error(at, "schedule", error.to_string(), Some(help.to_owned()));
    None
}

/// Reads the address for health checks; the outer none is an error, the inner one is off.
#[expect(clippy::option_option, reason = "unreadable and switched off are different")]
pub(super) fn listen(page: &mut Reading, file: &MainFile) -> Option<Option<SocketAddr>> {
    let Some(listen) = &file.listen else { return Some(None) };
    let text = page.part("/listen", listen)?;
    let (message, help) = match text.parse::<SocketAddr>() {
        Ok(address) if address.ip().is_loopback() => return Some(Some(address)),
        Ok(_) => (
            "the health pages have no log-in, so they are served on loopback only",
            "write `127.0.0.1:8321`, and put a proxy in front for others",
        ),
        Err(_) => {
            ("this is not an address with a port", "write it like `127.0.0.1:8321`, or `null` for none")
        }
    };
    page.error("/listen", "listen", message.to_owned(), Some(help.to_owned()));
    None
}

/// Reads the brakes of one cycle.
pub(super) fn limits(page: &mut Reading, file: &MainFile) -> Option<Limits> {
    let entry = page.part("/limits", &file.limits)?;
    let default = Limits::default();
    let limits = Limits {
        creates: entry.creates.unwrap_or(default.creates),
        closes: entry.closes.unwrap_or(default.closes),
        changed_share: entry.changed_share.unwrap_or(default.changed_share),
    };
    if limits.changed_share <= 0.0 {
        let message = "a share of 0 would stop every cycle".to_owned();
        let help = "to write nothing, use `mode: observe`".to_owned();
        page.error("/limits/changed_share", "limits", message, Some(help));
    }
    Some(limits)
}

/// The settle time that the promise of at most one issue was tested with (invariant 7).
const TESTED_SETTLE: TimeDelta = TimeDelta::minutes(20);

/// Reads the settle time.
pub(super) fn settle(page: &mut Reading, file: &MainFile) -> Option<TimeDelta> {
    let text = page.part("/settle", &file.settle)?;
    let settle = duration(page, "/settle", text)?;
    if settle < TESTED_SETTLE {
        let message = "a worker frozen, or a tracker late, for longer than this can make a second issue; 20m is the tested value"
            .to_owned();
        page.warn("/settle", "duration", message, None);
    }
    Some(settle)
}

/// Reads the time that a refused field is left alone.
pub(super) fn cooldown(page: &mut Reading, file: &MainFile) -> Option<TimeDelta> {
    let text = page.part("/cooldown", &file.cooldown)?;
    duration(page, "/cooldown", text)
}

/// Reads in which time everything is looked at.
pub(super) fn audit(page: &mut Reading, file: &MainFile) -> Option<TimeDelta> {
    let text = page.part("/audit", &file.audit)?;
    duration(page, "/audit", text)
}

/// Reads for how long what was read counts as fresh.
pub(super) fn fresh_within(page: &mut Reading, file: &MainFile) -> Option<TimeDelta> {
    let text = page.part("/fresh_within", &file.fresh_within)?;
    duration(page, "/fresh_within", text)
}

/// Reads a length of time.
pub(super) fn duration(page: &mut Reading, at: &str, text: &str) -> Option<TimeDelta> {
    let parsed = parse_duration(text);
    let message = match parsed {
        Some(time) if TimeDelta::zero() < time && time <= LONGEST => return Some(time),
        Some(time) if time.is_zero() => format!("`{text}` is no time at all"),
        Some(_) => format!("`{text}` is more than ten years"),
        None => format!("`{text}` is not a length of time"),
    };
    let help = "write a number and a unit, such as `90s`, `20m`, `24h`, `7d` or `1h30m`".to_owned();
    page.error(at, "duration", message, Some(help));
    None
}

/// Longest time that is accepted: ten years.
const LONGEST: TimeDelta = TimeDelta::days(3660);

/// Numbers with a unit each: `1h30m`.
fn parse_duration(text: &str) -> Option<TimeDelta> {
    let mut rest = text.trim();
    let mut total = TimeDelta::zero();
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, tail) = rest.split_at(digits);
        let unit = tail.chars().next()?;
        let seconds: i64 = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            _ => return None,
        };
        let seconds = number.parse::<i64>().ok()?.checked_mul(seconds)?;
        total = total.checked_add(&TimeDelta::try_seconds(seconds)?)?;
        rest = tail.get(unit.len_utf8()..)?;
    }
    (!text.trim().is_empty()).then_some(total)
}
