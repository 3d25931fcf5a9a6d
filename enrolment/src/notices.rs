//! What people are told, and where. A letter goes into the outbox in the transaction of the act
//! that causes it, as its facts and not as text: the words are chosen at the door when it leaves.
//! Whoever adds a kind of notice adds a variant to [`Notice`] and its text in
//! `gateway/src/messages/en/letters.rs`; the build fails without it.

use policies::contact::Origin;
use policies::ids::UserId;
use policies::permit::IssueKind;
use policies::time::Time;
use serde::{Deserialize, Serialize};

use crate::helpers::Helper;
use crate::outbox::{self, Channel, Message};
use crate::register::Person;
use crate::store::contacts::{self, Contact};
use crate::store::{StoreError, Tx};

/// Something that happened to a person's card or profile, as she is told it. No `Debug`: some hold
/// a link that acts.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "notice", rename_all = "snake_case")]
pub enum Notice {
    /// Her card's passcode is being set anew with a code.
    CardUnlocked {
        /// The end of the link that cancels the card; it works once.
        cancel_token: String,
    },
    /// Her card can be used now.
    CardActivated,
    /// Her card ended for ever.
    CardCancelled,
    /// She said that somebody misuses her card or account.
    MisuseReported,
    /// An address of hers was changed, by this channel's word: `mail` or `sms`.
    ContactChanged {
        /// Which kind.
        channel: String,
    },
    /// Her card ends in so many days.
    CardEnds {
        /// Days before the end, of the law's list.
        days: u32,
        /// The set that ends, for the calendar.
        set: String,
        /// Its last second.
        not_after: Time,
        /// The first second at which it can be renewed.
        opens_at: Time,
        /// How often she may still renew it herself.
        self_renewals_left: u32,
        /// Who can help, where she may not.
        helpers: Vec<Helper>,
    },
    /// New certificates are on her card and in use.
    CardRenewed {
        /// On which ground.
        ground: IssueKind,
        /// Their last second.
        not_after: Time,
    },
    /// Her passcode is blocked.
    CardLocked,
    /// Somebody at a desk has unlocked her card, in her presence.
    CardUnlockedAtDesk,
    /// She has a new way to sign in.
    AuthenticatorAdded {
        /// Its kind, a word of the law.
        method: String,
        /// What she calls it.
        name: String,
    },
    /// A desk gave her a link with which she adds a way to sign in.
    AuthenticatorInvited {
        /// The last second of what it adds, where that is for one shift.
        ends_at: Option<Time>,
    },
    /// One of her ways to sign in stands elsewhere now.
    AuthenticatorChanged {
        /// Its kind, a word of the law.
        method: String,
        /// What she calls it.
        name: String,
        /// Where, a word of the law; `raised` where it counts fully now.
        state: String,
    },
    /// Her profile was closed, and with it all her ways to sign in beside the card were taken away.
    AuthenticatorsClosed,
    /// She was named the deputy of a ward.
    DeputyNamed {
        /// The ward, by name.
        ward: String,
        /// The organisation.
        organisation: String,
        /// The last second of it.
        ends_at: Time,
    },
    /// She is the deputy of a ward no more.
    DeputyEnded {
        /// The ward, by name.
        ward: String,
        /// The organisation.
        organisation: String,
    },
    /// She signed in while a session of hers was in use somewhere else.
    SeenInTwoPlaces {
        /// The new one: browser and address.
        here: String,
        /// The other one likewise.
        there: String,
    },
    /// To the people of her own registration authority: a desk of another area has helped her.
    HelpedElsewhere {
        /// With what.
        helped: crate::home::Helped,
        /// The number of her card.
        card: String,
        /// The organisation of the desk.
        desk: String,
    },
    /// To a manager: too few can help at her registration authority.
    DeskShort {
        /// The organisation.
        organisation: String,
        /// How many can help now.
        usable: u32,
        /// Whether there are enough, but their cards all end within four weeks.
        end_together: bool,
    },
}

/// What leaves by mail or text message.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Letter {
    /// A one-time code.
    Code {
        /// Eight digits.
        code: String,
        /// What it is for.
        purpose: crate::codes::CodePurpose,
    },
    /// Something happened.
    Notice(Notice),
}

impl Letter {
    /// As it stands in the outbox.
    ///
    /// # Errors
    /// None that we know: every member is text.
    pub(crate) fn to_content(&self) -> Result<String, StoreError> {
        serde_json::to_string(self).map_err(|error| StoreError::Event(std::sync::Arc::new(error)))
    }

    /// Reads what stands in the outbox; none when it is no letter.
    pub fn read(content: &str) -> Option<Self> {
        serde_json::from_str(content).ok()
    }
}

/// Tells every address of a person what happened, in the transaction of the act: those that stand,
/// and those that were exchanged within the hold (72 hours by the default policy). Answers how many
/// letters were put.
///
/// # Errors
/// What the engine says.
pub async fn tell(
    tx: Tx<'_>,
    person: &UserId,
    notice: &Notice,
    now: Time,
) -> Result<usize, StoreError> {
    let content = Letter::Notice(notice.clone()).to_content()?;
    let contacts = contacts::told(tx, person, now).await?;
    for contact in &contacts {
        let message = Message {
            channel: contact.channel,
            address: contact.address.clone(),
            content: content.clone(),
        };
        outbox::put(&tx, now, &message).await?;
    }
    Ok(contacts.len())
}

/// Puts the addresses of a new person on record, as seen at her registration.
pub(crate) async fn register(tx: Tx<'_>, person: &Person) -> Result<(), StoreError> {
    let addresses = [
        (Channel::Mail, person.email.as_ref()),
        (Channel::Sms, person.mobile.as_ref()),
    ];
    for (channel, address) in addresses {
        let Some(address) = address.filter(|address| !address.is_empty()) else {
            continue;
        };
        let contact = Contact {
            id: format!("{}-{}", person.user_id, channel.as_str()),
            channel,
            address: address.clone(),
            origin: Origin::Registered,
            verified_at: person.registered_at,
        };
        contacts::insert(tx, &person.user_id, &contact).await?;
    }
    Ok(())
}
