//! Rows of reminders, of how far they have come, and of warnings about desks.

use policies::ids::{CardNumber, IntentId, OrgCode, UserId};
use policies::time::Time;

use crate::params;
use crate::store::{Row, StoreError, Tx};

/// A current set that a reminder may be due for.
#[derive(Clone, Debug)]
pub(crate) struct Due {
    pub(crate) set_id: IntentId,
    pub(crate) card: CardNumber,
    pub(crate) person: UserId,
    pub(crate) not_after: Time,
}

/// Until when reminders of this kind have been looked at.
pub(crate) async fn mark(tx: Tx<'_>, days: i64) -> Result<Option<Time>, StoreError> {
    let row = tx
        .row(
            "SELECT until FROM reminder_mark WHERE days_before = $1",
            params![days],
        )
        .await?;
    Ok(row.map(Row::read::<(Time,)>).transpose()?.map(|(at,)| at))
}

/// Moves that instant.
pub(crate) async fn set_mark(tx: Tx<'_>, days: i64, until: Time) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO reminder_mark (days_before, until) VALUES ($1, $2)
         ON CONFLICT (days_before) DO UPDATE SET until = $2",
        params![days, until],
    )
    .await?;
    Ok(())
}

/// At most `limit` current sets that end after the first instant and not after the second, and have
/// no reminder of this kind; those that end first.
pub(crate) async fn due(
    tx: Tx<'_>,
    days: i64,
    (after, until): (Time, Time),
    limit: i64,
) -> Result<Vec<Due>, StoreError> {
    let rows = tx
        .rows(
            "SELECT intent_id, card_number, user_id, not_after FROM intent
             WHERE state = 'active' AND not_after > $1 AND not_after <= $2
               AND NOT EXISTS (SELECT 1 FROM reminder
                               WHERE reminder.intent_id = intent.intent_id AND days_before = $3)
             ORDER BY not_after, intent_id LIMIT $4",
            params![after, until, days, limit],
        )
        .await?;
    rows.into_iter()
        .map(|row| {
            let (set_id, card, person, not_after) = row.read()?;
            Ok(Due {
                set_id,
                card,
                person,
                not_after,
            })
        })
        .collect()
}

/// Records a reminder; false when there is one already.
pub(crate) async fn record(
    tx: Tx<'_>,
    set_id: &IntentId,
    days: i64,
    at: Time,
) -> Result<bool, StoreError> {
    let changed = tx
        .execute(
            "INSERT INTO reminder (intent_id, days_before, reminded_at) VALUES ($1, $2, $3)
             ON CONFLICT (intent_id, days_before) DO NOTHING",
            params![set_id, days, at],
        )
        .await?;
    Ok(changed == 1)
}

/// At most `limit` organisations with a registration authority of their own, by code, after `after`.
pub(crate) async fn authorities(
    tx: Tx<'_>,
    after: &str,
    limit: i64,
) -> Result<Vec<OrgCode>, StoreError> {
    let rows = tx
        .rows(
            "SELECT org_code FROM organisation WHERE hosted_by IS NULL AND org_code > $1
             ORDER BY org_code LIMIT $2",
            params![after, limit],
        )
        .await?;
    rows.into_iter()
        .map(|row| Ok(row.read::<(OrgCode,)>()?.0))
        .collect()
}

/// Open people with an unended role in that organisation, whatever their cards; at most 200.
pub(crate) async fn staff_of(
    tx: Tx<'_>,
    org_code: &OrgCode,
    now: Time,
) -> Result<Vec<UserId>, StoreError> {
    let rows = tx
        .rows(
            "SELECT DISTINCT person.user_id FROM membership
             JOIN person ON person.user_id = membership.user_id AND person.state = 'open'
             JOIN role ON role.person_orgid = membership.person_orgid AND role.suspended = 0
                      AND role.starts_at <= $2 AND (role.ends_at IS NULL OR role.ends_at > $2)
             WHERE membership.org_code = $1 ORDER BY person.user_id LIMIT 200",
            params![org_code, now],
        )
        .await?;
    rows.into_iter()
        .map(|row| Ok(row.read::<(UserId,)>()?.0))
        .collect()
}

/// The last second of this person's active card, if it has not passed.
pub(crate) async fn usable_until(
    tx: Tx<'_>,
    person: &UserId,
    now: Time,
) -> Result<Option<Time>, StoreError> {
    let row = tx
        .row(
            "SELECT intent.not_after FROM card
             JOIN intent ON intent.card_number = card.card_number AND intent.state = 'active'
             WHERE card.user_id = $1 AND card.state = 'active' AND intent.not_after >= $2",
            params![person, now],
        )
        .await?;
    Ok(row.map(Row::read::<(Time,)>).transpose()?.map(|(at,)| at))
}

/// Records a warning about a desk, unless one was given after `not_since`; false then.
pub(crate) async fn warn(
    tx: Tx<'_>,
    org_code: &OrgCode,
    now: Time,
    not_since: Time,
) -> Result<bool, StoreError> {
    let changed = tx
        .execute(
            "INSERT INTO desk_warning (org_code, warned_at) VALUES ($1, $2)
             ON CONFLICT (org_code) DO UPDATE SET warned_at = $2 WHERE desk_warning.warned_at <= $3",
            params![org_code, now, not_since],
        )
        .await?;
    Ok(changed == 1)
}
