//! Comments: the one that holds our present block, and news for people.
//!
//! Knows how to find our own comment again and how not to say a thing twice. Never touches anybody else's.

use chrono::{DateTime, TimeDelta, Utc};
use http::Method;
use serde_json::{Value, json};

use super::{Jira, PROPERTY, adf, search::malformed, text, wire};
use crate::{
    model::{edit_intent::Comment, ids::AccountId, issue::CommentMark},
    net::pace::Lane,
    tracker::{Steps, TrackerError, say, shown::Shown},
};

/// First line of the comment that holds our block; it is how the comment is found again.
const HEADING: &str = "postmortem-sync: current state";

/// Comments count from this long before their decision was made: clocks differ.
const MARGIN: TimeDelta = TimeDelta::minutes(5);

/// Member of a comment's property that holds the id of the decision that it tells.
const DECISION: &str = "decision";

impl Jira {
    /// Writes the block into our comment, which is made if there is none. Whether it is there now: a list that shows no comment
    /// of ours may be behind.
    pub(super) async fn put_block(
        &self,
        id: &str,
        block: &str,
        before: Option<DateTime<Utc>>,
        steps: &mut dyn Steps,
    ) -> Result<bool, TrackerError> {
        let body = text::rich(self.settings.kind, &format!("**{HEADING}**\n\n{block}"));
        let me = self.me().await?;
        let mut own = self.comments(id).await?;
        let is_hidden = |comment: &wire::Comment| {
            comment.body.is_null() || is_block(&comment.body) && !self.tells_author(comment)
        };
        if own.iter().any(is_hidden) {
            return Err(malformed("a comment does not show what it says, or whose it is"));
        }
        own.retain(|comment| self.is_ours(comment, &me));
        let blocks = || own.iter().filter(|comment| is_block(&comment.body));
        // Nobody edits the comment of another account: where an account of before has one, ours is made once.
        let is_mine = |comment: &&wire::Comment| self.author(comment).is_some_and(|by| by.is(&me));
        let Some(comment) = blocks().find(is_mine) else {
            let says_so = |shown: &wire::Comment| plain(&shown.body).trim() == plain(&body).trim();
            if blocks().next_back().is_some_and(says_so) {
                return Ok(true);
            }
            let new = json!({ "body": body });
            return say(Comment::Block, steps, self.post_comment(id, &new, before)).await;
        };
        // In the same words, too: what is shown may be older than what was written last.
        self.channel.pace().in_time(before)?;
        let path = self.api(&format!("issue/{id}/comment/{}", comment.id));
        self.channel.call(Lane::Write, Method::PUT, &path, Some(&json!({ "body": body }))).await?;
        Ok(true)
    }

    /// Adds a comment, unless it is there already, or may be, or it is too late for it. Whether it is there now, which only
    /// a list that was read to its end tells.
    pub(super) async fn say(
        &self,
        id: &str,
        (markdown, mark): (&str, Option<&CommentMark>),
        before: Option<DateTime<Utc>>,
        steps: &mut dyn Steps,
    ) -> Result<bool, TrackerError> {
        let body = text::rich(self.settings.kind, markdown);
        let Some(mark) = mark else {
            return self.post_comment(id, &json!({ "body": body }), before).await.map(|()| true);
        };
        if self.is_said(id, &body, mark).await? {
            return Ok(true);
        }
        let properties = json!([{ "key": PROPERTY, "value": { DECISION: mark.id } }]);
        let comment = json!({ "body": body, "properties": properties });
        say(Comment::Decision, steps, self.post_comment(id, &comment, before)).await
    }

    /// Whether a decision was told on an issue since it was made: by its id, or, in a comment that shows none, by
    /// ourselves in the same words.
    async fn is_said(&self, id: &str, body: &Value, mark: &CommentMark) -> Result<bool, TrackerError> {
        let me = self.me().await?;
        let all = self.comments(id).await?;
        let age = self.channel.pace().now() - mark.since;
        // By our clock or by the site's, whichever is earlier.
        let since = mark.since.min(self.server_now().await? - age) - MARGIN;
        let tells = |comment: &wire::Comment| {
            if let Some(decision) = comment.value_of(PROPERTY, DECISION) {
                return Some(decision == mark.id);
            }
            if comment.body.is_null() {
                return None;
            }
            if plain(&comment.body).trim() != plain(body).trim() {
                return Some(false);
            }
            let at = comment.created.as_deref().and_then(wire::instant)?;
            if at < since {
                return Some(false);
            }
            self.tells_author(comment).then(|| self.is_ours(comment, &me))
        };
        let told: Vec<Option<bool>> = all.iter().map(tells).collect();
        if told.contains(&Some(true)) {
            return Ok(true);
        }
        if told.contains(&None) {
            return Err(malformed("a comment does not show what it says, when, or whose it is"));
        }
        Ok(false)
    }

    async fn post_comment(
        &self,
        id: &str,
        comment: &Value,
        before: Option<DateTime<Utc>>,
    ) -> Result<(), TrackerError> {
        self.channel.pace().in_time(before)?;
        let path = self.api(&format!("issue/{id}/comment"));
        self.channel.call(Lane::Create, Method::POST, &path, Some(comment)).await?;
        Ok(())
    }

    fn author(&self, comment: &wire::Comment) -> Option<AccountId> {
        comment.author.as_value().and_then(|by| self.account_of(by))
    }

    /// Whether a comment tells whose it is, be it nobody's.
    fn tells_author(&self, comment: &wire::Comment) -> bool {
        comment.author == Shown::Null || self.author(comment).is_some()
    }

    /// All comments on an issue with their properties, the oldest first; or an error.
    async fn comments(&self, id: &str) -> Result<Vec<wire::Comment>, TrackerError> {
        self.listed(&format!("issue/{id}/comment?orderBy=created&expand=properties")).await
    }

    fn is_ours(&self, comment: &wire::Comment, me: &AccountId) -> bool {
        self.author(comment).is_some_and(|by| self.accounts.have(me, &by))
    }
}

/// Whether a comment of ours holds our block. Wiki text has marks and escapes around the heading's words.
fn is_block(body: &Value) -> bool {
    let text = plain(body).replace(['\\', '*'], "");
    text.lines().next().is_some_and(|line| line.trim() == HEADING)
}

/// A comment's text: that of a document, or the wiki text itself.
fn plain(body: &Value) -> String {
    body.as_str().map_or_else(|| adf::plain(body), |text| text.replace("\r\n", "\n"))
}
