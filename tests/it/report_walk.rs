//! A report that walks through the register says what one of the whole register says, byte for byte.

use chrono::{DateTime, Utc};
use postmortem_sync::{
    app::{self, Reporter},
    model::terms::Tlp,
    report::{Options, Report, html, json, markdown},
    settings::{Settings, secret::Environment},
};

use super::{rig::Rig, story::synced, trouble::shell};

const NOW: &str = "2026-12-09T09:00:00Z";

/// The report in three formats: of the whole register, and by walks of pages of a length.
fn both(rig: &Rig, options: Options, lengths: &[u32]) -> ([String; 3], Vec<[String; 3]>) {
    let settings = Settings::load(&rig.path("postmortem-sync.yaml"), Environment::new(|_| None)).unwrap();
    let now: DateTime<Utc> = NOW.parse().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = app::open_store(&settings, now).await.unwrap();
        let report = app::report(&settings, &store.load().await.unwrap(), now, options);
        let of =
            |json, report: &Report| [json, markdown::render(report).unwrap(), html::render(report).unwrap()];
        let whole = of(json::render(&report).unwrap(), &report);
        let mut walked = Vec::new();
        for at_once in lengths {
            let reporter = Reporter::open(&settings, store.as_ref(), now, options).await.unwrap();
            let mut reporter = reporter.at_once(*at_once);
            let streamed = String::from_utf8(reporter.json(Vec::new()).await.unwrap()).unwrap();
            let verdict = reporter.draft().await.unwrap().verdict().clone();
            let report = reporter.whole().await.unwrap();
            assert_eq!(verdict, report.verdict);
            walked.push(of(streamed, &report));
        }
        (whole, walked)
    })
}

#[test]
fn a_walk_over_pages_of_any_length_gives_the_report_of_the_whole_register() {
    let rig = synced();
    rig.run(&["finding", "dismiss", "PM-2026-101/F2", "--reason", "a double", "--as", "eli"]).exits(0);
    for max_tlp in [Tlp::AmberStrict, Tlp::Clear] {
        let (whole, walked) = both(&rig, Options { max_tlp, ..Options::default() }, &[1, 7, 500]);
        assert!(whole.iter().all(|text| text.contains("PM-2026-101/F1")));
        for walked in walked {
            assert!(walked == whole, "{max_tlp}");
        }
    }
    let (whole, _) = both(&rig, Options::default(), &[]);
    for (format, text) in ["json", "markdown", "html"].iter().zip(&whole) {
        let printed = rig.run(&["report", "--now", NOW, "--format", format]).exits(0).stdout;
        assert!(printed == *text, "{format}");
        rig.run(&["report", "--now", NOW, "--format", format, "--out", "report.out"]).exits(0);
        assert!(rig.read("report.out") == *text, "{format}");
    }
}

#[test]
fn a_walk_tells_what_does_not_fit_and_leaves_it_out() {
    for sql in [
        "UPDATE finding SET severity = 'low' WHERE key = 'PM-2026-101/F1'",
        "UPDATE finding SET data = '{broken' WHERE key = 'PM-2026-101/F1'",
        "UPDATE link SET kind = 'cited' WHERE finding = 'PM-2026-101/F1'",
        "DELETE FROM link WHERE finding = 'PM-2026-101/F1'",
        "PRAGMA foreign_keys = off; DELETE FROM finding WHERE key = 'PM-2026-101/F1'",
        "DELETE FROM involvement WHERE finding = 'PM-2026-101/F1'",
        "UPDATE meta SET value = value || ' ' WHERE key = 'founded'",
        "UPDATE stamp SET digest = 'x' WHERE kind = 'finding' AND key LIKE '%PM-2026-101/F1\"%'",
    ] {
        let rig = synced();
        shell(&rig, sql);
        let (whole, walked) = both(&rig, Options::default(), &[2, 500]);
        assert!(sql.contains("stamp ") || whole[1].contains("does not fit its history"), "{sql}");
        for walked in walked {
            assert!(walked == whole, "{sql}");
        }
    }
}

#[test]
fn a_report_that_cannot_be_written_to_its_end_leaves_the_file_that_was_there() {
    let rig = synced();
    rig.write("kept/report.json", "old");
    shell(&rig, "UPDATE note SET data = '{broken'");
    rig.run(&["report", "--format", "json", "--out", "kept/report.json"]).exits(1);
    assert_eq!(rig.read("kept/report.json"), "old");
    assert_eq!(std::fs::read_dir(rig.path("kept")).unwrap().count(), 1, "nothing else is left");
}
