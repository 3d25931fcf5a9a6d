//! What the schema refuses, whatever the code does: each constraint by a statement that goes past
//! every rule.

use policies::time::Span;

use super::house::{House, START};
use crate::journeys::self_renew;
use crate::store::trial::on_both_engines;
use crate::store::{StoreError, Value};

async fn refuses_unique(house: &House, sql: &'static str) {
    let answer = house.execute(sql, Vec::new()).await;
    assert!(
        matches!(answer, Err(StoreError::Unique)),
        "{sql}: {answer:?}"
    );
}

async fn refuses_check(house: &House, sql: &'static str) {
    let answer = house.execute(sql, Vec::new()).await;
    assert!(
        matches!(answer, Err(StoreError::Check)),
        "{sql}: {answer:?}"
    );
}

/// A house with one active card of one person, and a pending renewal on it.
async fn with_renewal(store: crate::store::Store) -> House {
    let house = House::new(store).await;
    let user_id = house.person(1).await;
    let (_, set) = house.card(&user_id, 1, START).await;
    let now = set.certificates[0].not_after.minus(Span::days(1));
    let wish = house.renewal(&set, "one", now).await;
    self_renew::renew(&house.issuing, wish, now).await.unwrap();
    house
}

#[test]
fn one_live_card_per_person() {
    on_both_engines(async |store| {
        let house = with_renewal(store).await;
        refuses_unique(
            &house,
            "INSERT INTO card (card_number, user_id, version, state, epoch, self_renewals, requested_at)
             SELECT '9999999999999999', user_id, 1, 'requested', 1, 0, 0 FROM card",
        )
        .await;
    })
    .unwrap();
}

#[test]
fn nobody_requests_grants_or_registers_for_herself() {
    on_both_engines(async |store| {
        let house = with_renewal(store).await;
        refuses_check(&house, "UPDATE card SET requested_by = user_id").await;
        refuses_check(&house, "UPDATE person SET registered_by = user_id").await;
        refuses_check(
            &house,
            "UPDATE intent SET actor = user_id WHERE kind = 'first'",
        )
        .await;
        refuses_check(
            &house,
            "UPDATE intent SET kind = 'assisted', actor = user_id WHERE kind = 'self_renewal'",
        )
        .await;
        refuses_check(
            &house,
            "UPDATE intent SET actor = NULL WHERE kind = 'self_renewal'",
        )
        .await;
    })
    .unwrap();
}

#[test]
fn two_slots_in_an_epoch_each_once() {
    on_both_engines(async |store| {
        let house = with_renewal(store).await;
        refuses_unique(
            &house,
            "INSERT INTO renewal_slot (card_number, epoch, slot, intent_id)
             SELECT card_number, epoch, 1, intent_id FROM intent WHERE kind = 'first'",
        )
        .await;
        refuses_check(
            &house,
            "INSERT INTO renewal_slot (card_number, epoch, slot, intent_id)
             SELECT card_number, epoch, 3, intent_id FROM intent WHERE kind = 'first'",
        )
        .await;
        refuses_unique(
            &house,
            "INSERT INTO renewal_slot (card_number, epoch, slot, intent_id)
             SELECT card_number, epoch, 2, intent_id FROM intent WHERE kind = 'self_renewal'",
        )
        .await;
        refuses_check(&house, "UPDATE card SET self_renewals = 3").await;
        refuses_check(&house, "UPDATE card SET self_renewals = -1").await;
    })
    .unwrap();
}

#[test]
fn one_current_and_one_pending_set_per_card() {
    on_both_engines(async |store| {
        let house = with_renewal(store).await;
        let copy = "INSERT INTO intent (intent_id, card_number, user_id, idempotency_key, request_hash, kind, state,
                        actor, predecessor, epoch, person_version, card_version, decided_at, not_before, not_after)
                    SELECT 'copy', card_number, user_id, 'copy', 'copy', kind, state,
                        actor, NULL, epoch, person_version, card_version, decided_at, not_before, not_after
                    FROM intent WHERE state = 'active'";
        refuses_unique(&house, copy).await;
        let copy = "INSERT INTO intent (intent_id, card_number, user_id, idempotency_key, request_hash, kind, state,
                        actor, predecessor, epoch, person_version, card_version, decided_at, not_before, not_after)
                    SELECT 'copy', card_number, user_id, 'copy', 'copy', kind, 'reserved',
                        actor, NULL, epoch, person_version, card_version, decided_at, not_before, not_after
                    FROM intent WHERE state = 'delivered'";
        refuses_unique(&house, copy).await;
        let repeated = "UPDATE intent SET idempotency_key = 'first' WHERE state = 'delivered'";
        refuses_unique(&house, repeated).await;
    })
    .unwrap();
}

#[test]
fn one_live_successor_and_one_certificate_per_key_and_role() {
    on_both_engines(async |store| {
        let house = with_renewal(store).await;
        let copy = "INSERT INTO certificate (serial, intent_id, issuer, card_number, user_id, key_role, state,
                        predecessor, shard, spki_sha256, tbs, tbs_sha256, not_before, not_after)
                    SELECT '0a', intent_id, issuer, card_number, user_id, key_role, 'reserved',
                        NULL, shard, $1, tbs, tbs_sha256, not_before, not_after
                    FROM certificate WHERE state = 'delivered' AND key_role = 'signature'";
        let fresh = || vec![Value::from("a".repeat(64))];
        let answer = house.execute(copy, fresh()).await;
        assert!(matches!(answer, Err(StoreError::Unique)), "a second certificate for one key of a set");
        let copy = "INSERT INTO certificate (serial, intent_id, issuer, card_number, user_id, key_role, state,
                        predecessor, shard, spki_sha256, tbs, tbs_sha256, not_before, not_after)
                    SELECT '0a', (SELECT intent_id FROM intent WHERE state = 'burned'), issuer, card_number, user_id,
                        key_role, 'reserved', predecessor, shard, $1, tbs, tbs_sha256, not_before, not_after
                    FROM certificate WHERE state = 'delivered' AND key_role = 'signature'";
        let burned = "INSERT INTO intent (intent_id, card_number, user_id, idempotency_key, request_hash, kind, state,
                        actor, epoch, person_version, card_version, decided_at, not_before, not_after, ended_at)
                      SELECT 'burned', card_number, user_id, 'burned', 'burned', kind, 'burned',
                        actor, epoch, person_version, card_version, decided_at, not_before, not_after, 1
                      FROM intent WHERE state = 'delivered'";
        house.execute(burned, Vec::new()).await.unwrap();
        let answer = house.execute(copy, fresh()).await;
        assert!(matches!(answer, Err(StoreError::Unique)), "a second successor: {answer:?}");
        refuses_unique(
            &house,
            "UPDATE certificate SET spki_sha256 = (SELECT MIN(spki_sha256) FROM certificate WHERE state = 'active')
             WHERE state = 'delivered' AND key_role = 'signature'",
        )
        .await;
        refuses_unique(
            &house,
            "UPDATE certificate SET serial = (SELECT MIN(serial) FROM certificate WHERE state = 'active')
             WHERE state = 'delivered' AND key_role = 'signature'",
        )
        .await;
    })
    .unwrap();
}

#[test]
fn a_state_says_whether_there_is_a_signature_and_an_end() {
    on_both_engines(async |store| {
        let house = with_renewal(store).await;
        refuses_check(
            &house,
            "UPDATE certificate SET state = 'reserved' WHERE state = 'delivered'",
        )
        .await;
        refuses_check(
            &house,
            "UPDATE certificate SET der = NULL WHERE state = 'active'",
        )
        .await;
        refuses_check(
            &house,
            "UPDATE certificate SET state = 'revoked' WHERE state = 'active'",
        )
        .await;
        refuses_check(
            &house,
            "UPDATE certificate SET revoked_at = 1 WHERE state = 'active'",
        )
        .await;
        refuses_check(&house, "UPDATE certificate SET shard = 128").await;
        refuses_check(
            &house,
            "UPDATE intent SET state = 'superseded' WHERE state = 'active'",
        )
        .await;
        refuses_check(&house, "UPDATE card SET state = 'cancelled'").await;
        refuses_check(&house, "UPDATE card SET state = 'sleeping'").await;
        refuses_check(&house, "UPDATE person SET state = 'closed'").await;
    })
    .unwrap();
}
