//! Whether a tracker that does not answer is asked any further in this cycle (I30).
//!
//! Knows how much silence is enough. A tracker that hangs would otherwise cost a time-out for every request that a
//! cycle has for it. Knows nothing of what an answer says: one that refuses is an answer.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use super::TrackerError;

/// Requests in a row without an answer after which no further one is sent. One alone is a request that went astray,
/// and stops nothing else (invariant 9).
const ROW: u32 = 3;

/// How long a cycle waits in vain for one tracker before it stops asking: two of the usual time-outs are more.
const PATIENCE: Duration = Duration::from_secs(45);

/// Closed while answers come; open, once they do not, until the next cycle.
#[derive(Debug, Default)]
pub struct Breaker(Mutex<Silence>);

/// What went unanswered in this cycle.
#[derive(Debug, Default)]
struct Silence {
    in_a_row: u32,
    waited: Duration,
    /// Why nothing more is asked.
    enough: Option<String>,
}

impl Breaker {
    /// A cycle begins: the tracker gets another chance.
    pub fn reset(&self) {
        self.with(|silence| *silence = Silence::default());
    }

    /// Whether a request may be sent.
    ///
    /// # Errors
    /// [`TrackerError::Unsent`] while the breaker is open.
    pub fn check(&self) -> Result<(), TrackerError> {
        let enough = self.with(|silence| silence.enough.clone());
        enough.map_or(Ok(()), |why| Err(TrackerError::Unsent { why }))
    }

    /// An answer came, whatever it says.
    pub fn answered(&self) {
        self.with(|silence| silence.in_a_row = 0);
    }

    /// No answer came, which took so long to find out.
    pub fn unanswered(&self, why: &str, waited: Duration) {
        self.with(|silence| {
            silence.in_a_row += 1;
            silence.waited += waited;
            if silence.in_a_row >= ROW || silence.waited >= PATIENCE {
                let enough =
                    || format!("it is not asked any more in this cycle, because it does not answer ({why})");
                silence.enough.get_or_insert_with(enough);
            }
        });
    }

    fn with<T>(&self, act: impl FnOnce(&mut Silence) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
