//! `matron client list`.

use clap::Args;
use policies::role::RoleList;
use policies::signin::Demand;
use serde::Serialize;

use crate::cli::{EXIT_CODES, Ended, Where, output};
use crate::oidc::client::Client;
use crate::oidc::registration;

/// Lists every application, by id. May run beside the server.
#[derive(Debug, Args)]
#[command(after_help = format!("Example:\n  matron client list --config matron.toml --json\n\n{EXIT_CODES}"))]
pub(in crate::cli) struct List {
    #[command(flatten)]
    place: Where,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Row {
    client_id: String,
    name: String,
    auth_method: &'static str,
    redirect_uris: Vec<String>,
    post_logout_redirect_uris: Vec<String>,
    origins: Vec<String>,
    id_token_alg: &'static str,
    scopes: Vec<&'static str>,
    acr_values: Demand,
    roles: RoleList,
    first_party: bool,
    cis2_compatible: bool,
}

impl From<Client> for Row {
    fn from(client: Client) -> Self {
        Self {
            client_id: client.id.to_string(),
            name: client.name,
            auth_method: client.method.as_str(),
            redirect_uris: client.redirect_uris,
            post_logout_redirect_uris: client.post_logout_redirect_uris,
            origins: client.origins,
            id_token_alg: client.id_token_alg.as_str(),
            scopes: client.scopes.iter().map(|scope| scope.as_str()).collect(),
            first_party: client.settings.first_party,
            cis2_compatible: client.settings.cis2_compatible,
            acr_values: client.settings.acr_values,
            roles: client.settings.roles,
        }
    }
}

impl List {
    pub(super) async fn run(self) -> Result<(), Ended> {
        let store = self.place.look_up()?.open_to_read().await?;
        let clients = registration::list(&store).await?;
        let rows: Vec<Row> = clients.into_iter().map(Row::from).collect();
        if self.json {
            return output::json(&rows);
        }
        for row in rows {
            let (id, method, name) = (&row.client_id, row.auth_method, &row.name);
            output::line(format_args!("{id:<24}{method:<22}{name}"))?;
        }
        Ok(())
    }
}
