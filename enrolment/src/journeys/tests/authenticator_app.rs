//! Password and authenticator app: setting up, signing in, and guessing.

use policies::authenticator::{Change, Standing};
use policies::ids::UserId;
use policies::refusal::RefusalCode;
use policies::signin::{Aal, Method};
use policies::time::{Span, Time};
use policies::totp::step_of;
use zeroize::Zeroizing;

use super::books;
use super::house::{House, START, in_session, refused};
use super::model::asked;
use super::races::rounds;
use super::unlock::made;
use crate::codes::CodeHouse;
use crate::journeys::JourneyError;
use crate::journeys::authenticator::{Wish, change_own};
use crate::journeys::authenticator_app::{
    Accepted, Door, Finish, Place, Typed, accept, begun, finish, forget_ended, judge, start,
};
use crate::journeys::owner::{Ground, Owner};
use crate::role_keys::RoleKeys;
use crate::store::trial::on_both_engines;
use crate::store::{Key, StoreError};
use crate::totp::AppSecret;

pub(super) const PASSWORD: &str = "tea at the window";
pub(super) const MAIL: &str = "person1@demo.example";
pub(super) const BROWSER: [u8; 32] = [9; 32];

fn owner(user_id: &UserId) -> Owner {
    owner_since(user_id, ("a-session", START))
}

fn owner_since(user_id: &UserId, (session, since): (&str, Time)) -> Owner {
    let standing = Standing {
        aal: Aal::Aal2,
        authenticated_at: since,
        method: Method::Smartcard,
        temporary: false,
    };
    Owner {
        user_id: user_id.clone(),
        ground: Ground::Session(books::signed_in(session, user_id, standing)),
        role_keys: RoleKeys::open(),
    }
}

fn finishing(id: &policies::ids::AuthenticatorId, password: &str, code: &str) -> Finish {
    Finish {
        id: id.clone(),
        name: "My phone".parse().unwrap(),
        password: Zeroizing::new(password.to_owned()),
        code: Zeroizing::new(code.to_owned()),
    }
}

/// A house in which person 1 has an app and a password.
pub(super) async fn with_app(
    store: crate::store::Store,
) -> (
    House,
    CodeHouse,
    UserId,
    AppSecret,
    policies::ids::AuthenticatorId,
) {
    let (house, codes, person, _) = made(store).await;
    let who = owner(&person);
    let set = start(&codes, &who, START).await.unwrap();
    let code = set.secret.code(step_of(START));
    let id = finish(&codes, &who, finishing(&set.id, PASSWORD, &code), START)
        .await
        .unwrap();
    (house, codes, person, set.secret, id)
}

/// At the door, from that machine.
pub(super) fn door(browser: Option<[u8; 32]>, last: u8) -> Place {
    let address = [192, 0, 2, last].into();
    Place::Door(Door { browser, address })
}

pub(super) fn typed(username: &str, password: &str, code: &str) -> Typed {
    Typed {
        username: username.to_owned(),
        password: Zeroizing::new(password.to_owned()),
        code: Zeroizing::new(code.to_owned()),
        at: door(None, 1),
    }
}

/// A whole try, as a sign-in makes it.
pub(super) async fn attempt(
    house: &CodeHouse,
    typed: Typed,
    now: Time,
) -> Result<Accepted, JourneyError> {
    let judged = judge(house, typed, now).await?;
    let inner = house.clone();
    house
        .store
        .write("test.accept", Key::none(), move |tx| {
            let (house, judged) = (inner.clone(), judged.clone());
            Box::pin(async move { accept(tx, &house, &judged, BROWSER, now).await })
        })
        .await
}

/// A later instant, and what the app shows then.
pub(super) fn later(secret: &AppSecret, minutes: i64) -> (Time, String) {
    let now = START.plus(Span::minutes(minutes));
    (now, secret.code(step_of(now)).to_string())
}

#[test]
fn an_app_is_set_up_once_in_its_session_with_a_right_code_and_a_good_password() {
    on_both_engines(async |store| {
        let (house, codes, person, _) = made(store).await;
        let who = owner(&person);
        let set = start(&codes, &who, START).await.unwrap();
        let shown = begun(&codes, &who, &set.id, START).await.unwrap();
        assert_eq!(shown.secret.base32(), set.secret.base32());
        assert_eq!(shown.account, MAIL);
        let code = set.secret.code(step_of(START));
        let weak = finish(&codes, &who, finishing(&set.id, "hospital1", &code), START).await;
        assert_eq!(refused(weak), RefusalCode::PasswordCommon);
        let wrong = finish(&codes, &who, finishing(&set.id, PASSWORD, "000"), START).await;
        assert_eq!(refused(wrong), RefusalCode::CodeWrong);
        let elsewhere = owner_since(&person, ("another", START));
        let stolen = finish(
            &codes,
            &elsewhere,
            finishing(&set.id, PASSWORD, &code),
            START,
        )
        .await;
        assert_eq!(refused(stolen), RefusalCode::CeremonyFailed);
        let late = START.plus(Span::minutes(11));
        let late_code = set.secret.code(step_of(late));
        let slow = finish(&codes, &who, finishing(&set.id, PASSWORD, &late_code), late).await;
        assert_eq!(refused(slow), RefusalCode::CeremonyFailed);
        let id = finish(&codes, &who, finishing(&set.id, PASSWORD, &code), START)
            .await
            .unwrap();
        assert_eq!(id, set.id);
        let twice = finish(&codes, &who, finishing(&set.id, PASSWORD, &code), START).await;
        assert_eq!(refused(twice), RefusalCode::CeremonyFailed);
        // The half minute in which it was set up is used up.
        let again = attempt(&codes, typed(MAIL, PASSWORD, &code), START).await;
        assert_eq!(refused(again), RefusalCode::CredentialsWrong);
        let sealed = house
            .count("SELECT COUNT(*) FROM app_secret WHERE length(sealed) = 48")
            .await;
        assert_eq!(sealed, 1, "nonce, 20 bytes, tag: never in plain");
        let weaker = owner_since(&person, ("a-session", START.minus(Span::minutes(21))));
        let stale = start(&codes, &weaker, START).await.err().unwrap();
        assert_eq!(
            stale.refusal().unwrap().code,
            RefusalCode::ReauthenticationNeeded
        );
    })
    .unwrap();
}

#[test]
fn g7_a_code_is_accepted_once_in_any_spelling_in_sequence_and_at_once() {
    on_both_engines(async |store| {
        let (house, codes, person, secret, id) = with_app(store).await;
        let (now, code) = later(&secret, 5);
        let good = attempt(&codes, typed(MAIL, PASSWORD, &code), now)
            .await
            .unwrap();
        assert_eq!(
            (good.person, good.id, good.login.level()),
            (person, id, Aal::Aal2)
        );
        let wide: String = code
            .chars()
            .map(|c| char::from_u32(u32::from(c) - 0x30 + 0xff10).unwrap())
            .collect();
        let spaced = format!(" {} {} ", &code[..3], &code[3..]);
        for (number, again) in [code, wide, spaced].into_iter().enumerate() {
            let at = now.plus(Span::seconds(i64::try_from(number).unwrap() * 4));
            let twice = attempt(&codes, typed(MAIL, PASSWORD, &again), at).await;
            assert_eq!(refused(twice), RefusalCode::CredentialsWrong);
        }
        drop(house);
    })
    .unwrap();
}

/// `MATRON_ROUNDS` asks for many rounds, as for the races of a card.
#[test]
fn g7_of_sixty_four_at_once_with_one_code_one_is_accepted_round_after_round() {
    on_both_engines(async |store| {
        let rounds = i64::from(rounds(&store));
        let (_house, codes, _, secret, _) = with_app(store).await;
        let mut accepted = 0;
        for round in 1..=rounds {
            let (now, code) = later(&secret, 5 * round);
            // Judged before any of them was accepted, and then all at once.
            let judged = judge(&codes, typed(MAIL, PASSWORD, &code), now)
                .await
                .unwrap();
            let at_once = (0..64).map(|_| {
                let (inner, judged) = (codes.clone(), judged.clone());
                codes.store.write("test.accept", Key::none(), move |tx| {
                    let (house, judged) = (inner.clone(), judged.clone());
                    Box::pin(async move { accept(tx, &house, &judged, BROWSER, now).await })
                })
            });
            let all: Vec<Result<Accepted, JourneyError>> =
                futures_util::future::join_all(at_once).await;
            accepted += all.iter().filter(|one| one.is_ok()).count();
        }
        assert_eq!(i64::try_from(accepted).unwrap(), rounds);
    })
    .unwrap();
}

/// Her number or address as that guess spells it.
fn spelt(person: &UserId, number: u64) -> String {
    let blanks = " ".repeat(usize::try_from(number % 5).unwrap());
    let (first, last) = person.as_str().split_at(6);
    match number % 3 {
        0 => format!("{blanks}{}{blanks}", MAIL.to_uppercase()),
        1 => format!("{blanks}{person}"),
        _ => format!("{blanks}{first}-{last}"),
    }
}

/// `MATRON_GUESSES` asks for many (docs/proofs.md); a tenth of them on PostgreSQL.
#[test]
fn g8_guesses_in_fifty_spellings_are_looked_at_ten_times_in_an_hour() {
    on_both_engines(async |store| {
        let wanted = asked("MATRON_GUESSES", 200);
        let wanted = if store.is_shared() {
            wanted.div_ceil(10).max(200)
        } else {
            wanted
        };
        let (house, codes, person, secret, _) = with_app(store).await;
        let begin = START.plus(Span::hours(3));
        let mut looked_at = 0;
        for number in 0..wanted {
            let name = spelt(&person, number);
            let at = begin.plus(Span::seconds(
                i64::try_from(number * 3_400 / wanted).unwrap(),
            ));
            match attempt(&codes, typed(&name, "wrong", "123456"), at).await {
                Ok(_) => panic!("guessed"),
                Err(error) if error.refusal().unwrap().code == RefusalCode::CredentialsWrong => {
                    looked_at += 1;
                }
                Err(error) => {
                    assert_eq!(error.refusal().unwrap().code, RefusalCode::TooManyTries);
                }
            }
        }
        assert_eq!(looked_at, 10, "of {wanted}");
        // The right words are not looked at either, but in a browser of hers.
        let now = begin.plus(Span::minutes(58));
        let code = secret.code(step_of(now)).to_string();
        let locked = attempt(&codes, typed(MAIL, PASSWORD, &code), now).await;
        assert_eq!(refused(locked), RefusalCode::TooManyTries);
        let later = begin.plus(Span::hours(2));
        let code = secret.code(step_of(later)).to_string();
        attempt(&codes, typed(MAIL, PASSWORD, &code), later)
            .await
            .unwrap();
        assert_eq!(house.count("SELECT COUNT(*) FROM known_browser").await, 1);
        for number in 0..40 {
            let at = later.plus(Span::minutes(number));
            drop(attempt(&codes, typed(MAIL, "wrong", "123456"), at).await);
        }
        let hers = later.plus(Span::minutes(41));
        let code = secret.code(step_of(hers)).to_string();
        let right = typed(MAIL, PASSWORD, &code);
        let strange = attempt(&codes, right.clone(), hers).await;
        assert_eq!(refused(strange), RefusalCode::TooManyTries);
        let known = Typed {
            at: door(Some(BROWSER), 1),
            ..right
        };
        attempt(&codes, known, hers).await.unwrap();
    })
    .unwrap();
}

#[test]
fn many_at_once_do_not_outrun_the_budget_and_nobody_has_one_too() {
    on_both_engines(async |store| {
        let (_, codes, _, _, _) = with_app(store).await;
        let now = START.plus(Span::hours(3));
        for name in [MAIL, "nobody@demo.example", "555099999999"] {
            let all = (0..12).map(|_| judge(&codes, typed(name, "wrong", "123456"), now));
            let all = futures_util::future::join_all(all).await;
            let looked_at = all.iter().filter(|one| one.is_ok()).count();
            assert_eq!(looked_at, 2, "{name}: from the second on they wait");
        }
        // What nobody needs any more goes.
        let forgotten = codes
            .store
            .write::<_, StoreError, _>("test.forget", Key::none(), move |tx| {
                Box::pin(async move { forget_ended(tx, now.plus(Span::hours(2)), 500).await })
            })
            .await
            .unwrap();
        assert!(forgotten >= 6, "{forgotten}");
    })
    .unwrap();
}

#[test]
fn an_app_that_was_lost_says_so_and_one_that_is_gone_leaves_nothing() {
    on_both_engines(async |store| {
        let (house, codes, person, secret, id) = with_app(store).await;
        let change = async |change| {
            let wish = Wish {
                user_id: person.clone(),
                signed_in: in_session(&person, Aal::Aal3),
                id: id.clone(),
                change,
            };
            change_own(house.store(), house.policy(), wish, START).await
        };
        change(Change::Suspend).await.unwrap();
        let (now, code) = later(&secret, 5);
        let lost = attempt(&codes, typed(MAIL, PASSWORD, &code), now).await;
        assert_eq!(refused(lost), RefusalCode::AuthenticatorSuspended);
        change(Change::Resume).await.unwrap();
        attempt(
            &codes,
            typed(MAIL, PASSWORD, &code),
            now.plus(Span::seconds(3)),
        )
        .await
        .unwrap();
        change(Change::Remove).await.unwrap();
        let (now, code) = later(&secret, 9);
        let gone = attempt(&codes, typed(MAIL, PASSWORD, &code), now).await;
        assert_eq!(refused(gone), RefusalCode::CredentialsWrong);
        for table in [
            "SELECT COUNT(*) FROM app_secret",
            "SELECT COUNT(*) FROM password",
        ] {
            assert_eq!(house.count(table).await, 0, "{table}");
        }
    })
    .unwrap();
}
