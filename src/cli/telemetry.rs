//! Logging: structured, to standard error, never a token, an address or a text of a finding.

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::settings::file::main::{LogEntry, LogFormat};

/// Starts logging. `level` on the command line goes before the configuration's.
pub(super) fn start(level: Option<&str>, configured: Option<&LogEntry>, quiet: bool) {
    let fallback = if quiet { "warn" } else { configured.map_or("info", |log| log.level.as_str()) };
    let filter = EnvFilter::try_new(level.unwrap_or(fallback)).unwrap_or_else(|_| EnvFilter::new("info"));
    let json = configured.is_some_and(|log| log.format == LogFormat::Json);
    let layer = fmt::layer().with_writer(std::io::stderr).with_target(false);
    let registry = tracing_subscriber::registry().with(filter);
    // A second start, as in tests within one process, keeps the first.
    let _ = if json {
        registry.with(layer.json().flatten_event(true).with_span_list(false)).try_init()
    } else {
        registry.with(layer).try_init()
    };
}
