//! Works at a desk, where the model once found the house wrong: each by its own name.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use policies::card::{CardState, CertificateState};
use policies::ids::{CardNumber, UserId};
use policies::refusal::RefusalCode;
use policies::renewal::RepairReason;
use policies::time::{Span, Time};

use super::house::{House, START, activation, desk, first, refused, requests};
use super::model::{Desks, World};
use crate::cards::CertificateSet;
use crate::desk::{Attestation, DeskSession, WorkKind, second_work, start_work};
use crate::journeys::desk_card::{self, DeskCard};
use crate::journeys::renewal::{self, Restart};
use crate::journeys::request_card::{CardRequest, request_card};
use crate::journeys::suspend_roles::suspend_roles;
use crate::journeys::{JourneyError, confirm, first_card, self_renew};
use crate::recovery;
use crate::store::Store;
use crate::store::trial::on_both_engines;

/// A house with its desks, and somebody with an active card.
struct Scene {
    world: World,
    manager: DeskSession,
    user_id: UserId,
    card: CardNumber,
    set: CertificateSet,
}

impl Scene {
    async fn new(store: Store, forgetful: bool) -> Self {
        let world = World::new(store, forgetful).await;
        let user_id = world.holder(100, false).await;
        let (card, set) = world.house.card(&user_id, 1, START).await;
        let manager = world.session(Desks::Manager);
        Self {
            world,
            manager,
            user_id,
            card,
            set,
        }
    }

    fn house(&self) -> &House {
        &self.world.house
    }

    async fn begin(&self, kind: WorkKind, now: Time) -> DeskCard {
        let wanted = (self.card.clone(), kind);
        let (house, by) = (self.house(), self.manager.clone());
        let begun = start_work(house.store(), house.policy(), wanted, by, now)
            .await
            .unwrap();
        DeskCard {
            work_id: begun.work_id,
            requests: requests(Some(&begun.nonce)),
            attestation: Attestation {
                holder_present: true,
                photo_compared: true,
                reason: Some(RepairReason::CannotSignIn),
                evidence: Vec::new(),
            },
            restart: false,
            idempotency_key: None,
        }
    }

    async fn issue(
        &self,
        kind: WorkKind,
        wanted: DeskCard,
        now: Time,
    ) -> Result<CertificateSet, JourneyError> {
        desk_card::issue(
            &self.house().issuing,
            kind,
            wanted,
            self.manager.clone(),
            now,
        )
        .await
    }

    async fn give_up(&self, now: Time) {
        let (house, by) = (self.house(), self.manager.clone());
        desk_card::abandon(house.store(), house.policy(), &self.card, by, now)
            .await
            .unwrap();
    }

    /// The same, and the process dies between the two transactions.
    async fn interrupted(&self, kind: WorkKind, now: Time) {
        let wanted = self.begin(kind, now).await;
        self.world.refuses.store(true, Ordering::SeqCst);
        let answer = self.issue(kind, wanted, now).await;
        self.world.refuses.store(false, Ordering::SeqCst);
        assert!(
            matches!(answer, Err(JourneyError::Authority(_))),
            "{answer:?}"
        );
    }
}

fn serials(set: &CertificateSet) -> Vec<policies::ids::Serial> {
    set.certificates
        .iter()
        .map(|one| one.serial.clone())
        .collect()
}

#[test]
fn a_first_set_begun_again_is_put_to_use_by_its_holder_alone() {
    on_both_engines(async |store| {
        let mut scene = Scene::new(store, false).await;
        let other = scene.world.holder(101, false).await;
        let wanted = first(&other, 2, "first");
        scene.card = wanted.card.clone();
        first_card::issue(&scene.house().issuing, wanted, &desk(), START)
            .await
            .unwrap();
        let mut again = scene.begin(WorkKind::Issue, START).await;
        (again.restart, again.attestation.reason) = (true, None);
        let work_id = again.work_id.clone();
        let set = scene.issue(WorkKind::Issue, again, START).await.unwrap();
        let (house, by) = (scene.house(), &scene.manager);
        let written = desk_card::confirm(house.store(), &work_id, serials(&set), by, START)
            .await
            .unwrap();
        assert_eq!(written.state, CertificateState::Delivered);
        let answer = confirm::by_serials(house.store(), &scene.card, serials(&set), START).await;
        assert_eq!(refused(answer), RefusalCode::CardNotActive);
        let wanted = activation(&scene.card, START);
        let active = first_card::activate(house.store(), house.policy(), wanted, START)
            .await
            .unwrap();
        assert_eq!(active.set_id, set.set_id);
    })
    .unwrap();
}

#[test]
fn a_first_set_that_was_given_up_is_issued_again() {
    on_both_engines(async |store| {
        let mut scene = Scene::new(store, false).await;
        let other = scene.world.holder(101, false).await;
        let wanted = first(&other, 2, "first");
        scene.card = wanted.card.clone();
        first_card::issue(&scene.house().issuing, wanted, &desk(), START)
            .await
            .unwrap();
        scene.give_up(START).await;
        let house = scene.house();
        let (store, policy) = (house.store(), house.policy());
        let answer =
            first_card::activate(store, policy, activation(&scene.card, START), START).await;
        assert_eq!(refused(answer), RefusalCode::NothingPending);
        let work = scene.begin(WorkKind::Issue, START).await;
        scene.issue(WorkKind::Issue, work, START).await.unwrap();
        first_card::activate(store, policy, activation(&scene.card, START), START)
            .await
            .unwrap();
    })
    .unwrap();
}

#[test]
fn a_set_between_its_two_transactions_is_in_progress_for_everybody() {
    on_both_engines(async |store| {
        let scene = Scene::new(store, false).await;
        let (work, other) = (
            scene.begin(WorkKind::Repair, START).await,
            scene.begin(WorkKind::Repair, START).await,
        );
        scene.interrupted(WorkKind::Repair, START).await;
        let answer = scene.issue(WorkKind::Repair, work, START).await;
        assert_eq!(refused(answer), RefusalCode::RenewalInProgress);
        let again = DeskCard {
            restart: true,
            ..other
        };
        let answer = scene.issue(WorkKind::Repair, again, START).await;
        assert_eq!(refused(answer), RefusalCode::RenewalInProgress);
    })
    .unwrap();
}

#[test]
fn a_card_whose_repair_was_given_up_is_repaired_again() {
    on_both_engines(async |store| {
        let scene = Scene::new(store, false).await;
        let work = scene.begin(WorkKind::Repair, START).await;
        scene.issue(WorkKind::Repair, work, START).await.unwrap();
        scene.give_up(START).await;
        let work = scene.begin(WorkKind::Repair, START).await;
        let work_id = work.work_id.clone();
        let set = scene.issue(WorkKind::Repair, work, START).await.unwrap();
        let store = scene.house().store();
        let set = desk_card::confirm(store, &work_id, serials(&set), &scene.manager, START)
            .await
            .unwrap();
        assert_eq!(
            scene.house().standing(&set).await.card_state,
            CardState::Active
        );
    })
    .unwrap();
}

#[test]
fn a_burned_repair_leaves_no_slot_of_the_renewal_it_ended() {
    on_both_engines(async |store| {
        let scene = Scene::new(store, true).await;
        let (house, now) = (scene.house(), scene.set.certificates[0].not_after);
        let wish = house.renewal(&scene.set, "one", now).await;
        self_renew::renew(&house.issuing, wish, now).await.unwrap();
        scene.interrupted(WorkKind::Repair, now).await;
        let later = now.plus(Span::seconds(60));
        assert_eq!(
            recovery::at_start(&house.issuing, later)
                .await
                .unwrap()
                .burned
                .len(),
            1
        );
        assert_eq!(house.count("SELECT MAX(self_renewals) FROM card").await, 0);
        assert_eq!(house.count("SELECT COUNT(*) FROM renewal_slot").await, 0);
    })
    .unwrap();
}

#[test]
fn a_starting_process_burns_nothing_that_another_may_be_signing() {
    on_both_engines(async |store| {
        let scene = Scene::new(store, true).await;
        scene.interrupted(WorkKind::Repair, START).await;
        let shared = scene.house().store().is_shared();
        let recovered = recovery::at_start(&scene.house().issuing, START)
            .await
            .unwrap();
        assert_eq!(recovered.burned.len(), usize::from(!shared));
        let later = START.plus(Span::seconds(60));
        let recovered = recovery::at_start(&scene.house().issuing, later)
            .await
            .unwrap();
        assert_eq!(recovered.burned.len(), usize::from(shared));
    })
    .unwrap();
}

#[test]
fn a_superseded_certificate_begins_nothing_again() {
    on_both_engines(async |store| {
        let scene = Scene::new(store, false).await;
        let (house, now) = (
            scene.house(),
            scene.set.certificates[0].not_after.minus(Span::days(80)),
        );
        let old = scene.set.clone();
        let wish = house.renewal(&old, "one", now).await;
        let set = self_renew::renew(&house.issuing, wish, now).await.unwrap();
        let set = confirm::by_serials(house.store(), &scene.card, serials(&set), now)
            .await
            .unwrap();
        let next = set.certificates[0].not_after.minus(Span::days(80));
        let wish = house.renewal(&set, "two", next).await;
        let renewal_id = wish.renewal_id.clone();
        self_renew::renew(&house.issuing, wish, next).await.unwrap();
        let again = renewal::renonce(house.store(), &house.presented(&set), &renewal_id, next)
            .await
            .unwrap();
        let stolen = Restart {
            presented: house.presented(&old),
            renewal_id,
            requests: requests(again.nonce.as_deref()),
            idempotency_key: "stolen".parse().unwrap(),
        };
        let answer = renewal::restart(&house.issuing, stolen, next).await;
        assert_eq!(refused(answer), RefusalCode::PairSuperseded);
    })
    .unwrap();
}

#[test]
fn a_second_actor_who_lost_her_role_stands_behind_nothing() {
    on_both_engines(async |store| {
        let mut scene = Scene::new(store, false).await;
        let colleague = scene.world.holder(101, true).await;
        let (card, set) = scene.house().card(&colleague, 2, START).await;
        scene.card = card;
        let now = set.certificates[0].not_after.plus(Span::seconds(1));
        let work = scene.begin(WorkKind::Reissue, now).await;
        let (house, agent) = (scene.house(), scene.world.session(Desks::Agent));
        let (store, policy) = (house.store(), Arc::clone(house.policy()));
        let answer = scene.issue(WorkKind::Reissue, work.clone(), now).await;
        assert_eq!(refused(answer), RefusalCode::SecondActorNeeded);
        second_work(store, &policy, &work.work_id, agent.clone(), now)
            .await
            .unwrap();
        suspend_roles(store, &policy, &agent.user_id, &desk(), now)
            .await
            .unwrap();
        let answer = scene.issue(WorkKind::Reissue, work, now).await;
        assert_eq!(refused(answer), RefusalCode::SecondActorNeeded);
        assert_ne!(scene.user_id, colleague);
    })
    .unwrap();
}

#[test]
fn the_serials_of_another_set_confirm_no_work() {
    on_both_engines(async |store| {
        let scene = Scene::new(store, false).await;
        let (house, now) = (scene.house(), scene.set.certificates[0].not_after);
        let work = scene.begin(WorkKind::Renew, now).await;
        let work_id = work.work_id.clone();
        let set = scene.issue(WorkKind::Renew, work, now).await.unwrap();
        desk_card::confirm(house.store(), &work_id, serials(&set), &scene.manager, now)
            .await
            .unwrap();
        let next = set.certificates[0].not_after;
        let wish = house.renewal(&set, "own", next).await;
        let own = self_renew::renew(&house.issuing, wish, next).await.unwrap();
        let answer =
            desk_card::confirm(house.store(), &work_id, serials(&own), &scene.manager, next).await;
        assert_eq!(refused(answer), RefusalCode::SerialMismatch);
        assert_eq!(
            house.standing(&own).await.certificate_state,
            CertificateState::Delivered
        );
    })
    .unwrap();
}

#[test]
fn a_work_makes_one_first_set_and_no_other_when_that_was_given_up() {
    on_both_engines(async |store| {
        let mut scene = Scene::new(store, false).await;
        let user_id = scene.world.holder(101, false).await;
        let house = scene.house();
        let wanted = CardRequest {
            user_id,
            card: Some("9000000000000002".parse().unwrap()),
            idempotency_key: None,
        };
        let by = scene.manager.clone();
        scene.card = request_card(house.store(), house.policy(), wanted, by, START)
            .await
            .unwrap();
        let first = scene.begin(WorkKind::Issue, START).await;
        let again = DeskCard {
            idempotency_key: Some("again".parse().unwrap()),
            ..first.clone()
        };
        scene.issue(WorkKind::Issue, first, START).await.unwrap();
        scene.give_up(START).await;
        // Its keys are known; with other keys the nonce is spent.
        let answer = scene.issue(WorkKind::Issue, again.clone(), START).await;
        assert_eq!(refused(answer), RefusalCode::KeyReused);
        let nonce = scene.house().text("SELECT nonce FROM desk_work").await;
        let fresh = DeskCard {
            requests: requests(Some(&nonce)),
            ..again
        };
        let answer = scene.issue(WorkKind::Issue, fresh, START).await;
        assert_eq!(refused(answer), RefusalCode::ProofOfPossessionFailed);
        let another = scene.begin(WorkKind::Issue, START).await;
        scene.issue(WorkKind::Issue, another, START).await.unwrap();
    })
    .unwrap();
}
