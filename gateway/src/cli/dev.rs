//! `matron dev`.

use std::path::PathBuf;

use clap::Args;

use super::{EXIT_CODES, Ended};
use crate::config;
use crate::dev;

const EXAMPLE: &str = "Example:
  matron dev
  matron dev --dir ./try --port 9443 --reset";

/// Everything at once on loopback: gateway, card listener, demo application, revocation lists,
/// demo people with their cards. Prints `ready` once all four listeners answer. A second start
/// with the same folder goes on with the same data.
#[derive(Debug, Args)]
#[command(after_help = format!("{EXAMPLE}\n\n{EXIT_CODES}"))]
pub(super) struct Dev {
    /// Where everything is kept.
    #[arg(long, value_name = "DIR", default_value = "./matron-dev")]
    dir: PathBuf,
    /// The gateway's port; the next three are used too. 8443 for a new folder; a folder that
    /// exists keeps its own.
    #[arg(long, value_name = "N")]
    port: Option<u16>,
    /// A PostgreSQL server instead of the embedded database.
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Starts afresh. Refuses a folder that was not made by `matron dev`.
    #[arg(long)]
    reset: bool,
    /// Other organisations whose sign-in is accepted: a file with `[[federation]]` as in the
    /// configuration. Here, plain HTTP to this machine is allowed.
    #[arg(long, value_name = "FILE")]
    federation: Option<PathBuf>,
    /// Which models of authenticators count for what (docs/running.md); without it, those that are
    /// programs: the virtual authenticators of Chromium.
    #[arg(long, value_name = "FILE")]
    authenticator_models: Option<PathBuf>,
}

impl Dev {
    pub(super) async fn run(self) -> Result<(), Ended> {
        let Self {
            dir,
            port,
            database,
            reset,
            federation,
            authenticator_models,
        } = self;
        let federation = match federation {
            Some(file) => config::read_federation(&file).map_err(Ended::Configuration)?,
            None => Vec::new(),
        };
        let options = dev::Options {
            dir,
            port,
            database,
            reset,
            authenticator_models,
        };
        dev::run(options, federation)
            .await
            .map_err(|error| Ended::Dev(error.into()))
    }
}
