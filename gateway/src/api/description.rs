//! `/api/v1/openapi.json`: OpenAPI 3.1, drawn from the operations that the routers hold.

use axum::Json;
use axum::extract::State;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};
use wire::problem::Problem;

use super::operation::{Operation, schema_of};
use crate::house::Shared;
use crate::router::{self, Access};

/// The handler.
pub(super) async fn get(State(house): State<Shared>) -> Json<Value> {
    let servers = (house.names.issuer.as_str(), house.names.card_url.as_str());
    let mut operations = router::gateway().operations().to_vec();
    for operation in router::card().operations() {
        if !operations.iter().any(|known| known.id == operation.id) {
            operations.push(operation);
        }
    }
    Json(describe(&operations, servers))
}

fn describe(operations: &[&'static Operation], servers: (&str, &str)) -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator = settings.into_generator();
    let mut paths = Map::new();
    for operation in operations {
        let described = entry(operation, servers, &mut generator);
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        if let Value::Object(verbs) = path {
            verbs.insert(operation.verb.as_str().to_owned(), described);
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Matron",
            "version": "1",
            "description": "Cards and people of a registration authority. Errors are problem documents (RFC 9457) with a stable `code`, the next step and who can help.",
        },
        "servers": [{ "url": servers.0 }],
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "securitySchemes": {
                "bearer": { "type": "http", "scheme": "bearer", "description": "An access token of a first-party application, with scope `self` or `desk`." },
                "card": { "type": "mutualTLS", "description": "The card's authentication certificate, on the card listener." },
            },
        },
    })
}

fn entry(operation: &Operation, servers: (&str, &str), generator: &mut SchemaGenerator) -> Value {
    let mut entry = Map::new();
    let mut say = |name: &str, value: Value| drop(entry.insert(name.to_owned(), value));
    say("operationId", json!(operation.id));
    say("summary", json!(operation.summary));
    say("parameters", json!(parameters(operation)));
    if let Some(request) = operation.request {
        let schema = request(generator);
        let content = json!({ "application/json": { "schema": schema } });
        say(
            "requestBody",
            json!({ "required": true, "content": content }),
        );
    }
    let answer = json!({ "application/json": { "schema": (operation.response)(generator) } });
    let problem =
        json!({ "application/problem+json": { "schema": schema_of::<Problem>(generator) } });
    let responses = json!({
        "200": { "description": "Done.", "content": answer },
        "default": { "description": "Why not, and what to do next.", "content": problem },
    });
    say("responses", responses);
    say("security", security(operation));
    let by_card = matches!(operation.access, Access::CardClient);
    if operation.also_by_card {
        say(
            "servers",
            json!([{ "url": servers.0 }, { "url": servers.1 }]),
        );
    } else if by_card {
        say("servers", json!([{ "url": servers.1 }]));
    }
    Value::Object(entry)
}

fn security(operation: &Operation) -> Value {
    match operation.access {
        Access::SelfToken | Access::DeskToken if operation.also_by_card => {
            json!([{ "bearer": [] }, { "card": [] }])
        }
        Access::SelfToken | Access::DeskToken | Access::BearerToken => json!([{ "bearer": [] }]),
        Access::CardClient | Access::CardCertificate => json!([{ "card": [] }]),
        _ => json!([]),
    }
}

/// What stands in braces in the path, and the named parts of the query.
fn parameters(operation: &Operation) -> Vec<Value> {
    let in_path = operation.path.split('/').filter_map(|part| {
        let name = part.strip_prefix('{')?.strip_suffix('}')?;
        Some(
            json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }),
        )
    });
    let in_query = operation.query.iter().map(|(name, about)| {
        json!({ "name": name, "in": "query", "description": about, "schema": { "type": "string" } })
    });
    in_path.chain(in_query).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_described_once_under_its_own_name() {
        let mut operations = router::gateway().operations().to_vec();
        operations.extend(router::card().operations());
        let described = describe(&operations, ("https://id", "https://card"));
        for operation in &operations {
            let entry = &described["paths"][operation.path][operation.verb.as_str()];
            assert_eq!(entry["operationId"], operation.id);
            assert!(!operation.summary.is_empty(), "{}", operation.id);
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let described = describe(
            router::gateway().operations(),
            ("https://id", "https://card"),
        );
        let text = described.to_string();
        for part in text.split("\"#/components/schemas/").skip(1) {
            let name = part.split('"').next().unwrap();
            assert!(
                described["components"]["schemas"][name].is_object(),
                "{name}"
            );
        }
    }
}
