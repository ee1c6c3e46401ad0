//! Integration tests, one module per subject.

#[cfg(test)]
mod sandbox;
#[cfg(test)]
mod sandbox_github;
#[cfg(test)]
mod sandbox_graphql;
#[cfg(test)]
mod sandbox_jira;
#[cfg(test)]
mod specs;
#[cfg(test)]
mod support;
