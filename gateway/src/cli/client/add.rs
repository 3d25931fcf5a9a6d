//! `matron client add`.

use std::path::PathBuf;

use clap::Args;
use enrolment::audit::{Actor, OperatorName};
use policies::time::Clock;
use ring::rand::SystemRandom;
use serde::Serialize;

use crate::cli::{EXIT_CODES, Ended, Where, output};
use crate::door::clock::MachineClock;
use crate::oidc::registration::Registration;
use crate::oidc::secret::Secret;

const EXAMPLE: &str = "Example:
  matron client add --config matron.toml --operator ruth.o --id ward7 --name 'Ward 7' \\
      --redirect-uri https://ward7.example/callback";

/// Registers an application and prints its id and, once, its new secret. The same registration
/// again changes nothing.
#[derive(Debug, Args)]
#[command(after_help = format!("{EXAMPLE}\n\n{EXIT_CODES}"))]
pub(in crate::cli) struct Add {
    #[command(flatten)]
    place: Where,
    /// Your name in the audit trail.
    #[arg(long, value_name = "NAME")]
    operator: OperatorName,
    /// The client id; a random one where left out.
    #[arg(long, value_name = "ID", default_value = "")]
    id: String,
    /// The name people will recognise.
    #[arg(long)]
    name: String,
    /// client_secret_basic, client_secret_post or none.
    #[arg(long, value_name = "METHOD", default_value = "client_secret_basic")]
    auth_method: String,
    /// Where codes may be sent; may be given several times.
    #[arg(long, value_name = "URI", required = true)]
    redirect_uri: Vec<String>,
    /// Where a browser may go after sign-out; may be given several times.
    #[arg(long, value_name = "URI")]
    post_logout_redirect_uri: Vec<String>,
    /// An origin of its scripts; may be given several times.
    #[arg(long, value_name = "ORIGIN")]
    origin: Vec<String>,
    /// A scope it may ask for; may be given several times. All that its kind may have where
    /// left out.
    #[arg(long, value_name = "SCOPE")]
    scope: Vec<String>,
    /// A value that it may ask for in acr_values, as in AAL3_ANY; may be given several times. Where it
    /// asks for nothing, it asks for these. All where left out.
    #[arg(long, value_name = "VALUE")]
    acr_value: Vec<String>,
    /// A part of the national catalogue, as in S8000 or S8000:G8000:R8000, whose roles it is told of;
    /// may be given several times. All where left out.
    #[arg(long, value_name = "PART")]
    role: Vec<String>,
    /// RS256 or ES256.
    #[arg(long, value_name = "ALG")]
    id_token_alg: Option<String>,
    /// Made for the national service as it is: RS256, PKCE not demanded, full role lists.
    #[arg(long)]
    cis2_compatible: bool,
    /// One of our own applications: may ask for `self` and `desk`.
    #[arg(long)]
    first_party: bool,
    /// A nonce is demanded.
    #[arg(long)]
    require_nonce: bool,
    /// A file with the secret it already has.
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Added<'a> {
    client_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<&'a str>,
}

impl Add {
    pub(super) async fn run(self) -> Result<(), Ended> {
        let chance = SystemRandom::new();
        let brought = match &self.secret_file {
            Some(file) => Some(Secret::presented(std::fs::read_to_string(file)?.trim())),
            None => None,
        };
        let store = self.place.look_up()?.open().await?;
        let stamp = (MachineClock.now(), Actor::Operator(self.operator.clone()));
        let json = self.json;
        let checked = self
            .registration()
            .check(&chance)
            .map_err(Ended::Registration)?;
        let registered = checked.register(&store, &chance, stamp, brought).await?;
        let added = Added {
            client_id: registered.client_id.as_str(),
            client_secret: registered.secret.as_ref().map(Secret::reveal),
        };
        if json {
            return output::json(&added);
        }
        output::line(format_args!("client_id      {}", added.client_id))?;
        if let Some(secret) = added.client_secret {
            output::line(format_args!("client_secret  {secret}"))?;
            eprintln!("the secret is shown this once; only its hash is kept");
        }
        Ok(())
    }

    fn registration(self) -> Registration {
        Registration {
            client_id: self.id,
            name: self.name,
            auth_method: self.auth_method,
            redirect_uris: self.redirect_uri,
            post_logout_redirect_uris: self.post_logout_redirect_uri,
            origins: self.origin,
            id_token_alg: self.id_token_alg,
            scopes: some(self.scope),
            require_pkce: None,
            require_nonce: self.require_nonce,
            first_party: self.first_party,
            cis2_compatible: self.cis2_compatible,
            limit_roles: None,
            acr_values: some(self.acr_value),
            roles: some(self.role),
        }
    }
}

/// What was given at least once.
fn some(given: Vec<String>) -> Option<Vec<String>> {
    (!given.is_empty()).then_some(given)
}
