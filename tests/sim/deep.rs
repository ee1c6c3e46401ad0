//! The deeper world, of seeds from 2,000,000 on: workflows of other kinds, places that come and go, clocks that are days off,
//! registers that are lost, and documents that cite more and more.

use std::{collections::BTreeMap, fs};

use serde_json::{Value, json};

use crate::{
    fault::Fault,
    oracle::lives::By,
    stage::{ELSEWHERE, OTHER_PROJECT, REPOSITORY, SHARED, Stage},
};

/// From here on, the world is deeper.
pub(crate) const DEEP: u64 = 2_000_000;
/// How long a place stays away at least before the next cycle, in milliseconds.
const AWAY: i64 = 30 * 3_600_000;
const DAY: i64 = 86_400_000;
/// The worker's account.
const BOT: &str = "acme-bot";

/// What is known of the deeper world while a seed is played.
#[derive(Debug, Default)]
pub(crate) struct Deep {
    /// By how many milliseconds the worker's clock is off.
    pub(crate) skew: i64,
    /// The key of the markers, as one byte.
    pub(crate) key: u8,
    /// What findings cite, as the documents say it now.
    pub(crate) cited: BTreeMap<String, Vec<String>>,
    /// How many citations beyond the first ones a document holds.
    more: usize,
    /// The place that is away, and how.
    away: Option<(Place, u8)>,
}

impl Deep {
    /// With a key of the markers.
    pub(crate) fn new(key: u8) -> Self {
        Self { key, ..Self::default() }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Repository,
    Project,
}

impl Stage {
    /// A workflow by its number: the usual one, one of many steps and without a way back, or one whose last step is refused.
    pub(crate) fn plant_workflow(&self, seed: u64) {
        let step = |name: &str, from: &[&str], to: &str, resolution: &str| json!({"id": format!("{}", 100 + name.len()), "name": name, "from": from, "to": to, "resolution": resolution});
        let statuses = json!([
            {"name": "To Do", "category": "new"}, {"name": "Chosen", "category": "new"},
            {"name": "In Progress", "category": "indeterminate"}, {"name": "In Review", "category": "indeterminate"},
            {"name": "Done", "category": "done"}, {"name": "Back again", "category": "new"},
        ]);
        let long = vec![
            step("Choose", &["To Do", "Back again"], "Chosen", "absent"),
            step("Start it now", &["Chosen"], "In Progress", "absent"),
            step("Ask for a review", &["In Progress"], "In Review", "absent"),
            step("Finish", &["In Review"], "Done", "optional"),
            step("Take it up", &["Done"], "Back again", "absent"),
        ];
        let transitions = match seed % 4 {
            0 => return,
            1 | 2 => long,
            _ => {
                let mut refusing = long;
                for way in &mut refusing[3..5] {
                    way["refuses"] = json!("Two people have to sign it off.");
                }
                refusing.push(step("Sign it off by hand", &["In Progress"], "Done", "required"));
                refusing
            }
        };
        let (tracker, project) = self.jira();
        let changed = json!({tracker: {"projects": [{"key": project, "statuses": statuses, "transitions": transitions}]}});
        self.gate.world.add(&changed).unwrap();
    }

    /// More issues that documents come to cite.
    pub(crate) fn plant_more(&self) {
        let (tracker, _) = self.jira();
        for (tracker, kind, place) in [("github", "repo", ELSEWHERE), (tracker, "project", OTHER_PROJECT)] {
            let deed = json!({"as": "dara", "tracker": tracker, kind: place, "do": "open_issue", "title": format!("{SHARED}, {place}")});
            self.gate.world.act(&deed).unwrap();
        }
        let now = self.gate.time.millis();
        self.gate.state().oracle.look(&self.gate.world.state(), now, By::Others);
    }

    /// What the third finding of a document cites now.
    pub(crate) fn more_cited(&self, n: usize) -> Vec<String> {
        let more = [format!("{ELSEWHERE}#1"), format!("{REPOSITORY}#99"), format!("{OTHER_PROJECT}-1")];
        let many = self.deep.lock().unwrap().more;
        more.into_iter().take((many + 1).saturating_sub(n)).collect()
    }

    /// What happens between two cycles of harsh times.
    pub(crate) async fn trouble_the_world(&self) {
        let gate = &self.gate;
        self.set_clock(0);
        if gate.upto(1) == 0 {
            gate.follow();
        }
        if gate.strikes(Fault::Cited, 2) {
            let n = {
                let mut deep = self.deep.lock().unwrap();
                deep.more += 1;
                deep.more
            };
            self.write_documents(&format!(", and {n} more"));
        }
        if gate.strikes(Fault::Skewed, 3) {
            let days = 2 + gate.upto(20);
            self.set_clock(if gate.upto(1) == 0 { days } else { -days });
        }
        self.come_and_go();
        if gate.strikes(Fault::Copied, 3) {
            self.run_a_copy().await;
        }
        if gate.strikes(Fault::Lost, 6) {
            self.lose_the_register().await;
        }
    }

    /// The worker's clock is right again.
    pub(crate) fn right_the_clock(&self) {
        self.set_clock(0);
    }

    fn set_clock(&self, days: i64) {
        self.deep.lock().unwrap().skew = days * DAY;
        let mut state = self.gate.state();
        state.oracle.skewed = days != 0;
        if days != 0 {
            state.note(&format!("the clock is {days} days off"));
        }
    }

    fn come_and_go(&self) {
        let gate = &self.gate;
        let is_away = self.deep.lock().unwrap().away.is_some();
        if is_away {
            gate.time.pass(gate.upto(AWAY));
            if gate.upto(2) == 0 {
                self.come_back();
            }
        } else if gate.strikes(Fault::Away, 2) {
            let place = if gate.upto(1) == 0 { Place::Repository } else { Place::Project };
            let how = gate.upto(2) as u8;
            self.deep.lock().unwrap().away = Some((place, how));
            self.open_up(place, how, false);
        }
    }

    /// Everything that was away is there again.
    pub(crate) fn come_back(&self) {
        let away = self.deep.lock().unwrap().away.take();
        if let Some((place, how)) = away {
            self.open_up(place, how, true);
        }
    }

    fn open_up(&self, place: Place, how: u8, open: bool) {
        let (tracker, project) = self.jira();
        let (tracker, kind, name, prefix) = match place {
            Place::Repository => ("github", "repo", REPOSITORY, format!("{REPOSITORY}#")),
            Place::Project => (tracker, "project", project, format!("{project}-")),
        };
        let mut deed: Value = match (how, open) {
            (0 | 1, true) if place == Place::Repository => {
                json!({"do": "set_permission", "login": BOT, "permission": "push"})
            }
            (0, false) if place == Place::Repository => {
                json!({"do": "set_permission", "login": BOT, "permission": "none"})
            }
            (1, false) if place == Place::Repository => {
                json!({"do": "set_permission", "login": BOT, "permission": "read"})
            }
            (0 | 1, true) => json!({"do": "set_access", "login": BOT, "access": "write"}),
            (0, false) => json!({"do": "set_access", "login": BOT, "access": "none"}),
            (1, false) => json!({"do": "set_access", "login": BOT, "access": "browse"}),
            (_, true) => json!({"do": "unarchive"}),
            (_, false) => json!({"do": "archive"}),
        };
        deed["as"] = json!("dara");
        deed["tracker"] = json!(tracker);
        deed[kind] = json!(name);
        self.gate.world.act(&deed).unwrap();
        let mut state = self.gate.state();
        state.note(&format!("{name}, way {how}: {open}"));
        if how == 0 && !open {
            state.oracle.hidden.insert(prefix);
        } else {
            state.oracle.hidden.remove(&prefix);
        }
    }

    /// Somebody copies the folder of the register, as for rehearsals, and begins a worker there, with the same trackers.
    async fn run_a_copy(&self) {
        // Before anybody worked with it, there is nothing to copy.
        if self.open_alone().await.load().await.unwrap().findings.is_empty() {
            return;
        }
        let to = self.folder().join("staging");
        if !to.exists() || self.gate.upto(1) == 0 {
            fs::create_dir_all(&to).unwrap();
            for file in self.register_files() {
                fs::copy(self.folder().join(&file), to.join(&file)).unwrap();
            }
        }
        let copy = self.of_another("staging/register.db");
        copy.gate.state().oracle.copied = true;
        copy.live().await;
        copy.gate.state().oracle.copied = false;
    }

    /// The names of all files of the register.
    fn register_files(&self) -> Vec<String> {
        let files = fs::read_dir(self.folder()).unwrap();
        let names = files.map(|file| file.unwrap().file_name().to_string_lossy().into_owned());
        names.filter(|name| name.starts_with("register.db")).collect()
    }

    /// Somebody deletes the register. Sometimes the key of the markers is gone with it.
    async fn lose_the_register(&self) {
        self.settle();
        let key = self.gate.upto(2) == 0;
        // Whoever has it open still is waited for.
        drop(self.open_alone().await);
        for file in self.register_files() {
            fs::remove_file(self.folder().join(file)).unwrap();
        }
        if key {
            self.deep.lock().unwrap().key += 1;
        }
        drop(self.open_alone().await);
        self.inspect_copy().await;
        let mut state = self.gate.state();
        state.note(if key { "the register is lost, and the key" } else { "the register is lost" });
        state.oracle.lost(&[ELSEWHERE, OTHER_PROJECT]);
        state.oracle.foreign |= key;
    }
}
