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
mod store;
#[cfg(test)]
mod transitions;
#[cfg(test)]
mod tree;
#[cfg(test)]
mod tree_check;
