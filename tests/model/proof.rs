//! What the model proves.

use std::{fs, path::Path, thread};

use postmortem_sync::{plan::protocol::IntentFirst, settings::secret::environment};

use crate::{
    story::{BRANCHES, Branch, FAULTS, Regime},
    tale::{Tally, Verdict, retell, tell},
    variants::{
        ForgetfulFailure, NoCompareAndSwap, PostThenRecord, QuickOutbox, SearchThenPost, SearchesNowAndThen,
        Variant,
    },
};

/// Seeds told of the protocol that is used, over all regimes.
const SEEDS: u64 = 1_000_000;
/// How often every fault has to strike and every branch has to be taken.
const OFTEN_ENOUGH: u64 = 10;

fn seeds() -> u64 {
    environment().get("MODEL_SEEDS").and_then(|text| text.parse().ok()).unwrap_or(SEEDS)
}

/// The regime that a seed is told in: the promise is kept in most of them.
fn regime(seed: u64) -> Regime {
    match seed % 8 {
        0..6 => Regime::Within,
        6 => Regime::BeyondButHeld,
        _ => Regime::Beyond,
    }
}

/// Whether a verdict keeps what is promised in a regime.
fn keeps(regime: Regime, verdict: Verdict) -> bool {
    match regime {
        Regime::Within | Regime::BeyondButHeld => verdict == Verdict::Well,
        // No more can be promised there, but nothing stays unsaid.
        Regime::Beyond => matches!(verdict, Verdict::Well | Verdict::Doubled { reported: true }),
    }
}

/// Tells seeds on all cores; those that break the promise, and what happened in all of them.
fn tell_all(seeds: u64) -> (Vec<String>, Tally) {
    let cores = thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
    let tell_some = |first: u64| {
        let (mut broken, mut tally) = (Vec::new(), Tally::default());
        for seed in (first..seeds).step_by(cores as usize) {
            let verdict = tell(IntentFirst, seed, regime(seed), &mut tally);
            if !keeps(regime(seed), verdict) {
                let regime = regime(seed);
                broken.push(format!(
                    "{verdict:?}: SEED={seed} REGIME={regime:?} cargo test --test model a_single_seed -- --nocapture"
                ));
            }
        }
        (broken, tally)
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..cores).map(|first| scope.spawn(move || tell_some(first))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).fold(
            (Vec::new(), Tally::default()),
            |(mut broken, mut tally), (more, other)| {
                broken.extend(more);
                tally.add(&other);
                (broken, tally)
            },
        )
    })
}

#[test]
fn the_protocol_keeps_its_promise_in_a_million_worlds() {
    let seeds = seeds();
    let (broken, tally) = tell_all(seeds);
    println!("{seeds} seeds");
    for fault in FAULTS {
        println!("  {:>10}  {fault:?}", tally.faults[fault as usize]);
    }
    for branch in BRANCHES {
        println!("  {:>10}  {branch:?}", tally.branches[branch as usize]);
    }
    assert!(
        broken.is_empty(),
        "{} broken, such as\n{}",
        broken.len(),
        broken[..broken.len().min(5)].join("\n")
    );
    let rare =
        FAULTS.iter().filter(|fault| tally.faults[**fault as usize] < OFTEN_ENOUGH).collect::<Vec<_>>();
    assert!(rare.is_empty(), "hardly ever struck: {rare:?}");
    let rare =
        BRANCHES.iter().filter(|branch| tally.branches[**branch as usize] < OFTEN_ENOUGH).collect::<Vec<_>>();
    assert!(rare.is_empty(), "hardly ever taken: {rare:?}");
}

/// The number of seeds that it takes to convict a protocol where the one that is used keeps its promise.
fn convicted<V: Variant>(variant: V, within: u64) -> u64 {
    let seed = (0..within).find(|seed| {
        let verdict = tell(variant, *seed, Regime::Within, &mut Tally::default());
        !keeps(Regime::Within, verdict)
    });
    let took = seed.map(|seed| seed + 1);
    took.unwrap_or_else(|| panic!("{} is not convicted in {within} seeds", std::any::type_name::<V>()))
}

#[test]
fn protocols_that_look_as_good_are_convicted() {
    println!("{:>6} seeds  post, then record", convicted(PostThenRecord, 50));
    println!("{:>6} seeds  search, then post", convicted(SearchThenPost, 200));
    println!("{:>6} seeds  an outbox that is tried again after a minute", convicted(QuickOutbox, 200));
    println!("{:>6} seeds  any failure ends an attempt", convicted(ForgetfulFailure, 50));
    println!("{:>6} seeds  no compare-and-swap", convicted(NoCompareAndSwap, 100_000));
    println!("{:>6} seeds  a place is searched now and then", convicted(SearchesNowAndThen, 100_000));
}

#[test]
fn seeds_that_once_failed_are_told_again() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/seeds/model.txt");
    let text = fs::read_to_string(&path).unwrap();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (name, seed) = line.split_once(' ').expect("a regime and a seed");
        let (regime, seed) = (named(name), seed.parse().unwrap());
        let verdict = tell(IntentFirst, seed, regime, &mut Tally::default());
        assert!(keeps(regime, verdict), "{line}: {verdict:?}");
    }
}

fn named(name: &str) -> Regime {
    let regimes = [Regime::Within, Regime::BeyondButHeld, Regime::Beyond];
    regimes.into_iter().find(|regime| format!("{regime:?}") == name).expect("a regime")
}

/// For whoever replays one: without `SEED` it tells the first.
#[test]
fn a_single_seed() {
    let seed = environment().get("SEED").and_then(|text| text.parse().ok()).unwrap_or(0);
    let regime = environment().get("REGIME").map_or(Regime::Within, |name| named(&name));
    let mut tally = Tally::default();
    let verdict = retell(IntentFirst, seed, regime, &mut tally, true);
    println!("{seed} {regime:?}: {verdict:?}");
    let took = BRANCHES.iter().filter(|branch| tally.branches[**branch as usize] > 0);
    let took: Vec<&Branch> = took.collect();
    println!("{took:?}");
    assert!(keeps(regime, verdict), "{verdict:?}");
    assert_eq!(
        tell(IntentFirst, seed, regime, &mut Tally::default()),
        verdict,
        "the same seed, the same tale"
    );
}
