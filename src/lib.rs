//! The postmortem-sync library.

pub mod app;
pub mod cli;
pub mod cycle;
pub mod model;
pub mod plan;
pub mod report;
pub mod review;
pub mod sandbox;
pub mod server;
pub mod settings;
pub mod source;
pub mod store;
pub mod tracker;
pub mod worker;
