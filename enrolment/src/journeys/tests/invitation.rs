//! What a desk does to ways to sign in: raising, links at once, and the list of those that nobody uses.

use std::collections::BTreeSet;
use std::sync::Arc;

use policies::authenticator::AuthenticatorState;
use policies::ids::UserId;
use policies::invitation::{InvitationKind, Meeting};
use policies::refusal::RefusalCode;
use policies::signin::{Aal, Method};
use policies::time::{Span, Time};

use super::house::{House, START, desk, refused};
use super::model::{Desks, World};
use crate::authenticators::{AddedBy, Authenticator};
use crate::desk::DeskSession;
use crate::journeys::close_person::close_person;
use crate::journeys::desk_authenticator::{DeskWish, raise};
use crate::journeys::invitation::{Invite, Ticket, invite, look, open};
use crate::journeys::suspend_roles::suspend_roles;
use crate::store::trial::on_both_engines;
use crate::store::{Key, Store, StoreError, authenticators};
use crate::unused::{self, ON_A_PAGE};

const MET: Meeting = Meeting {
    holder_present: true,
    photo_compared: true,
};

struct Scene {
    world: World,
    manager: DeskSession,
    person: UserId,
}

impl Scene {
    async fn new(store: Store) -> Self {
        let world = World::new(store, false).await;
        let person = world.holder(100, false).await;
        let manager = world.session(Desks::Manager);
        Self {
            world,
            manager,
            person,
        }
    }

    fn house(&self) -> &House {
        &self.world.house
    }

    /// A key that proves AAL3, added in a weaker session.
    fn key(&self, id: &str, ends_at: Option<Time>) -> Authenticator {
        Authenticator {
            id: id.parse().unwrap(),
            user_id: self.person.clone(),
            person_open: true,
            method: Method::Fido2,
            name: "A key".into(),
            state: AuthenticatorState::Active,
            evidence: Aal::Aal3,
            bound_at: Aal::Aal2,
            added_by: match ends_at {
                None => AddedBy::Holder,
                Some(_) => AddedBy::Temporary,
            },
            added_at: START,
            raised_at: None,
            used_at: None,
            ends_at,
            version: 1,
        }
    }

    async fn add(&self, keys: Vec<Authenticator>) {
        let keys = Arc::new(keys);
        let written =
            self.house()
                .store()
                .write::<_, StoreError, _>("test.add", Key::none(), move |tx| {
                    let keys = Arc::clone(&keys);
                    Box::pin(async move {
                        for key in keys.iter() {
                            authenticators::insert(tx, key).await?;
                        }
                        Ok(())
                    })
                });
        written.await.unwrap();
    }

    fn wish(&self, id: &str) -> DeskWish {
        DeskWish {
            user_id: self.person.clone(),
            id: id.parse().unwrap(),
            by: self.manager.clone(),
        }
    }
}

#[test]
fn g16_a_desk_raises_a_key_once_and_a_temporary_one_never() {
    on_both_engines(async |store| {
        let scene = Scene::new(store).await;
        let (store, policy) = (scene.house().store(), scene.house().policy());
        let shift = Some(START.plus(Span::hours(12)));
        scene
            .add(vec![scene.key("k1", None), scene.key("k2", shift)])
            .await;
        for _ in 0..2 {
            let wanted = (scene.wish("k1"), MET);
            raise(store, policy, wanted, START).await.unwrap();
        }
        let bound = "SELECT bound_at FROM authenticator WHERE authenticator_id = 'k1'";
        assert_eq!(scene.house().count(bound).await, 3);
        let lines = "SELECT COUNT(*) FROM audit WHERE event LIKE '%authenticator_raised_at_desk%'";
        assert_eq!(scene.house().count(lines).await, 1);
        let absent = raise(store, policy, (scene.wish("k1"), Meeting::default()), START).await;
        assert_eq!(refused(absent), RefusalCode::HolderNotPresent);
        let temporary = raise(store, policy, (scene.wish("k2"), MET), START).await;
        assert_eq!(refused(temporary), RefusalCode::EvidenceTooWeak);
    })
    .unwrap();
}

#[test]
fn a_profile_that_closes_takes_all_ways_to_sign_in_away_and_says_so_once() {
    on_both_engines(async |store| {
        let scene = Scene::new(store).await;
        let house = scene.house();
        let told = async || {
            let letters =
                "SELECT COUNT(*) FROM outbox WHERE content LIKE '%authenticators_closed%'";
            house.count(letters).await
        };
        let close = async |person| {
            let (store, policy) = (house.store(), house.policy());
            close_person(store, policy, person, desk(), START)
                .await
                .unwrap();
        };
        let nothing_to_take = scene.world.holder(101, false).await;
        close(&nothing_to_take).await;
        assert_eq!(told().await, 0);
        let keys = [scene.key("k1", None), scene.key("k2", None)];
        scene.add(keys.into()).await;
        let addresses = "SELECT COUNT(*) FROM contact
                         WHERE user_id IN (SELECT user_id FROM authenticator)";
        let addresses = house.count(addresses).await;
        assert!(addresses > 0);
        for _ in 0..2 {
            close(&scene.person).await;
        }
        let left = "SELECT COUNT(*) FROM authenticator WHERE state <> 'removed'";
        assert_eq!(house.count(left).await, 0);
        assert_eq!(told().await, addresses, "one each, not one a key");
    })
    .unwrap();
}

#[test]
fn g29_a_colleague_on_leave_is_a_colleague() {
    on_both_engines(async |store| {
        let scene = Scene::new(store).await;
        let (store, policy) = (scene.house().store(), scene.house().policy());
        let agent = scene.world.session(Desks::Agent).user_id;
        let given = async |kind| {
            let wanted = Invite {
                user_id: agent.clone(),
                kind,
                meeting: MET,
                by: scene.manager.clone(),
            };
            invite(store, policy, wanted, START).await.map(drop)
        };
        let lasting = given(InvitationKind::Lasting).await;
        assert_eq!(refused(lasting), RefusalCode::SecondActorNeeded);
        suspend_roles(store, policy, &agent, &desk(), START)
            .await
            .unwrap();
        let on_leave = given(InvitationKind::Lasting).await;
        assert_eq!(refused(on_leave), RefusalCode::SecondActorNeeded);
        given(InvitationKind::Temporary).await.unwrap();
    })
    .unwrap();
}

#[test]
fn g14_many_spend_one_link_at_once_and_one_adds() {
    on_both_engines(async |store| {
        let scene = Scene::new(store).await;
        let (store, policy) = (scene.house().store(), scene.house().policy());
        let wanted = Invite {
            user_id: scene.person.clone(),
            kind: InvitationKind::Lasting,
            meeting: MET,
            by: scene.manager.clone(),
        };
        let given = invite(store, policy, wanted, START).await.unwrap();
        let browser = [7; 32];
        look(store, &given.secret, None, START).await.unwrap();
        open(store, &given.secret, browser, START).await.unwrap();
        let elsewhere = open(store, &given.secret, [8; 32], START).await;
        assert_eq!(refused(elsewhere), RefusalCode::InvitationOpenedElsewhere);
        let tries = (0..64).map(|number| {
            let ticket = Ticket { browser };
            store.write("test.spend", Key::none(), move |tx| {
                Box::pin(async move {
                    let id = format!("k{number}").parse()?;
                    ticket.spend(tx, &id, START).await
                })
            })
        });
        let done = futures_util::future::join_all(tries).await;
        assert_eq!(done.iter().filter(|spent| spent.is_ok()).count(), 1);
        let used = done.into_iter().find(Result::is_err).unwrap();
        assert_eq!(refused(used), RefusalCode::InvitationUsed);
    })
    .unwrap();
}

#[test]
fn what_nobody_uses_comes_in_pages_and_each_once() {
    on_both_engines(async |store| {
        let scene = Scene::new(store).await;
        let (store, policy) = (scene.house().store(), scene.house().policy());
        let many = 2 * ON_A_PAGE + 20;
        let keys = (0..many).map(|number| scene.key(&format!("k{number}"), None));
        scene.add(keys.collect()).await;
        // Access for one shift ended by itself.
        let shift = Some(START.plus(Span::hours(12)));
        scene.add(vec![scene.key("temporary", shift)]).await;
        let now = START.plus_calendar_months(12);
        let list = |after, now| unused::list(store, policy, (scene.manager.clone(), after), now);
        let early = list(None, now.minus(Span::seconds(1))).await.unwrap();
        assert!(early.lines.is_empty());
        let (mut seen, mut after, mut pages) = (BTreeSet::new(), None, 0);
        loop {
            let page = list(after, now).await.unwrap();
            assert!(page.lines.len() <= ON_A_PAGE);
            seen.extend(page.lines.into_iter().map(|one| one.id));
            pages += 1;
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!((seen.len(), pages), (many, 3));
    })
    .unwrap();
}
