//! Integration tests, one module per subject.

#[cfg(test)]
mod build;
#[cfg(test)]
mod clock;
#[cfg(test)]
mod corpus;
#[cfg(test)]
mod decisions;
#[cfg(test)]
mod files;
#[cfg(test)]
mod flags;
#[cfg(test)]
mod markdown;
#[cfg(test)]
mod review_build;
#[cfg(test)]
mod schedule;
#[cfg(test)]
mod store;
#[cfg(test)]
mod strict;
#[cfg(test)]
mod transitions;
#[cfg(test)]
mod tree;
#[cfg(test)]
mod tree_check;
