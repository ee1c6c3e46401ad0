//! What only Confluence has: macros, mentions, status lozenges, references to issues; in its storage format and in its exports.
//!
//! Knows its elements and classes. Nothing is asked of Confluence: who an account is must be known before.

use super::{
    super::{
        block,
        text::{Mark, SOFT_BREAK},
    },
    flat,
    out::{Out, Place},
    run::{Run, Style},
    walk::{Told, Walker},
};
use crate::{model::postmortem::Level, source::html::Id};

/// Macros that show what stands on another page or in another system.
const ELSEWHERE: [&str; 8] = [
    "include",
    "excerpt-include",
    "tasks-report-macro",
    "detailssummary",
    "contentbylabel",
    "viewxls",
    "view-file",
    "iframe",
];
/// Where an account is named, the name it has for people first.
const ACCOUNTS: [&str; 3] = ["ri:account-id", "ri:userkey", "ri:username"];

impl Walker<'_> {
    /// An element of the storage format.
    pub(super) fn confluence(&mut self, id: Id, name: &str, out: &mut Out, style: &Style, depth: usize) {
        let at = self.dom.at(id).start;
        match name {
            "ac:task-list" => self.tasks(id, out, style, depth),
            "ac:structured-macro" | "ac:macro" => self.storage_macro(id, out, style, depth),
            "ac:emoticon" => {
                let shown = self.emoticon(id);
                out.run.push(&shown, at, style);
            }
            "ac:link" => self.link(id, out, style, depth),
            "ac:image" => {
                let alt = self.dom.attribute(id, "ac:alt").unwrap_or_default();
                out.run.push(alt, at, style);
            }
            "ri:user" => self.mention(id, out, style),
            "ac:layout" | "ac:layout-section" | "ac:layout-cell" | "ac:rich-text-body"
            | "ac:adf-extension" | "ac:adf-node" | "ac:adf-content" | "ac:adf-fallback" => {
                out.flush();
                self.children(id, out, style, depth);
                out.flush();
            }
            _ => self.children(id, out, style, depth),
        }
    }

    fn storage_macro(&mut self, id: Id, out: &mut Out, style: &Style, depth: usize) {
        let name = self.dom.attribute(id, "ac:name").unwrap_or_default().to_ascii_lowercase();
        let at = self.dom.at(id);
        match name.as_str() {
            "status" => {
                let words = self.parameter(id, "title").unwrap_or_default();
                lozenge(&words, at.start, out, style);
            }
            "jira" | "jiraissues" => self.issue(id, out, style),
            "markdown" => {
                let text = self.dom.child(id, "ac:plain-text-body").map(|body| self.dom.text(body));
                out.flush();
                out.blocks.extend(block::blocks(&text.unwrap_or_default(), at.start));
            }
            _ if ELSEWHERE.contains(&name.as_str()) => self.told.push(Told {
                at: at.start,
                level: Level::Warning,
                code: "unread_macro",
                message: format!(
                    "the macro `{name}` shows what stands elsewhere, so nothing of it is read here"
                ),
                help: "write the actions on the page itself, or read the other page as well",
            }),
            _ => {
                if let Some(body) = self.dom.child(id, "ac:plain-text-body") {
                    let text = self.dom.text(body);
                    return self.code(&text, at, out);
                }
                let Some(body) = self.dom.child(id, "ac:rich-text-body") else { return };
                let title = self.parameter(id, "title").unwrap_or_default();
                let mut run = Run::default();
                run.push(&title, at.start, &Style::default());
                let title = run.finish().map(|(title, _)| title).unwrap_or_default();
                self.box_of((title, at.start..at.start), &[body], at.end, out, (style, depth));
            }
        }
    }

    fn parameter(&self, id: Id, name: &str) -> Option<String> {
        let mut parameters =
            self.dom.children(id).iter().filter(|child| self.dom.name(**child) == "ac:parameter");
        let found = parameters.find(|child| self.dom.attribute(**child, "ac:name") == Some(name))?;
        Some(self.dom.text(*found).trim().to_owned())
    }

    /// A reference to an issue, which is one whatever projects are known; or a search for many.
    fn issue(&self, id: Id, out: &mut Out, style: &Style) {
        let at = self.dom.at(id).start;
        let key = self.parameter(id, "key").filter(|key| !key.is_empty());
        let searched = self.parameter(id, "jqlQuery").or_else(|| self.parameter(id, "url"));
        let (shown, link) = match (key, searched) {
            (Some(key), _) => (key.clone(), format!("jira:{key}")),
            (None, Some(jql)) => (jql, "jira:?jql".to_owned()),
            (None, None) => return,
        };
        let style = Style { link: Some(link), ..style.clone() };
        out.run.push(&shown, at, &style);
    }

    fn emoticon(&self, id: Id) -> String {
        let fallback = self.dom.attribute(id, "ac:emoji-fallback").filter(|shown| !shown.is_ascii());
        let named = match self.dom.attribute(id, "ac:name") {
            Some("tick") => "✅",
            Some("cross") => "❌",
            Some("warning") => "⚠",
            _ => "",
        };
        fallback.unwrap_or(named).to_owned()
    }

    fn link(&mut self, id: Id, out: &mut Out, style: &Style, depth: usize) {
        let dom = self.dom;
        let at = dom.at(id).start;
        let body =
            ["ac:plain-text-link-body", "ac:link-body"].into_iter().find_map(|name| dom.child(id, name));
        let named = body.filter(|body| !dom.text(*body).trim().is_empty());
        let target = dom.children(id).iter().copied().find(|child| dom.name(*child).starts_with("ri:"));
        match (named, target) {
            (Some(body), Some(user)) if dom.name(user) == "ri:user" => {
                let name = dom.text(body);
                out.run.push_person(name.trim().trim_start_matches('@'), at, style);
            }
            (Some(body), target) => {
                let address = target.and_then(|target| dom.attribute(target, "ri:value")).map(str::to_owned);
                let style = Style { link: address.or_else(|| style.link.clone()), ..style.clone() };
                self.children(body, out, &style, depth);
            }
            (None, Some(user)) if dom.name(user) == "ri:user" => self.mention(user, out, style),
            (None, Some(target)) => {
                let shown = ["ri:content-title", "ri:filename", "ri:parameter", "ri:value", "ri:space-key"];
                let shown =
                    shown.into_iter().find_map(|name| dom.attribute(target, name)).unwrap_or_default();
                out.run.push(shown, at, style);
            }
            (None, None) => self.children(id, out, style, depth),
        }
    }

    /// Somebody who is mentioned: by name where the name is known, and never by the number of the account.
    fn mention(&mut self, id: Id, out: &mut Out, style: &Style) {
        let dom = self.dom;
        let at = dom.at(id).start;
        let accounts = ACCOUNTS.into_iter().filter_map(|name| dom.attribute(id, name));
        let known = accounts.filter_map(|account| self.people.get(account)).next();
        let login = dom.attribute(id, "ri:username").map(|login| format!("@{login}"));
        if let Some(name) = known.cloned().or(login) {
            return out.run.push_person(&name, at, style);
        }
        self.told.push(Told {
            at,
            level: Level::Warning,
            code: "unnamed_person",
            message:
                "somebody is mentioned here by the number of an account alone, so nobody knows who is asked"
                    .to_owned(),
            help: "write the name beside the mention",
        });
    }

    /// What an export writes for a macro. False for any other element.
    pub(super) fn exported_macro(&mut self, id: Id, out: &mut Out, style: &Style, depth: usize) -> bool {
        let dom = self.dom;
        let has = |class: &str| dom.has_class(id, class);
        if has("status-macro") || has("aui-lozenge") {
            if !style.of_issue {
                lozenge(&dom.text(id), dom.at(id).start, out, style);
            }
            return true;
        }
        if has("jira-issue") && !style.of_issue {
            let style = Style { of_issue: true, ..style.clone() };
            self.children(id, out, &style, depth);
            return true;
        }
        let title = ["expand-container", "panel", "confluence-information-macro"].into_iter().any(has);
        let heads = |one: Id| {
            dom.has_class(one, "expand-control-text")
                || dom.has_class(one, "panelHeader")
                || (dom.has_class(one, "title") && dom.name(one) == "p")
        };
        let Some(head) = dom.inside(id).take(12).find(|one| heads(*one)).filter(|_| title) else {
            return false;
        };
        let text = flat::heading(self.inside(head, Place::Inside, style, depth));
        // The title may stand in an element of its own that is to be clicked.
        let holds = |child: &Id| *child == head || dom.inside(*child).take(12).any(|one| one == head);
        let body: Vec<Id> = dom.children(id).iter().copied().filter(|child| !holds(child)).collect();
        self.box_of((text, dom.at(head)), &body, dom.at(id).end, out, (style, depth));
        true
    }
}

/// A status between other words: as people write it where there are no lozenges.
fn lozenge(words: &str, at: usize, out: &mut Out, style: &Style) {
    let words = words.trim();
    if words.is_empty() {
        return;
    }
    let style = Style { mark: Mark::default(), ..style.clone() };
    let value = matches!(out.run.last(), Some(':' | '：' | '\n' | SOFT_BREAK));
    if out.place == Place::Cell || value {
        out.run.space();
        out.run.push(words, at, &style);
    } else if out.run.is_empty() {
        out.run.push(&format!("[{words}]"), at, &style);
        out.run.space();
    } else {
        out.run.space();
        out.run.push(&format!("({words})"), at, &style);
    }
}
