//! Comments: the one that holds our present block, and news for people.
//!
//! Knows how to find our own comment again and how not to say a thing twice. Never touches anybody else's.

use chrono::{DateTime, TimeDelta, Utc};
use http::Method;
use serde_json::{Value, json};

use super::{Jira, adf, text, wire};
use crate::{
    model::ids::AccountId,
    tracker::{TrackerError, pace::Lane},
};

/// First line of the comment that holds our block; it is how the comment is found again.
const HEADING: &str = "postmortem-sync: current state";

/// The same words by us within this time are an answer that got lost, not news (P-03).
const ECHO: TimeDelta = TimeDelta::hours(1);

impl Jira {
    /// Writes the block into our comment, which is made if there is none.
    pub(super) async fn put_block(
        &self,
        id: &str,
        block: &str,
        before: Option<DateTime<Utc>>,
    ) -> Result<(), TrackerError> {
        let body = text::rich(self.settings.kind, &format!("**{HEADING}**\n\n{block}"));
        let own = self.own_comments(id).await?;
        let me = self.me().await?;
        let blocks = || own.iter().filter(|comment| is_block(&comment.body));
        // Nobody edits the comment of another account: where an account of before has one, ours is made once.
        let is_mine = |comment: &&wire::Comment| self.author(comment).is_some_and(|by| by.is(&me));
        let mine = blocks().find(is_mine);
        if mine.or(blocks().next_back()).is_some_and(|shown| plain(&shown.body).trim() == plain(&body).trim())
        {
            return Ok(());
        }
        let Some(comment) = mine else { return self.post_comment(id, &body, before).await };
        self.channel.pace().in_time(before)?;
        let path = self.api(&format!("issue/{id}/comment/{}", comment.id));
        self.channel.call(Lane::Write, Method::PUT, &path, Some(&json!({ "body": body }))).await?;
        Ok(())
    }

    /// Adds a comment, unless we have just said the same, or it is too late for it.
    pub(super) async fn say(
        &self,
        id: &str,
        markdown: &str,
        before: Option<DateTime<Utc>>,
    ) -> Result<(), TrackerError> {
        let body = text::rich(self.settings.kind, markdown);
        let own = self.own_comments(id).await?;
        let since = self.server_now().await? - ECHO;
        let is_said = own.iter().any(|comment| {
            let at = comment.created.as_deref().and_then(wire::instant);
            at.is_some_and(|at| at >= since) && plain(&comment.body).trim() == plain(&body).trim()
        });
        if is_said { Ok(()) } else { self.post_comment(id, &body, before).await }
    }

    async fn post_comment(
        &self,
        id: &str,
        body: &Value,
        before: Option<DateTime<Utc>>,
    ) -> Result<(), TrackerError> {
        self.channel.pace().in_time(before)?;
        let path = self.api(&format!("issue/{id}/comment"));
        self.channel.call(Lane::Create, Method::POST, &path, Some(&json!({ "body": body }))).await?;
        Ok(())
    }

    fn author(&self, comment: &wire::Comment) -> Option<AccountId> {
        comment.author.as_ref().and_then(|by| self.account_of(by))
    }

    /// The comments of our accounts on an issue, the oldest first.
    async fn own_comments(&self, id: &str) -> Result<Vec<wire::Comment>, TrackerError> {
        let me = self.me().await?;
        let mut all = self.listed::<wire::Comment>(&format!("issue/{id}/comment?orderBy=created")).await?;
        all.retain(|comment| self.author(comment).is_some_and(|by| self.accounts.have(&me, &by)));
        Ok(all)
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
