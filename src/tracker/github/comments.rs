//! Saying something on an issue, once.
//!
//! Knows how to find what we have just said. Never touches anybody's comments.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::json;

use super::{
    GitHub,
    address::encoded,
    call::{Call, senseless},
    create::{BODY_MAX, cut},
    pages::written,
    wire::Account,
};
use crate::{model::ids::AccountId, tracker::TrackerError};

/// The same words by us within this time are an answer that got lost, or a worker that was killed, not news (P-03).
const ECHO: TimeDelta = TimeDelta::hours(1);

/// Nobody says more in that time; a list that goes on is one that goes round in circles.
const PAGES_MAX: usize = 20;

/// A comment in a REST answer.
#[derive(Debug, Deserialize)]
struct RestComment {
    user: Option<Account>,
    body: Option<String>,
}

impl GitHub {
    /// Adds a comment to the issue at a path, unless we have just said the same there, or it is too late for it.
    pub(super) async fn say(
        &self,
        path: &str,
        words: &str,
        before: Option<DateTime<Utc>>,
    ) -> Result<(), TrackerError> {
        let body = cut(words, BODY_MAX);
        if self.is_said(path, &body).await? {
            return Ok(());
        }
        self.pace.in_time(before)?;
        self.call(Call::create(format!("{path}/comments"), json!({ "body": body }))).await?;
        Ok(())
    }

    async fn is_said(&self, path: &str, body: &str) -> Result<bool, TrackerError> {
        let me = self.me().await?;
        let since = encoded(&written(self.server_now() - ECHO));
        let mut path = format!("{path}/comments?per_page=100&since={since}");
        for _ in 0..PAGES_MAX {
            let page = self.page::<RestComment>(&path).await?;
            let is_echo = |comment: &RestComment| {
                let by = comment.user.as_ref().and_then(|user| user.login.as_deref()).map(AccountId::new);
                let is_ours = by.is_some_and(|by| self.accounts.have(&me, &by));
                is_ours && comment.body.as_deref().is_some_and(|said| plain(said) == plain(body))
            };
            if page.items.iter().any(is_echo) {
                return Ok(true);
            }
            let Some(next) = page.next else { return Ok(false) };
            path = next;
        }
        Err(senseless("the list of comments does not end".to_owned()))
    }
}

/// A comment as it is compared: line ends and space around it do not count.
fn plain(body: &str) -> String {
    body.replace("\r\n", "\n").trim().to_owned()
}
