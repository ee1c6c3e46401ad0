//! review

pub mod schedule;
