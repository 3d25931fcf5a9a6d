//! The statement of a TPM 2.0 (WebAuthn 8.3), which Windows Hello makes.

use super::authdata::Attested;
use super::cbor::Map;
use super::error::CeremonyError;

/// Verifies it.
pub(super) fn verify(
    _statement: &Map,
    _chain: &[Vec<u8>],
    _signed: &[u8],
    _attested: &Attested,
) -> Result<(), CeremonyError> {
    Err(CeremonyError::UnknownStatement)
}
