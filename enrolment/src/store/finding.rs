//! Looking people up, within one registration authority.

use policies::card::CardState;
use policies::ids::{CardNumber, OrgCode, UserId};

use crate::params;
use crate::store::{Row, StoreError, Tx};

/// Somebody found, with her newest card.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) user_id: UserId,
    pub(crate) display_name: String,
    pub(crate) open: bool,
    pub(crate) card: Option<(CardNumber, CardState)>,
}

/// The people that this authority looks after whose names hold each of these words, the first four of
/// them, at most `most` people, by name. Words are lower-case and hold none of `%`, `_` and `\`.
pub(crate) async fn by_name(
    tx: Tx<'_>,
    authority: &OrgCode,
    words: &[String],
    most: i64,
) -> Result<Vec<Hit>, StoreError> {
    let name = |place: usize| {
        let word = words.get(place).map_or("", String::as_str);
        if word.is_empty() {
            "%".to_owned()
        } else {
            format!("% {word}%")
        }
    };
    let rows = tx
        .rows(
            "SELECT user_id, display_name, state FROM
               (SELECT user_id, display_name, state, given_name, family_name,
                       LOWER(' ' || REPLACE(display_name || ' ' || given_name || ' ' || family_name, '-', ' ')) AS name
                FROM person
                WHERE home_ra = $1 OR user_id IN
                      (SELECT membership.user_id FROM membership
                       JOIN organisation ON organisation.org_code = membership.org_code
                       WHERE COALESCE(organisation.hosted_by, organisation.org_code) = $1)) AS near
             WHERE name LIKE $3 AND name LIKE $4 AND name LIKE $5 AND name LIKE $6
             ORDER BY family_name, given_name, user_id LIMIT $2",
            params![authority, most, name(0), name(1), name(2), name(3)],
        )
        .await?;
    let mut hits = Vec::with_capacity(rows.len());
    for row in rows {
        hits.push(hit(tx, row).await?);
    }
    Ok(hits)
}

/// The person of that number.
pub(crate) async fn by_number(tx: Tx<'_>, user_id: &UserId) -> Result<Option<Hit>, StoreError> {
    let row = tx
        .row(
            "SELECT user_id, display_name, state FROM person WHERE user_id = $1",
            params![user_id],
        )
        .await?;
    match row {
        Some(row) => Ok(Some(hit(tx, row).await?)),
        None => Ok(None),
    }
}

async fn hit(tx: Tx<'_>, row: Row) -> Result<Hit, StoreError> {
    let (user_id, display_name, state) = row.read::<(UserId, String, String)>()?;
    let card = super::cards::newest_of(tx, &user_id).await?;
    Ok(Hit {
        user_id,
        display_name,
        open: state == "open",
        card: card.map(|card| (card.number, card.state)),
    })
}
