//! The keys that say how connections to one server are made; trackers and wikis have the same.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use super::tracker::SecretEntry;

/// Through what a server is asked.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum ProxyEntry {
    /// Address of a proxy without a login, or `none`.
    Address(String),
    /// Where the address of a proxy with a login is kept.
    Secret(SecretEntry),
}

impl JsonSchema for ProxyEntry {
    fn schema_name() -> Cow<'static, str> {
        "Proxy".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let secret = generator.subschema_for::<SecretEntry>();
        json_schema!({
            "anyOf": [
                {
                    "type": "string",
                    "description": "Address of the proxy, such as `http://proxy.example.org:3128`; `none` asks directly.",
                },
                secret,
            ],
        })
    }
}
