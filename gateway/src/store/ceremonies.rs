//! Rows of ceremonies with a public key that wait for the device's answer.
//!
//! Taking one out is the end of it, whatever comes of the answer: a library that judges an answer
//! twice would accept it twice (house decision 7).

use enrolment::params;
use enrolment::store::{Row, StoreError, Tx};
use policies::ids::UserId;
use policies::time::Time;

/// What an answer is for. One that was made for another purpose is not found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A new device makes a key.
    Register,
    /// The new device is tried.
    Try,
    /// Somebody signs in.
    SignIn,
}

impl Purpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Try => "try",
            Self::SignIn => "sign-in",
        }
    }
}

/// Where a ceremony belongs.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// What it is for.
    pub(crate) purpose: Purpose,
    /// The session in which it was begun, or the sign-in.
    pub(crate) bound_to: String,
    /// The browser of the sign-in.
    pub(crate) browser_hash: Option<Vec<u8>>,
    /// Who, where that is known.
    pub(crate) user_id: Option<UserId>,
}

/// Keeps a new one; what was begun before in the same place is over.
pub(crate) async fn begin(
    tx: Tx<'_>,
    (hash, state): ([u8; 32], &str),
    place: &Place,
    (now, ends_at): (Time, Time),
) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM ceremony WHERE bound_to = $1 AND purpose = $2",
        params![place.bound_to.as_str(), place.purpose.as_str()],
    )
    .await?;
    tx.execute(
        "INSERT INTO ceremony (ceremony_hash, purpose, bound_to, browser_hash, user_id, state,
                               begun_at, ends_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        params![
            hash,
            place.purpose.as_str(),
            place.bound_to.as_str(),
            place.browser_hash.as_deref(),
            place.user_id.as_ref(),
            state,
            now,
            ends_at,
        ],
    )
    .await?;
    Ok(())
}

/// Takes it out, once, in one statement; its state, if everything fits.
pub(crate) async fn take(
    tx: Tx<'_>,
    hash: [u8; 32],
    place: &Place,
    now: Time,
) -> Result<Option<String>, StoreError> {
    let row = tx
        .row(
            "DELETE FROM ceremony
             WHERE ceremony_hash = $1 AND purpose = $2 AND bound_to = $3
               AND COALESCE(browser_hash, $4) = $4 AND COALESCE(user_id, $5) = $5
               AND begun_at <= $6 AND ends_at >= $6
             RETURNING state",
            params![
                hash,
                place.purpose.as_str(),
                place.bound_to.as_str(),
                place.browser_hash.clone().unwrap_or_default(),
                place.user_id.as_ref().map_or("", UserId::as_str),
                now,
            ],
        )
        .await?;
    Ok(row
        .map(Row::read::<(String,)>)
        .transpose()?
        .map(|(state,)| state))
}

/// Forgets at most `piece` that nobody answered in time; how many went.
pub(crate) async fn forget_ended(tx: Tx<'_>, now: Time, piece: i64) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM ceremony WHERE ceremony_hash IN
            (SELECT ceremony_hash FROM ceremony WHERE ends_at < $1 LIMIT $2)",
        params![now, piece],
    )
    .await
}

#[cfg(test)]
mod tests {
    use enrolment::store::trial::on_both_engines;
    use enrolment::store::{Key, Store};
    use policies::time::Span;

    use super::*;
    use crate::store::{MIGRATIONS, ROOM};

    const NOW: Time = Time::from_unix(1_900_000_000);
    const HASH: [u8; 32] = [7; 32];

    fn place(purpose: Purpose, bound_to: &str, browser: u8) -> Place {
        Place {
            purpose,
            bound_to: bound_to.to_owned(),
            browser_hash: Some(vec![browser; 32]),
            user_id: None,
        }
    }

    async fn begun(store: &Store, hash: [u8; 32], place: &Place) {
        let place = place.clone();
        store
            .write::<_, StoreError, _>("test.begin", Key::none(), move |tx| {
                let place = place.clone();
                Box::pin(async move {
                    let life = (NOW, NOW.plus(Span::minutes(5)));
                    begin(tx, (hash, "state"), &place, life).await
                })
            })
            .await
            .unwrap();
    }

    async fn taken(store: &Store, hash: [u8; 32], place: &Place, at: Time) -> Option<String> {
        let place = place.clone();
        store
            .write::<_, StoreError, _>("test.take", Key::none(), move |tx| {
                let place = place.clone();
                Box::pin(async move { take(tx, hash, &place, at).await })
            })
            .await
            .unwrap()
    }

    async fn furnished(store: &Store) {
        let rooms = [
            (enrolment::schema::ROOM, enrolment::schema::MIGRATIONS),
            (ROOM, MIGRATIONS),
        ];
        for (room, migrations) in rooms {
            store.migrate(room, migrations).await.unwrap();
        }
    }

    #[test]
    fn a_ceremony_is_taken_once_in_its_place_within_five_minutes() {
        on_both_engines(async |store| {
            furnished(&store).await;
            let hers = place(Purpose::SignIn, "a", 1);
            begun(&store, HASH, &hers).await;
            for other in [
                place(Purpose::SignIn, "b", 1),
                place(Purpose::SignIn, "a", 2),
                place(Purpose::Try, "a", 1),
                Place {
                    browser_hash: None,
                    ..hers.clone()
                },
            ] {
                assert_eq!(taken(&store, HASH, &other, NOW).await, None, "{other:?}");
            }
            assert_eq!(taken(&store, [8; 32], &hers, NOW).await, None);
            let last = NOW.plus(Span::minutes(5));
            let late = last.plus(Span::seconds(1));
            assert_eq!(taken(&store, HASH, &hers, late).await, None);
            assert!(taken(&store, HASH, &hers, last).await.is_some());
            assert_eq!(taken(&store, HASH, &hers, NOW).await, None);
        })
        .unwrap();
    }

    #[test]
    fn what_was_begun_before_in_the_same_place_is_over_and_late_ones_are_forgotten() {
        on_both_engines(async |store| {
            furnished(&store).await;
            let hers = place(Purpose::SignIn, "a", 1);
            begun(&store, HASH, &hers).await;
            begun(&store, [8; 32], &hers).await;
            begun(&store, [9; 32], &place(Purpose::SignIn, "b", 1)).await;
            assert_eq!(taken(&store, HASH, &hers, NOW).await, None);
            assert!(taken(&store, [8; 32], &hers, NOW).await.is_some());
            let late = NOW.plus(Span::minutes(6));
            let forgotten = store
                .write::<_, StoreError, _>("test.forget", Key::none(), move |tx| {
                    Box::pin(async move { forget_ended(tx, late, 10).await })
                })
                .await;
            assert_eq!(forgotten.unwrap(), 1);
        })
        .unwrap();
    }
}
