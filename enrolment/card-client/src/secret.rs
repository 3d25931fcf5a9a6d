//! Asking for passcodes: on the terminal without showing them, or from a file or stdin. Never from the
//! command line, where every process could read them, and never sent to a server.

use std::io::{BufRead as _, IsTerminal as _};
use std::path::{Path, PathBuf};

use policies::passcode;
use policies::values::Policy;
use zeroize::Zeroizing;

use crate::card::Secret;
use crate::failure::Failure;

/// Shortest password of a file: unlike a card, a file does not stop counting wrong tries.
const SHORTEST_PASSWORD: usize = 12;

/// Where a secret comes from.
#[derive(Debug, Clone, Default)]
pub enum Source {
    /// Asked for on the terminal.
    #[default]
    Terminal,
    /// The first line of a file.
    File(PathBuf),
    /// The next line of stdin.
    Stdin,
}

impl Source {
    /// From an option: a path, or `-` for stdin.
    pub fn from_option(path: Option<&Path>) -> Self {
        match path {
            None => Self::Terminal,
            Some(path) if path.as_os_str() == "-" => Self::Stdin,
            Some(path) => Self::File(path.to_owned()),
        }
    }

    /// Reads the secret; `what` is shown on the terminal.
    ///
    /// # Errors
    /// Nothing there, or no terminal to ask on.
    pub fn read(&self, what: &str) -> Result<Secret, Failure> {
        let line = match self {
            Self::Terminal => {
                if !std::io::stdin().is_terminal() {
                    return Err(Failure::Usage(format!(
                        "there is no terminal to ask for the {what}: use --passcode-file FILE, or - for stdin"
                    )));
                }
                let asked = rpassword::prompt_password(format!("{what}: "));
                Zeroizing::new(asked.map_err(Failure::other)?)
            }
            Self::File(path) => {
                let text = std::fs::read_to_string(path).map(Zeroizing::new);
                let text =
                    text.map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))?;
                Zeroizing::new(text.lines().next().unwrap_or_default().to_owned())
            }
            Self::Stdin => {
                let mut line = Zeroizing::new(String::new());
                std::io::stdin()
                    .lock()
                    .read_line(&mut line)
                    .map_err(Failure::other)?;
                Zeroizing::new(line.trim_end_matches(['\n', '\r']).to_owned())
            }
        };
        if line.is_empty() {
            return Err(Failure::Usage(format!("the {what} is empty")));
        }
        Ok(line)
    }

    /// Reads a new secret, twice on a terminal, and judges it by the rules for its kind.
    ///
    /// # Errors
    /// Not the same twice, or easy to guess.
    pub fn read_new(&self, kind: &str) -> Result<Secret, Failure> {
        let new = self.read(&format!("new {kind}"))?;
        if matches!(self, Self::Terminal) && self.read(&format!("new {kind} again"))? != new {
            return Err(Failure::Usage("the two are not the same".into()));
        }
        judge(&new, kind)?;
        Ok(new)
    }
}

/// Judges a new passcode by the rule of cards (law L9), the password of a file by its length.
///
/// # Errors
/// The rule, in words.
pub fn judge(secret: &Secret, kind: &str) -> Result<(), Failure> {
    if kind != "passcode" {
        let long = secret.chars().count() >= SHORTEST_PASSWORD;
        return long.then_some(()).ok_or_else(|| {
            Failure::Usage(format!(
                "the {kind} needs at least {SHORTEST_PASSWORD} characters"
            ))
        });
    }
    let policy = Policy::default_file();
    passcode::judge(secret, None, &policy).map_err(|_| {
        let limits = policy.passcode();
        Failure::Usage(format!(
            "a passcode has {} to {} digits and is not easy to guess: not all the same, no run like \
             345678",
            limits.shortest, limits.longest
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_passcode_is_judged_where_it_is_typed() {
        let judged = |text: &str| judge(&Zeroizing::new(text.into()), "passcode").is_ok();
        assert!(judged("194736"));
        assert!(!judged("123456") && !judged("12345") && !judged("19473a"));
        let password = |text: &str| judge(&Zeroizing::new(text.into()), "password of the file");
        assert!(password("correct horse").is_ok() && password("short").is_err());
    }

    #[test]
    fn a_secret_comes_from_the_first_line_of_a_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("passcode");
        std::fs::write(&path, "194736\nnothing\n").expect("written");
        let source = Source::from_option(Some(&path));
        assert_eq!(source.read("passcode").expect("read").as_str(), "194736");
        std::fs::write(&path, "\n").expect("written");
        assert_eq!(source.read("passcode").expect_err("empty").exit_code(), 2);
    }
}
