//! Sign-ins, tickets and sessions go once they are over, and not before. On both engines.

use enrolment::store::Row;
use enrolment::store::trial::on_both_engines;

use super::*;

const NOW: Time = Time::from_unix(1_900_000_000);

/// A person, a finished sign-in with its session and ticket, and more abandoned ones than a piece.
async fn furnish(store: &Store) {
    crate::serve::migrate(store).await.unwrap();
    let write = store.write::<_, StoreError, _>("test.furnish", Key::none(), |tx| {
        Box::pin(async move {
            tx.execute(
                "INSERT INTO person (user_id, version, state, title, given_name, middle_names,
                                     family_name, initials, display_name, id_assurance_level,
                                     registered_at, request_hash)
                 VALUES ('555000000001', 1, 'open', 'Dr', 'A', '', 'Demo', '', 'A Demo', 3, $1, '')",
                params![NOW],
            )
            .await?;
            tx.execute(
                "INSERT INTO session (sid, family, key_hash, user_id, aal, method,
                                      authenticated_at, last_active_at, role_id, role_chosen,
                                      card_number, serial, version, ended_at, end_reason)
                 VALUES ('one', 'one', $1, '555000000001', 3, 'smartcard', $2, $2, NULL, 0, NULL,
                         NULL, 1, NULL, NULL)",
                params![vec![1_u8; 32], NOW],
            )
            .await?;
            for number in 0..=PIECE {
                let sid = (number == 0).then_some("one");
                tx.execute(
                    "INSERT INTO sign_in (handle, browser_hash, request, afresh, sid,
                                          card_ends_at, begun_at, ends_at, finished_at)
                     VALUES ($1, $2, '{}', 0, $3, NULL, $4, $5, NULL)",
                    params![
                        format!("handle {number}"),
                        vec![2_u8; 32],
                        sid,
                        NOW,
                        NOW.plus(Span::minutes(10))
                    ],
                )
                .await?;
            }
            tx.execute(
                "INSERT INTO sign_in_ticket (ticket_hash, handle, issuer, serial, handshake_at,
                                             made_at, ends_at, redeemed_at)
                 VALUES ($1, 'handle 0', 'ab', '01', $2, $2, $3, $2)",
                params![vec![3_u8; 32], NOW, NOW.plus(Span::minutes(11))],
            )
            .await?;
            Ok(())
        })
    });
    write.await.unwrap();
}

/// Rows left: tickets, sign-ins, sessions.
async fn left(store: &Store) -> (i64, i64, i64) {
    let read = store.read::<_, StoreError, _>("test.left", |tx| {
        Box::pin(async move {
            let row = tx
                .row(
                    "SELECT (SELECT COUNT(*) FROM sign_in_ticket), (SELECT COUNT(*) FROM sign_in),
                            (SELECT COUNT(*) FROM session)",
                    params![],
                )
                .await?;
            row.map(Row::read::<(i64, i64, i64)>).transpose()
        })
    });
    read.await.unwrap().unwrap()
}

#[test]
fn abandoned_sign_ins_old_tickets_and_old_sessions_go_and_nothing_else() {
    on_both_engines(async |store| {
        furnish(&store).await;
        let all = PIECE + 1;
        for (after, rows) in [
            (Span::minutes(20), (1, all, 1)),
            (Span::seconds(20 * 60 + 1), (1, 1, 1)),
            (Span::minutes(22), (0, 0, 1)),
            (Span::days(30), (0, 0, 1)),
            (Span::days(31), (0, 0, 0)),
        ] {
            forget_ended(&store, NOW.plus(after)).await.unwrap();
            assert_eq!(left(&store).await, rows, "after {} s", after.as_seconds());
        }
    })
    .unwrap();
}
