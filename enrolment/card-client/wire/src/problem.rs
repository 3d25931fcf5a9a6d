//! Why something did not happen (RFC 9457), with what a person needs to get to a "yes".

use std::fmt::Write as _;

use policies::time::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A problem document, `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// Names the kind of problem; a URI whose last part is the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in a few words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// The cause in a sentence or two.
    pub detail: String,
    /// The stable code, for programs.
    pub code: String,
    /// Names this answer in log and audit trail.
    pub correlation_id: String,
    /// What to do next.
    pub next_step: String,
    /// The first second at which the same request would be in time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub opens_at: Option<Time>,
    /// The last second of the certificate that the answer turns on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub not_after: Option<Time>,
    /// How many have been used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<u32>,
    /// How many are allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// The state of affairs that makes a particular role necessary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// The roles that can help.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub helper_roles: Vec<String>,
    /// People who can help, nearest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub helpers: Vec<Helper>,
}

impl Problem {
    /// For people at a terminal: cause, numbers, next step, who can help, and the reference, a line each.
    pub fn in_words(&self) -> String {
        let mut text = format!("{}\n{}", self.title, self.detail);
        let mut line = |words: String| {
            let _ = write!(text, "\n{words}");
        };
        if let Some(opens_at) = self.opens_at {
            line(format!("Possible from: {opens_at}"));
        }
        if let Some(not_after) = self.not_after {
            line(format!("The certificate ends: {not_after}"));
        }
        if let (Some(used), Some(limit)) = (self.used, self.limit) {
            line(format!("Used: {used} of {limit}"));
        }
        if !self.next_step.is_empty() {
            line(format!("What to do: {}", self.next_step));
        }
        for helper in &self.helpers {
            line(format!(
                "Who can help: {}, {} ({}; {})",
                helper.name, helper.org, helper.hours, helper.contact
            ));
        }
        if self.helpers.is_empty() && !self.helper_roles.is_empty() {
            let roles = self.helper_roles.join(", ").replace('_', " ");
            line(format!("Who can help: {roles}"));
        }
        line(format!("Reference: {} {}", self.code, self.correlation_id));
        text
    }
}

/// Somebody who can help.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Helper {
    /// Her name.
    pub name: String,
    /// Where.
    pub org: String,
    /// When.
    pub hours: String,
    /// How to reach her.
    pub contact: String,
}
