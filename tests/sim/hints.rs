//! What becomes of the lists by which trackers tell what changed: they leave things out, say them twice, or name what nobody
//! follows.

use bytes::Bytes;
use postmortem_sync::net::http::{Request, Response};
use serde_json::{Value, json};

use crate::{fault::Fault, gate::Gate};

/// Whether a request asks for what changed, and for nothing else.
pub(crate) fn is_asked_for(request: &Request) -> bool {
    let body = String::from_utf8_lossy(request.body());
    body.contains("filterBy") || body.contains("ORDER BY updated DESC")
}

/// The answer with what goes wrong with it.
pub(crate) fn twisted(gate: &Gate, response: Response) -> Response {
    let lost = gate.strikes_deep(Fault::HintLost, 2);
    let twisted = gate.strikes_deep(Fault::HintTwisted, 2);
    let Ok(mut body) = serde_json::from_slice::<Value>(response.body()) else { return response };
    if lost || twisted {
        lists(&mut body).into_iter().for_each(|list| twist(gate, list, (lost, twisted)));
    }
    response.map(|_| Bytes::from(body.to_string()))
}

/// The lists of an answer: of each repository on GitHub, the one of Jira.
fn lists(body: &mut Value) -> Vec<&mut Vec<Value>> {
    if body["issues"].is_array() {
        return body["issues"].as_array_mut().into_iter().collect();
    }
    let repositories = body["data"].as_object_mut().into_iter().flat_map(|data| data.values_mut());
    repositories.filter_map(|repository| repository.pointer_mut("/issues/nodes")?.as_array_mut()).collect()
}

fn twist(gate: &Gate, list: &mut Vec<Value>, (lost, twisted): (bool, bool)) {
    if lost && !list.is_empty() {
        let at = gate.upto(list.len() as i64 - 1) as usize;
        list.remove(at);
    }
    if twisted && let Some(first) = list.first().cloned() {
        // Another issue of the same place, which nobody follows, and one that is there already.
        let mut other = first.clone();
        for id in ["databaseId", "fullDatabaseId", "id"] {
            if other.get(id).is_some() {
                other[id] = if other[id].is_string() { json!("987654321") } else { json!(987_654_321) };
            }
        }
        list.extend([other, first]);
    }
}
