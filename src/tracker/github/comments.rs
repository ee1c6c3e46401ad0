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
    create::{BODY_MAX, cut, length},
    pages::written,
    wire::Account,
};
use crate::{model::issue::CommentMark, tracker::TrackerError};

/// Comments are looked for from this long before their decision was made: clocks differ.
const MARGIN: TimeDelta = TimeDelta::minutes(5);

/// What stands around the id of a decision in a comment, which pages do not show.
const MARK: (&str, &str) = ("<!-- postmortem-sync decision ", " -->");

/// A longer list is one that goes round in circles, or cannot be read to its end: nothing is said then.
const PAGES_MAX: usize = 20;

/// A comment in a REST answer.
#[derive(Debug, Deserialize)]
struct RestComment {
    user: Option<Account>,
    body: Option<String>,
}

impl GitHub {
    /// Adds a comment to the issue at a path, unless it is there already, or it is too late for it. Whether it is there,
    /// only a list that was read to its end tells.
    pub(super) async fn say(
        &self,
        path: &str,
        (words, mark): (&str, Option<&CommentMark>),
        before: Option<DateTime<Utc>>,
    ) -> Result<(), TrackerError> {
        let hidden = mark.map(|mark| format!("\n\n{}{}{}", MARK.0, mark.id, MARK.1)).unwrap_or_default();
        let words = cut(words, BODY_MAX.saturating_sub(length(&hidden)));
        if let Some(mark) = mark
            && self.is_said(path, &words, mark).await?
        {
            return Ok(());
        }
        let body = format!("{words}{hidden}");
        self.pace.in_time(before)?;
        self.call(Call::create(format!("{path}/comments"), json!({ "body": body }))).await?;
        Ok(())
    }

    /// Whether a decision was told on the issue at a path since it was made: by its id, or, in a comment that has none,
    /// by ourselves in the same words.
    async fn is_said(&self, path: &str, words: &str, mark: &CommentMark) -> Result<bool, TrackerError> {
        let me = self.me().await?;
        // By our clock or by the server's, whichever is earlier.
        let decided = mark.since - self.ahead().max(TimeDelta::zero());
        let since = encoded(&written(decided - MARGIN));
        let mut path = format!("{path}/comments?per_page=100&since={since}");
        for _ in 0..PAGES_MAX {
            let page = self.page::<RestComment>(&path).await?;
            let is_echo = |comment: &RestComment| {
                let by = comment.user.as_ref().and_then(|user| user.login.as_deref());
                let is_ours = by.is_some_and(|by| by.eq_ignore_ascii_case(me.as_str()));
                let said = comment.body.as_deref().unwrap_or_default();
                match id_in(said) {
                    Some(id) => id == mark.id,
                    None => is_ours && plain(said) == plain(words),
                }
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

/// The id of the decision that a comment tells, if it holds one.
fn id_in(body: &str) -> Option<&str> {
    let (_, rest) = body.rsplit_once(MARK.0)?;
    rest.split_once(MARK.1).map(|(id, _)| id)
}

/// A comment as it is compared: line ends and space around it do not count.
fn plain(body: &str) -> String {
    body.replace("\r\n", "\n").trim().to_owned()
}
