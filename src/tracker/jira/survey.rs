//! Which projects an account can see, and who can be assigned in them.
//!
//! Knows how each edition lists them. One page of each list of people is enough: nothing is decided by it.

use serde::Deserialize;

use super::{Jira, search::PAGE, wire};
use crate::{
    model::ids::{AccountId, PlaceName},
    tracker::{
        TrackerError,
        survey::{LOOKED_IN, MOST, Member, SeenPlace, Survey},
    },
};

/// Somebody in a list. What it does not say is taken for the usual.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Somebody {
    #[serde(default)]
    account_id: Option<String>,
    #[serde(default)]
    account_type: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    display_name: Option<String>,
    #[serde(default)]
    email_address: Option<String>,
    #[serde(default)]
    active: Option<bool>,
}

impl Jira {
    /// What this account can see.
    pub(super) async fn seen(&self) -> Result<Survey, TrackerError> {
        let projects: Vec<wire::Project> = match self.is_cloud() {
            true => self.listed("project/search").await?,
            false => self.channel.get(&self.api("project")).await?,
        };
        let mut open: Vec<wire::Project> = projects.into_iter().filter(|project| !project.archived).collect();
        let has_more = open.len() > MOST;
        open.truncate(MOST);
        let place = |project: &wire::Project| SeenPlace {
            name: PlaceName::new(project.key.clone()),
            title: project.name.clone(),
            is_public: None,
            is_read_only: false,
        };
        let me = self.me().await?;
        let mut survey = Survey { places: open.iter().map(place).collect(), has_more, ..Survey::default() };
        for project in open.iter().take(LOOKED_IN) {
            let query = format!("user/assignable/search?project={}&maxResults={PAGE}", project.key);
            // Whoever may not see them writes them by hand.
            let Ok(people) = self.channel.get::<Vec<Somebody>>(&self.api(&query)).await else { continue };
            survey.meet(
                people
                    .into_iter()
                    .filter_map(|somebody| self.member(somebody))
                    .filter(|member| !member.account.is(&me)),
            );
        }
        Ok(survey)
    }

    fn member(&self, somebody: Somebody) -> Option<Member> {
        let is_person = somebody.account_type.as_deref().is_none_or(|kind| kind == "atlassian");
        if !is_person || somebody.active == Some(false) {
            return None;
        }
        let account = if self.is_cloud() { somebody.account_id } else { somebody.name };
        Some(Member {
            account: AccountId::new(account?),
            name: somebody.display_name,
            email: somebody.email_address.filter(|email| email.contains('@')),
        })
    }
}
