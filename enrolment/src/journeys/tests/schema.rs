//! What the schema refuses, whatever the code does: each constraint by a statement that goes past
//! every rule.

use policies::renewal::RepairReason;
use policies::time::Span;

use super::house::{House, START, requests};
use super::model::{Desks, World};
use crate::desk::{Attestation, WorkKind, start_work};
use crate::journeys::desk_card::{self, DeskCard};
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

/// A house with an active card, a manager at the desk, and a pending set that she issued.
async fn with_desk_act(store: crate::store::Store) -> House {
    let world = World::new(store, false).await;
    let user_id = world.holder(100, false).await;
    let (manager, house) = (world.session(Desks::Manager), world.house);
    let (card, _) = house.card(&user_id, 1, START).await;
    let wanted = (card, WorkKind::Repair);
    let work = start_work(
        house.store(),
        house.policy(),
        wanted,
        manager.clone(),
        START,
    )
    .await
    .unwrap();
    let wanted = DeskCard {
        work_id: work.work_id,
        requests: requests(Some(&work.nonce)),
        attestation: Attestation {
            holder_present: true,
            photo_compared: true,
            reason: Some(RepairReason::CannotSignIn),
            evidence: Vec::new(),
        },
        restart: false,
        idempotency_key: None,
    };
    desk_card::issue(&house.issuing, WorkKind::Repair, wanted, manager, START)
        .await
        .unwrap();
    house
}

#[test]
fn nobody_attests_works_or_stands_behind_for_herself() {
    on_both_engines(async |store| {
        let house = with_desk_act(store).await;
        for sql in [
            "UPDATE desk_act SET actor = user_id",
            "UPDATE desk_act SET second_actor = user_id",
            "UPDATE desk_act SET second_actor = actor",
            "UPDATE desk_act SET holder_present = 0",
            "UPDATE desk_act SET photo_compared = 0",
            "UPDATE desk_work SET actor = user_id",
            "UPDATE desk_work SET second_actor = user_id",
            "UPDATE desk_work SET second_actor = actor",
            "UPDATE intent SET actor = user_id WHERE kind = 'repair'",
            "UPDATE intent SET actor = NULL WHERE kind = 'repair'",
            // A restart is by its own holder only where the first decision was hers.
            "UPDATE intent SET kind = 'restart', origin = 'repair', actor = user_id WHERE kind = 'repair'",
            "UPDATE intent SET kind = 'restart', origin = 'first', actor = NULL WHERE kind = 'repair'",
        ] {
            refuses_check(&house, sql).await;
        }
    })
    .unwrap();
}

#[test]
fn an_inserted_third_self_renewal_or_own_approval_does_not_stand() {
    on_both_engines(async |store| {
        let house = with_desk_act(store).await;
        refuses_check(
            &house,
            "INSERT INTO renewal_slot (card_number, epoch, slot, intent_id)
             SELECT card_number, epoch, 3, intent_id FROM intent WHERE kind = 'repair'",
        )
        .await;
        refuses_check(
            &house,
            "INSERT INTO desk_act (intent_id, user_id, actor, holder_present, photo_compared, out_of_area, evidence)
             SELECT intent_id, user_id, user_id, 1, 1, 0, '' FROM intent WHERE kind = 'first'",
        )
        .await;
        refuses_check(
            &house,
            "INSERT INTO desk_work (work_id, card_number, user_id, kind, actor, nonce, started_at)
             SELECT 'own', card_number, user_id, 'renew', user_id, 'nonce', 0 FROM card",
        )
        .await;
        refuses_check(
            &house,
            "INSERT INTO intent (intent_id, card_number, user_id, idempotency_key, request_hash, kind, state, actor,
                 epoch, person_version, card_version, decided_at, not_before, not_after, ended_at)
             SELECT 'own', card_number, user_id, 'own', 'own', 'reissue', 'burned', user_id, 1, 1, 1, 0, 0, 0, 0
             FROM card",
        )
        .await;
    })
    .unwrap();
}
