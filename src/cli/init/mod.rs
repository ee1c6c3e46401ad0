//! `init`: a first configuration, with the places and people that the given tokens can see.
//!
//! Asks, and writes two files that were not there; whatever goes wrong, neither is left behind.

mod people;
mod text;

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::anyhow;
use clap::Args;
use serde_json::json;

use self::text::{Asked, Draft, Kept};
use super::{
    Done, Exit, Failed, Global,
    context::{counted, unusable},
    output::Output,
};
use crate::{
    app::{Reach, SystemClock, trackers},
    disk,
    model::{clock::Clock, ids::TrackerName, issue::TrackerKind, postmortem::Level},
    settings::{Settings, environment},
    tracker::survey::Survey,
};

/// Name of the people directory, beside the main file.
const PEOPLE: &str = "people.yaml";

/// Arguments of `init`.
#[derive(Debug, Args)]
#[command(after_help = "\
Nothing is written to any tracker, and no file is replaced. Tokens are read from where they are kept, and only that is written.

Examples:
  GITHUB_TOKEN=… postmortem-sync init --github
  postmortem-sync init --github https://ghe.example.org/api/v3 --github-token file:secrets/github
  postmortem-sync init --jira https://acme.atlassian.net --jira-email bot@acme.example --jira-token env:JIRA_TOKEN
  postmortem-sync --config sync/postmortem-sync.yaml init --github --jira https://jira.example.org")]
pub(super) struct Init {
    /// Asks a GitHub: github.com, or the one whose API is at this address.
    #[arg(
        long,
        value_name = "URL",
        num_args = 0..=1,
        default_missing_value = "https://api.github.com",
        required_unless_present = "jira"
    )]
    github: Option<String>,
    /// Where its token is kept: `env:NAME`, or `file:PATH` as seen from the configuration's folder.
    #[arg(long, value_name = "WHERE", default_value = "env:GITHUB_TOKEN")]
    github_token: String,
    /// Asks a Jira at this address: a site in the cloud with --jira-email, else Data Center.
    #[arg(long, value_name = "URL")]
    jira: Option<String>,
    /// E-mail address of the account that the token belongs to, on Jira Cloud.
    #[arg(long, value_name = "ADDRESS", requires = "jira")]
    jira_email: Option<String>,
    /// Where its token is kept, as for GitHub.
    #[arg(long, value_name = "WHERE", default_value = "env:JIRA_TOKEN")]
    jira_token: String,
    /// Where the write-ups are, as a pattern from the configuration's folder.
    #[arg(long, value_name = "PATTERN", default_value = "postmortems/**/*.md")]
    documents: String,
    /// Name of this deployment, part of every marker; it never changes once issues were created.
    #[arg(long, value_name = "NAME", default_value = "security")]
    instance: String,
}

/// Asks, and writes.
pub(super) async fn init(command: Init, global: &Global, output: &Output) -> Done {
    let path = &global.config;
    let people = path.with_file_name(PEOPLE);
    for file in [path, &people] {
        if file.exists() {
            let why = anyhow!(
                "`{}` is there already, and is not replaced; name another file by `--config`, in a folder of its own",
                file.display()
            );
            return Err(Failed::with(Exit::Configuration, why));
        }
    }
    let draft = survey(command.draft()?, global, output).await?;
    let told = people::text(&draft.asked);
    let listed = told.matches("\n  name: ").count();
    let text = format!(
        "{}\n# Who is who on which tracker, and who may verify.\npeople: {PEOPLE}\n",
        text::text(&draft)
    );
    write(&[(&people, &told), (path, &text)])?;
    if let Err(wrong) = Settings::load(path, environment()) {
        for file in [path, &people] {
            fs::remove_file(file)?;
        }
        return Err(unusable(global, output, &wrong));
    }
    tell(global, output, &draft, (&people, listed))
}

impl Init {
    fn draft(self) -> Result<Draft, Failed> {
        // Not by the command line's parser, which repeats what it refuses: that may be the token itself.
        let kept =
            |text: &str| Kept::parse(text).map_err(|why| Failed::with(Exit::Configuration, anyhow!("{why}")));
        let (github_token, jira_token) = (kept(&self.github_token)?, kept(&self.jira_token)?);
        let asked = |name: &str, kind, url, email, token| Asked {
            name: TrackerName::new(name),
            kind,
            url,
            email,
            token,
            survey: Survey::default(),
        };
        let jira_kind = match self.jira_email {
            Some(_) => TrackerKind::JiraCloud,
            None => TrackerKind::JiraDataCenter,
        };
        let github = self.github.map(|url| asked("github", TrackerKind::Github, url, None, github_token));
        let jira = self.jira.map(|url| asked("jira", jira_kind, url, self.jira_email, jira_token));
        Ok(Draft {
            instance: self.instance,
            documents: self.documents,
            asked: github.into_iter().chain(jira).collect(),
        })
    }
}

/// Asks every tracker what can be seen there.
async fn survey(mut draft: Draft, global: &Global, output: &Output) -> Result<Draft, Failed> {
    // What is said of the trackers is read as it will stand in the file.
    let settings = Settings::of(&global.config, text::text(&draft), environment()).map_err(|mut wrong| {
        // What is only missing yet is no mistake.
        wrong.retain(|told| told.level == Level::Error);
        unusable(global, output, &wrong)
    })?;
    let missing = settings.missing_secrets(|_| true);
    if let Some(missing) = missing.first() {
        let help = "set it, or say where the token is kept by `--github-token` or `--jira-token`";
        return Err(Failed::with(Exit::Configuration, anyhow!("{}: {help}", missing.message)));
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let built = trackers(&settings, Reach::Trackers, &clock)?;
    for asked in &mut draft.asked {
        let Some(tracker) = built.get(&asked.name) else { continue };
        output.aside(format!("asking {} …", asked.url));
        asked.survey = tracker.survey().await.map_err(|error| {
            Failed::with(Exit::Partial, anyhow!("{} at {}: {error}", asked.name, asked.url))
        })?;
    }
    Ok(draft)
}

/// Writes files that were not there: all of them, or none.
fn write(files: &[(&Path, &String)]) -> Result<(), Failed> {
    let mut written: Vec<&Path> = Vec::new();
    for (path, text) in files {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let made = folder.map_or(Ok(()), disk::folder).and_then(|()| create(path, text));
        if let Err(error) = made {
            for path in written {
                fs::remove_file(path)?;
            }
            let why = anyhow!("`{}` cannot be written: {error}", path.display());
            return Err(Failed::with(Exit::Configuration, why));
        }
        written.push(path);
    }
    Ok(())
}

fn create(path: &Path, text: &str) -> io::Result<()> {
    let mut file = disk::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Whether a pattern from the configuration's folder matches anything.
fn has_documents(global: &Global, pattern: &str) -> bool {
    let folder = global.config.parent().map(Path::to_owned).unwrap_or_default();
    glob::glob(&folder.join(pattern).to_string_lossy()).is_ok_and(|mut found| found.next().is_some())
}

fn tell(global: &Global, output: &Output, draft: &Draft, (people, listed): (&PathBuf, usize)) -> Done {
    let path = global.config.display().to_string();
    let is_usual = path == "postmortem-sync.yaml";
    let with = if is_usual { String::new() } else { format!(" --config {path}") };
    let next = ["check --online", "plan", "sync"].map(|verb| format!("postmortem-sync{with} {verb}"));
    if output.is_json() {
        let places = draft.asked.iter().map(|asked| {
            let names: Vec<&str> = asked.survey.places.iter().map(|place| place.name.as_str()).collect();
            (asked.name.to_string(), json!(names))
        });
        let places: serde_json::Map<_, _> = places.collect();
        output.json(&json!({
            "configuration": path, "people_file": people, "people": listed, "places": places, "next": next,
        }))?;
        return Ok(Exit::Success);
    }
    for asked in &draft.asked {
        let n_places = asked.survey.places.len();
        output.line(format!("{} at {}: {}", asked.name, asked.url, counted(n_places, "place")));
    }
    output.line(format!("written: {path}, and {} with {}", people.display(), counted(listed, "account")));
    output.line("");
    if !has_documents(global, &draft.documents) {
        output.line(format!(
            "No file matches {} yet: put a write-up there, or say in `sources` where they are.",
            draft.documents
        ));
    }
    output.line(format!(
        "Say in {} who may verify (`reviewer: true`), and in the rules whose findings go where. Then:",
        people.display()
    ));
    for (command, what) in next.iter().zip([
        "is it right, and do the tokens suffice?",
        "what would happen, and why",
        "do it once; in `mode: observe` nothing is written to trackers",
    ]) {
        output.line(format!("  {command:<34} {what}"));
    }
    Ok(Exit::Success)
}
