//! Configuration: it is taken, or refused with a file, a line and what to do.

use std::{fs, path::Path};

use postmortem_sync::{
    model::postmortem::Level,
    settings::{Settings, secret::Environment},
};

/// The smallest main file; it names a people file.
const MAIN: &str = "instance: acme\nstore: sqlite:a.db\nmode: observe\npeople: people.yaml\n";

pub(super) fn main(bytes: &[u8]) {
    load(bytes, b"ana: { github: ana }\n");
}

pub(super) fn people(bytes: &[u8]) {
    load(MAIN.as_bytes(), bytes);
}

fn load(main: &[u8], people: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    write("main.yaml", main);
    write("people.yaml", people);
    let again = load_in(folder.path());
    match load_in(folder.path()) {
        Ok(noticed) => {
            assert!(noticed.iter().all(|(level, _)| *level != Level::Error), "{noticed:?}");
            assert_eq!(again, Ok(noticed), "read twice");
        }
        Err(noticed) => {
            assert!(noticed.iter().any(|(level, _)| *level == Level::Error), "refused without a reason");
            assert_eq!(again, Err(noticed), "read twice");
        }
    }
}

/// What was noticed, as level and what is printed.
type Noticed = Vec<(Level, String)>;

/// What was noticed; an error when the settings are refused.
fn load_in(folder: &Path) -> Result<Noticed, Noticed> {
    let told = |noticed: Vec<postmortem_sync::model::postmortem::Diagnostic>| {
        for one in &noticed {
            assert!(!one.path.is_empty() && !one.message.is_empty(), "{one:?}");
        }
        noticed.into_iter().map(|one| (one.level, format!("{one:?}"))).collect::<Vec<_>>()
    };
    Settings::load(&folder.join("main.yaml"), Environment::new(|_| None))
        .map(|settings| told(settings.warnings))
        .map_err(told)
}
