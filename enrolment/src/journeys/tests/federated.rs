//! Accounts of other organisations: linked by issuer and subject, once, and switched off.

use policies::authenticator::Change;
use policies::federation::{Statement, Terms, Vouched, judge};
use policies::ids::{AuthenticatorId, FederationId, UserId};
use policies::refusal::RefusalCode;
use policies::signin::Aal;
use policies::time::Span;

use super::house::{House, START, in_session, refused};
use crate::audit::Actor;
use crate::journeys::JourneyError;
use crate::journeys::authenticator::{Wish, change_own};
use crate::journeys::federated::{
    Account, Astray, Departure, Found, Linking, Purpose, arrive, configure, depart, draw_id, find,
    forget_ended, link, switch, switches,
};
use crate::journeys::owner::Owner;
use crate::store::trial::on_both_engines;
use crate::store::{Key, Store, StoreError};

const STATE: [u8; 32] = [1; 32];
const BROWSER: [u8; 32] = [2; 32];
const OTHER: [u8; 32] = [3; 32];

fn owner(user_id: &UserId) -> Owner {
    super::public_key::owner(user_id, Aal::Aal3)
}

fn account(issuer: &str, subject: &str) -> Account {
    Account {
        federation: "nhs".parse().unwrap(),
        issuer: issuer.to_owned(),
        subject: subject.to_owned(),
    }
}

fn vouched() -> Vouched {
    let terms = Terms {
        acr: vec!["mfa".to_owned()],
        amr: Vec::new(),
        max_age: Span::minutes(5),
        tenant: None,
    };
    let statement = Statement {
        acr: Some("mfa".to_owned()),
        amr: Vec::new(),
        auth_time: Some(START),
        issued_at: START,
        tenant: None,
    };
    judge(&terms, &statement, None, START).unwrap()
}

async fn linked(
    house: &House,
    person: &UserId,
    account: Account,
) -> Result<AuthenticatorId, JourneyError> {
    let linking = Linking {
        owner: owner(person),
        id: draw_id().unwrap(),
        name: "Work account".parse().unwrap(),
    };
    let policy = house.policy().clone();
    let work = house.store().write("test.link", Key::none(), move |tx| {
        let (account, linking, policy) = (account.clone(), linking.clone(), policy.clone());
        Box::pin(async move { link(tx, &account, &linking, vouched(), START, &policy).await })
    });
    work.await
}

/// Whose account it is, or why not.
async fn whose(store: &Store, account: Account) -> Result<Found, RefusalCode> {
    let read = store.read::<_, StoreError, _>("test.find", move |tx| {
        let account = account.clone();
        Box::pin(async move { find(tx, &account, START).await })
    });
    read.await.unwrap().map_err(|(refusal, _)| refusal.code)
}

async fn turn(store: &Store, id: &str, on: bool) -> Option<bool> {
    let id: FederationId = id.parse().unwrap();
    let work = store.write::<_, StoreError, _>("test.switch", Key::none(), move |tx| {
        let id = id.clone();
        Box::pin(async move { switch(tx, &id, on, &Actor::System, START).await })
    });
    work.await.unwrap()
}

async fn sent(house: &House, purpose: Purpose) -> Result<(), JourneyError> {
    let departure = Departure {
        state: STATE,
        federation: "nhs".parse().unwrap(),
        browser: BROWSER,
        purpose,
    };
    let (owner, policy) = (owner(&house.person(1).await), house.policy().clone());
    let work = house.store().write("test.depart", Key::none(), move |tx| {
        let (departure, owner, policy) = (departure.clone(), owner.clone(), policy.clone());
        Box::pin(async move { depart(tx, &departure, Some(&owner), START, &policy).await })
    });
    work.await
}

async fn back(
    store: &Store,
    state: [u8; 32],
    (federation, browser): (&'static str, [u8; 32]),
    after: Span,
) -> Result<Purpose, Astray> {
    let work = store.write::<_, StoreError, _>("test.arrive", Key::none(), move |tx| {
        Box::pin(async move {
            let (id, now) = (federation.parse().unwrap(), START.plus(after));
            arrive(tx, &state, &id, &[[0; 32], browser], now).await
        })
    });
    work.await.unwrap().map(|(purpose, _)| purpose)
}

async fn open(store: Store) -> House {
    let house = House::new(store).await;
    let enabled = vec!["nhs".parse().unwrap(), "trust".parse().unwrap()];
    configure(house.store(), enabled, START).await.unwrap();
    house
}

#[test]
fn g22_an_account_is_one_persons_by_issuer_and_subject_until_it_is_taken_away() {
    on_both_engines(async |store| {
        let house = open(store).await;
        let (one, other) = (house.person(1).await, house.person(2).await);
        house.card(&one, 1, START).await;
        let hers = account("https://login.example", "subject");
        let id = linked(&house, &one, hers.clone()).await.unwrap();
        let found = whose(house.store(), hers.clone()).await.unwrap();
        assert_eq!((&found.person, &found.id), (&one, &id));
        assert_eq!(found.login.level(), Aal::Aal2);
        for nobodys in [
            account("https://login.example/", "subject"),
            account("https://login.example", "Subject"),
            account("https://other.example", "subject"),
        ] {
            let found = whose(house.store(), nobodys).await;
            assert_eq!(found.unwrap_err(), RefusalCode::AccountNotLinked);
        }
        for person in [&one, &other] {
            let twice = linked(&house, person, hers.clone()).await;
            assert_eq!(refused(twice), RefusalCode::AlreadyRegisteredElsewhere);
        }
        let told = house
            .count("SELECT COUNT(*) FROM outbox WHERE content LIKE '%Work account%'")
            .await;
        assert_eq!(told, 1, "her one address");
        let wish = |change| Wish {
            user_id: one.clone(),
            signed_in: in_session(&one, Aal::Aal3),
            id: id.clone(),
            change,
        };
        let (store, policy) = (house.store(), house.policy());
        change_own(store, policy, wish(Change::Suspend), START)
            .await
            .unwrap();
        let lost = whose(store, hers.clone()).await;
        assert_eq!(lost.unwrap_err(), RefusalCode::AuthenticatorSuspended);
        let stolen = linked(&house, &other, hers.clone()).await;
        assert_eq!(refused(stolen), RefusalCode::AlreadyRegisteredElsewhere);
        change_own(store, policy, wish(Change::Remove), START)
            .await
            .unwrap();
        let gone = whose(store, hers.clone()).await;
        assert_eq!(gone.unwrap_err(), RefusalCode::AccountNotLinked);
        linked(&house, &other, hers).await.unwrap();
    })
    .unwrap();
}

#[test]
fn somebody_sent_away_comes_back_once_in_time_to_where_she_was_sent_from() {
    on_both_engines(async |store| {
        let house = open(store).await;
        let purpose = Purpose::SignIn("handle".to_owned());
        sent(&house, purpose.clone()).await.unwrap();
        let store = house.store();
        let here = ("nhs", BROWSER);
        let minutes = Span::minutes;
        for (state, place, after, why) in [
            (OTHER, here, minutes(1), Astray::Unknown),
            (
                STATE,
                ("trust", BROWSER),
                minutes(1),
                Astray::OtherOrganisation,
            ),
            (STATE, ("nhs", OTHER), minutes(1), Astray::OtherBrowser),
            (STATE, here, Span::seconds(601), Astray::Late),
        ] {
            assert_eq!(back(store, state, place, after).await, Err(why));
        }
        let at_once = (0..16).map(|_| back(store, STATE, here, minutes(10)));
        let all = futures_util::future::join_all(at_once).await;
        let let_in: Vec<_> = all.into_iter().flatten().collect();
        assert_eq!(let_in, [purpose]);
        sent(&house, Purpose::SignIn("late".to_owned()))
            .await
            .unwrap();
        let forgotten = store
            .write::<_, StoreError, _>("test.forget", Key::none(), |tx| {
                Box::pin(async move { forget_ended(tx, START.plus(Span::hours(2)), 10).await })
            })
            .await;
        assert_eq!(forgotten.unwrap(), 1);
    })
    .unwrap();
}

#[test]
fn g23_what_is_off_neither_sends_nor_finds_nor_links() {
    on_both_engines(async |store| {
        let house = open(store).await;
        let person = house.person(1).await;
        let hers = account("https://login.example", "subject");
        linked(&house, &person, hers.clone()).await.unwrap();
        let (store, off) = (house.store(), RefusalCode::FederationOff);
        assert_eq!(turn(store, "nobody", false).await, None);
        assert_eq!(turn(store, "nhs", true).await, Some(false), "it is on");
        assert_eq!(turn(store, "nhs", false).await, Some(true));
        assert_eq!(turn(store, "nhs", false).await, Some(false));
        assert_eq!(whose(store, hers.clone()).await.unwrap_err(), off);
        let another = account("https://login.example", "another");
        assert_eq!(refused(linked(&house, &person, another).await), off);
        let away = sent(&house, Purpose::SignIn("handle".to_owned())).await;
        assert_eq!(refused(away), off);
        assert_eq!(turn(store, "nhs", true).await, Some(true));
        assert!(whose(store, hers.clone()).await.is_ok());
        // Out of the configuration is off as well; the switch stays where it was.
        configure(store, vec!["trust".parse().unwrap()], START)
            .await
            .unwrap();
        assert_eq!(whose(store, hers.clone()).await.unwrap_err(), off);
        let stands = switches(store).await.unwrap();
        assert_eq!(stands.iter().filter(|one| one.is_on()).count(), 1);
        configure(store, vec!["nhs".parse().unwrap()], START)
            .await
            .unwrap();
        assert!(whose(store, hers).await.is_ok());
        let lines = house
            .count("SELECT COUNT(*) FROM audit WHERE event LIKE '%federation_switched%'")
            .await;
        assert_eq!(lines, 2 + 2 + 1 + 2, "each change, and nothing else");
    })
    .unwrap();
}
