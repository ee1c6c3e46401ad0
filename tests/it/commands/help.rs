//! Help: every command says what it is for, and shows how it is used.

use std::path::Path;

use super::super::rig::{Ran, spawn};

#[test]
fn every_command_describes_itself_and_shows_an_example() {
    let commands = subcommands(&[]);
    for expected in
        ["check", "plan", "apply", "sync", "run", "report", "explain", "finding", "link", "audit", "demo"]
    {
        assert!(commands.iter().any(|name| name == expected), "{expected} is not in {commands:?}");
    }
    for command in &commands {
        let help = described(&[command]);
        assert!(help.contains("Example"), "{command} shows no example:\n{help}");
        for verb in subcommands(&[command]) {
            let help = described(&[command, &verb]);
            assert!(help.contains("Example"), "{command} {verb} shows no example:\n{help}");
        }
    }
}

#[test]
fn the_exit_codes_are_in_the_help() {
    let help = help(&[]);
    let codes = [
        (0, "done"),
        (2, "wrong"),
        (3, "something could not"),
        (4, "something waits"),
        (5, "stale"),
        (6, "decision"),
        (10, "there is"),
        (75, "another"),
    ];
    for (code, meaning) in codes {
        let told = help.lines().any(|line| line.starts_with(&format!("  {code:<3} {meaning}")));
        assert!(told, "{code} is not in\n{help}");
    }
}

/// The help of a command; it begins with what the command does, and describes each of its options.
#[track_caller]
fn described(command: &[&str]) -> String {
    let help = help(command);
    let first = help.lines().next().unwrap();
    assert!(first.len() > 10 && !first.starts_with("Usage"), "{command:?} says nothing of itself:\n{help}");
    let mut lines = help.lines().map(str::trim).peekable();
    while let Some(line) = lines.next() {
        let next = lines.peek().copied().unwrap_or("");
        if line.starts_with('-') && !line.starts_with("- ") && !line.contains("  ") {
            assert!(
                !next.is_empty() && !next.starts_with('-'),
                "{command:?}: `{line}` is not described:\n{help}"
            );
        }
    }
    help
}

/// Names in the list of commands, without `help` itself.
fn subcommands(command: &[&str]) -> Vec<String> {
    let help = help(command);
    let listed = help.lines().skip_while(|line| !line.starts_with("Commands:")).skip(1);
    listed
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

fn help(command: &[&str]) -> String {
    let Ran { code, stdout, stderr } = spawn(Path::new("."), &[command, &["--help"]].concat()).wait();
    assert_eq!(code, Some(0), "{stderr}");
    stdout
}
