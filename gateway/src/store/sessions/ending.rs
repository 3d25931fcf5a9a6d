//! What ends sessions: one, all of a person, or all that something opened which is trusted no more.

use enrolment::params;
use enrolment::store::{Row, StoreError, Tx};
use policies::ids::{AuthenticatorId, SessionId, UserId};
use policies::session::SessionFacts;
use policies::time::Time;

use super::level_from;
use crate::signin::session::EndReason;

/// Ends the live row of the family; true if there was one.
pub(crate) async fn end(
    tx: Tx<'_>,
    sid: &SessionId,
    now: Time,
    reason: EndReason,
) -> Result<bool, StoreError> {
    let ended = tx
        .execute(
            "UPDATE session SET ended_at = $2, end_reason = $3, version = version + 1
             WHERE ended_at IS NULL AND family = (SELECT family FROM session WHERE sid = $1)",
            params![sid, now, reason.as_str()],
        )
        .await?;
    Ok(ended == 1)
}

/// A row that was ended now, as it stood until then: what the law says of it is for the trail.
pub(crate) struct Ended {
    pub(crate) sid: SessionId,
    pub(crate) person: UserId,
    pub(crate) facts: SessionFacts,
}

/// The rows that this condition finds.
macro_rules! ended {
    ($from:literal, $which:literal) => {
        concat!(
            "SELECT s.sid, s.user_id, s.aal, s.authenticated_at, s.last_active_at,
                    s.ended_at IS NOT NULL FROM ",
            $from,
            " WHERE ",
            $which
        )
    };
}

fn read(rows: Vec<Row>) -> Result<Vec<Ended>, StoreError> {
    type Columns = (SessionId, UserId, i64, Time, Time, bool);
    let read = |row: Row| {
        let (sid, person, level, authenticated_at, last_active_at, ended) =
            row.read::<Columns>()?;
        let facts = SessionFacts {
            aal: level_from(level)?,
            authenticated_at,
            last_active_at,
            ended,
        };
        Ok(Ended { sid, person, facts })
    };
    rows.into_iter().map(read).collect()
}

/// Ends every row of a person that has not been ended, in whatever list it stands.
pub(crate) async fn end_all(
    tx: Tx<'_>,
    user_id: &UserId,
    now: Time,
) -> Result<Vec<Ended>, StoreError> {
    let rows = tx
        .rows(
            ended!("session s", "s.user_id = $1 AND s.ended_at IS NULL"),
            params![user_id],
        )
        .await?;
    tx.execute(
        "UPDATE session SET ended_at = $2, end_reason = 'signed_out', version = version + 1
         WHERE user_id = $1 AND ended_at IS NULL",
        params![user_id, now],
    )
    .await?;
    read(rows)
}

/// Sessions of one authenticator.
macro_rules! of_authenticator {
    () => {
        ended!(
            "authenticator a CROSS JOIN session s",
            "a.authenticator_id = $1 AND s.user_id = a.user_id
             AND s.authenticator_id = a.authenticator_id
             AND (s.ended_at IS NULL OR s.end_reason = 'continued')"
        )
    };
}

/// Ends what this authenticator opened, by fact and for ever. One that was continued lends its name to
/// nothing any more, whatever lives under the next one.
pub(crate) async fn end_opened_by(
    tx: Tx<'_>,
    authenticator: &AuthenticatorId,
    now: Time,
) -> Result<Vec<Ended>, StoreError> {
    let rows = tx.rows(of_authenticator!(), params![authenticator]).await?;
    disowned(tx, rows, now).await
}

/// Sessions of accounts of every organisation that is off. The joins are crossed, which SQLite takes in
/// the order that is written: by itself it would read all sessions there are.
macro_rules! of_federations_off {
    () => {
        ended!(
            "federation o CROSS JOIN federated_account f CROSS JOIN authenticator a
             CROSS JOIN session s",
            "f.federation_id = o.federation_id AND a.authenticator_id = f.authenticator_id
             AND s.user_id = a.user_id AND s.authenticator_id = a.authenticator_id
             AND (o.configured = 0 OR o.switched_off_at IS NOT NULL)
             AND (s.ended_at IS NULL OR s.end_reason = 'continued') LIMIT $1"
        )
    };
}

/// The same for accounts of every organisation that is off now, at most `most` rows.
pub(crate) async fn end_by_federations_off(
    tx: Tx<'_>,
    most: u32,
    now: Time,
) -> Result<Vec<Ended>, StoreError> {
    let rows = tx
        .rows(of_federations_off!(), params![i64::from(most)])
        .await?;
    disowned(tx, rows, now).await
}

async fn disowned(tx: Tx<'_>, rows: Vec<Row>, now: Time) -> Result<Vec<Ended>, StoreError> {
    let ended = read(rows)?;
    for one in &ended {
        tx.execute(
            "UPDATE session SET ended_at = COALESCE(ended_at, $2), end_reason = 'signed_out',
                                version = version + 1
             WHERE sid = $1",
            params![&one.sid, now],
        )
        .await?;
    }
    Ok(ended)
}

#[cfg(test)]
mod tests {
    use enrolment::schema;
    use enrolment::store::Key;
    use enrolment::store::trial::on_sqlite;

    use super::*;
    use crate::store::{MIGRATIONS, ROOM};

    #[test]
    fn sessions_are_found_by_their_people_and_not_one_by_one() {
        on_sqlite(async |store| {
            let tables = store.migrate(schema::ROOM, schema::MIGRATIONS).await;
            tables.unwrap();
            store.migrate(ROOM, MIGRATIONS).await.unwrap();
            let plans = [
                concat!("EXPLAIN QUERY PLAN ", of_authenticator!()),
                concat!("EXPLAIN QUERY PLAN ", of_federations_off!()),
            ];
            for plan in plans {
                let read = store.write::<_, StoreError, _>("plan", Key::none(), move |tx| {
                    Box::pin(async move { tx.rows(plan, params!["1"]).await })
                });
                let steps = read.await.unwrap().into_iter().map(|row| {
                    let (_, _, _, step) = row.read::<(i64, i64, i64, String)>().unwrap();
                    step
                });
                let steps: Vec<String> = steps.collect();
                let by_person = "SEARCH s USING INDEX session_person (user_id=?)";
                assert!(steps.iter().any(|step| step == by_person), "{steps:?}");
            }
        })
        .unwrap();
    }
}
