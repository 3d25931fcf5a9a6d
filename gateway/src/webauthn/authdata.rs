//! Authenticator data (WebAuthn 6.1): what the device signs.

use ciborium::value::Value;

use super::cbor;
use super::error::CeremonyError;
use super::stored::CredentialId;

const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const BACKUP_ELIGIBLE: u8 = 0x08;
const BACKED_UP: u8 = 0x10;
const ATTESTED: u8 = 0x40;
const EXTENSIONS: u8 = 0x80;

const MALFORMED: CeremonyError = CeremonyError::Malformed("authenticator data");

/// What a device signed.
pub(super) struct AuthData {
    pub(super) rp_id_hash: [u8; 32],
    flags: u8,
    pub(super) counter: u32,
    pub(super) attested: Option<Attested>,
}

/// The credential that it made.
pub(super) struct Attested {
    pub(super) aaguid: [u8; 16],
    pub(super) id: CredentialId,
    pub(super) key: CoseKey,
}

/// A public key as the device wrote it (RFC 9052 7, RFC 9053 7.1, RFC 8230 4).
pub(super) struct CoseKey(Vec<(Value, Value)>);

impl AuthData {
    /// Reads all of it; anything behind is refused.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, CeremonyError> {
        let (rp_id_hash, rest) = take(bytes)?;
        let ([flags], rest) = take(rest)?;
        let (counter, rest) = take(rest)?;
        let (attested, rest) = if flags & ATTESTED == 0 {
            (None, rest)
        } else {
            let (attested, rest) = Attested::read(rest)?;
            (Some(attested), rest)
        };
        let rest = if flags & EXTENSIONS == 0 {
            rest
        } else {
            let (extensions, rest) = cbor::first(rest)?;
            extensions.into_map().map_err(|_| MALFORMED)?;
            rest
        };
        if !rest.is_empty() {
            return Err(MALFORMED);
        }
        let read = Self {
            rp_id_hash,
            flags,
            counter: u32::from_be_bytes(counter),
            attested,
        };
        if read.backed_up() && !read.backup_eligible() {
            return Err(CeremonyError::Contradiction);
        }
        Ok(read)
    }

    pub(super) fn user_present(&self) -> bool {
        self.flags & USER_PRESENT != 0
    }

    pub(super) fn user_verified(&self) -> bool {
        self.flags & USER_VERIFIED != 0
    }

    pub(super) fn backup_eligible(&self) -> bool {
        self.flags & BACKUP_ELIGIBLE != 0
    }

    pub(super) fn backed_up(&self) -> bool {
        self.flags & BACKED_UP != 0
    }
}

impl Attested {
    fn read(bytes: &[u8]) -> Result<(Self, &[u8]), CeremonyError> {
        let (aaguid, rest) = take(bytes)?;
        let (length, rest) = take(rest)?;
        let (id, rest) = rest
            .split_at_checked(usize::from(u16::from_be_bytes(length)))
            .ok_or(MALFORMED)?;
        let (key, rest) = cbor::first(rest)?;
        let attested = Self {
            aaguid,
            id: CredentialId::from_bytes(id.to_vec()).ok_or(MALFORMED)?,
            key: CoseKey(key.into_map().map_err(|_| MALFORMED)?),
        };
        Ok((attested, rest))
    }
}

impl CoseKey {
    fn get(&self, label: i64) -> Option<&Value> {
        let is_it = |key: &Value| {
            key.as_integer()
                .is_some_and(|number| i128::from(number) == i128::from(label))
        };
        self.0.iter().find(|(key, _)| is_it(key)).map(|(_, v)| v)
    }

    pub(super) fn number(&self, label: i64) -> Option<i64> {
        self.get(label)?.as_integer()?.try_into().ok()
    }

    pub(super) fn bytes(&self, label: i64) -> Option<&[u8]> {
        self.get(label)?.as_bytes().map(Vec::as_slice)
    }

    /// Which algorithm it is for.
    pub(super) fn algorithm(&self) -> Option<i64> {
        self.number(3)
    }
}

fn take<const N: usize>(bytes: &[u8]) -> Result<([u8; N], &[u8]), CeremonyError> {
    bytes
        .split_first_chunk::<N>()
        .map(|(taken, rest)| (*taken, rest))
        .ok_or(MALFORMED)
}
