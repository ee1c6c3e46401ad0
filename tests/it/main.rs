//! Integration tests, one module per subject.

#[cfg(test)]
mod build;
#[cfg(test)]
mod store;
