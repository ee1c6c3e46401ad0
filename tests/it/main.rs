//! Integration tests, one module per subject.

#[cfg(test)]
mod build;
#[cfg(test)]
mod clock;
#[cfg(test)]
mod decisions;
#[cfg(test)]
mod review_build;
#[cfg(test)]
mod store;

fn main() {}
mod schedule;
