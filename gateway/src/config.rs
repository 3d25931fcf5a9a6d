//! The configuration of `matron serve`: one TOML file, one struct per concern, secrets by file path.
//! It is read whole and checked whole; a value that exists here has passed (house style 13), and a
//! configuration with problems names all of them at once (contract 1).

mod authenticators;
mod client;
mod credentials;
mod federation;
mod letters;
mod problem;
mod reader;
mod remains;
mod section;
#[cfg(test)]
pub(crate) mod tests;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ca::publishing::Publishing;
use policies::rbac::Rbac;
use policies::values::Policy;
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer};
use toml::de::DeTable;
use zeroize::Zeroizing;

pub use authenticators::{AuthenticatorFiles, MetadataFiles};
pub use client::ClientEntry;
pub use problem::{DevRemains, Fault, Problem};

use crate::door::limits::Limits;
use crate::door::tls::Credentials;
use crate::federation::Setting;
use crate::post::{MailSetting, SmsSetting};
use crate::tokens::Standing;
use problem::Problems;
use reader::Reader;
use section::Section;

/// A whole, checked configuration.
#[derive(Debug)]
pub struct Config {
    /// The gateway's name, address and certificate.
    pub gateway: Site,
    /// The card listener's name, address and certificate.
    pub card: Site,
    /// Where revocation lists and CA certificates are published.
    pub publishing: PublishingSite,
    /// `sqlite:PATH` or `postgres://…`; may hold a password.
    pub database: Zeroizing<String>,
    /// The certification authority.
    pub authority: AuthorityFiles,
    /// The rules.
    pub rules: Rules,
    /// PKCS#8 DER of the key that signs the audit trail's checkpoints.
    pub checkpoint_key: Zeroizing<Vec<u8>>,
    /// Token keys an operator keeps in files; empty when the database keeps them.
    pub token_keys: Vec<TokenKeyFile>,
    /// How many connections each listener holds.
    pub limits: Limits,
    /// Where backups land, for `matron doctor`.
    pub backup: Option<Backup>,
    /// The 32 bytes under which the cards' own secrets are sealed and codes are stored.
    pub secrets_key: Option<Zeroizing<Vec<u8>>>,
    /// How mail leaves.
    pub mail: Option<MailSetting>,
    /// How text messages leave.
    pub sms: Option<SmsSetting>,
    /// Which models of security keys count for what.
    pub authenticators: AuthenticatorFiles,
    /// Applications registered by file.
    pub clients: Vec<ClientEntry>,
    /// Other organisations whose sign-in is accepted here.
    pub federation: Vec<Setting>,
}

/// The rules of the house, from their versioned files.
#[derive(Debug)]
pub struct Rules {
    /// The policy file's values.
    pub policy: Arc<Policy>,
    /// The role-based access database.
    pub rbac: Arc<Rbac>,
}

/// Where backups land.
#[derive(Debug)]
pub struct Backup {
    /// The folder.
    pub folder: PathBuf,
    /// How old the newest may be, in hours.
    pub max_age_hours: u32,
}

/// One TLS listener.
#[derive(Debug)]
pub struct Site {
    /// Its origin.
    pub url: String,
    /// Where it listens. Both sites may share an address; SNI then tells them apart.
    pub listen: SocketAddr,
    /// Its certificate chain and key.
    pub credentials: Credentials,
}

/// The plain listener for revocation lists.
#[derive(Debug)]
pub struct PublishingSite {
    /// Its origin, which stands in every certificate.
    pub url: String,
    /// Where it listens.
    pub listen: SocketAddr,
}

/// The certification authority's files and what it says of itself.
#[derive(Debug)]
pub struct AuthorityFiles {
    /// The root certificate, only published.
    pub root: CertificateDer<'static>,
    /// The root's own revocation list, only published.
    pub root_list: Option<CertificateRevocationListDer<'static>>,
    /// Issuing certificates with their keys, the one that signs today first.
    pub issuers: Vec<IssuerFiles>,
    /// What stands in every certificate.
    pub publishing: Publishing,
}

/// One issuing certificate and its key.
#[derive(Debug)]
pub struct IssuerFiles {
    /// DER of the certificate.
    pub certificate: CertificateDer<'static>,
    /// PKCS#8 PEM of the key.
    pub key: Zeroizing<Vec<u8>>,
}

/// A token key in a file.
#[derive(Debug)]
pub struct TokenKeyFile {
    /// Where it stands in its life.
    pub standing: Standing,
    /// PKCS#8 PEM.
    pub pem: Zeroizing<Vec<u8>>,
}

impl Config {
    /// Reads and checks a file, and refuses what belongs to `matron dev` (decision 17).
    ///
    /// # Errors
    /// Every problem, in the order of its line.
    pub fn read(file: &Path) -> Result<Self, Vec<Problem>> {
        let text = std::fs::read_to_string(file).map_err(|source| {
            vec![Problem {
                line: 1,
                fault: Fault::Unreadable(source),
            }]
        })?;
        let folder = file.parent().map_or_else(PathBuf::new, Path::to_owned);
        Self::parse(&text, &folder)
    }

    /// Checks a configuration's text; its relative paths count from `folder`.
    ///
    /// # Errors
    /// Every problem, in the order of its line.
    pub fn parse(text: &str, folder: &Path) -> Result<Self, Vec<Problem>> {
        let mut problems = Problems::of(text);
        let (table, faults) = DeTable::parse_recoverable(text);
        for fault in faults {
            let at = fault.span().map_or(0, |span| span.start);
            problems.note(at, Fault::Syntax(fault));
        }
        remains::clock_file(folder, &mut problems);
        let config = Reader {
            folder,
            problems: &mut problems,
        }
        .config(table.get_ref());
        let problems = problems.into_list();
        match config {
            Some(config) if problems.is_empty() => Ok(config),
            _ => Err(problems),
        }
    }
}

/// Reads a file with nothing but `[[federation]]`, for `matron dev`: there, plain HTTP to this machine is
/// allowed.
///
/// # Errors
/// Every problem, in the order of its line.
pub fn read_federation(file: &Path) -> Result<Vec<Setting>, Vec<Problem>> {
    let text = std::fs::read_to_string(file).map_err(|source| {
        vec![Problem {
            line: 1,
            fault: Fault::Unreadable(source),
        }]
    })?;
    let folder = file.parent().map_or_else(PathBuf::new, Path::to_owned);
    let mut problems = Problems::of(&text);
    let (table, faults) = DeTable::parse_recoverable(&text);
    for fault in faults {
        let at = fault.span().map_or(0, |span| span.start);
        problems.note(at, Fault::Syntax(fault));
    }
    let mut top = Section::new(table.get_ref(), 0);
    let settings = federation::all(&mut top, &folder, true, &mut problems);
    top.done(&mut problems);
    let problems = problems.into_list();
    if problems.is_empty() {
        Ok(settings)
    } else {
        Err(problems)
    }
}
