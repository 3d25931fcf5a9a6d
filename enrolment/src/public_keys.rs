//! Public-key credentials (WebAuthn) as they stand in the books: security keys, Windows Hello,
//! passkeys. Reading only; what changes them is `journeys::public_key`.

use policies::authenticator::KeyEvidence;
use policies::ids::AuthenticatorId;

use crate::authenticators::Authenticator;
use crate::store::{StoreError, Tx, authenticators, public_keys};

/// A credential of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// Which authenticator it belongs to.
    pub authenticator: AuthenticatorId,
    /// Its own name, unique over everybody.
    pub credential_id: Vec<u8>,
    /// What the device keeps for its owner: random, one for each person.
    pub user_handle: Vec<u8>,
    /// The public key with what its verifier keeps beside it, in the verifier's own writing.
    pub stored_key: String,
    /// The model that the device names.
    pub aaguid: Option<[u8; 16]>,
    /// The model in words, where it is known.
    pub model: Option<String>,
    /// What its making showed.
    pub evidence: KeyEvidence,
    /// Whether a copy was kept elsewhere when it answered last (flag BS).
    pub backed_up: bool,
    /// The signatures it had counted when it answered last; 0 where it does not count.
    pub counter: u32,
    /// How browsers reach it (WebAuthn 5.8.4).
    pub transports: Vec<String>,
}

/// The credential of that id, with the authenticator that it belongs to.
///
/// # Errors
/// What the engine says.
pub async fn find(
    tx: Tx<'_>,
    credential_id: &[u8],
) -> Result<Option<(Credential, Authenticator)>, StoreError> {
    let Some(credential) = public_keys::find(tx, credential_id).await? else {
        return Ok(None);
    };
    let authenticator = authenticators::find(tx, &credential.authenticator).await?;
    Ok(authenticator.map(|authenticator| (credential, authenticator)))
}

/// The same without its authenticator: to verify an answer before the transaction that believes it.
///
/// # Errors
/// What the engine says.
pub async fn credential(
    tx: Tx<'_>,
    credential_id: &[u8],
) -> Result<Option<Credential>, StoreError> {
    public_keys::find(tx, credential_id).await
}
