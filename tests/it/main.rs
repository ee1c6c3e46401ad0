//! Integration tests, one module per subject.

#[cfg(test)]
mod clock;
#[cfg(test)]
mod decisions;
#[cfg(test)]
mod flags;
#[cfg(test)]
mod report;
#[cfg(test)]
mod report_build;
#[cfg(test)]
mod report_formats;
#[cfg(test)]
mod review_build;
#[cfg(test)]
mod transitions;
