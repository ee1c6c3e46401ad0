//! What may leave the register, and where to.

use super::{HELD, labels, notes, stage};

#[test]
fn red_never_leaves_the_register() {
    let rig = stage();
    let outcome = rig.sync().exits(HELD).json();
    rig.quiet_sync(HELD);
    assert!(!rig.state().to_string().contains("PLANTED-RED"));
    let rig = stage();
    rig.sync().exits(HELD);
    for entry in rig.log() {
        assert!(!entry.to_string().contains("PLANTED-RED"), "{entry}");
    }
    let told = notes(&outcome, "PM-2026-105/F1");
    assert!(told.iter().any(|(kind, why)| kind == "held" && why.contains("TLP:RED")), "{told:?}");
}
