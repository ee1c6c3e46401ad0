//! The register's file in trouble: a clear error, and nothing is sent that could not be recorded.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::Path,
    process::Command,
};

use super::{
    rig::{Ran, Rig},
    trouble::{GITHUB, assert_one_each, creates, report, stage, sync_until},
};

/// Findings of the document.
const N_FINDINGS: usize = 12;

/// A register with issues, nothing of which runs.
fn synced() -> Rig {
    let rig = stage();
    report(&rig, GITHUB, 1, N_FINDINGS);
    rig.sync().exits(0);
    rig.forget();
    rig
}

/// A cycle fails, says why in one sentence, and asks no tracker anything.
#[track_caller]
fn refused(rig: &Rig, ran: Ran, code: i32, reason: &str) {
    let said = ran.exits(code).stderr;
    assert_eq!(said.matches(reason).count(), 1, "`{reason}` is told once in:\n{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(rig.log().is_empty(), "{:?}", rig.log());
}

#[test]
fn a_damaged_register_is_told_and_nothing_is_sent() {
    let rig = synced();
    let well = fs::read(rig.path("register.db")).unwrap();
    assert!(well.len() > 100_000, "the log was brought into the file: {}", well.len());
    // No file at all, when the process came to closing the register before it ended.
    let log = fs::metadata(rig.path("register.db-wal")).map_or(0, |log| log.len());
    assert_eq!(log, 0, "nothing is left in it that would be read over another file");
    let overwritten = |from: usize| {
        let mut bytes = well.clone();
        bytes[from..].fill(0xA5);
        bytes
    };
    for (bytes, reason) in [
        (overwritten(0), "the file is something else, check the address of the store"),
        (overwritten(4096), "the file is damaged, restore a backup"),
        (overwritten(well.len() / 2), "the file is damaged, restore a backup"),
        (well[..well.len() / 2].to_vec(), "the file is damaged, restore a backup"),
        (well[..5000].to_vec(), "the file is damaged, restore a backup"),
    ] {
        put(&rig, &bytes);
        refused(&rig, rig.sync(), 1, reason);
    }
    put(&rig, &well);
    rig.quiet_sync(0);
}

/// Puts a file in the place of the register. What a cycle that failed left beside it is not this one's.
fn put(rig: &Rig, bytes: &[u8]) {
    for left in ["register.db-wal", "register.db-shm"] {
        // A process that closed its register in time has taken them away itself.
        let _ = fs::remove_file(rig.path(left));
    }
    fs::write(rig.path("register.db"), bytes).unwrap();
}

#[test]
fn a_register_that_may_only_be_read_is_told_and_nothing_is_sent() {
    let rig = synced();
    let folder = rig.path("register.db").parent().unwrap().to_owned();
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    // Permissions do not bind root, unless it gives up the right to pass over them.
    let rights = if fs::metadata(&folder).unwrap().uid() == 0 {
        "exec setpriv --bounding-set=-dac_override,-dac_read_search --inh-caps=-dac_override,-dac_read_search"
    } else {
        "exec"
    };
    let run = |arguments: &[&str]| rig.run_by(&format!("{rights} \"$0\" \"$@\""), arguments);
    let reason = "nothing was written, make the file and its directory writable";
    mode(&rig.path("register.db"), 0o400);
    refused(&rig, run(&["sync"]), 1, reason);
    mode(&folder, 0o500);
    refused(&rig, run(&["sync"]), 1, reason);
    mode(&folder, 0o700);
    mode(&rig.path("register.db"), 0o600);
    run(&["sync"]).exits(0);
}

#[test]
fn a_full_disk_stops_the_worker_and_nothing_is_sent_that_is_not_recorded() {
    let rig = stage();
    report(&rig, GITHUB, 1, N_FINDINGS);
    let mut n_refused = 0;
    // Files may grow a little further each time, in blocks of 512 bytes: it stops at one write after the other.
    for blocks in (16..).step_by(40) {
        let limit = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
        let ran = rig.run_by(&limit, &["sync"]);
        match ran.code {
            Some(1) => {
                n_refused += 1;
                assert!(ran.stderr.contains("the disk failed or a limit was reached"), "{}", ran.stderr);
            }
            // What was sent and not recorded may still have to wait for the settle time.
            Some(0 | 3) => {
                if ran.code == Some(0) {
                    break;
                }
            }
            code => panic!("{code:?}\n{}", ran.stderr),
        }
    }
    assert!(n_refused > 10, "it was refused {n_refused} times");
    sync_until(&rig, 0);
    assert_one_each(&rig, GITHUB, 1, N_FINDINGS);
    assert!(creates(&rig).values().all(|sent| *sent == 1), "{:?}", creates(&rig));
}

/// What stands between the program and the disk: from the call on that `FSYNC_AT` counts, as many as `FSYNC_FOR` says
/// fail, as they do when a disk loses what it had taken; `FSYNC_TOLD` is a file that says whether any did.
const FAILING_FSYNC: &str = r#"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static int synced(long call, int fd) {
    static long calls;
    long now = __sync_add_and_fetch(&calls, 1), at = atol(getenv("FSYNC_AT"));
    if (now < at || now >= at + atol(getenv("FSYNC_FOR"))) return (int)syscall(call, fd);
    close(open(getenv("FSYNC_TOLD"), O_CREAT | O_WRONLY, 0600));
    errno = EIO;
    return -1;
}

int fsync(int fd) { return synced(SYS_fsync, fd); }
int fdatasync(int fd) { return synced(SYS_fdatasync, fd); }
"#;

/// A cycle in which calls to the disk fail; none when it made fewer calls.
fn failing(rig: &Rig, at: u32, how_often: u32) -> Option<Ran> {
    let file = |name: &str| rig.path(name).display().to_string();
    rig.write("fsync.c", FAILING_FSYNC);
    let arguments = ["-shared", "-fPIC", "-o", &file("fsync.so"), &file("fsync.c")];
    assert!(Command::new("cc").args(arguments).status().unwrap().success());
    let told = file("fsync.told");
    let shell = format!(
        "FSYNC_AT={at} FSYNC_FOR={how_often} FSYNC_TOLD='{told}' LD_PRELOAD='{}' exec \"$0\" \"$@\"",
        file("fsync.so")
    );
    let ran = rig.run_by(&shell, &["sync"]);
    Path::new(&told).exists().then_some(ran)
}

#[test]
fn a_disk_that_loses_what_it_took_stops_the_worker_and_nothing_is_sent_that_is_not_recorded() {
    const N_FINDINGS: usize = 3;
    for how_often in [1, u32::MAX] {
        let (mut n_points, mut n_refused) = (0, 0);
        for at in 1.. {
            let rig = stage();
            report(&rig, GITHUB, 1, N_FINDINGS);
            let Some(ran) = failing(&rig, at, how_often) else { break };
            n_points += 1;
            if ran.code == Some(1) {
                n_refused += 1;
                assert!(ran.stderr.contains("the disk failed or a limit was reached"), "{}", ran.stderr);
            } else {
                // What fails here is no record: bringing the log into the file can wait.
                ran.exits(0);
            }
            sync_until(&rig, 0);
            assert_one_each(&rig, GITHUB, 1, N_FINDINGS);
            assert!(creates(&rig).values().all(|sent| *sent == 1), "call {at}: {:?}", creates(&rig));
        }
        assert!(n_refused > 2 * N_FINDINGS, "{n_refused} of {n_points} calls that failed stopped it");
    }
}

#[test]
fn the_register_of_another_instance_or_of_a_newer_program_is_a_wrong_configuration() {
    let rig = synced();
    rig.edit("postmortem-sync.yaml", "instance: faults", "instance: globex");
    refused(&rig, rig.sync(), 2, "belongs to the instance `faults`, not `globex`");
    rig.edit("postmortem-sync.yaml", "store: sqlite:register.db", "store: sqlite:missing/register.db");
    refused(&rig, rig.sync(), 1, "its folder does not exist; create it first");
}
