//! `matron-card unlock`.

use std::path::PathBuf;

use clap::Args;
use reqwest::Url;

use super::options::{self, CardOptions};
use crate::card::Secret;
use crate::failure::Failure;
use crate::secret::Source;
use crate::server::Servers;
use crate::show::{Show as _, Terminal};
use crate::unlock::{self, Ask, Whose};

#[derive(Debug, Args)]
pub(super) struct Unlock {
    #[command(flatten)]
    card: CardOptions,
    /// The number on the plastic; a code is sent to the holder.
    #[arg(long = "card", value_name = "NUMBER", conflicts_with = "user_id")]
    card_number: Option<String>,
    /// The holder's number, instead of the card's.
    #[arg(long, value_name = "NUMBER")]
    user_id: Option<String>,
    /// The gateway's address.
    #[arg(long, value_name = "URL", requires = "ca")]
    issuer: Option<Url>,
    /// The root certificates of the server, PEM.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// A file with the code that was sent. `-` for stdin. [default: asked]
    #[arg(long, value_name = "FILE")]
    code_file: Option<PathBuf>,
    /// Without a server: a file with the unblock key, 8 characters or 16 hex digits. `-` for stdin.
    #[arg(long, value_name = "FILE", conflicts_with = "issuer")]
    unblock_key_file: Option<PathBuf>,
    /// A file with the new passcode. `-` for stdin. [default: asked, twice]
    #[arg(long, value_name = "FILE")]
    new_passcode_file: Option<PathBuf>,
}

/// What the terminal or files say.
struct Asked<'a> {
    options: &'a Unlock,
    has_passcode: bool,
}

impl Ask for Asked<'_> {
    fn code(&mut self) -> Result<Secret, Failure> {
        Source::from_option(self.options.code_file.as_deref()).read("code")
    }

    fn new_passcode(&mut self) -> Result<Secret, Failure> {
        if !self.has_passcode {
            return Ok(Secret::default());
        }
        Source::from_option(self.options.new_passcode_file.as_deref()).read_new("passcode")
    }
}

impl Unlock {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let mut card = self.card.named()?.open()?;
        let mut asked = Asked {
            has_passcode: card.secret_kind() == Some("passcode"),
            options: self,
        };
        if let Some(path) = &self.unblock_key_file {
            let unblock_key = Source::from_option(Some(path)).read("unblock key")?;
            card.unblock(&unblock_key, &asked.new_passcode()?)?;
            Terminal.line("the card is unlocked and has its new passcode");
            return Ok(());
        }
        let whose = match (&self.card_number, &self.user_id) {
            (Some(number), _) => Whose::Card(number.clone()),
            (None, Some(number)) => Whose::Person(number.clone()),
            (None, None) => {
                let words = "--card or --user-id is needed, or --unblock-key-file";
                return Err(Failure::Usage(words.into()));
            }
        };
        let ca = self.ca.as_deref();
        let ca = ca.ok_or_else(|| Failure::Usage("--issuer and --ca are needed".into()))?;
        let servers = Servers {
            issuer: self.issuer.clone(),
            card_url: None,
            roots: options::roots(ca)?,
        };
        let server = servers.anybody()?;
        unlock::run(card.as_mut(), &server, whose, &mut asked, &mut Terminal)
    }
}
