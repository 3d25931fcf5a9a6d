//! `[[client]]`: an application registered by file, by the same rule as by command.

use std::path::Path;

use ring::rand::SystemRandom;

use super::problem::{Fault, Problems};
use super::section::Section;
use crate::oidc::client::AuthenticationMethod;
use crate::oidc::registration::{Checked, Registration};
use crate::oidc::secret::Secret;

/// A checked registration and the secret its file brought.
pub struct ClientEntry {
    /// What may be registered.
    pub checked: Checked,
    /// The secret; `None` exactly for public clients.
    pub secret: Option<Secret>,
}

impl std::fmt::Debug for ClientEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientEntry")
            .field("checked", &self.checked)
            .finish_non_exhaustive()
    }
}

/// Reads one table.
pub(super) fn read(
    mut section: Section<'_>,
    folder: &Path,
    problems: &mut Problems,
) -> Option<ClientEntry> {
    let at = section.at();
    let text = |found: Option<super::section::Found<&str>>| {
        found
            .map(|found| found.value.to_owned())
            .unwrap_or_default()
    };
    let client_id = section.required("client_id", "what the application sends", problems);
    let is_named = client_id.is_some();
    let registration = Registration {
        client_id: text(client_id),
        name: text(section.required("name", "what people will recognise", problems)),
        auth_method: text(section.text("auth_method", "the name of a method", problems)),
        redirect_uris: section.texts("redirect_uris", problems).unwrap_or_default(),
        post_logout_redirect_uris: section
            .texts("post_logout_redirect_uris", problems)
            .unwrap_or_default(),
        origins: section.texts("origins", problems).unwrap_or_default(),
        id_token_alg: section
            .text("id_token_alg", "RS256 or ES256", problems)
            .map(|found| found.value.to_owned()),
        scopes: section.texts("scopes", problems),
        require_pkce: section.switch("require_pkce", problems),
        require_nonce: section.switch("require_nonce", problems).unwrap_or(false),
        first_party: section.switch("first_party", problems).unwrap_or(false),
        cis2_compatible: section.switch("cis2_compatible", problems).unwrap_or(false),
        limit_roles: section.switch("limit_roles", problems),
        acr_values: section.texts("acr_values", problems),
        roles: section.texts("roles", problems),
    };
    let method = AuthenticationMethod::parse(&registration.auth_method);
    let is_public = method.is_some_and(AuthenticationMethod::is_public);
    let secret = section
        .optional_file("secret_file", folder, problems)
        .map(|file| {
            Secret::presented(String::from_utf8_lossy(&file.value.bytes).trim().to_owned())
        });
    if !is_public && !section.has("secret_file") {
        const WANTED: &str = "a file with the client's secret, at least 32 characters";
        problems.note(
            at,
            Fault::Missing {
                key: "secret_file",
                wanted: WANTED,
            },
        );
    }
    section.done(problems);
    if !is_named {
        return None;
    }
    match registration.check(&SystemRandom::new()) {
        Ok(checked) => Some(ClientEntry { checked, secret }),
        Err(found) => {
            for problem in found {
                problems.note(at, Fault::Client(problem));
            }
            None
        }
    }
}
