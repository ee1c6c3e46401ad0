//! Files that we write are ours alone, and no link that somebody planted leads us elsewhere.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink},
    path::Path,
};

use postmortem_sync::{disk, store::file};

use super::{rig::Rig, story::stage, trouble};

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
    let check = |rig: &Rig| rig.run(&["check"]).stderr;
    assert!(!check(&rig).contains("can be read by others"));
    fs::set_permissions(rig.path("secrets/github"), fs::Permissions::from_mode(0o644)).unwrap();
    let told = check(&rig);
    assert!(told.contains("warning[secret_exposed]") && told.contains("can be read by others"), "{told}");
    let told = rig.sync().stderr;
    assert!(told.contains("can be read by others"), "{told}");
    assert!(!told.contains("sandbox-github-token"));
}

#[test]
fn the_key_of_the_markers_is_told_like_any_secret_that_others_can_read() {
    let rig = trouble::stage();
    rig.write("secrets/marker", &"ab".repeat(32));
    rig.edit("postmortem-sync.yaml", "instance:", "marker_key: { file: secrets/marker }\ninstance:");
    assert!(!rig.run(&["check"]).stderr.contains("can be read by others"));
    fs::set_permissions(rig.path("secrets/marker"), fs::Permissions::from_mode(0o644)).unwrap();
    for told in [rig.run(&["check"]).stderr, rig.sync().stderr] {
        assert!(told.contains("secrets/marker` can be read by others"), "{told}");
        assert!(!told.contains("abab"), "{told}");
    }
}

#[test]
fn a_secret_in_the_people_directory_is_refused_and_who_can_read_it_is_told() {
    for (entry, secret) in [
        ("ana: { name: Ana, team: \"https://ana:hunter2pass@wiki.example\" }", "hunter2pass"),
        ("ana: { name: ghp_0123456789abcdefghijABCDEFGHIJ012345 }", "ghp_0123"),
    ] {
        let rig = trouble::stage();
        rig.write("people.yaml", &format!("{entry}\neli: {{ name: Eli, reviewer: true }}\n"));
        for (mode, is_exposed) in [(0o644, true), (0o600, false)] {
            fs::set_permissions(rig.path("people.yaml"), fs::Permissions::from_mode(mode)).unwrap();
            let ran = rig.run(&["check"]).exits(2);
            let told = ran.stdout + &ran.stderr;
            assert!(told.contains("a secret is written here"), "{told}");
            assert!(!told.contains(secret), "{told}");
            assert_eq!(told.contains("secret_exposed"), is_exposed, "{told}");
        }
    }
}

/// A folder that is as it should be.
fn checked() -> Rig {
    let rig = trouble::stage();
    trouble::report(&rig, trouble::GITHUB, 1, 1);
    rig
}

#[test]
fn ordinary_people_are_no_secrets() {
    let rig = checked();
    let people = "ana:\n  name: Ana Maria de la Cruz\n  email: ana.maria+ops@acme.example\n  github: ana-acme\n  jira: \"557058:f58131cb-b67d-43c7-b30d-6b58d40bd077\"\n  jira_dc: amcruz01\n  team: identity\nbo: { name: Bo, jira: 5b10ac8d82e05b22cc7d4ef5 }\neli: { name: Eli, reviewer: true }\n";
    rig.write("people.yaml", people);
    let told = rig.run(&["check"]).exits(0).stderr;
    assert!(!told.contains("secret"), "{told}");
}

#[test]
fn a_password_in_a_comment_of_the_configuration_is_told() {
    let rig = checked();
    for name in ["postmortem-sync.yaml", "people.yaml"] {
        let before = rig.read(name);
        rig.write(name, &format!("{before}\n# before: postgres://pm:hunter2pass@db.example/pm\n"));
        fs::set_permissions(rig.path(name), fs::Permissions::from_mode(0o644)).unwrap();
        let told = rig.run(&["check"]).exits(0).stderr;
        assert!(told.contains("a secret is written here, in a comment"), "{told}");
        assert!(told.contains("this file holds a secret and can be read by others"), "{told}");
        assert!(!told.contains("hunter2pass"), "{told}");
        rig.write(name, &before);
    }
}

#[test]
fn a_secret_in_a_file_that_the_configuration_names_is_refused() {
    let rig = trouble::stage();
    rig.write("body.md", "See https://bot:hunter2pass@wiki.example for {{ finding.key }}.\n");
    rig.edit(
        "postmortem-sync.yaml",
        "repository: acme/payments,",
        "repository: acme/payments, body: { file: body.md },",
    );
    let told = rig.run(&["check"]).exits(2).stderr;
    assert!(told.contains("body.md:1") && told.contains("a secret is written here"), "{told}");
    assert!(!told.contains("hunter2pass"), "{told}");
}

#[test]
fn a_password_of_an_address_is_in_no_error_and_no_log() {
    let rig = trouble::stage();
    let address = "https://bot:hunter2pass@github.example/acme/payments/issues/3";
    let commands: [&[&str]; 3] = [
        &["link", "adopt", "PM-1/F1", address, "--as", "eli"],
        &["link", "adopt", address, "acme/payments#1", "--as", "eli"],
        &["--config", "https://bot:hunter2pass@wiki.example", "check"],
    ];
    for command in commands {
        let ran = rig.run(command);
        let told = ran.stdout + &ran.stderr;
        assert!(!told.contains("hunter2pass"), "{command:?}: {told}");
    }
    let text =
        format!("---\nurl: {address}\nseverity: {address}\n---\n# Odd\n\n## Actions\n\n- [ ] Mend it\n");
    rig.write("postmortems/odd.md", &text);
    let ran = rig.run(&["check"]);
    assert!(!(ran.stdout + &ran.stderr).contains("hunter2pass"));
}
