//! Integration tests, one module per subject.

#[cfg(test)]
mod schedule;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod settings_refused;
