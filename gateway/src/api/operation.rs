//! What an operation says of itself: its name, where it is, who may use it, and the types it
//! speaks. The router registers it, the description is drawn from it.

use http::Method;
use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::router::Access;

/// Draws the schema of one type.
pub type Draw = fn(&mut SchemaGenerator) -> Schema;

/// Draws the schema of `T`.
pub fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// The two methods that operations use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Reads.
    Get,
    /// Changes.
    Post,
}

impl Verb {
    /// As HTTP writes it.
    pub const fn method(self) -> Method {
        match self {
            Self::Get => Method::GET,
            Self::Post => Method::POST,
        }
    }

    /// As OpenAPI writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Post => "post",
        }
    }
}

/// One operation of the API.
#[derive(Debug, Clone, Copy)]
pub struct Operation {
    /// The `operationId` of contract 5.
    pub id: &'static str,
    /// One line on what it does.
    pub summary: &'static str,
    /// The method.
    pub verb: Verb,
    /// The path, in the spelling that the router and OpenAPI share.
    pub path: &'static str,
    /// Who may use it.
    pub access: Access,
    /// The parameters of its query: name, and what it is.
    pub query: &'static [(&'static str, &'static str)],
    /// Its body, for what changes something.
    pub request: Option<Draw>,
    /// Its answer.
    pub response: Draw,
    /// Whether a card and a token may both call it, on their own listeners.
    pub also_by_card: bool,
}

impl Operation {
    /// A GET without parameters, for this access.
    pub const fn get(id: &'static str, path: &'static str, access: Access, response: Draw) -> Self {
        Self {
            id,
            summary: "",
            verb: Verb::Get,
            path,
            access,
            query: &[],
            request: None,
            response,
            also_by_card: false,
        }
    }

    /// A POST with this body and answer.
    pub const fn post(
        id: &'static str,
        path: &'static str,
        access: Access,
        bodies: (Draw, Draw),
    ) -> Self {
        Self {
            id,
            summary: "",
            verb: Verb::Post,
            path,
            access,
            query: &[],
            request: Some(bodies.0),
            response: bodies.1,
            also_by_card: false,
        }
    }

    /// Says what it does.
    #[must_use]
    pub const fn about(mut self, summary: &'static str) -> Self {
        self.summary = summary;
        self
    }

    /// Names the parameters of its query.
    #[must_use]
    pub const fn query(mut self, query: &'static [(&'static str, &'static str)]) -> Self {
        self.query = query;
        self
    }

    /// Says that the other listener answers it too.
    #[must_use]
    pub const fn also_by_card(mut self) -> Self {
        self.also_by_card = true;
        self
    }
}
