//! The Confluence of the sandbox, beside its Jira of the same edition: below `/wiki` in the cloud, and on Data Center with or
//! without `/confluence`.
//!
//! Knows the few questions that are asked of a wiki, as its documentation answers them. Must not know faults.

pub(crate) mod cql;
pub(crate) mod data;
pub(crate) mod show;

use data_encoding::BASE64;
use serde_json::{Value, json};

use self::{
    data::{Page, Wiki},
    show::Expand,
};
use super::{
    jira::data::{Edition, Site},
    people::{People, Person},
    settings::JiraSettings,
    wire::{Answer, Call, Outcome},
};

/// What a wiki needs from the world around it; its accounts and tokens are those of its Jira.
#[derive(Clone, Copy)]
pub(crate) struct Around<'a> {
    pub(crate) people: &'a People,
    pub(crate) settings: &'a JiraSettings,
    pub(crate) site: &'a Site,
}

/// One request and everything its answer is made of.
pub(crate) struct Exchange<'a> {
    wiki: &'a Wiki,
    around: Around<'a>,
    call: &'a Call,
    /// The login of whoever asks.
    viewer: String,
    /// Path below which the wiki is, such as `/wiki`.
    context: String,
}

/// The path of a request within the wiki and the path below which that is; none when it is for Jira.
fn within(edition: Edition, call: &Call) -> Option<(String, Vec<String>)> {
    let segments = call.segments();
    let (context, rest) = match (edition, segments.split_first()) {
        (Edition::Cloud, Some((first, rest))) if first == "wiki" => ("/wiki", rest),
        (Edition::Dc, Some((first, rest))) if first == "confluence" => ("/confluence", rest),
        (Edition::Dc, Some(_)) => ("", segments.as_slice()),
        (Edition::Cloud | Edition::Dc, _) => return None,
    };
    let parts: Vec<&str> = rest.iter().map(String::as_str).collect();
    let is_ours = !context.is_empty() || matches!(parts.as_slice(), ["rest", "api", "content" | "user", ..]);
    // Jira has users as well, but only behind a version.
    is_ours.then(|| (context.to_owned(), rest.to_vec()))
}

/// Answers a request that is for the wiki, and says who asked; none when it is for Jira.
pub(crate) fn answer(wiki: &Wiki, around: Around<'_>, call: &Call) -> Option<(Answer, Option<String>)> {
    let edition = around.site.edition;
    let (context, rest) = within(edition, call)?;
    let Some(viewer) = viewer(around, call) else {
        return Some((
            refusal(401, "Basic authentication with passwords is deprecated, or the token is unknown"),
            None,
        ));
    };
    let exchange = Exchange { wiki, around, call, viewer: viewer.clone(), context };
    let parts: Vec<&str> = rest.iter().map(String::as_str).collect();
    let answer = exchange.enter(&parts).unwrap_or_else(|refusal| refusal);
    let answer = if edition == Edition::Dc { answer.with("X-AUSERNAME", &viewer) } else { answer };
    Some((answer, Some(viewer)))
}

/// Whoever the credential stands for.
fn viewer(around: Around<'_>, call: &Call) -> Option<String> {
    let (scheme, secret) = call.header("authorization")?.split_once(' ')?;
    let secret = secret.trim();
    if scheme.eq_ignore_ascii_case("bearer") && around.site.edition == Edition::Dc {
        return around.site.tokens.get(secret).cloned();
    }
    let text = String::from_utf8(BASE64.decode(secret.as_bytes()).ok()?).ok()?;
    let (email, token) = text.split_once(':')?;
    let login = around.site.tokens.get(token)?;
    let person = around.people.by_login(login)?;
    person.email.eq_ignore_ascii_case(email).then(|| login.clone())
}

impl Exchange<'_> {
    fn enter(&self, parts: &[&str]) -> Outcome {
        if self.call.method != "GET" {
            return Err(refusal(405, "this wiki is only read"));
        }
        let is_cloud = self.around.site.edition == Edition::Cloud;
        match parts {
            ["rest", "api", "content", "search"] => self.search(),
            ["rest", "api", "content", id] if !is_cloud => self.content(id),
            ["rest", "api", "content", id, "restriction", "byOperation", "read"] => self.restriction(id),
            ["api", "v2", "pages", id] if is_cloud => self.page(id),
            ["rest", "api", "user", "bulk"] if is_cloud => Ok(self.users()),
            ["rest", "api", "user"] => self.user(),
            _ => Err(refusal(404, "null for uri")),
        }
    }

    /// Contents that a query finds, as far as the viewer may see them.
    fn search(&self) -> Outcome {
        let cql = self.call.param("cql").unwrap_or_default();
        let clauses =
            cql::parse(&cql).map_err(|why| refusal(400, &format!("Could not parse cql : {cql}: {why}")))?;
        let matching = |page: &&Page| {
            page.is_current() && self.sees(page) && clauses.iter().all(|clause| clause.holds(page))
        };
        let found: Vec<&Page> = self.wiki.pages.values().filter(matching).collect();
        let expand = Expand::of(self.call);
        let start = self.start()?;
        let asked = self.call.number("limit", 25).max(1);
        let limit = asked.min(expand.most()).min(self.around.settings.page_max);
        let page = found.iter().skip(start).take(limit);
        let results: Vec<Value> = page.map(|page| self.shown(page, &expand)).collect();
        let next = start + results.len();
        let mut links = json!({
            "base": format!("{}{}", self.call.origin, self.context),
            "context": self.context,
            "self": format!("{}{}", self.call.origin, self.call.path),
        });
        if let (true, Some(links)) = (next < found.len(), links.as_object_mut()) {
            links.insert("next".into(), self.next(next, limit).into());
        }
        let size = results.len();
        Ok(Answer::ok(
            json!({"results": results, "start": start, "limit": limit, "size": size, "_links": links}),
        ))
    }

    /// Where a listing begins: by a cursor in the cloud, by a number on Data Center.
    fn start(&self) -> Result<usize, Answer> {
        match self.call.param("cursor") {
            None => Ok(self.call.number("start", 0)),
            Some(cursor) => {
                let start = cursor.strip_prefix("sandbox_").and_then(|start| start.parse().ok());
                start.ok_or_else(|| refusal(400, "The cursor is invalid."))
            }
        }
    }

    fn next(&self, start: usize, limit: usize) -> String {
        let parts = self.call.query.split('&');
        let is_kept =
            |part: &&str| !["cursor=", "start=", "limit=", "next="].iter().any(|name| part.starts_with(name));
        let kept = parts.filter(is_kept).collect::<Vec<_>>().join("&");
        let how = match self.around.site.edition {
            Edition::Cloud => format!("next=true&cursor=sandbox_{start}&limit={limit}"),
            Edition::Dc => format!("limit={limit}&start={start}"),
        };
        format!("/rest/api/content/search?{how}&{kept}")
    }

    /// What is there under a number, whatever became of it, if the viewer may see it.
    fn found(&self, id: &str) -> Result<&Page, Answer> {
        let page = id.parse().ok().and_then(|id| self.wiki.pages.get(&id)).filter(|page| self.sees(page));
        page.ok_or_else(|| refusal(404, "No content found with id, or it is not to be seen"))
    }

    fn content(&self, id: &str) -> Outcome {
        let page = self.found(id)?;
        if !page.is_current() && self.call.param("status").as_deref() != Some("any") {
            return Err(refusal(404, "No content found with id"));
        }
        Ok(Answer::ok(self.shown(page, &Expand::of(self.call))))
    }

    fn page(&self, id: &str) -> Outcome {
        let page = self.found(id)?;
        let asked = self.call.params("status");
        let shown = if asked.is_empty() {
            page.is_current()
        } else {
            asked.iter().any(|one| one == page.state.as_str())
        };
        if !shown {
            return Err(refusal(404, "Not Found"));
        }
        Ok(Answer::ok(json!({"id": page.id.to_string(), "status": page.state.as_str(), "title": page.title})))
    }

    fn restriction(&self, id: &str) -> Outcome {
        let page = self.found(id)?;
        Ok(Answer::ok(self.read_restriction(page)))
    }

    /// Whether the viewer may see a page: nothing above it may keep them out.
    fn sees(&self, page: &Page) -> bool {
        let is_reader = |page: &Page| page.readers.is_empty() || page.readers.contains(&self.viewer);
        is_reader(page) && self.wiki.above(page).into_iter().all(is_reader)
    }

    fn users(&self) -> Answer {
        let asked = self.call.params("accountId");
        let known = asked.iter().filter_map(|account| self.around.people.by_account(account));
        let users: Vec<Value> = known.map(|person| self.shown_user(person)).collect();
        Answer::ok(json!({"results": users, "start": 0, "limit": 200, "size": users.len(), "_links": {}}))
    }

    fn user(&self) -> Outcome {
        let people = self.around.people;
        let by = |name: &str| self.call.param(name);
        let person = by("accountId").and_then(|account| people.by_account(&account));
        let person = person.or_else(|| by("username").and_then(|login| people.by_login(&login)));
        let person = person.or_else(|| people.by_login(by("key")?.strip_prefix("key-")?));
        person.map(|person| Answer::ok(self.shown_user(person))).ok_or_else(|| refusal(404, "No user found"))
    }

    fn shown_user(&self, person: &Person) -> Value {
        match self.around.site.edition {
            Edition::Cloud => json!({
                "type": "known", "accountId": person.account_id, "accountType": "atlassian",
                "displayName": person.name, "publicName": person.login,
            }),
            Edition::Dc => json!({
                "type": "known", "username": person.login, "userKey": format!("key-{}", person.login),
                "displayName": person.name,
            }),
        }
    }
}

/// An error in Confluence's words.
fn refusal(status: u16, message: &str) -> Answer {
    Answer::json(status, json!({"statusCode": status, "data": {"valid": false}, "message": message}))
}
