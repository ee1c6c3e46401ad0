//! Integration tests, one module per subject.

#[cfg(test)]
mod build;
#[cfg(test)]
mod clock;
#[cfg(test)]
mod decisions;
#[cfg(test)]
mod flags;
#[cfg(test)]
mod review_build;
#[cfg(test)]
mod schedule;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod settings_refused;
#[cfg(test)]
mod settings_rules;
#[cfg(test)]
mod settings_secrets;
#[cfg(test)]
mod settings_trackers;
#[cfg(test)]
mod store;
#[cfg(test)]
mod transitions;
mod sandbox;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tree;
