//! One password tried with many names (G30): an address has tries of its own.

use std::sync::Arc;

use policies::refusal::RefusalCode;
use policies::time::Span;
use policies::values::Policy;

use super::authenticator_app::{BROWSER, MAIL, PASSWORD, attempt, door, later, typed, with_app};
use super::house::refused;
use crate::codes::CodeHouse;
use crate::journeys::authenticator_app::{Place, Typed, judge};
use crate::store::trial::on_both_engines;

const POLICY: &str = include_str!("../../../../policies/policy.toml");

/// The same house, where an address has ten tries.
fn with_ten(codes: CodeHouse) -> CodeHouse {
    let text = POLICY.replace("_and_address = 600", "_and_address = 10");
    CodeHouse {
        policy: Arc::new(Policy::parse(&text).unwrap()),
        ..codes
    }
}

#[test]
fn g30_one_address_does_not_try_a_password_with_every_name() {
    on_both_engines(async |store| {
        let (_, codes, _, secret, _) = with_app(store).await;
        let (before, code) = later(&secret, 5);
        // Her browser is known from now on.
        attempt(&codes, typed(MAIL, PASSWORD, &code), before)
            .await
            .unwrap();
        let codes = with_ten(codes);
        let (now, code) = later(&secret, 60);
        for number in 0..10 {
            let name = format!("nobody{number}@demo.example");
            let one = judge(&codes, typed(&name, PASSWORD, "123456"), now).await;
            assert!(one.is_ok(), "{number}");
        }
        let from = |at| Typed {
            at,
            ..typed(MAIL, PASSWORD, &code)
        };
        // Whoever is there, and whether anybody has that name.
        for more in [from(door(None, 1)), typed("one@more.example", "x", "1")] {
            let full = judge(&codes, more, now).await.map(drop).unwrap_err();
            let refusal = full.refusal().unwrap();
            assert_eq!(refusal.code, RefusalCode::TooManyTries);
            assert_eq!(refusal.opens_at, Some(now.plus(Span::hours(1))));
        }
        // Tries of a clock that was ahead keep nobody out.
        let corrected = now.minus(Span::minutes(6));
        judge(&codes, from(door(None, 1)), corrected).await.unwrap();
        // Elsewhere, in her own browser and on a visit it is not asked, and an hour later it is over.
        for free in [door(None, 2), door(Some(BROWSER), 1), Place::Visit] {
            judge(&codes, from(free), now).await.unwrap();
        }
        let after = now.plus(Span::hours(1));
        judge(&codes, from(door(None, 1)), after).await.unwrap();
    })
    .unwrap();
}

#[test]
fn g30_forty_names_at_once_from_one_address_are_looked_at_ten_times_and_nobody_is_too_busy() {
    on_both_engines(async |store| {
        let (_, codes, _, secret, _) = with_app(store).await;
        let (codes, (now, _)) = (with_ten(codes), later(&secret, 60));
        let tries = (0..40).map(|number| {
            let name = format!("nobody{number}@demo.example");
            let codes = codes.clone();
            async move { judge(&codes, typed(&name, PASSWORD, "123456"), now).await }
        });
        let mut looked_at = 0;
        for one in futures_util::future::join_all(tries).await {
            match one {
                Ok(_) => looked_at += 1,
                refusal => assert_eq!(refused(refusal), RefusalCode::TooManyTries),
            }
        }
        assert_eq!(looked_at, 10);
    })
    .unwrap();
}
