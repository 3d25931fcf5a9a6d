//! Mail, text messages and back-channel calls. They are put here in the transaction of the act
//! and leave after it, with retries (house decision 6): nothing is sent that did not happen, and
//! nothing that happened waits for a mail server. Delivery is at least once.

use policies::time::{Span, Time};

use crate::audit::{Code, Event};
use crate::params;
use crate::store::{FromValue, StoreError, Tx, Value};

/// How a message travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Channel {
    /// Mail.
    Mail,
    /// Text message.
    Sms,
    /// A call to an application (OpenID Connect Back-Channel Logout 1.0).
    BackChannel,
}

impl Channel {
    /// Its word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Sms => "sms",
            Self::BackChannel => "back_channel",
        }
    }
}

impl FromValue for Channel {
    const WANTED: &'static str = "a channel";

    fn from_value(value: Value) -> Option<Self> {
        let word = String::from_value(value)?;
        [Self::Mail, Self::Sms, Self::BackChannel]
            .into_iter()
            .find(|it| it.as_str() == word)
    }
}

/// What is to be sent. No `Debug`: it holds somebody's address.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// How.
    pub channel: Channel,
    /// To whom: an address, a number, a URL.
    pub address: String,
    /// What, in the form its channel understands.
    pub content: String,
}

/// A message taken for delivery.
#[derive(Clone, PartialEq, Eq)]
pub struct Taken {
    /// Its number, in order of being put.
    pub number: i64,
    /// When it was put there.
    pub put_at: Time,
    /// How often it has been taken, this time included.
    pub attempts: i64,
    /// The message.
    pub message: Message,
}

/// Puts a message with the act that causes it.
///
/// # Errors
/// What the engine says.
pub async fn put(tx: &Tx<'_>, at: Time, message: &Message) -> Result<(), StoreError> {
    const PUT: &str = "INSERT INTO outbox
        (channel, address, content, put_at, due_at, attempts, delivered)
        VALUES ($1, $2, $3, $4, $4, 0, 0)";
    let Message {
        channel,
        address,
        content,
    } = message;
    tx.execute(PUT, params![channel.as_str(), address, content, at])
        .await?;
    Ok(())
}

/// Puts a message to nobody: settled at once, so that as much is written as for somebody.
///
/// # Errors
/// What the engine says.
pub(crate) async fn put_to_nobody(
    tx: Tx<'_>,
    at: Time,
    channel: Channel,
) -> Result<(), StoreError> {
    const PUT: &str = "INSERT INTO outbox
        (channel, address, content, put_at, due_at, attempts, settled_at, delivered)
        VALUES ($1, '', '', $2, $2, 0, $2, 0)";
    tx.execute(PUT, params![channel.as_str(), at]).await?;
    Ok(())
}

/// What was put before `until` counts as delivered in its time; address and content are lost. For
/// histories that are made after the fact.
///
/// # Errors
/// What the engine says.
pub async fn settle_past(tx: Tx<'_>, until: Time) -> Result<(), StoreError> {
    const SETTLE: &str = "UPDATE outbox
        SET settled_at = put_at, delivered = 1, address = '', content = ''
        WHERE settled_at IS NULL AND put_at <= $1";
    tx.execute(SETTLE, params![until]).await?;
    Ok(())
}

/// Takes at most `limit` due messages, oldest first. Each is ours for `lease`; one that has not
/// been settled by then is due again, since whoever took it may have died.
///
/// # Errors
/// What the engine says.
pub async fn take(
    tx: &Tx<'_>,
    now: Time,
    lease: Span,
    limit: i64,
) -> Result<Vec<Taken>, StoreError> {
    const TAKE: &str = "UPDATE outbox SET attempts = attempts + 1, due_at = $2
        WHERE number IN (
            SELECT number FROM outbox WHERE settled_at IS NULL AND due_at <= $1
            ORDER BY number LIMIT $3)
        RETURNING number, put_at, attempts, channel, address, content";
    let rows = tx.rows(TAKE, params![now, now.plus(lease), limit]).await?;
    let mut taken = Vec::with_capacity(rows.len());
    for row in rows {
        let (number, put_at, attempts, channel, address, content) = row.read()?;
        taken.push(Taken {
            number,
            put_at,
            attempts,
            message: Message {
                channel,
                address,
                content,
            },
        });
    }
    // RETURNING promises no order.
    taken.sort_by_key(|taken| taken.number);
    Ok(taken)
}

/// What came of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// The other side has it.
    Done,
    /// Not now; again at this instant.
    Later(Time),
    /// Never: the other side refused it for good.
    Refused,
    /// Never: it was tried too often.
    TriedTooOften,
}

/// Settles a taken message. False when somebody else has taken it since: the lease was over. A
/// message that is settled for good loses address and content; one that is given up leaves a line
/// in the trail.
///
/// # Errors
/// What the engine says.
pub async fn mark(
    tx: &Tx<'_>,
    now: Time,
    taken: &Taken,
    delivery: Delivery,
) -> Result<bool, StoreError> {
    const LATER: &str = "UPDATE outbox SET due_at = $3
        WHERE number = $1 AND attempts = $2 AND settled_at IS NULL";
    const SETTLE: &str = "UPDATE outbox
        SET settled_at = $3, delivered = $4, address = '', content = ''
        WHERE number = $1 AND attempts = $2 AND settled_at IS NULL";
    let (number, attempts) = (taken.number, taken.attempts);
    let given_up = match delivery {
        Delivery::Later(due) => {
            let changed = tx.execute(LATER, params![number, attempts, due]).await?;
            return Ok(changed == 1);
        }
        Delivery::Done => None,
        Delivery::Refused => Some("refused"),
        Delivery::TriedTooOften => Some("tried_too_often"),
    };
    let values = params![number, attempts, now, given_up.is_none()];
    let changed = tx.execute(SETTLE, values).await?;
    if let (1, Some(reason)) = (changed, given_up) {
        let event = Event::LetterGivenUp {
            channel: Code::of(taken.message.channel.as_str()),
            letter: number,
            reason: Code::of(reason),
        };
        tx.audit(now, &event).await?;
    }
    Ok(changed == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema;
    use crate::store::trial::on_both_engines;
    use crate::store::{Key, Store};

    fn at(second: i64) -> Time {
        Time::from_unix(1_862_000_000 + second)
    }

    async fn take_at(store: &Store, second: i64) -> Vec<Taken> {
        let write = store.write("take", Key::none(), move |tx| {
            Box::pin(async move { take(&tx, at(second), Span::seconds(30), 10).await })
        });
        write.await.unwrap()
    }

    async fn mark_at(store: &Store, second: i64, taken: &Taken, delivery: Delivery) -> bool {
        let taken = taken.clone();
        let write = store.write("mark", Key::none(), move |tx| {
            let taken = taken.clone();
            Box::pin(async move { mark(&tx, at(second), &taken, delivery).await })
        });
        write.await.unwrap()
    }

    #[test]
    fn a_message_leaves_with_its_act_and_is_delivered_once() {
        on_both_engines(async |store| {
            store
                .migrate(schema::ROOM, schema::MIGRATIONS)
                .await
                .unwrap();
            for succeeds in [true, false] {
                let write = store.write("act", Key::none(), move |tx| {
                    Box::pin(async move {
                        let message = Message {
                            channel: Channel::Mail,
                            address: "amara@example.org".to_owned(),
                            content: "Your card ends soon".to_owned(),
                        };
                        put(&tx, at(0), &message).await?;
                        if succeeds {
                            Ok(())
                        } else {
                            Err(StoreError::Closed)
                        }
                    })
                });
                assert_eq!(write.await.is_ok(), succeeds);
            }
            let first = take_at(&store, 0).await;
            assert_eq!((first.len(), first[0].attempts), (1, 1));
            assert!(take_at(&store, 29).await.is_empty(), "leased");
            let second = take_at(&store, 30).await;
            assert_eq!((second[0].number, second[0].attempts), (first[0].number, 2));
            assert!(
                !mark_at(&store, 31, &first[0], Delivery::Done).await,
                "the lease was over"
            );
            assert!(mark_at(&store, 31, &second[0], Delivery::Later(at(90))).await);
            assert!(take_at(&store, 89).await.is_empty());
            let third = take_at(&store, 90).await;
            assert!(mark_at(&store, 91, &third[0], Delivery::Done).await);
            assert!(take_at(&store, 9_999).await.is_empty());
        })
        .unwrap();
    }
}
