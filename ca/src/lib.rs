#![doc = include_str!("../README.md")]

mod asn1;
pub mod authority;
pub mod ceremony;
pub mod certificate;
pub mod crash;
pub mod crl;
pub mod error;
mod extension;
pub mod issuance;
pub mod issuer;
pub mod keys;
pub mod ledger;
pub mod lint;
mod name;
pub mod oids;
pub mod profile;
pub mod publishing;
pub mod request;
mod sealed;
pub mod signed_by;
mod strict;
#[cfg(test)]
mod testing;
pub mod verify;

pub use authority::{Authority, PreparedCertificate, PreparedSet, Reserved, Signed};
pub use error::CaError;
pub use issuer::{Issuer, IssuerId};
pub use publishing::{Assurance, Publishing};
