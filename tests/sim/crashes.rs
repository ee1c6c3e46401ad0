//! Every crash point: a story is played once to count the calls of ports, and then once for each call with the process
//! dying before or after it.

use std::{fs, thread};

use crate::{
    oracle::{Deed, Issue, issues},
    people, review,
    seeds::{heal, judge},
    stage::{End, REVIEWED, Stage},
};
use serde_json::{Value, json};

/// What happens before the cycle in which the process dies.
#[derive(Clone, Copy)]
enum Prologue {
    /// Nothing at all.
    None,
    /// A whole cycle, and then this.
    After(fn(&Stage)),
    /// A whole cycle, and then people and reviewers change what several findings follow.
    Reviewed,
    /// Two cycles, the second of which finds more documents, and then the register from between them is put back.
    PutBack,
}

impl Prologue {
    async fn play(self, stage: &Stage) {
        match self {
            Self::None => {}
            Self::After(then) => {
                whole(stage).await;
                then(stage);
            }
            Self::Reviewed => {
                whole(stage).await;
                engineers_change_things(stage);
                for _ in 0..4 {
                    review::decide(stage).await;
                }
            }
            Self::PutBack => {
                let (there, away) =
                    (stage.documents().join("pm-1.yaml"), stage.documents().with_extension("one"));
                fs::rename(&there, &away).unwrap();
                whole(stage).await;
                let copy = stage.copy("copy.db").await;
                fs::rename(&away, &there).unwrap();
                whole(stage).await;
                stage.settle();
                stage.put_back(&copy).await;
            }
        }
    }
}

async fn whole(stage: &Stage) {
    assert!(matches!(stage.run().await, End::Done(_)));
    stage.gate.time.pass(120_000);
}

fn nothing(_: &Stage) {}

fn engineers_change_things(stage: &Stage) {
    let (_, all) = state(stage);
    for (issue, (deed, kept)) in all.iter().zip([
        (json!({"do": "assign", "assignee": "bo"}), Deed::Assigned("bo".to_owned())),
        (json!({"do": "close"}), Deed::Closed),
        (json!({"do": "assign", "assignee": "chen"}), Deed::Assigned("chen".to_owned())),
        (json!({"do": "close"}), Deed::Closed),
    ]) {
        people::perform(&stage.gate, issue, ("dara", deed), Some(kept));
    }
}

fn documents_change(stage: &Stage) {
    stage.write_documents(", and more of it");
}

fn the_repository_opens(stage: &Stage) {
    stage.write_documents(", and even more");
    people::publish(&stage.gate, true);
}

fn state(stage: &Stage) -> (Value, Vec<Issue>) {
    let state = stage.gate.world.state();
    let all = issues(&state);
    (state, all)
}

/// Plays a story in which the last cycle dies at a call; how many calls that cycle has.
async fn play(prologue: Prologue, dies_at: Option<u64>) -> (u64, Vec<String>) {
    let stage = Stage::new(if matches!(prologue, Prologue::Reviewed) { REVIEWED + 7 } else { 7 });
    prologue.play(&stage).await;
    {
        let mut state = stage.gate.state();
        state.passed = 0;
        state.dies_at = dies_at;
    }
    let end = stage.run().await;
    let calls = stage.gate.state().passed;
    assert_eq!(matches!(end, End::Died), dies_at.is_some());
    stage.gate.state().dies_at = None;
    heal(&stage);
    for _ in 0..2 {
        stage.run().await;
        stage.gate.time.pass(3_600_000);
    }
    judge(&stage).await;
    let broken = stage.gate.state().oracle.broken.clone();
    (calls, broken)
}

/// Plays a story without a crash, and then with one at every call; the number of calls.
fn play_all(story: &str, prologue: Prologue) -> u64 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (calls, broken) = runtime.block_on(play(prologue, None));
    assert!(broken.is_empty(), "{story}, without a crash: {broken:#?}");
    for call in 1..=calls {
        let (_, broken) = runtime.block_on(play(prologue, Some(call)));
        assert!(broken.is_empty(), "{story}, dying at call {call} of {calls}: {broken:#?}");
    }
    calls
}

#[test]
fn a_process_may_die_before_and_after_every_call_it_makes() {
    let stories: [(&str, Prologue); 7] = [
        ("a first cycle", Prologue::None),
        ("a cycle after the register was put back", Prologue::PutBack),
        ("a quiet cycle", Prologue::After(nothing)),
        ("a cycle after engineers changed things", Prologue::After(engineers_change_things)),
        ("a cycle after documents changed", Prologue::After(documents_change)),
        ("a cycle after reviewers decided", Prologue::Reviewed),
        ("a cycle after the repository became public", Prologue::After(the_repository_opens)),
    ];
    let points: Vec<(&str, u64)> = thread::scope(|scope| {
        let threads =
            stories.map(|(story, prologue)| (story, scope.spawn(move || play_all(story, prologue))));
        threads.into_iter().map(|(story, thread)| (story, thread.join().unwrap())).collect()
    });
    for (story, calls) in &points {
        println!("{calls:>5} crash points of {story}");
    }
    let all: u64 = points.iter().map(|(_, calls)| calls).sum();
    println!("{all:>5} in all");
    assert!(all > 100, "{all}");
}
