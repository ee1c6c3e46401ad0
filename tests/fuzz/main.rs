//! Opens the door that `DOOR` names with whatever the fuzzer finds. `tests/fuzz/run` builds and runs it.

#![no_main]

mod doors;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

static DOOR: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let wanted = std::env::var("DOOR").unwrap_or_default();
    let door = doors::DOORS.iter().find(|(name, _)| *name == wanted);
    door.unwrap_or_else(|| panic!("no door `{wanted}`; there are {:?}", doors::DOORS.map(|(name, _)| name))).1
});

fuzz_target!(|bytes: &[u8]| DOOR(bytes));
