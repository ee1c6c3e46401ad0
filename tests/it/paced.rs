//! How long hundreds of creates take at the limits that GitHub publishes, on a clock that only requests and waits move.

use chrono::{DateTime, TimeDelta, Utc};
use postmortem_sync::{model::clock::Clock as _, worker};

use super::{clockwork::Stage, support::start_of_time};

/// What GitHub takes in an hour.
const HOURLY: usize = 500;

/// A stage with findings that all want an issue on GitHub; a worker ends once they have one.
fn stage(wanted: usize) -> Stage {
    let mut stage = Stage::new();
    stage.enough = wanted;
    for n in 0..wanted / 25 {
        stage.document(n, "payments", 25, &[].into());
    }
    stage
}

/// When each was created; none was refused.
#[track_caller]
fn created(stage: &Stage) -> Vec<DateTime<Utc>> {
    let asked = stage.asked();
    assert_eq!((asked.created.len(), asked.refused), (stage.enough, 0));
    asked.created.clone()
}

/// Not a twentieth more time passed than 80 a minute ask for.
#[track_caller]
fn assert_paced(created: &[DateTime<Utc>]) {
    let took = (*created.last().unwrap() - start_of_time()).as_seconds_f64();
    let allowed = created.len() as f64 * 60.0 / 80.0;
    assert!(took <= 1.05 * allowed, "{took} s for {allowed} s");
}

async fn run(stage: &Stage) {
    let app = stage.process().await;
    let status = worker::status(stage.hand.now());
    let opens = worker::tick(&app, &status).await;
    worker::run(&app, &status, opens).await;
}

#[tokio::test]
async fn five_hundred_creates_take_no_longer_than_the_published_limits_ask() {
    let stage = stage(HOURLY);
    run(&stage).await;
    assert_paced(&created(&stage));
    assert!(stage.cycles() <= 10, "{} cycles", stage.cycles());
}

#[tokio::test]
async fn processes_one_after_the_other_create_at_the_pace_of_one() {
    let stage = stage(HOURLY);
    while stage.asked().created.len() < HOURLY {
        let app = stage.process().await;
        let (outcome, _) = stage.cycle(&app).await;
        if let Some(opens) = outcome.opens {
            stage.hand.advance((opens - stage.hand.now()).max(TimeDelta::zero()));
        }
    }
    assert_paced(&created(&stage));
}

#[tokio::test]
async fn a_worker_that_finds_the_register_in_use_tries_again_in_a_minute() {
    let stage = stage(100);
    let (app, other) = (stage.process().await, stage.process().await);
    let status = worker::status(stage.hand.now());
    let lease = other.ports.store.lease("another process").await.unwrap();
    let again = worker::tick(&app, &status).await;
    assert_eq!(again, Some(stage.hand.now() + TimeDelta::minutes(1)));
    other.ports.store.release(lease).await.unwrap();
    worker::run(&app, &status, again).await;
    assert!(created(&stage)[0] - start_of_time() < TimeDelta::minutes(2));
}

#[tokio::test]
async fn more_than_an_hour_takes_go_on_as_soon_as_the_hour_is_over() {
    let stage = stage(HOURLY + 50);
    run(&stage).await;
    let created = created(&stage);
    let began = created[0];
    assert_paced(&created[..HOURLY]);
    assert!(created[HOURLY] - began >= TimeDelta::hours(1), "{}", created[HOURLY] - began);
    let rest = *created.last().unwrap() - began;
    assert!(rest <= TimeDelta::seconds(3630), "{rest}");
}
