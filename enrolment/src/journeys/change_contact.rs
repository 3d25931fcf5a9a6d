//! A person changes where she is reached (contract 5; attack table 40): strongly signed in, with a
//! code that goes to the new address. Every address, old and new, is told; the old one goes on
//! being told for the hold, and the new one gets no codes for as long.

use policies::contact::{self, Origin};
use policies::ids::UserId;
use policies::refusal::RefusalCode;
use policies::time::Time;
use policies::values::Policy;

use super::JourneyError;
use crate::audit::{Code, Event};
use crate::codes::{self, CodeHouse, CodePurpose, Drawn, Typed, keep};
use crate::notices::{self, Notice};
use crate::outbox::Channel;
use crate::signed_in::SignedIn;
use crate::store::contacts::{self, Contact};
use crate::store::{Key, Tx, authenticators, cards, people};

/// An address of the right form for its channel. No `Debug`: it is personal.
#[derive(Clone, PartialEq, Eq)]
pub struct NewAddress {
    channel: Channel,
    address: String,
}

/// Not an address that we can send to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an address of this kind")]
pub struct AddressError;

impl NewAddress {
    /// Reads a mail address (RFC 5321 4.5.3.1: at most 254 octets) for `mail`, or a number in
    /// international form (E.164: a plus and 8 to 15 digits; blanks do not matter) for `sms`.
    ///
    /// # Errors
    /// [`AddressError`] for anything else.
    pub fn parse(channel: &str, text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        match channel {
            "mail" => {
                let (local, domain) = text.rsplit_once('@').ok_or(AddressError)?;
                let plain = |c: char| c.is_ascii_graphic() && !"<>()[],;:\\\"@".contains(c);
                let fits = (3..=254).contains(&text.len())
                    && !local.is_empty()
                    && domain.contains('.')
                    && !domain.starts_with('.')
                    && !domain.ends_with('.')
                    && local.chars().all(plain)
                    && domain
                        .chars()
                        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'));
                let address = text.to_owned();
                let channel = Channel::Mail;
                fits.then_some(Self { channel, address })
                    .ok_or(AddressError)
            }
            "sms" => {
                let address: String = text
                    .chars()
                    .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '(' | ')'))
                    .collect();
                let digits = address.strip_prefix('+').ok_or(AddressError)?;
                let fits = (8..=15).contains(&digits.len())
                    && digits.bytes().all(|byte| byte.is_ascii_digit());
                let channel = Channel::Sms;
                fits.then_some(Self { channel, address })
                    .ok_or(AddressError)
            }
            _ => Err(AddressError),
        }
    }
}

/// Whose address, and in which session she changes it.
#[derive(Clone, Debug)]
pub struct Whose {
    /// Who.
    pub user_id: UserId,
    /// Her session.
    pub signed_in: SignedIn,
}

impl Whose {
    async fn may_change(
        &self,
        tx: Tx<'_>,
        (now, policy): (Time, &Policy),
    ) -> Result<(), JourneyError> {
        let live = self.signed_in.live(tx, &self.user_id, now).await?;
        // Also one on its way that was cancelled: such a session can have done that itself.
        let had_card = cards::newest_of(tx, &self.user_id).await?.is_some();
        let knows_aal3 = had_card || authenticators::had_aal3(tx, &self.user_id).await?;
        Ok(contact::may_change(live.standing, knows_aal3, now, policy)?)
    }
}

/// Sends a code to the new address; nothing is changed yet. Answers the name of the change.
///
/// # Errors
/// Refuses with `reauthentication_needed` where her session lives no more, as
/// `policies::contact::may_change` does, and with `too_many_codes`.
pub async fn start(
    house: &CodeHouse,
    whose: Whose,
    new: NewAddress,
    now: Time,
) -> Result<String, JourneyError> {
    let drawn = Drawn::draw(&house.vault, CodePurpose::Contact, &house.chance)?;
    let (policy, answer) = (house.policy.clone(), drawn.request_id.clone());
    let key = Key::of("person", whose.user_id.as_str());
    house
        .store
        .write("contact.start", key, move |tx| {
            let (policy, drawn) = (policy.clone(), drawn.clone());
            let (whose, new) = (whose.clone(), new.clone());
            Box::pin(async move {
                whose.may_change(tx, (now, &policy)).await?;
                let to = (&whose.user_id, new.channel, new.address.as_str());
                codes::ask_for_contact(tx, &policy, to, &drawn, now).await
            })
        })
        .await?;
    Ok(answer)
}

/// Puts the new address on record against its code.
///
/// # Errors
/// Refuses as [`start`] does, with `code_wrong` and `code_expired`, and with `address_not_allowed`
/// for a mail address that somebody else has.
pub async fn confirm(
    house: &CodeHouse,
    whose: Whose,
    typed: Typed,
    now: Time,
) -> Result<(), JourneyError> {
    let key = Key::of("person", whose.user_id.as_str());
    let inner = house.clone();
    let done = house
        .store
        .write("contact.confirm", key, move |tx| {
            let (house, typed, whose) = (inner.clone(), typed.clone(), whose.clone());
            Box::pin(async move {
                whose.may_change(tx, (now, &house.policy)).await?;
                let user_id = whose.user_id;
                let doors = (house.vault.as_ref(), house.policy.as_ref());
                let attempt = codes::attempt(tx, doors, CodePurpose::Contact, &typed, now).await?;
                let changed = async {
                    let request = attempt.proven(now, &house.policy)?;
                    let (asked_by, target) = (request.user_id.clone(), request.target.clone());
                    let (channel, address) = target
                        .filter(|_| asked_by.as_ref() == Some(&user_id))
                        .ok_or(RefusalCode::CodeWrong)?;
                    let contact = Contact {
                        id: request.id.clone(),
                        channel,
                        address,
                        origin: Origin::Changed,
                        verified_at: now,
                    };
                    attempt.spend(tx, None, now).await?;
                    put(tx, &house, &user_id, &contact, now).await
                };
                keep(changed.await)
            })
        })
        .await?;
    Ok(done?)
}

async fn put(
    tx: Tx<'_>,
    house: &CodeHouse,
    user_id: &UserId,
    contact: &Contact,
    now: Time,
) -> Result<(), JourneyError> {
    if contact.channel == Channel::Mail {
        let other = people::find_by_email(tx, &contact.address).await?;
        if other.is_some_and(|other| other.user_id != *user_id) {
            return Err(RefusalCode::AddressNotAllowed.into());
        }
    }
    let told_until = now.plus(house.policy.contact_hold());
    contacts::end(tx, user_id, contact.channel, now, told_until).await?;
    contacts::insert(tx, user_id, contact).await?;
    people::set_address(tx, user_id, contact.channel, &contact.address).await?;
    let event = Event::ContactChanged {
        person: user_id.clone(),
        task: Code::of(contact.channel.as_str()),
    };
    tx.audit(now, &event).await?;
    let notice = Notice::ContactChanged {
        channel: contact.channel.as_str().to_owned(),
    };
    notices::tell(tx, user_id, &notice, now).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_the_form_of_their_channel() {
        for (channel, good) in [
            ("mail", "amara.osei@trust.example"),
            ("sms", "+44 7700 900123"),
            ("sms", "+447700900123"),
        ] {
            assert!(NewAddress::parse(channel, good).is_ok(), "{good}");
        }
        for (channel, bad) in [
            ("mail", "amara"),
            ("mail", "a@b"),
            ("mail", "a b@c.example"),
            ("mail", "a@c.example\r\nBcc: x@y.example"),
            ("mail", "a@b@c.example"),
            ("sms", "07700 900123"),
            ("sms", "+44"),
            ("pigeon", "a@c.example"),
        ] {
            assert!(NewAddress::parse(channel, bad).is_err(), "{bad}");
        }
    }
}
