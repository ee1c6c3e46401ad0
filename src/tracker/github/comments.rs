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
use crate::{
    model::{edit_intent::Comment, ids::AccountId, issue::CommentMark},
    tracker::{Steps, TrackerError, say, shown::Shown},
};

/// Comments are looked for from this long before their decision was made: clocks differ.
const MARGIN: TimeDelta = TimeDelta::minutes(5);

/// What stands around the id of a decision in a comment, which pages do not show.
const MARK: (&str, &str) = ("<!-- postmortem-sync decision ", " -->");

/// A longer list is one that goes round in circles, or cannot be read to its end: nothing is said then.
const PAGES_MAX: usize = 20;

/// A comment in a REST answer. One that does not show its text, or not whose it is, may be the one that is looked for.
///
/// | member | not there | null |
/// |---|---|---|
/// | `user` | nothing is told of whose it is | an account that is no more |
/// | `body` | nothing is told of what it says | the same: every comment has one |
#[derive(Debug, Deserialize)]
struct RestComment {
    #[serde(default)]
    user: Shown<Account>,
    body: Option<String>,
}

impl RestComment {
    /// Whether it tells a decision: by its id, or, where it has none, by ourselves in the same words. None where it does
    /// not show enough of itself.
    fn tells(&self, mark: &CommentMark, words: &str, is_ours: impl Fn(&AccountId) -> bool) -> Option<bool> {
        let said = self.body.as_ref()?;
        if let Some(id) = id_in(said) {
            return Some(id == mark.id);
        }
        if plain(said) != plain(words) {
            return Some(false);
        }
        match &self.user {
            Shown::Absent => None,
            Shown::Null => Some(false),
            Shown::Value(user) => Some(is_ours(&AccountId::new(user.login.as_deref()?))),
        }
    }
}

impl GitHub {
    /// Adds a comment to the issue at a path, unless it is there already, or may be, or it is too late for it.
    /// Whether it is there now, which only a list that was read to its end tells.
    pub(super) async fn say(
        &self,
        path: &str,
        (words, mark): (&str, Option<&CommentMark>),
        before: Option<DateTime<Utc>>,
        steps: &mut dyn Steps,
    ) -> Result<bool, TrackerError> {
        let hidden = mark.map(|mark| format!("\n\n{}{}{}", MARK.0, mark.id, MARK.1)).unwrap_or_default();
        let words = cut(words, BODY_MAX.saturating_sub(length(&hidden)));
        if let Some(mark) = mark
            && self.is_said(path, &words, mark).await?
        {
            return Ok(true);
        }
        let body = format!("{words}{hidden}");
        let post = async {
            self.pace.in_time(before)?;
            self.call(Call::create(format!("{path}/comments"), json!({ "body": body }))).await.map(drop)
        };
        say(Comment::Decision, steps, post).await
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
            let tells = |comment: &RestComment| comment.tells(mark, words, |by| self.accounts.have(&me, by));
            let told: Vec<Option<bool>> = page.items.iter().map(tells).collect();
            if told.contains(&Some(true)) {
                return Ok(true);
            }
            if told.contains(&None) {
                return Err(senseless("a comment does not show what it says, or whose it is".to_owned()));
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
