//! Options that several commands share: which card, which servers.

use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};
use reqwest::Url;

use crate::card::Shared;
use crate::card::open::Named;
use crate::card::soft::Layout;
use crate::failure::{EXIT_CODES, Failure};
use crate::secret::Source;
use crate::server::Servers;
use crate::tls;

/// What stands below a command's help.
pub(super) fn help(example: &str) -> String {
    format!("Example:\n  {example}\n\n{EXIT_CODES}")
}

/// The root certificates in a file.
pub(super) fn roots(path: &Path) -> Result<rustls::RootCertStore, Failure> {
    let pem = std::fs::read(path);
    let pem = pem.map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))?;
    tls::roots(&pem)
}

/// Which card, and where its passcode comes from.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("which card").required(true).args(["p12", "cert", "module", "reader"]))]
pub(super) struct CardOptions {
    /// A card made of files: PKCS#12 with the authentication key.
    #[arg(long, value_name = "FILE")]
    p12: Option<PathBuf>,
    /// A card made of files: the authentication certificate, PEM; needs --key.
    #[arg(long, value_name = "FILE", requires = "key")]
    cert: Option<PathBuf>,
    /// The authentication key, PKCS#8 PEM.
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
    /// The signature certificate of a card made of files. [default: beside, NAME-sign.pem]
    #[arg(long, value_name = "FILE", requires = "signature_key")]
    signature_cert: Option<PathBuf>,
    /// The signature key of a card made of files. [default: beside, NAME-sign.key]
    #[arg(long, value_name = "FILE", requires = "signature_cert")]
    signature_key: Option<PathBuf>,
    /// A PKCS#11 token: the module, a shared library.
    #[arg(long, value_name = "FILE")]
    module: Option<PathBuf>,
    /// The token's label, where there are several.
    #[arg(long, value_name = "LABEL", requires = "module")]
    token: Option<String>,
    /// A PIV card: a part of the reader's name, '' for the only reader with a card.
    #[arg(long, value_name = "NAME")]
    reader: Option<String>,
    /// A PIV card's management key in hex, where neither the card nor the desk keeps it.
    #[arg(long, value_name = "FILE", requires = "reader")]
    management_key_file: Option<PathBuf>,
    /// A file with the passcode, or the password of --p12. `-` for stdin. [default: asked]
    #[arg(long, value_name = "FILE")]
    passcode_file: Option<PathBuf>,
}

impl CardOptions {
    /// The card that is meant.
    pub(super) fn named(&self) -> Result<Named, Failure> {
        let signature = self.signature_cert.clone().zip(self.signature_key.clone());
        let soft = |layout| Named::Soft {
            layout,
            signature: signature.clone(),
        };
        if let Some(path) = &self.p12 {
            return Ok(soft(Layout::Pkcs12(path.clone())));
        }
        if let Some((certificate, key)) = self.cert.clone().zip(self.key.clone()) {
            return Ok(soft(Layout::Pem { certificate, key }));
        }
        if let Some(module) = self.module.clone() {
            let token = self.token.clone();
            return Ok(Named::Token { module, token });
        }
        let reader = self.reader.clone();
        Ok(Named::Reader {
            reader: reader.ok_or_else(|| Failure::Usage("which card?".into()))?,
            management_key_file: self.management_key_file.clone(),
        })
    }

    /// Where the passcode comes from.
    pub(super) fn source(&self) -> Source {
        Source::from_option(self.passcode_file.as_deref())
    }

    /// The card, its passcode asked for and proven.
    pub(super) fn unlocked(&self) -> Result<Shared, Failure> {
        let mut card = self.named()?.open()?;
        if let Some(kind) = card.secret_kind() {
            let secret = self.source().read(kind)?;
            card.unlock(&secret)?;
        }
        Ok(Shared::new(card))
    }
}

/// Which servers, and whom their certificates must come from.
#[derive(Debug, Args)]
pub(super) struct ServerOptions {
    /// The gateway's address; for desk work.
    #[arg(long, value_name = "URL")]
    issuer: Option<Url>,
    /// The card listener's address; for the holder's own card.
    #[arg(long, value_name = "URL")]
    card_url: Option<Url>,
    /// The root certificates of the servers, PEM.
    #[arg(long, value_name = "FILE")]
    ca: PathBuf,
}

impl ServerOptions {
    /// The servers.
    pub(super) fn servers(&self) -> Result<Servers, Failure> {
        Ok(Servers {
            issuer: self.issuer.clone(),
            card_url: self.card_url.clone(),
            roots: roots(&self.ca)?,
        })
    }
}
