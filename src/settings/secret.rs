//! Secrets by reference: where one is kept is written in the configuration, the secret itself never.

use std::{fmt, fs, io, path::PathBuf, sync::Arc};

use secrecy::SecretString;

use super::reading::Place;
use crate::{disk, model::postmortem::Diagnostic};

/// Where a secret is kept, and where that is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretRef {
    /// Where it is kept.
    pub kept: Kept,
    /// Where the reference is written, for errors.
    pub(super) place: Place,
}

/// Where a secret is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// In an environment variable of this name.
    Env(String),
    /// In a file.
    File(PathBuf),
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "environment variable `{name}`"),
            Self::File(path) => write!(f, "file `{}`", path.display()),
        }
    }
}

/// Longest secret that makes sense; a private key of 16384 bits is shorter.
const LONGEST: usize = 64 * 1024;

impl SecretRef {
    /// Reads the secret, with blanks and line ends around it removed.
    ///
    /// # Errors
    /// When it is not there, empty, or not a secret by its looks. The error names the reference, never the value.
    pub(super) fn read(&self, environment: &Environment) -> Result<SecretString, Diagnostic> {
        let text = match &self.kept {
            Kept::Env(name) => environment.get(name).ok_or_else(|| {
                self.missing("is not set", "set it for the process, or name another variable")
            })?,
            Kept::File(path) => fs::read_to_string(path).map_err(|error| self.unreadable(&error))?,
        };
        let text = text.trim();
        if text.is_empty() {
            return Err(self.missing("is empty", "put the secret into it"));
        }
        if text.len() > LONGEST {
            return Err(self.missing("is too long for a secret", "check that it is the right one"));
        }
        // A key in PEM has lines; anything else with control characters is a damaged copy, and no header could carry it.
        let is_pem = text.starts_with("-----BEGIN ");
        if text.chars().any(|c| c.is_control() && !(is_pem && matches!(c, '\n' | '\r'))) {
            return Err(self.missing("contains control characters", "store the secret alone, on one line"));
        }
        Ok(SecretString::from(text))
    }

    /// What to tell when others than its owner can read its file.
    pub(super) fn exposed(&self) -> Option<Diagnostic> {
        match &self.kept {
            Kept::File(path) if disk::is_exposed(path) => {
                let message = format!("the secret's {} can be read by others than its owner", self.kept);
                let help = format!(
                    "`chmod 600 {}`, and replace the secret if others use this machine",
                    path.display()
                );
                Some(self.place.warning("secret_exposed", message, Some(help)))
            }
            Kept::File(_) | Kept::Env(_) => None,
        }
    }

    /// Why its file cannot be read.
    fn unreadable(&self, error: &io::Error) -> Diagnostic {
        if error.kind() == io::ErrorKind::NotFound {
            return self.missing("is not there", "create it, readable by this user only");
        }
        if error.kind() == io::ErrorKind::PermissionDenied {
            return self.missing("may not be read", "let this user read it, and nobody else");
        }
        if error.kind() == io::ErrorKind::InvalidData {
            return self.missing("is not text", "store the secret alone, on one line");
        }
        self.missing(&format!("cannot be read: {error}"), "name a file")
    }

    fn missing(&self, what: &str, help: &str) -> Diagnostic {
        self.place.error("secret", format!("the secret's {} {what}", self.kept), Some(help.to_owned()))
    }
}

/// What a secret's environment variable is looked up with.
#[derive(Clone)]
pub struct Environment(Arc<Lookup>);

type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

impl Environment {
    /// A look-up of one's own.
    pub fn new(lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(lookup))
    }

    /// The value of a variable; none when it is unset or not Unicode.
    pub fn get(&self, name: &str) -> Option<String> {
        (self.0)(name)
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Environment")
    }
}

/// The environment of this process; the only place that reads it.
#[expect(clippy::disallowed_methods, reason = "settings is where the environment is read")]
pub fn environment() -> Environment {
    Environment::new(|name| std::env::var(name).ok())
}
