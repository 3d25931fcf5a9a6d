//! `matron serve`.

use std::path::PathBuf;

use clap::Args;

use super::{EXIT_CODES, Ended, output};
use crate::config::Config;
use crate::serve::serve;

/// Runs in production, until Ctrl-C or SIGTERM. Prints `ready` once every listener answers.
/// Refuses dev certificates, dev keys, the documentation policy arc and a clock file.
#[derive(Debug, Args)]
#[command(after_help = format!("Example:\n  matron serve --config /etc/matron/matron.toml\n\n{EXIT_CODES}"))]
pub(super) struct Serve {
    /// The configuration.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

impl Serve {
    pub(super) async fn run(self) -> Result<(), Ended> {
        let config = Config::read(&self.config).map_err(Ended::Configuration)?;
        let ready = || {
            if let Err(error) = output::line("ready") {
                tracing::debug!(%error, "nobody reads stdout");
            }
        };
        Ok(serve(config, ready).await?)
    }
}
