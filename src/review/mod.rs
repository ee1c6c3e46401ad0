//! What a reviewer needs to know and may decide: states, clocks, flags, decisions.
//!
//! Knows the register's words, the review policy and the calendar. Everything here is a pure function of what it is handed;
//! `now` is an argument. Knows nothing of documents, trackers, databases or reports.

pub mod act;
pub mod calendar;
pub mod class;
pub mod clock;
pub mod decision;
pub mod flags;
pub mod inert;
pub mod involvement;
pub mod refusal;
pub mod roles;
pub mod schedule;
pub mod step;
pub mod transition;
pub mod word;
