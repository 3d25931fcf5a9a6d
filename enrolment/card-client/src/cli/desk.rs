//! `matron-card desk …`.

use std::io::{BufRead as _, IsTerminal as _};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::Notes;
use super::options::{CardOptions, ServerOptions, help};
use crate::desk::{Attested, Kind, SecondPerson, WithToken};
use crate::failure::Failure;
use crate::secret::Source;
use crate::show::{Show as _, Terminal};

#[derive(Debug, Subcommand)]
pub(super) enum Desk {
    /// Writes the first certificates to a new card.
    #[command(after_help = help(
        "matron-card desk issue --card 123456789012 --reader '' --issuer https://id.example --ca root.pem --token-file token"))]
    Issue(Work),
    /// Renews a card inside its window, the holder being present.
    #[command(after_help = help(
        "matron-card desk renew --card 123456789012 --holder-present --photo-compared --reader '' --issuer https://id.example --ca root.pem --token-file token"))]
    Renew(Work),
    /// Writes new certificates to an expired card, the holder being present.
    #[command(after_help = help(
        "matron-card desk reissue --card 123456789012 --holder-present --photo-compared --evidence E1 --reader '' --issuer https://id.example --ca root.pem --token-file token"))]
    Reissue(Work),
    /// Writes new certificates to a card whose certificates do not work.
    #[command(after_help = help(
        "matron-card desk repair --card 123456789012 --reason cannot_sign_in --holder-present --photo-compared --reader '' --issuer https://id.example --ca root.pem --token-file token"))]
    Repair(Work),
    /// Sets a new passcode on a locked card, the holder being present; she types it.
    #[command(after_help = help(
        "matron-card desk unlock --card 123456789012 --holder-present --photo-compared --reader '' --issuer https://id.example --ca root.pem --token-file token"))]
    Unlock(Unlock),
}

#[derive(Debug, Args)]
pub(super) struct Unlock {
    /// The number on the plastic.
    #[arg(long = "card", value_name = "NUMBER")]
    card_number: String,
    #[command(flatten)]
    card: CardOptions,
    #[command(flatten)]
    server: ServerOptions,
    /// A file with the desk person's access token (scope desk). `-` for stdin.
    #[arg(long, value_name = "FILE")]
    token_file: PathBuf,
    /// A file with the unblock key, 8 characters or 16 hex digits, for a card whose key the server does
    /// not have. [default: the server releases it]
    #[arg(long, value_name = "FILE")]
    unblock_key_file: Option<PathBuf>,
    /// A file with the new passcode. `-` for stdin. [default: the holder is asked, twice]
    #[arg(long, value_name = "FILE")]
    new_passcode_file: Option<PathBuf>,
    /// The holder is here, with her card.
    #[arg(long)]
    holder_present: bool,
    /// Her face was compared with the photo on record.
    #[arg(long)]
    photo_compared: bool,
}

#[derive(Debug, Args)]
pub(super) struct Work {
    /// The number on the plastic.
    #[arg(long = "card", value_name = "NUMBER")]
    card_number: String,
    #[command(flatten)]
    card: CardOptions,
    #[command(flatten)]
    server: ServerOptions,
    #[command(flatten)]
    notes: Notes,
    /// A file with the desk person's access token (scope desk). `-` for stdin.
    #[arg(long, value_name = "FILE")]
    token_file: PathBuf,
    /// A file with the access token of a second desk person, for a holder who has a role of the
    /// registration authority herself. [default: waits for her on the terminal]
    #[arg(long, value_name = "FILE")]
    second_token_file: Option<PathBuf>,
    /// The holder is here, with her card.
    #[arg(long)]
    holder_present: bool,
    /// Her face was compared with the photo on record.
    #[arg(long)]
    photo_compared: bool,
    /// A reference of identity evidence that was looked at; may be repeated.
    #[arg(long = "evidence", value_name = "REFERENCE")]
    evidence_ids: Vec<String>,
    /// Why, for a repair: corrupt_certificates, issuing_fault or cannot_sign_in.
    #[arg(long)]
    reason: Option<String>,
}

impl Desk {
    pub(super) fn run(&self) -> Result<(), Failure> {
        match self {
            Self::Issue(work) => work.run(Kind::Issue),
            Self::Renew(work) => work.run(Kind::Renew),
            Self::Reissue(work) => work.run(Kind::Reissue),
            Self::Repair(work) => work.run(Kind::Repair),
            Self::Unlock(unlock) => unlock.run(),
        }
    }
}

fn token(path: &Path) -> Result<String, Failure> {
    let token = Source::from_option(Some(path)).read("access token")?;
    Ok(token.trim().to_owned())
}

/// A second desk person who does her part elsewhere.
struct Elsewhere;

impl SecondPerson for Elsewhere {
    fn stand_behind(&mut self, work_id: &str) -> Result<(), Failure> {
        let mut stdin = std::io::stdin().lock();
        if !std::io::stdin().is_terminal() {
            return Err(Failure::Usage(
                "this holder needs a second desk person: use --second-token-file".into(),
            ));
        }
        Terminal.line(&format!(
            "A second desk person must stand behind work {work_id}. Press Enter when she has."
        ));
        stdin
            .read_line(&mut String::new())
            .map_err(Failure::other)?;
        Ok(())
    }
}

impl Unlock {
    fn run(&self) -> Result<(), Failure> {
        let server = self.server.servers()?.desk(token(&self.token_file)?)?;
        let mut card = self.card.named()?.open()?;
        let unblock_key = self.unblock_key_file.as_deref();
        let unblock_key = unblock_key
            .map(|path| Source::from_option(Some(path)).read("unblock key"))
            .transpose()?;
        let new = Source::from_option(self.new_passcode_file.as_deref());
        let attested = Attested {
            card_number: self.card_number.clone(),
            holder_present: self.holder_present,
            photo_compared: self.photo_compared,
            ..Attested::default()
        };
        crate::desk::unlock(
            card.as_mut(),
            &server,
            &attested,
            unblock_key.as_ref(),
            || new.read_new("passcode"),
        )?;
        Terminal.line("the card is active and has its new passcode");
        Ok(())
    }
}

impl Work {
    fn run(&self, kind: Kind) -> Result<(), Failure> {
        let servers = self.server.servers()?;
        let state = self.notes.state()?;
        let server = servers.desk(token(&self.token_file)?)?;
        let mut second: Box<dyn SecondPerson> = match &self.second_token_file {
            Some(path) => Box::new(WithToken(servers.desk(token(path)?)?)),
            None => Box::new(Elsewhere),
        };
        let card = self.card.unlocked()?;
        let desk = crate::desk::Desk {
            card: &card,
            server: &server,
            state: &state,
        };
        let attested = Attested {
            card_number: self.card_number.clone(),
            holder_present: self.holder_present,
            photo_compared: self.photo_compared,
            evidence_ids: self.evidence_ids.clone(),
            reason: self.reason.clone(),
        };
        desk.run(kind, &attested, second.as_mut(), &mut Terminal)
    }
}
