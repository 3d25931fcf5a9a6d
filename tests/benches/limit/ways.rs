//! A login by each other way, one browser after the other: what it costs beside what it must.

use argon2::{Algorithm, Argon2, Params, Version};

use crate::calibrate::{Calibration, median_of_five, per_call};
use crate::folder::{Layout, Production};
use crate::logins::{AT_ONCE, per_operation, redeem};
use crate::people::{ROLES, colleagues};
use crate::process::Served;
use crate::support::app::CALLBACK;
use crate::support::ceremony;
use crate::support::key::{Make, SoftKey};
use crate::support::phone::{self, ACR};
use crate::support::{Agent, App, Matron, Options, Reader};
use crate::ward::{CALLBACK as WARD_CALLBACK, authorization_url, browser, http, opened_for};
use crate::{cpu, ratio};

/// What the passwords of this house cost: KiB, passes, lanes (OWASP's first recommendation for argon2id).
const COSTS: (u32, u32, u32) = (19_456, 2, 1);

/// Logins that are counted; each needs half a minute of the house's clock.
const TIMES: i64 = 40;

/// A security key each, in 48 browsers at once, as with cards.
pub(crate) async fn keys(machine: &Calibration, write: f64) {
    // Authorization request, page of ways, options, answer, code; one signature checked and one made; three
    // durable writes.
    let limit = 5.0 * machine.request + machine.verify + machine.sign + 3.0 * write;
    let opened = opened_for(Layout::OneAddress, &ROLES[..1]).await;
    let cards = colleagues(&opened.production, AT_ONCE).await;
    let served = Served::start(&opened.production);
    let mut people = Vec::new();
    for card in &cards {
        people.push(WithKey {
            key: added(&opened.production, card).await,
            agent: browser(&opened.production, None),
        });
    }
    let url = authorization_url(&opened.production, &[("prompt", "login")]);
    let app = http(&opened.production).build().expect("a client");
    let cost = per_operation(served.pid(), 10, &mut people, async |person| {
        let WithKey { agent, key } = person;
        let page = ceremony::sign_in(agent, &url, "security-key", key).await;
        let page = agent.follow(page, WARD_CALLBACK).await;
        redeem(&app, &opened, page.parameter("code")).await;
    })
    .await;
    ratio("full login by security key", cost, limit, 2.5);
}

/// Somebody whose browser has no card.
struct WithKey {
    agent: Agent,
    key: SoftKey,
}

/// The key that somebody adds, signed in with this card.
async fn added(production: &Production, card: &[u8]) -> SoftKey {
    let issuer = production.issuer();
    let mut agent = browser(production, Some(card));
    let own = format!("{issuer}/signin/own?page=my");
    agent.sign_in(&own, "none", 0).await;
    let page = agent.get(&format!("{issuer}/my/authenticators/key")).await;
    let form = ceremony::form(&page);
    let words = [("name", "Blue key"), ("kind", "roaming")];
    let asked = ceremony::asked(&mut agent, &form, &words).await;
    let mut key = SoftKey::new(&issuer, Make::plain());
    let answer = key.create(&asked.options).to_string();
    let brought = (asked.ceremony.as_str(), answer.as_str());
    ceremony::send(&mut agent, &form, brought, &words[..1]).await;
    key
}

/// Password and app: the hash of the password is nearly all of it.
pub(crate) async fn apps(machine: &Calibration, write: f64) {
    let hash = password_hash();
    crate::line("argon2id with the costs of a stored password", hash);
    let limit = hash + 5.0 * machine.request + machine.sign + 3.0 * write;
    let matron = Matron::start(Options {
        clock: Some(at(0)),
        ..Options::default()
    });
    let app = App::new(&matron, "ward7");
    let secret = phone::secret(&matron.text("/people/kofi/totp_secret"));
    let name = matron.text("/people/kofi/user_id");
    let password = matron.text("/people/kofi/password");
    let mut before = 0.0;
    for number in 1..=TIMES + 3 {
        if number == 4 {
            before = cpu::process(matron.pid());
        }
        matron.set_clock(&at(number));
        let mut agent = Agent::new(&matron, Reader::Empty);
        let (_, form) = phone::form(&mut agent, &app.url(&[ACR])).await;
        let code = phone::code(&matron, &secret);
        let page = phone::send(&mut agent, &form, &name, &password, &code).await;
        let page = agent.follow(page, CALLBACK).await;
        let tokens = app.exchange(&page.parameter("code").expect("a code")).await;
        assert_eq!(tokens.status, 200);
    }
    let all = cpu::process(matron.pid()) - before;
    let cost = all / f64::from(u32::try_from(TIMES).expect("few"));
    ratio("full login by password and app", cost, limit, 2.5);
}

/// The instant of that login: half a minute after the one before.
fn at(number: i64) -> String {
    let (minute, second) = (number / 2, number % 2 * 30);
    format!("2026-11-25T09:{minute:02}:{second:02}Z")
}

/// CPU µs of one hash.
fn password_hash() -> f64 {
    let (memory, passes, lanes) = COSTS;
    let parameters = Params::new(memory, passes, lanes, Some(32)).expect("parameters");
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters);
    median_of_five(|| {
        per_call(10, || {
            let mut out = [0; 32];
            argon2
                .hash_password_into(b"tea at the window", &[7; 16], &mut out)
                .expect("a hash");
        })
    })
}
