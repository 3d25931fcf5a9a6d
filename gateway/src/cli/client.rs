//! `matron client add`, `list` and `remove`: applications that people sign in to. By the same rule as
//! `[[client]]` in the configuration.

mod add;
mod list;
mod remove;

use clap::Subcommand;

use super::Ended;

/// Applications that people sign in to.
#[derive(Debug, Subcommand)]
pub(super) enum Clients {
    /// Registers an application, or changes its registration.
    Add(Box<add::Add>),
    /// Lists every application.
    List(list::List),
    /// Takes an application off the list.
    Remove(remove::Remove),
}

impl Clients {
    pub(super) async fn run(self) -> Result<(), Ended> {
        match self {
            Self::Add(command) => command.run().await,
            Self::List(command) => command.run().await,
            Self::Remove(command) => command.run().await,
        }
    }
}
