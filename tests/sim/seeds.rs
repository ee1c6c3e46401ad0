//! Seeds: a few harsh hours, then everything heals, and then everything has to be well.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    fs,
    io::{self, Write},
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    path::Path,
    sync::Once,
    thread,
};

use chrono::TimeDelta;
use postmortem_sync::{
    model::{
        cycle::Note,
        ids::FindingKey,
        register::Register,
        terms::{Progress, State},
    },
    settings::secret::environment,
};
use serde_json::json;
use tracing::Level;

use crate::{
    deep::DEEP,
    fault::{FAULTS, Fault, Struck},
    inspect::recorded,
    oracle::{RED, Stood},
    people, review,
    stage::{End, REVIEWED, SECRETS, Stage},
};

/// Seeds that two cores play in three minutes: a third of them plain, a third with reviewers, and a third in the deeper world.
const SEEDS: u64 = 150;
/// Cycles while times are harsh, and the longest time between two of them in milliseconds: mostly short, now and then long.
const CYCLES: usize = 6;
const SOON: i64 = 60_000;
const LATER: i64 = 1_800_000;
/// How often every fault has to strike.
const OFTEN_ENOUGH: u64 = 10;

/// What came of a seed.
pub(crate) struct Played {
    broken: Vec<String>,
    struck: Struck,
    trace: u64,
    done: Vec<(String, usize)>,
}

/// Plays a seed to its end.
pub(crate) async fn play(seed: u64, aloud: bool) -> Played {
    let stage = Stage::new(seed);
    let gate = &stage.gate;
    gate.state().aloud = aloud;
    gate.state().harsh = true;
    if gate.strikes(Fault::Stale, 1) {
        let lag = gate.upto(300_000);
        let late = json!({"github": {"list_lag_ms": lag, "search_lag_ms": lag}, "jira": {"search_lag_ms": lag}, "jira_dc": {"search_lag_ms": lag}});
        gate.world.change_settings(&late).unwrap();
    }
    let mut done = Vec::new();
    let mut copy = None;
    for n in 0..CYCLES {
        trouble_the_folder(&stage, n);
        if let End::Done(outcome) = stage.run().await {
            done.extend(outcome.done.clone());
        }
        mend_the_folder(&stage);
        if stage.cast.deep {
            stage.trouble_the_world().await;
        }
        let between = if gate.upto(3) == 0 { LATER } else { SOON };
        gate.time.pass(gate.upto(between));
        if copy.is_none() && n >= 1 {
            copy = Some(stage.copy("copy.db").await);
        } else if let Some(copy) = &copy
            && n < CYCLES - 1
            && gate.strikes(Fault::PutBack, 3)
        {
            // Whoever puts a register back waits until all that the worker sent is shown.
            stage.settle();
            stage.put_back(copy).await;
            gate.state().oracle.put_back();
            stage.inspect_copy().await;
        }
        if stage.cast.reviewed && gate.upto(1) == 0 {
            done.push(("decided".to_owned(), review::decide(&stage).await));
        }
    }
    heal(&stage);
    // What the limit on creates holds back comes one cycle later, and what is not tried again for a while when that is over.
    let (mut left, mut promised) = (if stage.cast.reviewed { 3 } else { 2 }, false);
    while left > 0 || promised {
        let end = stage.run().await;
        gate.time.pass(3_600_000);
        if let End::Done(outcome) = end {
            done.extend(outcome.done.clone());
            // Also before the look at everything is over.
            let judged =
                stage.now() + if stage.cast.follows { TimeDelta::hours(1) } else { TimeDelta::zero() };
            let (register, _) = stage.look().await;
            let said = Stage::said(&outcome, &register);
            promised = said.iter().any(|note| note.until.is_some_and(|until| until <= judged));
        }
        left = i32::max(left - 1, 0);
    }
    if stage.cast.follows {
        look_at_everything(&stage).await;
    }
    judge(&stage).await;
    let state = gate.state();
    Played { broken: state.oracle.broken.clone(), struck: state.struck, trace: state.trace, done }
}

fn trouble_the_folder(stage: &Stage, n: usize) {
    let gate = &stage.gate;
    if gate.strikes(Fault::Document, 3) {
        stage.write_documents(&format!(", again {n}"));
    }
    if !gate.strikes(Fault::Folder, 2) {
        return;
    }
    let folder = stage.documents();
    match gate.upto(if stage.cast.deep { 3 } else { 2 }) {
        0 => {
            fs::rename(&folder, folder.with_extension("away")).unwrap();
            fs::create_dir(&folder).unwrap();
        }
        1 => fs::rename(folder.join("pm-1.yaml"), folder.with_extension("one")).unwrap(),
        3 => fs::rename(folder.join("pm-3.yaml"), folder.join("elsewhere.yaml")).unwrap(),
        _ => {
            let text = fs::read_to_string(folder.join("pm-2.yaml")).unwrap();
            fs::write(folder.with_extension("two"), &text).unwrap();
            fs::write(folder.join("pm-2.yaml"), &text[..text.len() / 2]).unwrap();
        }
    }
}

fn mend_the_folder(stage: &Stage) {
    let folder = stage.documents();
    if folder.with_extension("away").exists() {
        fs::remove_dir(&folder).unwrap();
        fs::rename(folder.with_extension("away"), &folder).unwrap();
    }
    if folder.join("elsewhere.yaml").exists() {
        fs::rename(folder.join("elsewhere.yaml"), folder.join("pm-3.yaml")).unwrap();
    }
    for (away, name) in [("one", "pm-1.yaml"), ("two", "pm-2.yaml")] {
        if folder.with_extension(away).exists() {
            fs::rename(folder.with_extension(away), folder.join(name)).unwrap();
        }
    }
}

/// Nothing goes wrong any more, and everything that was on its way has arrived.
pub(crate) fn heal(stage: &Stage) {
    let gate = &stage.gate;
    gate.state().harsh = false;
    people::publish(gate, false);
    stage.come_back();
    stage.right_the_clock();
    gate.follow();
    let shown = json!({"github": {"list_lag_ms": 0, "search_lag_ms": 0}, "jira": {"search_lag_ms": 0}, "jira_dc": {"search_lag_ms": 0}});
    gate.world.change_settings(&shown).unwrap();
    stage.settle();
    gate.time.pass(3_600_000);
    gate.state().note("healed");
}

/// What lists of changes told was all that there was to do: a look at everything finds no more, but for what no list names. What is
/// found then has all that follows from it done.
async fn look_at_everything(stage: &Stage) {
    let gate = &stage.gate;
    let before = gate.world.state();
    stage.full().run().await;
    let after = gate.world.state();
    let has_struck = |fault: &Fault| gate.state().struck[*fault as usize] > 0;
    let is_unlisted = [Fault::Moved, Fault::Deleted, Fault::Away, Fault::HintLost].iter().any(has_struck);
    if quiet(&before) != quiet(&after) && !is_unlisted {
        let told = "a look at everything wrote what no list had told".to_owned();
        gate.state().oracle.broken.push(told);
    }
    gate.time.pass(3_600_000);
    if has_struck(&Fault::HintLost) {
        for _ in 0..2 {
            stage.full().run().await;
            gate.time.pass(3_600_000);
        }
    }
}

/// The trackers, whenever that was.
fn quiet(state: &serde_json::Value) -> serde_json::Value {
    let mut state = state.clone();
    state["now"] = json!(null);
    state
}

/// Two cycles after everything healed.
pub(crate) async fn judge(stage: &Stage) {
    let gate = &stage.gate;
    gate.world.clear_log();
    let before = gate.world.state();
    let last = stage.run().await;
    let after = gate.world.state();
    let (register, history) = stage.look().await;
    let report = stage.report(&register);
    let history = recorded(&history);
    let mut state = gate.state();
    if quiet(&before) != quiet(&after) {
        state.oracle.broken.push("a cycle wrote although nothing had changed".to_owned());
    }
    state.oracle.told("the report for readers up to AMBER", &report, &[RED]);
    let wanted = if state.oracle.foreign { Vec::new() } else { wanted(&register) };
    state.oracle.settled(&after, &wanted, &history);
    match last {
        End::Done(outcome) => {
            let said = Stage::said(&outcome, &register);
            state.oracle.stood(&after, &stood(&register, &said), &history);
            let noted = |key: &str| {
                said.iter().any(|note| note.finding.as_ref().is_some_and(|found| found.as_str() == key))
            };
            for key in register.findings.keys() {
                // Nobody is asked to work on what is resolved or waived.
                let is_done = register.findings.get(key).is_some_and(|finding| {
                    !finding.state.is_unresolved() || finding.state == State::RiskAccepted
                });
                let linked = is_done || register.links.iter().any(|link| link.finding == *key);
                if !linked && !noted(key.as_str()) {
                    state.oracle.broken.push(format!("{key} is nowhere, for no reason"));
                }
            }
            let endless =
                |held: bool| register.intents.iter().any(|intent| !held || !noted(intent.finding.as_str()));
            if endless(stage.cast.held) {
                state.oracle.broken.push(format!("attempts that never end: {:?}", register.intents));
            }
        }
        End::Failed(error) => {
            state.oracle.broken.push(format!("a cycle fails after everything healed: {error}"))
        }
        End::Died => state.oracle.broken.push("a cycle died after everything healed".to_owned()),
    }
    if register.findings.len() != stage.findings() {
        state.oracle.broken.push(format!("{} findings are in the register", register.findings.len()));
    }
}

/// Titles of the findings that have to be issues in the end: a reviewer may have decided otherwise, and one whose create
/// never got a clear answer may wait for a person.
fn wanted(register: &Register) -> Vec<String> {
    let waits = |key: &FindingKey| {
        let unresolved = register.findings.get(key).is_none_or(|finding| finding.state.is_unresolved());
        !unresolved || register.intents.iter().any(|intent| intent.finding == *key)
    };
    let wanted = Stage::wanted().into_iter().filter(|(key, _)| !waits(&key.as_str().into()));
    wanted.map(|(_, title)| title).collect()
}

/// The findings, for the judge.
fn stood(register: &Register, notes: &[Note]) -> Vec<Stood> {
    let shown = register.findings.values().map(|finding| {
        let links = register.links.iter().filter(|link| link.finding == finding.key);
        let issues = links.map(|link| link.issue.key.clone()).collect();
        let (owner, state) = review::shown(finding);
        let open =
            finding.progress().map(|progress| !matches!(progress, Progress::Done | Progress::Declined));
        let noted = notes.iter().any(|note| note.finding.as_ref() == Some(&finding.key));
        Stood { finding: finding.key.to_string(), owner, state, open, issues, noted }
    });
    shown.collect()
}

thread_local! {
    /// Everything that this thread logged.
    static LOG: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Writes into the log of the thread.
struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.with_borrow_mut(|log| log.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What this thread logged since it was last asked.
pub(crate) fn heard() -> String {
    String::from_utf8_lossy(&LOG.take()).into_owned()
}

/// Plays a seed, and reads what was logged meanwhile.
pub(crate) fn played(seed: u64, aloud: bool) -> Played {
    // One for the whole process: which places log at all is decided once for all threads.
    static LOGGING: Once = Once::new();
    LOGGING.call_once(|| tracing_subscriber::fmt().with_max_level(Level::TRACE).with_writer(|| Log).init());
    heard();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut played =
        catch_unwind(AssertUnwindSafe(|| runtime.block_on(play(seed, aloud)))).unwrap_or_else(|why| {
            println!("SEED={seed} cargo test --test sim a_single_seed -- --nocapture");
            resume_unwind(why)
        });
    let log = heard();
    assert!(log.contains("cycle finished"), "nothing is logged");
    for word in SECRETS.into_iter().filter(|word| log.contains(word)) {
        played.broken.push(format!("{word} in the log"));
    }
    played
}

fn seeds() -> u64 {
    environment().get("SIM_SEEDS").and_then(|text| text.parse().ok()).unwrap_or(SEEDS)
}

fn corpus() -> Vec<u64> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/seeds/sim.txt");
    let text = fs::read_to_string(path).unwrap();
    text.lines().filter(|line| !line.starts_with('#')).map(|line| line.parse().unwrap()).collect()
}

#[test]
fn whatever_happens_everything_is_well_in_the_end() {
    // A seed often waits for a thread of its register, so that two share a core.
    let threads = 2 * thread::available_parallelism().map_or(1, |cores| cores.get());
    let third = seeds() / 3;
    let all: Vec<u64> = corpus()
        .into_iter()
        .chain(0..third)
        .chain(REVIEWED..REVIEWED + third)
        .chain(DEEP..DEEP + third)
        .collect();
    let all = &all;
    let results: Vec<(u64, Played)> = thread::scope(|scope| {
        let some = |first: usize| {
            move || {
                all.iter().skip(first).step_by(threads).map(|seed| (*seed, played(*seed, false))).collect()
            }
        };
        let threads: Vec<_> = (0..threads).map(|first| scope.spawn(some(first))).collect();
        threads.into_iter().flat_map(|thread| -> Vec<_> { thread.join().unwrap() }).collect()
    });
    let mut struck = [0; FAULTS.len()];
    let mut done: BTreeMap<String, usize> = BTreeMap::new();
    let mut broken = Vec::new();
    for (seed, played) in results {
        struck.iter_mut().zip(played.struck).for_each(|(sum, n)| *sum += n);
        for (what, n) in played.done {
            *done.entry(what).or_default() += n;
        }
        for what in played.broken.iter().take(2) {
            broken.push(format!("{what}\n  SEED={seed} cargo test --test sim a_single_seed -- --nocapture"));
        }
    }
    println!("{} seeds; done: {done:?}", all.len());
    for fault in FAULTS {
        println!("  {:>8}  {fault:?}", struck[fault as usize]);
    }
    assert!(
        broken.is_empty(),
        "{} broken, such as\n{}",
        broken.len(),
        broken[..broken.len().min(8)].join("\n")
    );
    // Few of our writes take a way of the workflow that somebody guards.
    let enough = |fault: Fault| if fault == Fault::Refused { 1 } else { OFTEN_ENOUGH };
    let rare: Vec<&Fault> =
        FAULTS.iter().filter(|fault| struck[**fault as usize] < enough(**fault)).collect();
    assert!(rare.is_empty(), "hardly ever struck: {rare:?}");
    for what in ["created", "recovered", "decided"] {
        assert!(done.get(what).is_some_and(|n| *n as u64 >= OFTEN_ENOUGH), "hardly ever {what}: {done:?}");
    }
}

/// For whoever replays one: without `SEED` it plays the first.
#[test]
fn a_single_seed() {
    let seed = environment().get("SEED").and_then(|text| text.parse().ok()).unwrap_or(0);
    let first = played(seed, true);
    assert!(first.broken.is_empty(), "{:#?}", first.broken);
    assert_eq!(played(seed, false).trace, first.trace, "the same seed, the same story");
}
