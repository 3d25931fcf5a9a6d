//! The commands of `matron-card` (contract 1): data on stdout, everything else on stderr, one documented
//! exit code per kind of end.

mod activate;
mod desk;
mod options;
mod unlock;

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use wire::card::CardStatus;

use self::options::{CardOptions, ServerOptions};
use crate::failure::{EXIT_CODES, Failure};
use crate::renew::{self, Renewing};
use crate::secret::Source;
use crate::serve::Door;
use crate::show::{Show, Terminal};
use crate::state::State;

/// A smartcard's own side of Matron: look at it, renew it, unlock it, change its passcode.
#[derive(Debug, Parser)]
#[command(name = "matron-card", version, after_help = EXIT_CODES, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Says what the card is, until when, and what may be done with it now.
    #[command(after_help = options::help(
        "matron-card status --p12 amara.p12 --card-url https://card.id.example --ca root.pem"))]
    Status(Status),
    /// Puts a new card to use: a code, the terms of use, and a passcode of your own.
    #[command(after_help = options::help(
        "matron-card activate --card 123456789012 --reader '' --issuer https://id.example --ca root.pem"))]
    Activate(activate::Activate),
    /// Renews the certificates; goes on where an interrupted run stopped.
    #[command(after_help = options::help(
        "matron-card renew --reader '' --card-url https://card.id.example --ca root.pem"))]
    Renew(Renew),
    /// Sets a new passcode on a locked card, against a code sent to the holder, or with an unblock key.
    #[command(after_help = options::help(
        "matron-card unlock --card 123456789012 --reader '' --issuer https://id.example --ca root.pem"))]
    Unlock(unlock::Unlock),
    /// Changes the passcode.
    #[command(after_help = options::help("matron-card passcode --reader ''"))]
    Passcode(Passcode),
    /// Waits for one renewal asked for in the browser of this machine, then ends.
    #[command(after_help = options::help(
        "matron-card serve --listen 127.0.0.1:8777 --reader '' --issuer https://id.example --card-url https://card.id.example --ca root.pem"))]
    Serve(Serve),
    /// Work on somebody else's card in the desk's second reader.
    #[command(subcommand)]
    Desk(desk::Desk),
}

#[derive(Debug, Args)]
struct Status {
    #[command(flatten)]
    card: CardOptions,
    #[command(flatten)]
    server: ServerOptions,
    /// As JSON, as the server says it.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Renew {
    #[command(flatten)]
    card: CardOptions,
    #[command(flatten)]
    server: ServerOptions,
    #[command(flatten)]
    notes: Notes,
    /// Gives up the renewal that is pending; the card stays as it is.
    #[arg(long)]
    abandon: bool,
}

#[derive(Debug, Args)]
struct Serve {
    /// Where to listen; a loopback address of this machine.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = wire::command::SERVE_ADDRESS)]
    listen: SocketAddr,
    #[command(flatten)]
    card: CardOptions,
    #[command(flatten)]
    server: ServerOptions,
    #[command(flatten)]
    notes: Notes,
}

#[derive(Debug, Args)]
struct Passcode {
    #[command(flatten)]
    card: CardOptions,
    /// A file with the new passcode. `-` for stdin, after the old one.
    #[arg(long, value_name = "FILE")]
    new_passcode_file: Option<PathBuf>,
}

/// Where the client remembers what is on its way.
#[derive(Debug, Args)]
struct Notes {
    /// The folder of notes about renewals that are on their way; nothing secret.
    /// [default: $XDG_STATE_HOME/matron-card or ~/.local/state/matron-card]
    #[arg(long, value_name = "DIR")]
    state_dir: Option<PathBuf>,
    #[arg(long, env = "XDG_STATE_HOME", hide = true, hide_env_values = true)]
    xdg_state_home: Option<PathBuf>,
    #[arg(long, env = "HOME", hide = true, hide_env_values = true)]
    home: Option<PathBuf>,
}

impl Notes {
    fn state(&self) -> Result<State, Failure> {
        if let Some(folder) = &self.state_dir {
            return Ok(State::new(folder.clone()));
        }
        let home = self.home.as_ref().map(|home| home.join(".local/state"));
        // The base directory specification ignores relative paths.
        let xdg = self
            .xdg_state_home
            .clone()
            .filter(|path| path.is_absolute());
        let base = xdg.or(home);
        let base = base.ok_or_else(|| Failure::Usage("--state-dir is needed".into()))?;
        Ok(State::new(base.join("matron-card")))
    }
}

/// Runs the command line.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            Terminal.line(&format!("matron-card: {failure}"));
            ExitCode::from(failure.exit_code())
        }
    }
}

fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Status(status) => self::status(status),
        Command::Activate(activate) => activate.run(),
        Command::Renew(renew) => self::renew(renew),
        Command::Unlock(unlock) => unlock.run(),
        Command::Passcode(passcode) => self::passcode(passcode),
        Command::Serve(serve) => self::serve(serve),
        Command::Desk(desk) => desk.run(),
    }
}

/// Writes data to stdout.
fn say(text: &str) -> Result<(), Failure> {
    writeln!(std::io::stdout(), "{text}").map_err(Failure::other)
}

fn status(asked: &Status) -> Result<(), Failure> {
    let servers = asked.server.servers()?;
    let card = asked.card.unlocked()?;
    let status: CardStatus = renew::look(&card, &servers)?;
    if asked.json {
        return say(&serde_json::to_string_pretty(&status).map_err(Failure::other)?);
    }
    say(&format!("card {} is {}", status.number, status.state))?;
    for one in &status.certificates {
        let (role, until) = (one.key_role.as_str(), one.not_after);
        say(&format!(
            "  {role}: {}, until {until} ({})",
            one.status, one.serial
        ))?;
    }
    if let Some(opens_at) = status.window_opens_at {
        say(&format!("renewal opens {opens_at}"))?;
    }
    let (used, left) = (status.self_renewals_used, status.self_renewals_left);
    say(&format!(
        "renewed by yourself: {used} in a row, {left} left"
    ))?;
    if let Some(id) = &status.pending_renewal_id {
        say(&format!("renewal {id} is pending: run matron-card renew"))?;
    }
    say(&format!(
        "possible now: {}",
        status.allowed_actions.join(", ")
    ))?;
    for (action, code) in &status.refusals {
        say(&format!("not possible now: {action} ({code})"))?;
    }
    Ok(())
}

fn renew(asked: &Renew) -> Result<(), Failure> {
    let servers = asked.server.servers()?;
    let state = asked.notes.state()?;
    let card = asked.card.unlocked()?;
    let renewing = Renewing {
        card: &card,
        servers: &servers,
        state: &state,
    };
    if asked.abandon {
        return renewing.abandon();
    }
    renewing.run(&mut Terminal)
}

fn serve(asked: &Serve) -> Result<(), Failure> {
    let servers = asked.server.servers()?;
    let issuer = servers.issuer.clone();
    let issuer = issuer.ok_or_else(|| Failure::Usage("--issuer is needed".into()))?;
    let state = asked.notes.state()?;
    let card = asked.card.unlocked()?;
    let words = renew::in_words(&renew::look(&card, &servers)?);
    let renew = move |show: &mut dyn Show| {
        let renewing = Renewing {
            card: &card,
            servers: &servers,
            state: &state,
        };
        renewing.run(show)
    };
    let door = Door::open(asked.listen, &issuer, words)?;
    say(&door.address())?;
    Terminal
        .line("Go on in the browser of this machine, or open this address there. It works once.");
    door.serve_one(renew)
}

fn passcode(asked: &Passcode) -> Result<(), Failure> {
    let mut card = asked.card.named()?.open()?;
    let kind = card.secret_kind().unwrap_or("passcode");
    let old = asked.card.source().read(kind)?;
    let new = Source::from_option(asked.new_passcode_file.as_deref()).read_new(kind)?;
    if old == new {
        return Err(Failure::Usage(format!("that is the {kind} already")));
    }
    card.change_passcode(&old, &new)?;
    Terminal.line(&format!("the {kind} is changed"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn every_command_has_an_example_and_the_exit_codes() {
        fn check(command: &mut clap::Command, path: &str) {
            let names: Vec<String> = command
                .get_subcommands()
                .map(|sub| sub.get_name().to_owned())
                .filter(|name| name != "help")
                .collect();
            for name in &names {
                let sub = command.find_subcommand_mut(name).expect("a command");
                check(sub, &format!("{path} {name}"));
            }
            if names.is_empty() {
                let help = command.render_long_help().to_string();
                assert!(
                    help.contains(&format!("Example:\n  {path} ")),
                    "{path}: {help}"
                );
                assert!(help.contains("  8  stopped half-way"), "{path}");
            }
        }
        let mut cli = Cli::command();
        cli.build();
        check(&mut cli, "matron-card");
    }

    #[test]
    fn what_the_pages_print_is_what_is_taken() {
        use wire::command;
        let (issuer, card_url) = ("https://id.example", "https://card.id.example");
        let desk = command::DESK_KINDS.map(|kind| command::desk(kind, "1234567890123456", issuer));
        let own = [command::serve(issuer, card_url), command::renew(card_url)];
        for printed in desk.iter().chain(&own) {
            // The shell's empty word; nothing else is quoted.
            let words = printed.split(' ').map(|word| word.replace("''", ""));
            let parsed = Cli::try_parse_from(words);
            assert!(
                parsed.is_ok(),
                "{printed}: {}",
                parsed.err().map_or_else(String::new, |e| e.to_string())
            );
        }
        assert!(Cli::try_parse_from(["matron-card", "desk", "issue", "--card", "1"]).is_err());
    }

    #[test]
    fn one_kind_of_card_and_never_a_passcode_on_the_command_line() {
        let parse = |line: &str| Cli::try_parse_from(line.split(' '));
        assert!(parse("matron-card passcode --p12 a.p12").is_ok());
        assert!(parse("matron-card passcode").is_err());
        assert!(parse("matron-card passcode --p12 a --reader b").is_err());
        assert!(parse("matron-card passcode --cert a").is_err());
        assert!(parse("matron-card passcode --p12 a --passcode 123456").is_err());
    }
}
