//! `sync` and `apply` that are asked to stop: the current action is finished and recorded, and the exit code says so.

use super::{
    rig::until,
    trouble::{self, GITHUB, PARTIAL, assert_one_each, heal, intents, register, report},
};

#[test]
fn a_cycle_that_is_asked_to_stop_finishes_its_current_action_and_says_so() {
    for (signal, arguments) in [("TERM", ["sync"].as_slice()), ("INT", ["apply", "plan.json"].as_slice())] {
        let rig = trouble::stage();
        report(&rig, GITHUB, 1, 5);
        rig.run(&["plan", "--out", "plan.json"]).exits(0);
        let slow = serde_json::json!({"delay": {"ms": 300}});
        rig.fault(&serde_json::json!({"tracker": "github", "method": "POST", "path": "/issues", "times": null, "action": slow}));
        let cycle = rig.spawn(arguments);
        until("a create is under way", || {
            rig.writes().iter().any(|write| write.ends_with("/issues")).then_some(())
        });
        cycle.signal(signal);
        let ran = cycle.wait().exits(PARTIAL);
        assert!(ran.stderr.contains(&format!("stopped by SIG{signal}; ")), "{}", ran.stderr);
        assert!(ran.stderr.contains("left for the next cycle"), "{}", ran.stderr);
        assert!(ran.stdout.contains("created"), "what was done is printed\n{}", ran.stdout);
        let n_issues = rig.issues().len();
        assert!((1..5).contains(&n_issues), "it stopped in between: {n_issues}");
        assert_eq!(register(&rig).links.len(), n_issues, "what was created is recorded");
        assert_eq!(intents(&rig), Vec::<String>::new());
        heal(&rig);
        rig.sync().exits(0);
        assert_one_each(&rig, GITHUB, 1, 5);
    }
}
