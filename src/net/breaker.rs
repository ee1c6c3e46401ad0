//! Whether a tracker that does not answer is asked any further in this cycle.
//!
//! Knows how many requests in vain are enough. A tracker that hangs would otherwise cost a time-out for every request
//! that a cycle has for it. Of an answer it knows the status alone.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use http::StatusCode;

use super::NetError;

/// Requests in a row that got no answer, or found the credential refused, after which no further one is sent. One alone is a request that went astray,
/// and stops nothing else (invariant 9).
const ROW: u32 = 3;

/// How long a cycle waits in vain for one tracker before it stops asking: two of the usual time-outs are more.
const PATIENCE: Duration = Duration::from_secs(45);

/// Closed while answers come; open, once they do not, until the next cycle.
#[derive(Debug, Default)]
pub struct Breaker(Mutex<Vain>);

/// What was asked in vain in this cycle.
#[derive(Debug, Default)]
struct Vain {
    in_a_row: u32,
    waited: Duration,
    /// Why nothing more is asked.
    enough: Option<String>,
}

impl Breaker {
    /// A cycle begins: the tracker gets another chance.
    pub fn reset(&self) {
        self.with(|vain| *vain = Vain::default());
    }

    /// Whether a request may be sent.
    ///
    /// # Errors
    /// [`NetError::Unsent`] while the breaker is open.
    pub fn check(&self) -> Result<(), NetError> {
        let enough = self.with(|vain| vain.enough.clone());
        enough.map_or(Ok(()), |why| Err(NetError::Unsent { why }))
    }

    /// An answer came after so long. GitHub takes ten seconds to give up a question, so failures cost time as well.
    pub fn answered(&self, status: StatusCode, waited: Duration) {
        if status == StatusCode::UNAUTHORIZED {
            return self.in_vain("it refuses the credential", Duration::ZERO);
        }
        self.with(|vain| vain.in_a_row = 0);
        if status.is_server_error() {
            self.wait(&format!("it takes long to fail ({status})"), waited);
        }
    }

    /// No answer came, which took so long to find out.
    pub fn unanswered(&self, why: &str, waited: Duration) {
        self.in_vain(&format!("it does not answer ({why})"), waited);
    }

    fn in_vain(&self, why: &str, waited: Duration) {
        self.with(|vain| vain.in_a_row += 1);
        self.wait(why, waited);
    }

    fn wait(&self, why: &str, waited: Duration) {
        self.with(|vain| {
            vain.waited += waited;
            if vain.in_a_row >= ROW || vain.waited >= PATIENCE {
                let enough = || format!("it is not asked any more in this cycle, because {why}");
                vain.enough.get_or_insert_with(enough);
            }
        });
    }

    fn with<T>(&self, act: impl FnOnce(&mut Vain) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
