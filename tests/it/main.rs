//! Integration tests, one module per subject.

#[cfg(test)]
mod schedule;
