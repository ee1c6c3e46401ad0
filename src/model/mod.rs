//! The words of the field as types.
//!
//! Knows what a postmortem, a finding, an issue and a link are.
//! Knows nothing of files, trackers' wire formats, databases or the time of day: nothing here does I/O or can fail.

pub mod change;
pub mod citation;
pub mod clock;
pub mod conventions;
pub mod cycle;
pub mod deadline;
pub mod digest;
pub mod document;
pub mod edit_intent;
pub mod failures;
pub mod fate;
pub mod finding;
pub mod history;
pub mod ids;
pub mod involvement;
pub mod issue;
pub mod last_change;
pub mod likeness;
pub mod link;
pub mod mapping;
pub mod marked;
pub mod misfit;
pub mod note;
pub mod observed;
pub mod outline;
pub mod owner;
pub mod page;
pub mod people;
pub mod place;
pub mod postmortem;
pub mod reading;
pub mod register;
pub mod rule;
pub mod sighting;
pub mod spent;
pub mod status;
pub mod terms;
pub mod tree;
pub mod words;
