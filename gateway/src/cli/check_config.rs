//! `matron check-config`.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::{EXIT_CODES, Ended, output};
use crate::config::{Config, Problem};

/// Lists every problem of a configuration at once, each with its line and, for a key nobody knows,
/// the nearest key there is. Starts nothing and changes nothing.
#[derive(Debug, Args)]
#[command(after_help = format!("Example:\n  matron check-config --config matron.toml\n\n{EXIT_CODES}"))]
pub(super) struct CheckConfig {
    /// The configuration.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Lists the problems as JSON on stdout.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Line {
    line: usize,
    problem: String,
}

impl From<&Problem> for Line {
    fn from(problem: &Problem) -> Self {
        Self {
            line: problem.line,
            problem: problem.fault.to_string(),
        }
    }
}

impl CheckConfig {
    pub(super) fn run(self) -> Result<(), Ended> {
        let problems = Config::read(&self.config).err().unwrap_or_default();
        if self.json {
            output::json(&problems.iter().map(Line::from).collect::<Vec<_>>())?;
        }
        if problems.is_empty() {
            eprintln!("{}: no problems", self.config.display());
            return Ok(());
        }
        Err(Ended::Configuration(problems))
    }
}
