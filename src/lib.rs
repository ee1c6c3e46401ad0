#![doc = include_str!("ARCHITECTURE.md")]

// Floor 0: the words.
pub mod model;

// Floor 1: deciding, writing files, and talking to others.
pub mod disk;
pub mod net;
pub mod plan;
pub mod review;

// Floor 2: each knows one thing outside.
pub mod report;
#[cfg(feature = "sandbox")]
pub mod sandbox;
pub mod settings;
pub mod source;
pub mod store;
pub mod tracker;

// Floor 3: doing it in order.
pub mod cycle;

// Floor 4: putting it together.
pub mod app;
pub mod worker;

// Floor 5: the doors.
pub mod cli;
pub mod server;
