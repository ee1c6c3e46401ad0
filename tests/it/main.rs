//! Integration tests, one module per subject.

#[cfg(test)]
mod adf;
#[cfg(test)]
mod jira;
#[cfg(test)]
mod sandbox;
#[cfg(test)]
mod sandbox_github;
#[cfg(test)]
mod sandbox_graphql;
#[cfg(test)]
mod support;
