//! A PIV card in a reader, through PC/SC.
//!
//! Each step is one transaction: nobody else speaks to the card meanwhile, and whatever was proven to it
//! is proven again, since a card forgets that when it is reset or pulled.

mod chip;
mod management;
mod slots;
mod tlv;

use std::ffi::CString;

use pcsc::{Context, Disposition, Protocols, Scope, ShareMode};
use policies::card::KeyRole;
use policies::time::Time;
use wire::desk::CardSecrets;
use zeroize::Zeroizing;

use self::chip::{Chip, reader_error};
use self::management::Key;
use self::slots::Set;
use super::{Card, CardError, FACTORY_UNBLOCK_KEY, Place, PublicKey, ROLES, Secret};
use crate::certificate;

/// The current set, or that there is none.
#[derive(Debug, Clone, Copy)]
struct LookedUp(Option<Set>);

/// A card in a reader.
pub struct PivCard {
    context: Context,
    reader: CString,
    card: pcsc::Card,
    passcode: Option<Secret>,
    management: Option<Key>,
    secrets: Option<CardSecrets>,
    /// The set that this run fills: it stays the pending one when it becomes complete.
    filling: Option<Set>,
    /// Which set is the current one, as long as nothing was written since it was looked up.
    looked_up: Option<LookedUp>,
}

impl PivCard {
    /// The card in the reader whose name contains `reader`; with an empty name, in the only reader that
    /// holds one.
    ///
    /// # Errors
    /// No such reader, no card in it, or several to choose from.
    pub fn open(reader: &str) -> Result<Self, CardError> {
        let context = Context::establish(Scope::User).map_err(reader_error)?;
        let readers = context.list_readers_owned().map_err(reader_error)?;
        let mut found = Vec::new();
        for name in readers {
            if name.to_string_lossy().contains(reader)
                && let Ok(card) = context.connect(&name, ShareMode::Shared, Protocols::ANY)
            {
                found.push((name, card));
            }
        }
        if found.len() > 1 {
            let names = found.iter().map(|(name, _)| name.to_string_lossy());
            let names = names.collect::<Vec<_>>().join("; ");
            return Err(CardError::Absent(format!(
                "there are cards in several readers, say which with --reader: {names}"
            )));
        }
        let (reader, card) = found
            .pop()
            .ok_or_else(|| CardError::Absent("no card in the reader".into()))?;
        Ok(Self {
            context,
            reader,
            card,
            passcode: None,
            management: None,
            secrets: None,
            filling: None,
            looked_up: None,
        })
    }

    /// The management key that the user names, tried before the factory default.
    pub fn with_management_key(mut self, key: Option<Zeroizing<Vec<u8>>>) -> Self {
        self.management = key;
        self
    }

    /// One step with the card.
    fn talk<T>(
        &mut self,
        step: impl FnOnce(&Chip<'_>) -> Result<T, CardError>,
    ) -> Result<T, CardError> {
        if self.card.status2_owned().is_err() {
            self.reconnect()?;
        }
        let transaction = self.card.transaction().map_err(reader_error)?;
        step(&Chip::select(transaction)?)
    }

    /// Another program reset the card, or it was pulled and is back.
    fn reconnect(&mut self) -> Result<(), CardError> {
        let (mode, any) = (ShareMode::Shared, Protocols::ANY);
        if self
            .card
            .reconnect(mode, any, Disposition::LeaveCard)
            .is_err()
        {
            let card = self.context.connect(&self.reader, mode, any);
            self.card = card.map_err(reader_error)?;
        }
        Ok(())
    }

    /// One step with the card's passcode proven, where it is known.
    fn talk_unlocked<T>(
        &mut self,
        step: impl FnOnce(&Chip<'_>) -> Result<T, CardError>,
    ) -> Result<T, CardError> {
        let passcode = self.passcode.clone().ok_or(CardError::Passcode(None))?;
        let done = self.talk(|chip| {
            chip.verify(&passcode)?;
            step(chip)
        });
        // A passcode that was changed elsewhere must not be tried until the card locks.
        if matches!(done, Err(CardError::Passcode(Some(_)) | CardError::Locked)) {
            self.passcode = None;
        }
        done
    }

    /// One step with the management key proven, and the passcode where it is known.
    fn talk_managing<T>(
        &mut self,
        step: impl FnOnce(&Chip<'_>, &Key) -> Result<T, CardError>,
    ) -> Result<T, CardError> {
        self.looked_up = None;
        let passcode = self.passcode.clone();
        let mut keys = self.management_keys();
        self.talk(|chip| {
            if let Some(passcode) = passcode {
                chip.verify(&passcode)?;
                keys.extend(management::protected(chip));
            }
            keys.push(Zeroizing::new(management::FACTORY.to_vec()));
            let key = management::authenticate(chip, &keys)?;
            step(chip, &key)
        })
    }

    /// Every key that the card may have: the one now and, if a run was interrupted, the next one.
    fn management_keys(&self) -> Vec<Key> {
        let secrets = self.secrets.as_ref();
        let now = secrets.and_then(|secrets| secrets.management_key.as_ref());
        let next = secrets.and_then(|secrets| secrets.next_management_key.as_ref());
        let sealed = [now, next].into_iter().flatten();
        let sealed = sealed.filter_map(|key| hex::decode(key).ok().map(Zeroizing::new));
        self.management.iter().cloned().chain(sealed).collect()
    }

    fn set(&mut self, place: Place) -> Result<Option<Set>, CardError> {
        let current = match self.looked_up {
            Some(LookedUp(current)) => current,
            None => self.look_up()?,
        };
        self.looked_up = Some(LookedUp(current));
        Ok(match (place, self.filling) {
            (Place::Current, _) => current,
            (Place::Pending, Some(filling)) => Some(filling),
            (Place::Pending, None) => Some(slots::pending(current)),
        })
    }

    fn look_up(&mut self) -> Result<Option<Set>, CardError> {
        let filling = self.filling;
        self.talk(|chip| {
            if let Some(filling) = filling {
                let current = filling.other();
                return Ok(since(chip, current)?.map(|_| current));
            }
            let named = since(chip, Set::Named)?;
            Ok(slots::current(named, since(chip, Set::Retired)?))
        })
    }

    fn pending(&mut self) -> Result<Set, CardError> {
        Ok(self.set(Place::Pending)?.unwrap_or(Set::Named))
    }

    /// Removes the certificates of a set, so that it is no longer one.
    fn clear(&mut self, set: Set) -> Result<(), CardError> {
        self.talk_managing(|chip, _| {
            for role in ROLES {
                let slot = set.slot(role);
                if chip.object(slot.object)?.is_some() {
                    chip.put_object(slot.object, &[])?;
                }
            }
            Ok(())
        })
    }
}

/// The first second of a complete set.
fn since(chip: &Chip<'_>, set: Set) -> Result<Option<Time>, CardError> {
    let mut since = None;
    for role in ROLES {
        let Some(der) = chip.certificate(set.slot(role))? else {
            return Ok(None);
        };
        let from = certificate::Read::from_der(&der)?.not_before;
        since = since.or(Some(from));
    }
    Ok(since)
}

impl Card for PivCard {
    fn describe(&self) -> String {
        format!("the card in {}", self.reader.to_string_lossy())
    }

    fn secret_kind(&self) -> Option<&'static str> {
        Some("passcode")
    }

    fn unlock(&mut self, passcode: &Secret) -> Result<(), CardError> {
        self.talk(|chip| chip.verify(passcode))?;
        self.passcode = Some(passcode.clone());
        Ok(())
    }

    fn certificate(&mut self, place: Place, role: KeyRole) -> Result<Option<Vec<u8>>, CardError> {
        let Some(set) = self.set(place)? else {
            return Ok(None);
        };
        self.talk(|chip| chip.certificate(set.slot(role)))
    }

    fn generate(&mut self, role: KeyRole) -> Result<PublicKey, CardError> {
        let set = self.pending()?;
        self.filling = Some(set);
        let slot = set.slot(role);
        self.talk_managing(|chip, _| {
            if chip.object(slot.object)?.is_some() {
                chip.put_object(slot.object, &[])?;
            }
            chip.generate(slot)
        })
    }

    fn sign(&mut self, place: Place, role: KeyRole, digest: &[u8]) -> Result<Vec<u8>, CardError> {
        let missing = CardError::Missing { role, place };
        let Some(set) = self.set(place)? else {
            return Err(missing);
        };
        let signature = self.talk_unlocked(|chip| chip.sign(set.slot(role), role, digest))?;
        signature.ok_or(missing)
    }

    fn write_certificate(&mut self, role: KeyRole, certificate: &[u8]) -> Result<(), CardError> {
        let set = self.pending()?;
        self.filling = Some(set);
        let slot = set.slot(role);
        self.talk_managing(|chip, _| chip.put_certificate(slot, certificate))
    }

    fn promote(&mut self) -> Result<(), CardError> {
        let current = self.set(Place::Current)?;
        (self.filling, self.looked_up) = (None, None);
        let Some(current) = current else {
            return Ok(());
        };
        let pending = current.other();
        // With one complete set there is nothing to choose; a half-written other one is no set.
        if self.talk(|chip| since(chip, pending))?.is_some() {
            self.clear(current)?;
        }
        Ok(())
    }

    fn discard(&mut self) -> Result<(), CardError> {
        let current = self.set(Place::Current)?;
        (self.filling, self.looked_up) = (None, None);
        match current {
            Some(current) => self.clear(current.other()),
            None => Ok(()),
        }
    }

    fn change_passcode(&mut self, old: &Secret, new: &Secret) -> Result<(), CardError> {
        // Proving it first says how many tries are left; changing it does not.
        self.talk(|chip| {
            chip.verify(old)?;
            chip.change_passcode(old, new)
        })?;
        self.passcode = Some(new.clone());
        Ok(())
    }

    fn unblock(&mut self, unblock_key: &Secret, new: &Secret) -> Result<(), CardError> {
        let octets = super::unblock_octets(unblock_key);
        self.talk(|chip| chip.unblock(&octets, new))?;
        self.passcode = Some(new.clone());
        Ok(())
    }

    fn wants_secrets(&self) -> bool {
        true
    }

    fn use_secrets(&mut self, secrets: CardSecrets) {
        self.secrets = Some(secrets);
    }

    fn rotate(&mut self) -> Result<(), CardError> {
        let secrets = self.secrets.as_ref();
        let next = secrets.and_then(|secrets| secrets.next_management_key.as_ref());
        let next = next.map(|next| hex::decode(next).map(Zeroizing::new));
        let next = next.transpose().map_err(CardError::odd)?;
        self.talk_managing(|chip, now| {
            // A key that nobody keeps would lock the card for ever.
            let Some(next) = next else {
                return Ok(());
            };
            // The server has both: a card pulled in between opens with one of them.
            if **now != *next {
                management::replace(chip, &next)?;
            }
            management::forget(chip)
        })?;
        self.rotate_unblock_key()
    }

    fn rotate_unblock_key(&mut self) -> Result<(), CardError> {
        let secrets = self.secrets.as_ref();
        let Some(next) = secrets.and_then(|secrets| secrets.next_unblock_key.as_ref()) else {
            return Ok(());
        };
        let next = Zeroizing::new(hex::decode(next).map_err(CardError::odd)?);
        let now = match secrets.and_then(|secrets| secrets.unblock_key.as_ref()) {
            Some(now) => Zeroizing::new(hex::decode(now).map_err(CardError::odd)?),
            None => Zeroizing::new(FACTORY_UNBLOCK_KEY.as_bytes().to_vec()),
        };
        self.talk(|chip| {
            // An interrupted run has changed it already: then the next one opens, and the count of wrong
            // tries starts anew.
            if chip.change_unblock_key(&now, &next)? || chip.change_unblock_key(&next, &next)? {
                return Ok(());
            }
            Err(CardError::UnblockKey(None))
        })
    }
}
