//! `matron client remove`.

use clap::Args;
use enrolment::audit::{Actor, OperatorName};
use policies::ids::ClientId;
use policies::time::Clock;

use crate::cli::{EXIT_CODES, Ended, Where};
use crate::door::clock::MachineClock;
use crate::oidc::removal;

const EXAMPLE: &str = "Example:
  matron client remove --config matron.toml --operator ruth.o --id ward7";

/// Takes an application off the list. Its codes and tokens die at once.
#[derive(Debug, Args)]
#[command(after_help = format!("{EXAMPLE}\n\n{EXIT_CODES}"))]
pub(in crate::cli) struct Remove {
    #[command(flatten)]
    place: Where,
    /// Your name in the audit trail.
    #[arg(long, value_name = "NAME")]
    operator: OperatorName,
    /// The client id.
    #[arg(long, value_name = "ID")]
    id: ClientId,
}

impl Remove {
    pub(super) async fn run(self) -> Result<(), Ended> {
        let store = self.place.look_up()?.open().await?;
        let stamp = (MachineClock.now(), Actor::Operator(self.operator));
        if removal::remove(&store, self.id.clone(), stamp).await? {
            return Ok(());
        }
        Err(Ended::NoSuchClient(self.id))
    }
}
