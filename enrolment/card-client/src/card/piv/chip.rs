//! Commands to a PIV application (SP 800-73-4 part 2, and Yubico's extensions for the management key).

use pcsc::Transaction;
use policies::card::KeyRole;
use zeroize::Zeroizing;

use super::slots::Slot;
use super::tlv;
use crate::card::{CardError, PublicKey};

/// The PIV application, whole.
const AID: &[u8] = &[0xa0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00];
/// Most octets of one short command (ISO 7816-4 5.1).
const SHORT: usize = 255;
/// P-256, for keys on the card (SP 800-78-4 table 6-2).
const P256: u8 = 0x11;
/// The application passcode and the unblock key (SP 800-73-4 part 1, table 4).
const PASSCODE: u8 = 0x80;
const UNBLOCK_KEY: u8 = 0x81;

/// A status word other than 9000.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Status(pub(super) u16);

impl Status {
    /// No such object.
    pub(super) const NOT_FOUND: Self = Self(0x6a82);

    /// In the words of whoever typed a passcode.
    fn of_passcode(self) -> CardError {
        match self.0 {
            0x63c0 | 0x6983 => CardError::Locked,
            0x63c1..=0x63cf => CardError::Passcode(Some(u32::from(self.0 & 0xf))),
            0x6300 | 0x6982 => CardError::Passcode(None),
            _ => self.into(),
        }
    }
}

impl From<Status> for CardError {
    fn from(status: Status) -> Self {
        match status.0 {
            0x6982 => Self::Passcode(None),
            0x6983 => Self::Locked,
            word => Self::Odd(format!("status {word:04X}")),
        }
    }
}

/// What the reader said, in words.
pub(super) fn reader_error(error: pcsc::Error) -> CardError {
    use pcsc::Error as E;
    match error {
        E::NoSmartcard
        | E::RemovedCard
        | E::UnpoweredCard
        | E::UnresponsiveCard
        | E::ReaderUnavailable
        | E::UnknownReader
        | E::NoReadersAvailable
        | E::CommError
        | E::NotTransacted
        | E::ResetCard => CardError::Absent(format!("{error}")),
        E::NoService | E::ServiceStopped => {
            CardError::Absent("no smartcard service runs on this machine (pcscd)".into())
        }
        other => CardError::odd(other),
    }
}

/// A PIV application that has just been selected; nobody else speaks to the card meanwhile.
pub(super) struct Chip<'t> {
    reader: Transaction<'t>,
}

impl<'t> Chip<'t> {
    /// Selects the application.
    pub(super) fn select(reader: Transaction<'t>) -> Result<Self, CardError> {
        let chip = Self { reader };
        chip.send([0xa4, 0x04, 0x00], AID)?
            .map_err(|_| CardError::Unusable("it is not a PIV card"))?;
        Ok(chip)
    }

    /// Sends a command in as many parts as it needs and fetches the whole answer.
    pub(super) fn send(
        &self,
        [instruction, p1, p2]: [u8; 3],
        data: &[u8],
    ) -> Result<Result<Zeroizing<Vec<u8>>, Status>, CardError> {
        const CHAINED: u8 = 0x10;
        let mut parts = data.chunks(SHORT).peekable();
        let mut last = parts.next().unwrap_or_default();
        while parts.peek().is_some() {
            let (_, status) = self.exchange([CHAINED, instruction, p1, p2], last)?;
            if status != Status(0x9000) {
                return Ok(Err(status));
            }
            last = parts.next().unwrap_or_default();
        }
        let (mut answer, mut status) = self.exchange([0x00, instruction, p1, p2], last)?;
        while status.0 & 0xff00 == 0x6100 {
            let (more, next) = self.exchange([0x00, 0xc0, 0x00, 0x00], &[])?;
            answer.extend_from_slice(&more);
            status = next;
        }
        Ok(if status == Status(0x9000) {
            Ok(answer)
        } else {
            Err(status)
        })
    }

    fn exchange(
        &self,
        head: [u8; 4],
        data: &[u8],
    ) -> Result<(Zeroizing<Vec<u8>>, Status), CardError> {
        let mut command = Zeroizing::new(head.to_vec());
        if let Some(length) = u8::try_from(data.len()).ok().filter(|length| *length > 0) {
            command.push(length);
            command.extend_from_slice(data);
        }
        // As much as there is.
        command.push(0x00);
        let mut room = Zeroizing::new([0_u8; pcsc::MAX_BUFFER_SIZE]);
        let answer = self.reader.transmit(&command, room.as_mut());
        let answer = answer.map_err(reader_error)?;
        let Some((data, [high, low])) = answer.split_last_chunk() else {
            return Err(CardError::Absent("it stopped answering".into()));
        };
        let status = Status(u16::from_be_bytes([*high, *low]));
        Ok((Zeroizing::new(data.to_vec()), status))
    }

    /// Proves the passcode.
    pub(super) fn verify(&self, passcode: &str) -> Result<(), CardError> {
        let padded = padded(passcode.as_bytes())?;
        let answer = self.send([0x20, 0x00, PASSCODE], padded.as_ref())?;
        answer.map(|_| ()).map_err(Status::of_passcode)
    }

    /// Replaces the passcode.
    pub(super) fn change_passcode(&self, old: &str, new: &str) -> Result<(), CardError> {
        let both = two(old.as_bytes(), new.as_bytes())?;
        let answer = self.send([0x24, 0x00, PASSCODE], &both)?;
        answer.map(|_| ()).map_err(Status::of_passcode)
    }

    /// Replaces the unblock key.
    pub(super) fn change_unblock_key(&self, old: &[u8], new: &[u8]) -> Result<bool, CardError> {
        let both = two(old, new)?;
        let answer = self.send([0x24, 0x00, UNBLOCK_KEY], &both)?;
        Ok(answer.is_ok())
    }

    /// Sets a passcode with the unblock key.
    pub(super) fn unblock(&self, unblock_key: &[u8], new: &str) -> Result<(), CardError> {
        let both = two(unblock_key, new.as_bytes())?;
        let answer = self.send([0x2c, 0x00, PASSCODE], &both)?;
        answer
            .map(|_| ())
            .map_err(|status| match status.of_passcode() {
                CardError::Passcode(left) => CardError::UnblockKey(left),
                CardError::Locked => CardError::UnblockKey(Some(0)),
                other => other,
            })
    }

    /// An object, or nothing where it was never written or is empty.
    pub(super) fn object(&self, id: [u8; 3]) -> Result<Option<Zeroizing<Vec<u8>>>, CardError> {
        match self.send([0xcb, 0x3f, 0xff], &tlv::put(0x5c, &id)?)? {
            Ok(answer) => {
                let value = tlv::get(0x53, &answer).filter(|value| !value.is_empty());
                Ok(value.map(|value| Zeroizing::new(value.to_vec())))
            }
            Err(Status::NOT_FOUND) => Ok(None),
            Err(status) => Err(status.into()),
        }
    }

    /// Writes an object; an empty one removes it.
    pub(super) fn put_object(&self, id: [u8; 3], value: &[u8]) -> Result<(), CardError> {
        let data = [tlv::put(0x5c, &id)?, tlv::put(0x53, value)?].concat();
        self.send([0xdb, 0x3f, 0xff], &Zeroizing::new(data))??;
        Ok(())
    }

    /// The certificate of a slot, DER.
    pub(super) fn certificate(&self, slot: Slot) -> Result<Option<Vec<u8>>, CardError> {
        let Some(object) = self.object(slot.object)? else {
            return Ok(None);
        };
        if tlv::get(0x71, &object).is_some_and(|info| info != [0]) {
            return Err(CardError::Unusable("a compressed certificate"));
        }
        Ok(tlv::get(0x70, &object).map(<[u8]>::to_vec))
    }

    /// Writes a slot's certificate (SP 800-73-4 part 1, table 10), not compressed.
    pub(super) fn put_certificate(&self, slot: Slot, der: &[u8]) -> Result<(), CardError> {
        let object = [
            tlv::put(0x70, der)?,
            tlv::put(0x71, &[0])?,
            tlv::put(0xfe, &[])?,
        ];
        self.put_object(slot.object, &object.concat())
    }

    /// Makes a P-256 key in a slot, in place of the one that was there.
    pub(super) fn generate(&self, slot: Slot) -> Result<PublicKey, CardError> {
        let wanted = tlv::put(0xac, &tlv::put(0x80, &[P256])?)?;
        let answer = self.send([0x47, 0x00, slot.key], &wanted)??;
        let answer = answer.strip_prefix(&[0x7f]).unwrap_or(&answer);
        let template = tlv::get(0x49, answer);
        let point = template.and_then(|template| tlv::get(0x86, template));
        PublicKey::from_point(point.ok_or(CardError::Odd("a key without a point".into()))?)
    }

    /// Signs a digest; `None` where the slot has no key.
    pub(super) fn sign(
        &self,
        slot: Slot,
        role: KeyRole,
        digest: &[u8],
    ) -> Result<Option<Vec<u8>>, CardError> {
        let asked = [tlv::put(0x82, &[])?, tlv::put(0x81, digest)?].concat();
        match self.send([0x87, P256, slot.key], &tlv::put(0x7c, &asked)?)? {
            Ok(answer) => {
                let signature = tlv::get(0x7c, &answer).and_then(|inner| tlv::get(0x82, inner));
                let missing = || CardError::Odd(format!("no {} signature", role.as_str()));
                Ok(Some(signature.ok_or_else(missing)?.to_vec()))
            }
            // No key, in the words of several makers.
            Err(Status(0x6985 | 0x6a80 | 0x6a86 | 0x6a88)) => Ok(None),
            Err(status) => Err(status.into()),
        }
    }
}

/// Two secrets side by side.
fn two(one: &[u8], other: &[u8]) -> Result<Zeroizing<Vec<u8>>, CardError> {
    let mut both = Zeroizing::new(padded(one)?.to_vec());
    both.extend_from_slice(padded(other)?.as_ref());
    Ok(both)
}

/// Eight octets, filled up with FF (SP 800-73-4 part 2, 2.4.3).
fn padded(secret: &[u8]) -> Result<Zeroizing<[u8; 8]>, CardError> {
    let mut padded = Zeroizing::new([0xff; 8]);
    let room = padded.get_mut(..secret.len());
    room.ok_or(CardError::Unusable("a card takes at most 8 characters"))?
        .copy_from_slice(secret);
    Ok(padded)
}
