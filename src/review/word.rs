//! What a decision says in the issues of a finding, for the engineers: who decided what, why, and what happens next.
//!
//! Plain text of two lines. The planner makes it inert, and holds it back where it may not be read.

use super::act::Act;

/// A claim was rejected.
pub fn rejected(act: Act<'_>, reason: &str) -> String {
    let who = name(act);
    format!(
        "{who} reviewed this and does not accept it as done: {reason}\nIt is open again. Close it once that is done, and a reviewer \
         looks at it again."
    )
}

/// A finding was taken off the list.
pub fn dismissed(act: Act<'_>, reason: &str) -> String {
    let who = name(act);
    format!(
        "{who} took this off the list of what the postmortem asks for: {reason}\nNothing more is asked for here; close this issue \
         unless you need it yourselves."
    )
}

/// A finding was taken up again.
pub fn reopened(act: Act<'_>, reason: &str) -> String {
    let who = name(act);
    format!(
        "{who} took this up again: {reason}\nIt is to be done after all. Close it once it is done, and a reviewer looks at it."
    )
}

/// Whoever decides, by the name that people know.
fn name(act: Act<'_>) -> &str {
    let person = act.people.0.get(act.by);
    person.and_then(|person| person.name.as_deref()).unwrap_or(act.by.as_str())
}
