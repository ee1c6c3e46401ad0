//! Integration tests, one module per subject.

#![expect(clippy::wildcard_enum_match_arm, reason = "a test names what it looks for, not everything else")]

#[cfg(test)]
mod adf;
#[cfg(test)]
mod allowance;
#[cfg(test)]
mod alone;
#[cfg(test)]
mod answers;
#[cfg(test)]
mod approval;
#[cfg(test)]
mod backups;
#[cfg(test)]
mod bounds;
#[cfg(test)]
mod boxes;
#[cfg(test)]
mod brakes;
#[cfg(test)]
mod broken_register;
#[cfg(test)]
mod build;
#[cfg(test)]
mod citations;
#[cfg(test)]
mod clock;
#[cfg(test)]
mod clocks;
#[cfg(test)]
mod clockwork;
#[cfg(test)]
mod commands;
#[cfg(test)]
mod confluence;
#[cfg(test)]
mod connections;
#[cfg(test)]
mod copied;
#[cfg(test)]
mod corpus;
#[cfg(test)]
mod costs;
#[cfg(test)]
mod coverage;
#[cfg(test)]
mod csv;
#[cfg(test)]
mod dates;
#[cfg(test)]
mod decisions;
#[cfg(test)]
mod deploy;
#[cfg(test)]
mod diagnostics;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod doubles;
#[cfg(test)]
mod draws;
#[cfg(test)]
mod edits;
#[cfg(test)]
mod exports;
mod fates;
#[cfg(test)]
mod files;
#[cfg(test)]
mod flags;
#[cfg(test)]
mod foreign;
#[cfg(test)]
mod formats;
#[cfg(test)]
mod former_accounts;
#[cfg(test)]
mod fort;
#[cfg(test)]
mod four_eyes;
#[cfg(test)]
mod freshness;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod github_bulk;
#[cfg(test)]
mod github_changes;
#[cfg(test)]
mod github_create;
#[cfg(test)]
mod github_edit;
#[cfg(test)]
mod github_list;
#[cfg(test)]
mod github_read;
#[cfg(test)]
mod github_readers;
#[cfg(test)]
mod github_rig;
#[cfg(test)]
mod github_texts;
#[cfg(test)]
mod github_transport;
#[cfg(test)]
mod halfway;
#[cfg(test)]
mod house;
#[cfg(test)]
mod inert_text;
#[cfg(test)]
mod intake_cases;
#[cfg(test)]
mod intake_rules;
#[cfg(test)]
mod issue_sources;
#[cfg(test)]
mod jira;
#[cfg(test)]
mod jira_sources;
#[cfg(test)]
mod killed_edits;
#[cfg(test)]
mod kills;
#[cfg(test)]
mod languages;
#[cfg(test)]
mod look;
#[cfg(test)]
mod lost_register;
#[cfg(test)]
mod markdown;
#[cfg(test)]
mod marked_places;
#[cfg(test)]
mod marks;
#[cfg(test)]
mod markups;
#[cfg(test)]
mod merge;
#[cfg(test)]
mod names;
#[cfg(test)]
mod notes;
#[cfg(test)]
mod old_news;
#[cfg(test)]
mod oneway;
#[cfg(test)]
mod oscal;
#[cfg(test)]
mod outages;
#[cfg(test)]
mod outgoing;
#[cfg(test)]
mod overtaken;
#[cfg(test)]
mod owed;
#[cfg(test)]
mod paced;
#[cfg(test)]
mod page;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod partial;
#[cfg(test)]
mod passed_on;
#[cfg(test)]
mod pauses;
#[cfg(test)]
mod place_rules;
#[cfg(test)]
mod places;
#[cfg(test)]
mod plan_stability;
#[cfg(test)]
mod poison;
#[cfg(test)]
mod poison_edits;
#[cfg(test)]
mod private_files;
#[cfg(test)]
mod proxies;
#[cfg(test)]
mod reached;
#[cfg(test)]
mod rehearsal;
#[cfg(test)]
mod remembered_pauses;
#[cfg(test)]
mod render;
#[cfg(test)]
mod replay;
#[cfg(test)]
mod report;
#[cfg(test)]
mod report_build;
#[cfg(test)]
mod report_formats;
#[cfg(test)]
mod report_golden;
#[cfg(test)]
mod report_walk;
#[cfg(test)]
mod retold;
#[cfg(test)]
mod review_build;
#[cfg(test)]
mod rich_texts;
#[cfg(test)]
mod rig;
#[cfg(test)]
mod routing;
#[cfg(test)]
mod row_table;
#[cfg(test)]
mod sandbox;
#[cfg(test)]
mod sandbox_github;
#[cfg(test)]
mod sandbox_github_doors;
#[cfg(test)]
mod sandbox_github_moves;
#[cfg(test)]
mod sandbox_graphql;
#[cfg(test)]
mod sandbox_jira;
#[cfg(test)]
mod sandbox_jira_dc;
#[cfg(test)]
mod sandbox_jira_doors;
#[cfg(test)]
mod sandbox_jira_search;
#[cfg(test)]
mod sandbox_specs;
#[cfg(test)]
mod saved_plans;
#[cfg(test)]
mod scanned;
#[cfg(test)]
mod schedule;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod settings_files;
#[cfg(test)]
mod settings_refused;
#[cfg(test)]
mod settings_rules;
#[cfg(test)]
mod settings_secrets;
#[cfg(test)]
mod settings_trackers;
#[cfg(test)]
mod silence;
#[cfg(test)]
mod silence_of_intake;
#[cfg(test)]
mod specs;
#[cfg(test)]
mod spoken;
mod steps;
#[cfg(test)]
mod stopping;
#[cfg(test)]
mod store;
#[cfg(test)]
mod story;
#[cfg(test)]
mod strict;
#[cfg(test)]
mod support;
#[cfg(test)]
mod surroundings;
#[cfg(test)]
mod sync_rules;
#[cfg(test)]
mod tampering;
#[cfg(test)]
mod transitions;
#[cfg(test)]
mod tree;
#[cfg(test)]
mod tree_check;
#[cfg(test)]
mod tree_toml;
#[cfg(test)]
mod trouble;
#[cfg(test)]
mod unclear;
#[cfg(test)]
mod unfinished;
#[cfg(test)]
mod unseen;
#[cfg(test)]
mod versions;
#[cfg(test)]
mod wake;
#[cfg(test)]
mod words;
#[cfg(test)]
mod wrong_input;
