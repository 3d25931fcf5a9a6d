//! `matron doctor`: looks for what is wrong, or soon will be, before a person at a ward notices.

mod examine;

use std::fmt;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::{EXIT_CODES, Ended, Faults, output};
use crate::config::Config;

/// Looks at the clock, the database, the audit trail, the disk, the backups and the oldest issuer.
/// Changes nothing and may run beside the server.
#[derive(Debug, Args)]
#[command(after_help = format!("Example:\n  matron doctor --config /etc/matron/matron.toml\n\n{EXIT_CODES}"))]
pub(super) struct Doctor {
    /// The configuration.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Reports as JSON.
    #[arg(long)]
    json: bool,
}

/// How a thing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Standing {
    /// As it should be.
    Well,
    /// Will be a fault if nobody attends to it, or cannot be seen from here.
    Attend,
    /// Wrong now.
    Fault,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Finding {
    what: &'static str,
    standing: Standing,
    words: String,
}

impl Finding {
    fn new(what: &'static str, standing: Standing, words: impl fmt::Display) -> Self {
        Self {
            what,
            standing,
            words: words.to_string(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let standing = match self.standing {
            Standing::Well => "well",
            Standing::Attend => "attend",
            Standing::Fault => "FAULT",
        };
        write!(f, "{standing:<8}{:<16}{}", self.what, self.words)
    }
}

impl Doctor {
    pub(super) async fn run(self) -> Result<(), Ended> {
        let config = Config::read(&self.config).map_err(Ended::Configuration)?;
        let findings = examine::everything(&config).await;
        if self.json {
            output::json(&findings)?;
        } else {
            findings.iter().try_for_each(output::line)?;
        }
        match findings
            .iter()
            .filter(|finding| finding.standing == Standing::Fault)
            .count()
        {
            0 => Ok(()),
            faults => Err(Ended::Faults(Faults(faults))),
        }
    }
}
