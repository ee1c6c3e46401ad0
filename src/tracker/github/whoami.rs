//! Which account stands behind the credential.
//!
//! Knows that people and Apps are asked for differently. An anonymous answer is an error.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use serde::Deserialize;

use super::{GitHub, wire::Account};
use crate::{model::ids::AccountId, tracker::TrackerError};

/// What an App's login ends in.
const BOT: &str = "[bot]";

/// The account, as last told.
#[derive(Debug, Default)]
pub(super) struct Me {
    account: Mutex<Option<AccountId>>,
    /// Whether GitHub said that it is an App's installation.
    is_app: AtomicBool,
}

/// An App in a REST answer.
#[derive(Debug, Deserialize)]
struct App {
    slug: String,
}

impl GitHub {
    /// The account we act as, as told in this cycle or before.
    pub(super) async fn me(&self) -> Result<AccountId, TrackerError> {
        let known = self.me.account.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match known {
            Some(account) => Ok(account),
            None => self.ask_whoami().await,
        }
    }

    /// Asks which account we act as. This is how a cycle begins: what the server once lacked is tried anew.
    pub(super) async fn ask_whoami(&self) -> Result<AccountId, TrackerError> {
        self.lacks.retry();
        let account = self.account().await?;
        *self.me.account.lock().unwrap_or_else(PoisonError::into_inner) = Some(account.clone());
        Ok(account)
    }

    /// A person's token knows its user, which an App's installation has none of: that one is asked for in GraphQL,
    /// or else by the App's own token.
    async fn account(&self) -> Result<AccountId, TrackerError> {
        let mut refusal = None;
        if !self.me.is_app.load(Ordering::Relaxed) {
            match self.get::<Account>("/user").await.map(|user| user.login) {
                Ok(Some(login)) if !login.is_empty() => return Ok(AccountId::new(login)),
                Ok(_) => {
                    return Err(TrackerError::Unauthorized {
                        why: "GitHub sees nobody behind it".to_owned(),
                    });
                }
                // Some servers refuse an installation that asks for its user instead of forbidding it.
                Err(error) if error.is_refusal() || is_refused(&error) => {
                    let is_app = matches!(error, TrackerError::Forbidden { .. });
                    self.me.is_app.store(is_app, Ordering::Relaxed);
                    refusal = Some(error);
                }
                Err(error) => return Err(error),
            }
        }
        match self.viewer().await {
            Ok(account) => Ok(self.as_bot(account)),
            Err(error) if is_refused(&error) && refusal.as_ref().is_some_and(is_refused) => {
                Err(refusal.unwrap_or(error))
            }
            Err(error) if error.is_refusal() || is_refused(&error) => {
                let app = self.get::<App>("/app").await;
                app.map(|app| AccountId::new(app.slug + BOT)).map_err(|_| refusal.unwrap_or(error))
            }
            Err(error) => Err(error),
        }
    }

    /// The login that REST shows as an App's author.
    fn as_bot(&self, account: AccountId) -> AccountId {
        let is_whole = account.as_str().ends_with(BOT) || !self.me.is_app.load(Ordering::Relaxed);
        if is_whole { account } else { AccountId::new(format!("{account}{BOT}")) }
    }
}

fn is_refused(error: &TrackerError) -> bool {
    matches!(error, TrackerError::Unauthorized { .. })
}
