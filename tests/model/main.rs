//! The create protocol as a bare model: the decisions that the product makes, in a world of workers, crashes, freezes and
//! a tracker that shows things late, over millions of seeds (invariant 7).
//!
//! `MODEL_SEEDS=20000000 cargo test --release --test model` tells more of them, `SEED=7 REGIME=Within` a single one.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "a model counts in small numbers"
)]
#![expect(clippy::print_stdout, reason = "figures are for people")]

#[cfg(test)]
mod dice;
#[cfg(test)]
mod proof;
#[cfg(test)]
mod story;
#[cfg(test)]
mod tale;
#[cfg(test)]
mod variants;
#[cfg(test)]
mod worker;
#[cfg(test)]
mod world;
