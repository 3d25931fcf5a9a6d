//! Looking people up, within one registration authority.

use policies::card::CardState;
use policies::deputy::Ward;
use policies::ids::{CardNumber, OrgCode, UserId};
use policies::time::Time;

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
    let name = |place| pattern(words, place);
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

/// What the word at this place asks of a name: that one of its parts begins with it.
fn pattern(words: &[String], place: usize) -> String {
    let word = words.get(place).map_or("", String::as_str);
    if word.is_empty() {
        "%".to_owned()
    } else {
        format!("% {word}%")
    }
}

/// The people who work in this ward now, as [`by_name`] finds them; without their cards.
pub(crate) async fn of_ward(
    tx: Tx<'_>,
    ward: &Ward,
    words: &[String],
    (now, most): (Time, i64),
) -> Result<Vec<Hit>, StoreError> {
    let name = |place| pattern(words, place);
    let rows = tx
        .rows(
            "SELECT user_id, display_name, state FROM
               (SELECT user_id, display_name, state, given_name, family_name,
                       LOWER(' ' || REPLACE(display_name || ' ' || given_name || ' ' || family_name, '-', ' ')) AS name
                FROM person
                WHERE user_id IN
                      (SELECT role.user_id FROM role_code
                       JOIN role ON role.role_id = role_code.role_id AND role.suspended = 0
                                AND role.starts_at <= $3 AND (role.ends_at IS NULL OR role.ends_at > $3)
                       JOIN membership ON membership.person_orgid = role.person_orgid
                       WHERE role_code.kind = 'workgroup' AND role_code.code = $2
                         AND membership.org_code = $1)) AS near
             WHERE name LIKE $5 AND name LIKE $6 AND name LIKE $7 AND name LIKE $8
             ORDER BY family_name, given_name, user_id LIMIT $4",
            params![
                &ward.org_code,
                &ward.workgroup,
                now,
                most,
                name(0),
                name(1),
                name(2),
                name(3),
            ],
        )
        .await?;
    let hit = |row: Row| {
        let (user_id, display_name, state) = row.read::<(UserId, String, String)>()?;
        Ok(Hit {
            user_id,
            display_name,
            open: state == "open",
            card: None,
        })
    };
    rows.into_iter().map(hit).collect()
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
