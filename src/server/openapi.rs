//! The `OpenAPI` document of the admin API, made from the table of routes.

use super::error;
use super::routes::{API, Method, Route, table};
use axum::Json;
use serde_json::{Map, Value, json};
use utoipa::openapi::{RefOr, schema};
use utoipa::{PartialSchema, ToSchema};

/// The form of a body or an answer.
pub(super) struct Schema {
    /// What stands at its place: a reference, or the schema itself.
    here: Value,
    /// The schemas that it refers to, by name.
    parts: Vec<(String, RefOr<schema::Schema>)>,
}

impl Schema {
    /// The form of a type.
    pub(super) fn of<T: ToSchema>() -> Self {
        let mut parts = Vec::new();
        T::schemas(&mut parts);
        Self {
            here: json!(<T as PartialSchema>::schema()),
            parts,
        }
    }

    /// Adds a part that it refers to: a generic type does not name what it is filled with.
    pub(super) fn with<T: ToSchema>(mut self) -> Self {
        T::schemas(&mut self.parts);
        let schema = <T as PartialSchema>::schema();
        self.parts.push((T::name().into_owned(), schema));
        self
    }

    /// Any JSON.
    pub(super) fn any() -> Self {
        Self {
            here: json!({}),
            parts: Vec::new(),
        }
    }
}

/// `GET /openapi.json`.
pub(super) async fn document() -> Json<Value> {
    Json(make(&table()))
}

/// The document of these routes.
pub(super) fn make(routes: &[Route]) -> Value {
    let mut paths = Map::new();
    let mut schemas = Map::new();
    let told = Schema::of::<error::Told>();
    for route in routes {
        let path = format!("{API}{}", route.path.replace("{*", "{"));
        let method = match route.method {
            Method::Get => "get",
            Method::Post => "post",
        };
        let item = paths.entry(path).or_insert_with(|| json!({}));
        item[method] = operation(route, &told);
        let of_route = route.body.iter().chain([&route.answer, &told]);
        for (name, schema) in of_route.flat_map(|schema| &schema.parts) {
            schemas.insert(name.clone(), json!(schema));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Steward's admin API", "version": env!("CARGO_PKG_VERSION") },
        "security": [{ "bearer": [] }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": { "bearer": { "type": "http", "scheme": "bearer" } },
        },
    })
}

fn operation(route: &Route, told: &Schema) -> Value {
    let in_path = names_in(route.path).map(|name| parameter(name, "path", "", "string"));
    let in_query = route.query.iter().map(|name| {
        let (about, kind) = meaning(name);
        parameter(name, "query", about, kind)
    });
    let in_header = HEADERS
        .iter()
        .filter(|_| route.method == Method::Post)
        .map(|(name, about)| parameter(name, "header", about, "string"));
    let parameters: Vec<Value> = in_path.chain(in_query).chain(in_header).collect();
    let mut operation = json!({
        "summary": route.about,
        "parameters": parameters,
        "responses": {
            "200": content("done", &route.answer.here),
            "default": content("not done", &told.here),
        },
    });
    if let Some(body) = &route.body {
        let mut wanted = content("", &body.here);
        wanted["required"] = json!(true);
        operation["requestBody"] = wanted;
    }
    operation
}

/// Headers that every order may carry.
const HEADERS: [(&str, &str); 2] = [
    ("steward-by", "Who gives the order; `api` without it"),
    ("idempotency-key", "The same key twice has its effect once"),
];

fn names_in(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| {
        let name = part.strip_prefix('{')?.strip_suffix('}')?;
        Some(name.trim_start_matches('*'))
    })
}

/// What a field of a query means, and its type.
fn meaning(name: &str) -> (&'static str, &'static str) {
    match name {
        "page" => ("From 1", "integer"),
        "limit" => (
            "Entries of one page; 100 without it, at most 1000",
            "integer",
        ),
        "community" => ("Only this community", "string"),
        "q" => ("Part of a name, nick, key or label", "string"),
        "group" => ("Id of a group in which they have a seat", "string"),
        "stage" => ("`open`, `sending`, `parked` or `frozen`", "string"),
        "state" => (
            "`live`, `done`, `stopped`, `interrupted`, `replaced`, `failed` or `cancelled`",
            "string",
        ),
        "rule" => ("`playbook/rule`, or the playbook alone", "string"),
        _ => ("", "string"),
    }
}

fn parameter(name: &str, place: &str, about: &str, kind: &str) -> Value {
    json!({
        "name": name,
        "in": place,
        "required": place == "path",
        "description": about,
        "schema": { "type": kind },
    })
}

fn content(about: &str, schema: &Value) -> Value {
    let mut content = json!({ "content": { "application/json": { "schema": schema } } });
    if !about.is_empty() {
        content["description"] = json!(about);
    }
    content
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every `$ref` in the document.
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    if name == "$ref" {
                        found.extend(value.as_str().map(str::to_owned));
                    }
                    references(value, found);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    #[test]
    fn every_reference_leads_to_a_schema() {
        let document = make(&table());
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > 5, "{found:?}");
        for reference in found {
            let pointer = reference.trim_start_matches('#');
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
    }

    #[test]
    fn every_field_of_a_query_is_explained() {
        for route in table() {
            for name in route.query {
                assert!(!meaning(name).0.is_empty(), "{name}");
            }
        }
    }

    #[test]
    fn a_path_names_its_parameters() {
        let document = make(&table());
        let member = &document["paths"]["/api/v1/members/{key}"]["get"];
        assert_eq!(member["parameters"][0]["name"], "key");
        assert_eq!(member["parameters"][0]["in"], "path");
    }
}
