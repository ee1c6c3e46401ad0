//! Logging: structured, to standard error, never a token, a password, an address or a text of a finding.

use std::fmt;

use serde_json::{Map, Value};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    EnvFilter,
    fmt::{
        FmtContext, FormatEvent, FormattedFields, Layer,
        format::{JsonFields, Writer},
    },
    layer::SubscriberExt as _,
    registry::LookupSpan,
    util::SubscriberInitExt as _,
};

use super::output::Output;
use crate::{
    app::SystemClock,
    model::clock::Clock as _,
    plan::secrets::without_passwords,
    review::inert::{escaped_json, is_harmful},
    settings::file::main::{LogEntry, LogFormat},
};

/// Who reads the log.
#[derive(Clone, Copy, Debug)]
pub(super) enum Audience {
    /// Somebody who watches a command: what goes wrong, and no more.
    Watcher,
    /// Whoever runs the worker: as much as the configuration says.
    Operator,
}

/// Starts logging. `level` on the command line goes before the configuration's.
pub(super) fn start(level: Option<&str>, configured: Option<&LogEntry>, audience: Audience, output: &Output) {
    let fallback = match audience {
        Audience::Watcher => "warn",
        Audience::Operator => configured.map_or("info", |log| log.level.as_str()),
    };
    let filter = EnvFilter::try_new(directives(level.unwrap_or(fallback)));
    let registry = tracing_subscriber::registry().with(filter.unwrap_or_else(|_| EnvFilter::new("info")));
    let layer = Layer::default().with_writer(|| Harmless(std::io::stderr()));
    // A second start, as in tests within one process, keeps the first.
    let _ = if configured.is_some_and(|log| log.format == LogFormat::Json) {
        registry.with(layer.fmt_fields(JsonFields::new()).event_format(OneObject)).try_init()
    } else {
        registry.with(layer.with_target(false).with_ansi(output.paints_errors())).try_init()
    };
}

/// Standard error for people: what acts on readers or hides from them is spelled out. Colours are the log's own; the log
/// escapes those of others.
struct Harmless(std::io::Stderr);

impl std::io::Write for Harmless {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let shown = String::from_utf8_lossy(bytes);
        let text = without_passwords(&shown);
        let is_odd = |c: char| is_harmful(c) && !matches!(c, '\n' | '\t' | '\u{1b}');
        if text.contains(is_odd) {
            let spelled =
                text.chars().map(|c| if is_odd(c) { format!("[U+{:04X}]", c as u32) } else { c.to_string() });
            self.0.write_all(spelled.collect::<String>().as_bytes())?;
        } else {
            self.0.write_all(text.as_bytes())?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

/// Libraries below us say what goes wrong and nothing else: what they print at lower levels is not ours to vouch for.
fn directives(level: &str) -> String {
    match level {
        "error" | "warn" => level.to_owned(),
        level => format!("warn,{}={level}", env!("CARGO_CRATE_NAME")),
    }
}

/// One JSON object a line: time, level, message, the event's fields, then those of the spans around it, all side by side.
struct OneObject;

impl<S> FormatEvent<S, JsonFields> for OneObject
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, JsonFields>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = Line::default();
        let now = SystemClock.now().to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
        line.put("timestamp", now);
        line.put("level", event.metadata().level().as_str());
        line.put("message", "");
        event.record(&mut line);
        for span in context.event_scope().into_iter().flatten() {
            let extensions = span.extensions();
            let fields = extensions.get::<FormattedFields<JsonFields>>();
            let fields = fields.and_then(|fields| serde_json::from_str::<Map<String, Value>>(fields).ok());
            for (name, value) in fields.into_iter().flatten() {
                line.0.entry(name).or_insert(value);
            }
        }
        writeln!(writer, "{}", escaped_json(&Value::Object(line.0).to_string()))
    }
}

/// The members of a line, in order.
#[derive(Default)]
struct Line(Map<String, Value>);

impl Line {
    fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field.name(), value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field.name(), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field.name(), value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field.name(), value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field.name(), value);
    }
}
