//! The demo: everything on this machine, in one command, and what it leaves can be used.

use super::super::{rig::Rig, story::days_ago};

#[test]
fn the_demo_tells_the_whole_story_and_its_last_lines_work() {
    let rig = Rig::start();
    let told = rig.run(&["demo"]).exits(0).stdout;
    let chapters: Vec<&str> = (1..=8).map(|n| told.split(&format!("\n{n}. ")).nth(1).unwrap()).collect();
    for (chapter, said) in [
        (0, "7 writes to the trackers"),
        (1, "0 writes to the trackers"),
        (2, "state open → pending_verification: claimed done by ana"),
        (3, "ana: verify PM-2026-017/F1 is refused"),
        (3, "eli: verify PM-2026-017/F1 → resolved"),
        (4, "0 writes to the trackers"),
        (5, "labels"),
        (6, "eli: extend PM-2026-019/F1"),
        (7, "3 overdue"),
    ] {
        let until_next = chapters[chapter].split("\n\n").take(2).collect::<String>();
        assert!(until_next.contains(said), "`{said}` is not in chapter {}:\n{told}", chapter + 1);
    }
    assert!(rig.read("postmortem-sync-demo/report.html").contains("overdue"));
    let published = format!("date: {}", days_ago(17));
    assert!(rig.read("postmortem-sync-demo/postmortems/phished-on-call.md").contains(&published));
    let next = told.lines().find(|line| line.ends_with("finding list")).unwrap();
    let (program, arguments) = next.trim().split_once(' ').unwrap();
    assert!(program.ends_with("postmortem-sync"), "{program}");
    let arguments: Vec<&str> = arguments.split(' ').collect();
    let listed = rig.run(&arguments).exits(0).stdout;
    assert!(listed.contains("PM-2026-017/F2"), "{listed}");
    let again = rig.run(&["demo"]).exits(0).stdout;
    assert!(again.contains("7 writes to the trackers"), "it begins anew: {again}");
}
