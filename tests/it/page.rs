//! The report's page in a real browser: whatever findings say, nothing runs and nothing is loaded.

use std::{
    fs,
    io::Write as _,
    net::TcpListener,
    path::Path,
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use postmortem_sync::report::html;

use super::{report_build::World, report_formats::hostile_finding};

/// Ways to leave the text that one is in.
const BREAKOUTS: [&str; 10] =
    ["", "\">", "'>", "-->", "</style>", "</title>", "</td>", "</script>", "]]>", "\\\">"];

/// Ways to be run or to load something; `JS` and `URL` are filled in.
const PAYLOADS: [&str; 20] = [
    "<script>JS</script>",
    "<ScRiPt >JS</sCrIpT>",
    "<script src=URL></script>",
    "<img src=URL>",
    "<img src=x onerror=JS>",
    "<svg onload=JS>",
    "<svg><script>JS</script></svg>",
    "<math><mtext><img src=x onerror=JS></mtext></math>",
    "<body onload=JS>",
    "<iframe src=URL></iframe>",
    "<iframe srcdoc='<script>parent.JS</script>'></iframe>",
    "<link rel=stylesheet href=URL>",
    "<style>@import 'URL';</style>",
    "<style>*{background:url(URL)}</style>",
    "<input autofocus onfocus=JS>",
    "<details open ontoggle=JS>",
    "<meta http-equiv=refresh content='0;url=URL'>",
    "<base href=URL>",
    "<object data=URL></object>",
    "<video poster=URL src=URL>",
];

#[test]
fn two_hundred_hostile_findings_run_nothing_and_load_nothing() {
    let Some(browser) = browser() else { return };
    let (address, loads) = outside();
    let payloads: Vec<String> = BREAKOUTS
        .iter()
        .flat_map(|breakout| PAYLOADS.iter().map(move |payload| format!("{breakout}{payload}")))
        .map(|text| text.replace("JS", "document.documentElement.dataset.hit=1").replace("URL", &address))
        .collect();
    let folder = tempfile::tempdir().unwrap();
    // Not all of them: a page that sends its reader elsewhere has nothing left to show.
    let raw = format!("<!doctype html><title>raw</title>{}{}", payloads[0], payloads[3]);
    let shown = show(browser, folder.path(), &raw);
    assert!(shown.contains("data-hit"), "scripts run where nobody escapes them");
    assert!(loads.swap(0, Ordering::SeqCst) > 0, "and load what they like");

    let findings =
        payloads.iter().enumerate().map(|(n, text)| hostile_finding(&n.to_string(), text)).collect();
    let page = html::render(&World::with(findings).report()).unwrap();
    // The policy in the page would stop them too: here the escaping has to stand alone.
    let (policy, bare) = ("<meta http-equiv=\"Content-Security-Policy\"", "<meta name=\"bare\"");
    assert!(page.contains(policy), "the page has a policy");
    let shown = show(browser, folder.path(), &page.replace(policy, bare));
    assert!(shown.contains("PM-1/199"), "all findings are shown");
    assert!(!shown.contains("data-hit"), "a payload ran");
    assert_eq!(loads.load(Ordering::SeqCst), 0, "something was loaded");
}

/// A server that counts who asks it for something.
fn outside() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    let loads = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&loads);
    thread::spawn(move || {
        for stream in listener.incoming() {
            counted.fetch_add(1, Ordering::SeqCst);
            let answer = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            // A browser that has gone already asked all the same.
            let _ = stream.and_then(|mut stream| stream.write_all(answer));
        }
    });
    (address, loads)
}

/// What a page looks like to the browser once its scripts, if any, have run.
fn show(browser: &str, folder: &Path, page: &str) -> String {
    let file = folder.join("page.html");
    fs::write(&file, page).unwrap();
    let ran = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--timeout=20000",
            "--virtual-time-budget=3000",
            "--dump-dom",
        ])
        .arg(format!("--user-data-dir={}", folder.join("profile").display()))
        .arg(format!("file://{}", file.display()))
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .unwrap();
    assert!(ran.status.success(), "{browser}: {}", ran.status);
    String::from_utf8(ran.stdout).unwrap()
}

/// A browser of this machine; `tests/run` installs one where it may.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn browser() -> Option<&'static str> {
    let works = |name: &&str| {
        Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
    };
    let found = ["chromium", "chromium-browser", "google-chrome"].into_iter().find(works);
    if found.is_none() {
        eprintln!("skipped: there is no chromium");
    }
    found
}
