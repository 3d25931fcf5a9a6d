//! `matron-card activate`.

use std::io::{BufRead as _, IsTerminal as _};
use std::path::PathBuf;

use clap::{ArgGroup, Args};

use super::options::{CardOptions, ServerOptions};
use crate::activate::{self, AskAll};
use crate::card::Secret;
use crate::failure::Failure;
use crate::secret::Source;
use crate::show::{Show as _, Terminal};
use crate::unlock::{Ask, Whose};

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("whose card").required(true).args(["card_number", "user_id"]))]
pub(super) struct Activate {
    #[command(flatten)]
    card: CardOptions,
    #[command(flatten)]
    server: ServerOptions,
    /// The number on the plastic; a code is sent to the holder.
    #[arg(long = "card", value_name = "NUMBER")]
    card_number: Option<String>,
    /// The holder's number, instead of the card's.
    #[arg(long, value_name = "NUMBER")]
    user_id: Option<String>,
    /// A file with the code that was sent. `-` for stdin. [default: asked]
    #[arg(long, value_name = "FILE")]
    code_file: Option<PathBuf>,
    /// A file with the new passcode. `-` for stdin. [default: asked, twice]
    #[arg(long, value_name = "FILE")]
    new_passcode_file: Option<PathBuf>,
    /// The version of the terms of use that you have read and accept. [default: asked]
    #[arg(long, value_name = "VERSION")]
    accept_terms: Option<String>,
}

impl Ask for &Activate {
    fn code(&mut self) -> Result<Secret, Failure> {
        Source::from_option(self.code_file.as_deref()).read("code")
    }

    fn new_passcode(&mut self) -> Result<Secret, Failure> {
        Source::from_option(self.new_passcode_file.as_deref()).read_new("passcode")
    }
}

impl AskAll for &Activate {
    fn present_passcode(&mut self) -> Result<Secret, Failure> {
        self.card.source().read("passcode that the card came with")
    }

    fn accepts(&mut self, terms_version: &str) -> Result<bool, Failure> {
        if let Some(version) = &self.accept_terms {
            return Ok(version == terms_version);
        }
        if !std::io::stdin().is_terminal() {
            let words = "there is no terminal to ask on: use --accept-terms VERSION";
            return Err(Failure::Usage(words.into()));
        }
        Terminal.line(&format!(
            "Type yes if you have read the terms of use, version {terms_version}, and accept them."
        ));
        let mut answer = String::new();
        let read = std::io::stdin().lock().read_line(&mut answer);
        read.map_err(Failure::other)?;
        Ok(answer.trim() == "yes")
    }
}

impl Activate {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let server = self.server.servers()?.anybody()?;
        let mut card = self.card.named()?.open()?;
        let whose = match (&self.card_number, &self.user_id) {
            (Some(number), _) => Whose::Card(number.clone()),
            (None, number) => Whose::Person(number.clone().unwrap_or_default()),
        };
        activate::run(card.as_mut(), &server, whose, &mut &*self, &mut Terminal)
    }
}
