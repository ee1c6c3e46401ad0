//! The whole product in a simulated world: real documents, planning, clients and SQLite, and the sandbox's trackers in this
//! process; time, chance, crashes, faults and people come from a seed.
//!
//! `SIM_SEEDS=10000 cargo test --test sim` plays more seeds, `SEED=7` a single one, aloud.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a simulation names what it looks for, not everything else"
)]
#![expect(clippy::print_stdout, reason = "figures are for people")]
#![cfg_attr(
    test,
    expect(
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss,
        reason = "a simulation counts in small numbers"
    )
)]

#[cfg(test)]
mod crashes;
#[cfg(test)]
mod deep;
#[cfg(test)]
#[path = "../model/dice.rs"]
mod dice;
#[cfg(test)]
mod fault;
#[cfg(test)]
mod gate;
#[cfg(test)]
mod hints;
#[cfg(test)]
mod inspect;
#[cfg(test)]
mod line;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod partial;
#[cfg(test)]
mod people;
#[cfg(test)]
mod review;
#[cfg(test)]
mod seeds;
#[cfg(test)]
mod stage;
#[cfg(test)]
mod touched;
