//! Which card a command line means.

use std::path::PathBuf;

use zeroize::Zeroizing;

#[cfg(feature = "readers")]
use super::piv::PivCard;
use super::soft::{Layout, SoftCard};
use super::token::Token;
use super::{Card, CardError};

/// A card as named on the command line; exactly one kind.
#[derive(Debug, Clone)]
pub enum Named {
    /// Files.
    Soft {
        /// Where they are.
        layout: Layout,
        /// Certificate and key of the signature pair, where they do not lie beside.
        signature: Option<(PathBuf, PathBuf)>,
    },
    /// A PKCS#11 token.
    Token {
        /// The shared library.
        module: PathBuf,
        /// The token's label.
        token: Option<String>,
    },
    /// A PIV card in a reader.
    Reader {
        /// A part of the reader's name; empty for the only one with a card.
        reader: String,
        /// A file with the management key in hex.
        management_key_file: Option<PathBuf>,
    },
}

impl Named {
    /// Opens it; nothing is proven to it yet.
    ///
    /// # Errors
    /// It is not there.
    pub fn open(&self) -> Result<Box<dyn Card>, CardError> {
        Ok(match self {
            Self::Soft { layout, signature } => {
                Box::new(SoftCard::open(layout.clone(), signature.clone())?)
            }
            Self::Token { module, token } => Box::new(Token::open(module, token.as_deref())?),
            Self::Reader {
                reader,
                management_key_file,
            } => {
                let key = management_key_file.as_ref().map(read_key).transpose()?;
                in_reader(reader, key)?
            }
        })
    }
}

#[cfg(feature = "readers")]
fn in_reader(reader: &str, key: Option<Zeroizing<Vec<u8>>>) -> Result<Box<dyn Card>, CardError> {
    Ok(Box::new(PivCard::open(reader)?.with_management_key(key)))
}

/// This program was built without PC/SC.
#[cfg(not(feature = "readers"))]
fn in_reader(reader: &str, _key: Option<Zeroizing<Vec<u8>>>) -> Result<Box<dyn Card>, CardError> {
    Err(CardError::Absent(format!(
        "the reader {reader}: this program was built without card readers (cargo feature `readers`)"
    )))
}

fn read_key(path: &PathBuf) -> Result<Zeroizing<Vec<u8>>, CardError> {
    let text = std::fs::read_to_string(path).map(Zeroizing::new);
    let text = text.map_err(|error| CardError::Absent(format!("{}: {error}", path.display())))?;
    hex::decode(text.trim())
        .map(Zeroizing::new)
        .map_err(|_| CardError::Unusable("a management key that is not in hex"))
}
