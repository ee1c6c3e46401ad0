//! Files that we write are ours alone, and no link that somebody planted leads us elsewhere.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink},
    path::Path,
};

use postmortem_sync::{disk, store::file};

use super::story::stage;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn every_file_that_a_command_writes_is_for_its_owner_only() {
    let rig = stage();
    rig.sync();
    for name in ["report.html", "plan.json"] {
        rig.write(name, "an older file, open to all");
    }
    rig.run(&["report", "--format", "html", "--out", "report.html"]).exits(0);
    rig.run(&["plan", "--out", "plan.json"]).exits(0);
    rig.run(&["store", "backup", "backup.db"]).exits(0);
    for name in [
        "report.html",
        "plan.json",
        "backup.db",
        "backup.db.sha256",
        "register.db",
        "register.db.lock",
        "register.db.lineage",
    ] {
        assert_eq!(mode(&rig.path(name)), 0o600, "{name}");
    }
    let left: Vec<String> = fs::read_dir(rig.path("."))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("part"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_link_in_the_place_of_what_is_written_is_replaced_and_not_followed() {
    let rig = stage();
    rig.sync();
    rig.write("precious", "mine");
    for name in [
        "report.part",
        "report.html.part",
        "report.html",
        "plan.part",
        "plan.json",
        "register.db.lineage.new",
    ] {
        let _ = fs::remove_file(rig.path(name));
        symlink(rig.path("precious"), rig.path(name)).unwrap();
    }
    fs::remove_file(rig.path("register.db.lineage")).unwrap();
    symlink(rig.path("precious"), rig.path("register.db.lineage")).unwrap();
    rig.run(&["report", "--format", "html", "--out", "report.html"]).exits(0);
    rig.run(&["plan", "--out", "plan.json"]).exits(0);
    rig.sync();
    assert_eq!(rig.read("precious"), "mine");
    for name in ["report.html", "plan.json"] {
        assert!(!disk::is_link(&rig.path(name)), "{name}");
    }
}

#[test]
fn a_link_in_the_place_of_the_lock_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (database, victim) = (folder.path().join("r.db"), folder.path().join("victim"));
    fs::write(&victim, "mine").unwrap();
    symlink(&victim, folder.path().join("r.db.lock")).unwrap();
    let error = file::lock(&database, "me").unwrap_err().to_string();
    assert!(error.contains("is a link, which is not followed"), "{error}");
    fs::remove_file(folder.path().join("r.db.lock")).unwrap();
    fs::hard_link(&victim, folder.path().join("r.db.lock")).unwrap();
    let error = file::lock(&database, "me").unwrap_err().to_string();
    assert!(error.contains("second name"), "{error}");
    assert_eq!(fs::read_to_string(&victim).unwrap(), "mine");
}

#[test]
fn a_link_beside_the_register_is_refused_and_what_it_leads_to_keeps_its_permissions() {
    let folder = tempfile::tempdir().unwrap();
    let (database, victim) = (folder.path().join("r.db"), folder.path().join("victim"));
    fs::write(&victim, "mine").unwrap();
    fs::set_permissions(&victim, fs::Permissions::from_mode(0o644)).unwrap();
    symlink(&victim, folder.path().join("r.db-wal")).unwrap();
    let error = file::prepare(&database).unwrap_err().to_string();
    assert!(error.contains("is a link"), "{error}");
    assert_eq!(mode(&victim), 0o644);
}

#[test]
fn a_document_that_is_written_into_keeps_its_permissions() {
    let folder = tempfile::tempdir().unwrap();
    let (document, victim) = (folder.path().join("a.md"), folder.path().join("victim"));
    fs::write(&document, "old").unwrap();
    fs::write(&victim, "mine").unwrap();
    fs::set_permissions(&document, fs::Permissions::from_mode(0o664)).unwrap();
    symlink(&victim, folder.path().join("a.md.postmortem-sync")).unwrap();
    disk::rewrite(&document, b"new").unwrap();
    assert_eq!((fs::read_to_string(&document).unwrap().as_str(), mode(&document)), ("new", 0o664));
    assert_eq!(fs::read_to_string(&victim).unwrap(), "mine");
}

#[test]
fn what_is_no_file_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    assert!(disk::replace(folder.path(), b"x").is_err());
    assert!(disk::replace(Path::new("/dev/null"), b"x").is_err());
    assert!(disk::create(&folder.path().join("a")).is_ok());
    assert!(disk::create(&folder.path().join("a")).is_err(), "it is there");
    symlink(folder.path().join("nowhere"), folder.path().join("b")).unwrap();
    assert!(disk::create(&folder.path().join("b")).is_err(), "a link that leads nowhere");
    assert_eq!(fs::metadata(folder.path().join("a")).unwrap().size(), 0);
}

#[test]
fn a_secret_that_others_can_read_is_told() {
    let rig = stage();
    let check = |rig: &super::rig::Rig| rig.run(&["check"]).stderr;
    assert!(!check(&rig).contains("can be read by others"));
    fs::set_permissions(rig.path("secrets/github"), fs::Permissions::from_mode(0o644)).unwrap();
    let told = check(&rig);
    assert!(told.contains("warning[secret_exposed]") && told.contains("can be read by others"), "{told}");
    let told = rig.sync().stderr;
    assert!(told.contains("can be read by others"), "{told}");
    assert!(!told.contains("sandbox-github-token"));
}
