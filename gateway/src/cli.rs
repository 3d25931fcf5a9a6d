//! The commands of `matron` (contract 1): object then verb, data on stdout, messages on stderr, and
//! one documented exit code per kind of end.

mod audit;
mod check_config;
mod client;
mod dev;
mod doctor;
mod federation;
mod log;
mod metadata;
mod migrate;
mod output;
mod serve;

use std::error::Error;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use enrolment::store::{Store, StoreError};
use policies::ids::{ClientId, FederationId};
use tracing_subscriber::EnvFilter;
use zeroize::Zeroizing;

use crate::config::{Config, Problem};
use crate::oidc::registration::{RegisterError, RegistrationProblem};
use crate::serve::ServeError;
use crate::tokens::provider;
use crate::webauthn::models::record::InstallError;

/// Shown below every command's help.
const EXIT_CODES: &str = "Exit codes:
  0  done
  1  failed; the message says why
  2  the command line is wrong
  3  the configuration has problems; every one is listed
  4  refused, nothing was changed
  5  a check found a fault";

/// Healthcare staff sign-in: authentication gateway and certification authority.
#[derive(Debug, Parser)]
#[command(name = "matron", version, after_help = EXIT_CODES, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Everything at once on this machine, with demo people and a demo application.
    Dev(dev::Dev),
    /// Runs in production.
    Serve(serve::Serve),
    /// Lists every problem of a configuration, each with its line.
    CheckConfig(check_config::CheckConfig),
    /// Brings the database's tables up to date.
    Migrate(migrate::Migrate),
    /// Looks for what is wrong, or soon will be.
    Doctor(doctor::Doctor),
    /// The audit trail.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Applications that people sign in to.
    #[command(subcommand)]
    Client(client::Clients),
    /// Other organisations whose sign-in is accepted here.
    #[command(subcommand)]
    Federation(federation::Federations),
    /// What the makers of security keys say about them.
    #[command(subcommand)]
    Metadata(metadata::MetadataCommand),
}

/// Which database a command works on.
#[derive(Debug, Args)]
struct Where {
    /// The configuration that names the database.
    #[arg(long, value_name = "FILE", conflicts_with = "database")]
    config: Option<PathBuf>,
    /// The database itself: sqlite:PATH or postgres://HOST/NAME.
    #[arg(long, value_name = "URL", required_unless_present = "config")]
    database: Option<String>,
}

impl Where {
    fn look_up(&self) -> Result<Place, Ended> {
        if let Some(file) = &self.config {
            let config = Config::read(file).map_err(Ended::Configuration)?;
            let checkpoint_key = Some(config.checkpoint_key);
            return Ok(Place {
                database: config.database,
                checkpoint_key,
            });
        }
        let database = self.database.clone().ok_or(StoreError::Address)?;
        Ok(Place {
            database: database.into(),
            checkpoint_key: None,
        })
    }
}

/// A database that has been looked up, with the key of its trail where that is known.
struct Place {
    database: Zeroizing<String>,
    checkpoint_key: Option<Zeroizing<Vec<u8>>>,
}

impl Place {
    /// Opens it for writing; refused while another process has the SQLite file.
    async fn open(&self) -> Result<Store, StoreError> {
        Store::open(&self.database).await
    }

    /// Opens it beside whoever writes to it.
    async fn open_to_read(&self) -> Result<Store, StoreError> {
        Store::open_to_read(&self.database).await
    }
}

/// Why a command did not end well.
#[derive(Debug, thiserror::Error)]
enum Ended {
    #[error("the configuration has problems")]
    Configuration(Vec<Problem>),
    #[error("the database cannot be used")]
    Store(#[from] StoreError),
    #[error("matron serve did not start")]
    Serve(#[from] ServeError),
    #[error("matron dev did not start")]
    Dev(#[source] Box<dyn Error + Send + Sync>),
    #[error("the application cannot be registered")]
    Registration(Vec<RegistrationProblem>),
    #[error("the application cannot be registered")]
    Client(#[from] RegisterError),
    #[error("there is no application {0}")]
    NoSuchClient(ClientId),
    #[error("no organisation {0} was ever configured")]
    NoSuchFederation(FederationId),
    #[error("the running server did not take the order within {0} seconds")]
    OrderNotTaken(u64),
    #[error("the running server takes no orders")]
    NoOrders(#[source] std::io::Error),
    #[error("the metadata is not accepted")]
    Metadata(#[from] InstallError),
    #[error("the configuration has no `metadata` in [authenticators]; say there where it belongs")]
    NoMetadata,
    #[error("the trail cannot be read")]
    Trail(#[source] Box<dyn Error + Send + Sync>),
    #[error("{0} found")]
    Faults(Faults),
    #[error("cannot write to stdout")]
    Output(#[from] std::io::Error),
    #[error("cannot be written as JSON")]
    Json(#[from] serde_json::Error),
}

/// How many faults a check found.
#[derive(Debug, Clone, Copy)]
struct Faults(usize);

impl std::fmt::Display for Faults {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            1 => f.write_str("1 fault"),
            many => write!(f, "{many} faults"),
        }
    }
}

impl Ended {
    /// The numbers of [`EXIT_CODES`].
    const fn code(&self) -> u8 {
        match self {
            Self::Configuration(_) => 3,
            Self::Registration(_)
            | Self::Client(_)
            | Self::NoSuchClient(_)
            | Self::NoSuchFederation(_)
            | Self::Metadata(InstallError::Metadata(_))
            | Self::NoMetadata => 4,
            Self::Faults(_) => 5,
            Self::Store(_)
            | Self::Serve(_)
            | Self::Dev(_)
            | Self::Trail(_)
            | Self::OrderNotTaken(_)
            | Self::NoOrders(_)
            | Self::Metadata(_)
            | Self::Output(_)
            | Self::Json(_) => 1,
        }
    }

    /// Says what happened, with its causes, on stderr.
    fn tell(&self) {
        match self {
            Self::Configuration(problems) => {
                for problem in problems {
                    eprintln!("{problem}");
                }
            }
            Self::Registration(problems) => {
                for problem in problems {
                    eprintln!("{problem}");
                }
            }
            _ => {}
        }
        eprint!("matron: {self}");
        let mut cause = self.source();
        while let Some(inner) = cause {
            eprint!(": {inner}");
            cause = inner.source();
        }
        eprintln!();
    }
}

/// Runs the command of this process.
pub fn main() -> ExitCode {
    ExitCode::from(main_with(std::env::args_os()))
}

/// Runs a command line, the program's name first; answers the exit code. Once per process.
pub fn main_with<I, T>(arguments: I) -> u8
where
    I: IntoIterator<Item = T>,
    T: Into<OsString> + Clone,
{
    let cli = Cli::parse_from(arguments);
    provider::install();
    let filter = EnvFilter::try_from_env("MATRON_LOG").unwrap_or_else(|_| cli.command.usual_log());
    let _log = log::begin(filter);
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("matron: cannot start: {error}");
            return 1;
        }
    };
    match runtime.block_on(cli.command.run()) {
        Ok(()) => 0,
        Err(ended) => {
            ended.tell();
            ended.code()
        }
    }
}

impl Command {
    async fn run(self) -> Result<(), Ended> {
        match self {
            Self::Dev(command) => command.run().await,
            Self::Serve(command) => command.run().await,
            Self::CheckConfig(command) => command.run(),
            Self::Migrate(command) => command.run().await,
            Self::Doctor(command) => command.run().await,
            Self::Audit(command) => command.run().await,
            Self::Client(command) => command.run().await,
            Self::Federation(command) => command.run().await,
            Self::Metadata(command) => command.run(),
        }
    }

    /// Servers tell what they do; other commands only what went wrong.
    fn usual_log(&self) -> EnvFilter {
        match self {
            Self::Serve(_) => EnvFilter::new("info"),
            _ => EnvFilter::new("warn"),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed_and_every_command_has_an_example() {
        let mut cli = Cli::command();
        cli.build();
        cli.clone().debug_assert();
        let mut waiting: Vec<clap::Command> = cli.get_subcommands().cloned().collect();
        while let Some(command) = waiting.pop() {
            if command.get_name() == "help" {
                continue;
            }
            waiting.extend(command.get_subcommands().cloned());
            let help = command.clone().render_long_help().to_string();
            if !command.has_subcommands() {
                assert!(
                    help.contains("Example"),
                    "{} has no example",
                    command.get_name()
                );
                assert!(
                    help.contains("Exit codes"),
                    "{} has no exit codes",
                    command.get_name()
                );
            }
        }
    }

    #[test]
    fn a_database_must_be_named() {
        assert!(Cli::try_parse_from(["matron", "migrate"]).is_err());
        assert!(Cli::try_parse_from(["matron", "migrate", "--database", "sqlite:x"]).is_ok());
    }
}
