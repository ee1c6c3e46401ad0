//! How long hundreds of creates take at the limits that GitHub publishes, on a clock that only requests and waits move.

use chrono::TimeDelta;
use postmortem_sync::{model::clock::Clock as _, worker};

use super::{clockwork::Stage, support::start_of_time};

/// Issues that are to be created.
const WANTED: usize = 500;

fn stage() -> Stage {
    let mut stage = Stage::new();
    stage.enough = WANTED;
    for n in 0..WANTED / 25 {
        stage.document(n, "payments", 25, &[].into());
    }
    stage
}

/// All of them are created, none was refused, and not a twentieth more time passed than 80 a minute ask for.
#[track_caller]
fn assert_paced(stage: &Stage) {
    let asked = stage.asked();
    assert_eq!((asked.created.len(), asked.refused), (WANTED, 0));
    let took = (*asked.created.last().unwrap() - start_of_time()).as_seconds_f64();
    let allowed = WANTED as f64 * 60.0 / 80.0;
    assert!(took <= 1.05 * allowed, "{took} s for {allowed} s in {} cycles", stage.cycles());
}

#[tokio::test]
async fn five_hundred_creates_take_no_longer_than_the_published_limits_ask() {
    let stage = stage();
    let app = stage.process().await;
    let status = worker::status(stage.hand.now());
    let opens = worker::tick(&app, &status).await;
    worker::run(&app, &status, opens).await;
    assert_paced(&stage);
    assert!(stage.cycles() <= 10, "{} cycles", stage.cycles());
}

#[tokio::test]
async fn processes_one_after_the_other_create_at_the_pace_of_one() {
    let stage = stage();
    while stage.asked().created.len() < WANTED {
        let app = stage.process().await;
        let (outcome, _) = stage.cycle(&app).await;
        if let Some(opens) = outcome.opens {
            stage.hand.advance((opens - stage.hand.now()).max(TimeDelta::zero()));
        }
    }
    assert_paced(&stage);
}
