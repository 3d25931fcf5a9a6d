//! A login by each other way: what it costs beside what it must.

use crate::calibrate::{Charges, Machine};
use crate::folder::{Layout, Production};
use crate::logins::{AT_ONCE, redeem};
use crate::people::{ROLES, colleagues};
use crate::process::Served;
use crate::support::app::CALLBACK;
use crate::support::ceremony;
use crate::support::key::{Make, SoftKey};
use crate::support::phone::{self, ACR};
use crate::support::stage::{self, Stage};
use crate::support::{Agent, App, Matron, Options, Reader};
use crate::turns::Turns;
use crate::ward::{CALLBACK as WARD_CALLBACK, authorization_url, browser, http, opened_for};

/// A security key each, in 48 browsers at once, as with cards.
pub(crate) async fn keys(machine: &Machine, write: f64) {
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
    let login = Turns::take(machine, (served.pid(), 5), &mut people, async |person| {
        let WithKey { agent, key } = person;
        let page = ceremony::sign_in(agent, &url, "security-key", key).await;
        let page = agent.follow(page, WARD_CALLBACK).await;
        redeem(&app, &opened, page.parameter("code")).await;
    })
    .await;
    // Authorization request, page of ways, options, answer, code; one signature made; three durable writes.
    let rest = |charges: &Charges| 5.0 * charges.request + charges.sign + 3.0 * write;
    login.report("full login by security key", |charges| {
        rest(charges) + charges.verify
    });
    login.report("  held against the library's own verifying", |charges| {
        rest(charges) + charges.verify_portable
    });
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
pub(crate) async fn apps(machine: &Machine, write: f64) {
    let matron = Matron::start(Options {
        clock: Some(at(0)),
        ..Options::default()
    });
    let app = App::new(&matron, "ward7");
    let secret = phone::secret(&matron.text("/people/kofi/totp_secret"));
    let name = matron.text("/people/kofi/user_id");
    let password = matron.text("/people/kofi/password");
    // One after the other, each half a minute after the one before.
    let mut logins = [0];
    let login = Turns::take(machine, (matron.pid(), 4), &mut logins, async |number| {
        *number += 1;
        matron.set_clock(&at(*number));
        let mut agent = Agent::new(&matron, Reader::Empty);
        let (_, form) = phone::form(&mut agent, &app.url(&[ACR])).await;
        let code = phone::code(&matron, &secret);
        let page = phone::send(&mut agent, &form, &name, &password, &code).await;
        let page = agent.follow(page, CALLBACK).await;
        let tokens = app.exchange(&page.parameter("code").expect("a code")).await;
        assert_eq!(tokens.status, 200);
    })
    .await;
    login.report("full login by password and app", |charges| {
        charges.password_hash + 5.0 * charges.request + charges.sign + 3.0 * write
    });
}

/// Accounts of another organisation, in 48 browsers at once: twelve people with four browsers each. The other
/// organisation is this process.
pub(crate) async fn federated(machine: &Machine, write: f64) {
    let stage = Stage::set();
    for alias in WITH_ACCOUNTS {
        let mut agent = stage.by_card(alias).await;
        stage.link_as(&mut agent, Some(alias)).await;
    }
    let app = App::new(&stage.matron, "ward7");
    let owners = WITH_ACCOUNTS.iter().cycle().take(AT_ONCE as usize);
    let mut people: Vec<_> = owners.map(|alias| (stage.agent(), *alias)).collect();
    let pid = stage.matron.pid();
    let anew = [stage::ACR, ("prompt", "login")];
    let login = Turns::take(machine, (pid, 5), &mut people, async |(agent, subject)| {
        let page = stage.sign_in_as(agent, &anew, Some(*subject)).await;
        let page = stage::on_to_the_application(agent, page).await;
        let tokens = app.exchange(&page.parameter("code").expect("a code")).await;
        assert_eq!(tokens.status, 200);
    })
    .await;
    // Authorization request, page of ways, departure, return, code, and the request that we send; one signature checked
    // and one made; three durable writes.
    login.report("full login by another organisation's account", |charges| {
        6.0 * charges.request + charges.verify + charges.sign + 3.0 * write
    });
}

/// People of the demo with a card and one role.
const WITH_ACCOUNTS: [&str; 12] = [
    "noah", "hana", "ruth", "sam", "rae", "dina", "ivan", "theo", "priya", "nadia", "wren", "ida",
];

/// The instant of that login: half a minute after the one before.
fn at(number: i64) -> String {
    let (minute, second) = (number / 2, number % 2 * 30);
    format!("2026-11-25T09:{minute:02}:{second:02}Z")
}
