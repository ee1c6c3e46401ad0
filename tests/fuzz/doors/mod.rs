//! Every door through which foreign bytes come in, as a function that panics when a promise is broken.
//!
//! The tests open each with a committed corpus and with mutations of it; the fuzzer opens them for as long as it is let.

mod documents;
mod settings;
mod texts;
mod trackers;
mod wikis;

/// A door's name, which is its folder of the corpus, and what opens it.
pub(crate) type Door = (&'static str, fn(&[u8]));

/// All of them.
pub(crate) const DOORS: [Door; 17] = [
    ("markdown", documents::markdown),
    ("html", documents::html),
    ("storage", documents::storage),
    ("adf", documents::adf),
    ("wiki", documents::wiki),
    ("front-matter", documents::front_matter),
    ("yaml", documents::yaml),
    ("json", documents::json),
    ("toml", documents::toml),
    ("csv", documents::csv),
    ("settings", settings::main),
    ("people", settings::people),
    ("github", trackers::github),
    ("jira", trackers::jira),
    ("confluence", wikis::confluence),
    ("queries", trackers::queries),
    ("texts", texts::outgoing),
];
