//! What the environment of a run decides: where the shared material is, and how many cases a property draws.
//!
//! `tests/run` fixes the seed of properties (`PROPTEST_RNG_SEED`), so that it tells of a change and not of the dice;
//! `tests/deep properties` draws other cases every time, and many more of them.

use std::path::{Path, PathBuf};

use postmortem_sync::settings::environment;
use proptest::test_runner::Config;

/// `usual` cases for each property, times `PROPERTY_TIMES` where that is set.
pub(crate) fn cases(usual: u32) -> Config {
    let times = environment().get("PROPERTY_TIMES").map_or(1, |times| times.parse().unwrap());
    Config { cases: usual * times, ..Config::default() }
}

/// A folder of the material that is not part of this repository, below `SHARED_DIR`. Without it a test has nothing to
/// look at: it says so and is skipped, and under CI it fails.
#[expect(clippy::print_stderr, reason = "a skipped test must say so")]
pub(crate) fn shared(part: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let folder = environment().get("SHARED_DIR").map_or(beside, PathBuf::from).join(part);
    if folder.is_dir() {
        return Some(folder);
    }
    let required = environment().get("CI").is_some_and(|ci| ci == "true");
    assert!(!required, "{} is missing, set SHARED_DIR", folder.display());
    eprintln!("skipped: {} is missing, set SHARED_DIR", folder.display());
    None
}
