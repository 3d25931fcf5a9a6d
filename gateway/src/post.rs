//! Letters on their way out: what stands in the outbox becomes mail and text messages (house
//! decision 6). A message is taken for a minute, sent, and settled; one that does not go through is
//! tried again, later each time, and given up after a day's worth of tries. Delivery is at least
//! once: whoever dies between sending and settling sends again, under the same name (`Message-ID`,
//! `Idempotency-Key`). Dev writes files instead, at the end of the request that caused them.

mod folder;
mod letters;
mod mail;
mod sms;

use std::path::PathBuf;

use enrolment::outbox::{self, Channel, Delivery, Message, Taken};
use enrolment::store::{Key, StoreError};
use policies::time::{Span, Time};

use crate::house::{House, Shared};

pub use mail::{Mail, MailSetting, MailTls};
pub use sms::{Sms, SmsSetting};

/// How long a message is ours before another node may take it.
const LEASE: Span = Span::minutes(1);
/// How many are taken at once.
const PIECE: i64 = 20;
/// So many tries, and it is given up.
const TRIES: i64 = 12;
/// The first pause; each next one is twice as long.
const PAUSE_SECONDS: i64 = 15;
/// The longest pause.
const LONGEST_PAUSE: i64 = 2 * 60 * 60;

/// Where letters go.
pub enum Post {
    /// Files in this folder (dev).
    Folder(PathBuf),
    /// Servers, each where one is configured.
    Servers {
        /// Mail.
        mail: Option<Box<Mail>>,
        /// Text messages.
        sms: Option<Box<Sms>>,
    },
}

/// Why a letter did not go out.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// Nothing is configured for this channel.
    #[error("no server is configured for this channel")]
    NoServer,
    /// Not a letter, or not to be written as one.
    #[error("the letter cannot be written")]
    Letter,
    /// An address or a letter that the mail library does not take.
    #[error("the mail cannot be written")]
    Mail(#[from] lettre::error::Error),
    /// The same, of the address.
    #[error("the mail address cannot be read")]
    Address(#[from] lettre::address::AddressError),
    /// The mail server.
    #[error("the mail server did not take it")]
    Smtp(#[from] lettre::transport::smtp::Error),
    /// The text message service.
    #[error("the text message service did not take it")]
    Sms(#[from] reqwest::Error),
    /// The dev folder.
    #[error("the outbox folder cannot be written")]
    Folder(#[from] std::io::Error),
}

impl PostError {
    /// Whether trying again cannot help.
    fn is_final(&self) -> bool {
        match self {
            Self::Letter | Self::Mail(_) | Self::Address(_) => true,
            Self::Smtp(error) => error.is_permanent(),
            Self::Sms(error) => error
                .status()
                .is_some_and(|status| status.is_client_error() && status.as_u16() != 429),
            Self::NoServer | Self::Folder(_) => false,
        }
    }
}

impl Post {
    /// Whether letters are to be there before the answer is.
    pub fn is_prompt(&self) -> bool {
        matches!(self, Self::Folder(_))
    }

    async fn send(&self, house: &House, taken: &Taken) -> Result<(), PostError> {
        let Message {
            channel,
            address,
            content,
        } = &taken.message;
        let letter = letters::write(house, content).ok_or(PostError::Letter)?;
        match (self, channel) {
            (Self::Folder(folder), _) => folder::keep(folder, taken, &letter),
            (Self::Servers { mail, .. }, Channel::Mail) => {
                let mail = mail.as_ref().ok_or(PostError::NoServer)?;
                mail.send(address, &letter, &name_of(taken)).await
            }
            (Self::Servers { sms, .. }, Channel::Sms) => {
                let sms = sms.as_ref().ok_or(PostError::NoServer)?;
                sms.send(address, &letter, &name_of(taken)).await
            }
            (Self::Servers { .. }, Channel::BackChannel) => Err(PostError::NoServer),
        }
    }
}

/// The name of a letter, the same at each try, so that whoever gets it twice can tell.
fn name_of(taken: &Taken) -> String {
    format!("{}.{}", taken.put_at.unix(), taken.number)
}

/// Sends everything that is due now. What does not go through stays for later. One at a time: in dev
/// the letters of a request are there when its answer is, also those that a job had begun to take.
pub async fn deliver(house: &Shared) {
    let _alone = house.errands.posting.lock().await;
    loop {
        let now = house.now();
        let taken = match take(house, now).await {
            Ok(taken) => taken,
            Err(error) => {
                tracing::error!(%error, "the outbox cannot be read");
                return;
            }
        };
        if taken.is_empty() {
            return;
        }
        for message in taken {
            let delivery = settle(house, &message, now).await;
            ca::crash_point!("post.before_mark");
            if let Err(error) = mark(house, message, delivery).await {
                tracing::error!(%error, "a letter's delivery was not noted");
                return;
            }
        }
    }
}

/// Sends one; never says to whom or what in the log.
async fn settle(house: &Shared, taken: &Taken, now: Time) -> Delivery {
    let Err(error) = house.post.send(house, taken).await else {
        return Delivery::Done;
    };
    let (number, channel) = (taken.number, taken.message.channel.as_str());
    if error.is_final() || taken.attempts >= TRIES {
        tracing::error!(number, channel, %error, "a letter was given up");
        return if error.is_final() {
            Delivery::Refused
        } else {
            Delivery::TriedTooOften
        };
    }
    tracing::warn!(number, channel, %error, "a letter did not go out; again later");
    Delivery::Later(now.plus(pause(taken.attempts)))
}

/// 15 s, 30 s, 1 min … 2 h.
fn pause(attempts: i64) -> Span {
    let doubled = u32::try_from(attempts.clamp(1, 20) - 1).unwrap_or(0);
    Span::seconds((PAUSE_SECONDS << doubled).min(LONGEST_PAUSE))
}

async fn take(house: &Shared, now: Time) -> Result<Vec<Taken>, StoreError> {
    house
        .store
        .write("post.take", Key::none(), move |tx| {
            Box::pin(async move { outbox::take(&tx, now, LEASE, PIECE).await })
        })
        .await
}

async fn mark(house: &Shared, taken: Taken, delivery: Delivery) -> Result<(), StoreError> {
    let now = house.now();
    house
        .store
        .write("post.mark", Key::none(), move |tx| {
            let taken = taken.clone();
            Box::pin(async move { outbox::mark(&tx, now, &taken, delivery).await.map(drop) })
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_and_end_at_two_hours() {
        let pauses: Vec<i64> = [1, 2, 3, 10, 12]
            .into_iter()
            .map(|attempts| pause(attempts).as_seconds())
            .collect();
        assert_eq!(pauses, [15, 30, 60, 7_200, 7_200]);
    }
}
