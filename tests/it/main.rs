//! Integration tests, one module per subject.

#[cfg(test)]
mod sandbox;
#[cfg(test)]
mod support;
