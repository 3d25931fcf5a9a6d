//! How soon a cancelled card is refused everywhere (house decision 8): sign-in with the card, single sign-on, userinfo,
//! and the list that relying parties read. Counted from the moment the desk sends the cancellation, which is before its
//! commit, to the end of the first answer that refuses.

use std::sync::Arc;
use std::time::{Duration, Instant};

use certs_dev::folder::Folder;
use certs_dev::pki::DevPki;
use enrolment::clock_mark::ClockTrust;
use enrolment::ledger::Issuing;
use enrolment::store::Store;
use policies::values::Policy;
use reqwest::Client;
use serde_json::json;
use x509_parser::prelude::{
    CertificateRevocationList, DistributionPointName, FromDer, GeneralName, ParsedExtension, Pem,
    X509Certificate,
};

use crate::people;
use crate::support::app::CALLBACK;
use crate::support::soft::Api;
use crate::support::{Agent, App, Matron, Options, Reader};

/// How many cards end.
const CARDS: u32 = 100;
/// Pause between two questions of one probe.
const PAUSE: Duration = Duration::from_millis(2);
/// Everything must have refused by then.
const PATIENCE: Duration = Duration::from_secs(30);

const PLACES: [&str; 4] = [
    "sign-in with the card",
    "single sign-on session",
    "userinfo",
    "revocation list names it",
];

pub(crate) async fn measure() {
    let home = tempfile::tempdir().expect("a folder");
    let folder = home.path().join("dev");
    let port = crate::support::matron::free_ports();
    let matron = Matron::start_in(&folder, port, Options::default()).expect("ready");
    let pki_url = matron.text("/pki_url");
    drop(matron);
    let cards = cards(&folder, &pki_url).await;
    let matron = Matron::start_in(&folder, port, Options::default()).expect("ready");
    let desk = Api::of(&matron, "ruth").await;
    let mut waits: [Vec<f64>; 4] = Default::default();
    for card in &cards {
        for (all, one) in waits.iter_mut().zip(ending(&matron, &desk, card).await) {
            all.push(one);
        }
    }
    println!(
        "\n== from the cancellation of a card to its refusal, {CARDS} cards, ms of wall time (goal below 1000)"
    );
    for (place, mut all) in PLACES.into_iter().zip(waits) {
        all.sort_by(f64::total_cmp);
        let at = |part: usize| all[(all.len() * part / 100).min(all.len() - 1)];
        let (half, most, last) = (at(50), at(99), all[all.len() - 1]);
        println!("{place:<40} p50 {half:>7.1}   p99 {most:>7.1}   most {last:>7.1}");
    }
}

/// A card in use and what was written on it.
struct Card {
    number: String,
    certificate: Vec<u8>,
    pem: Vec<u8>,
}

async fn cards(folder: &std::path::Path, pki_url: &str) -> Vec<Card> {
    let files = Folder::open(folder).expect("the demo folder");
    let pki = DevPki::open(&files, pki_url).expect("the demo authority");
    let database = format!("sqlite:{}", folder.join("matron.db").display());
    let issuing = Issuing {
        store: Store::open(&database).await.expect("the database"),
        authority: Arc::new(pki.authority),
        policy: Arc::new(Policy::default_file()),
        clock: ClockTrust::FileIsTruth,
    };
    let mut cards = Vec::new();
    for n in 0..CARDS {
        let (user_id, number) = (
            format!("{:012}", 556_000_000_000_u64 + u64::from(n)),
            9_100_000_000_000_000_u64 + u64::from(n),
        );
        let (number, role) = (number.to_string(), user_id.replacen("556", "557", 1));
        let places = [(role.as_str(), "DEM01")];
        let (certificate, key) = people::holder(&issuing, &user_id, &number, &places).await;
        cards.push(Card {
            number,
            certificate: Pem::iter_from_buffer(certificate.as_bytes())
                .next()
                .expect("a certificate")
                .expect("PEM")
                .contents,
            pem: format!("{certificate}{key}").into_bytes(),
        });
    }
    cards
}

/// Signs in, has the card cancelled, and asks everywhere until everybody refuses; ms in the order of [`PLACES`].
async fn ending(matron: &Matron, desk: &Api<'_>, card: &Card) -> [f64; 4] {
    let app = App::new(matron, "ward7");
    let mut browser = Agent::new(matron, Reader::Foreign(card.pem.clone()));
    let code = app.code_with(&mut browser, &[]).await;
    let token = app.exchange(&code).await.text("access_token");
    assert_eq!(app.userinfo(&token).await.status, 200);
    let mut at_the_door = Agent::new(matron, Reader::Foreign(card.pem.clone()));
    let list = List::of(&card.certificate);
    let http = crate::support::http(matron).build().expect("a client");

    let begun = Instant::now();
    let body = json!({ "card_number": card.number, "reason": "lost" });
    let cancelled = async {
        desk.post("/api/v1/desk/cards/cancel", &body).await.good();
    };
    let (fresh, silent) = (
        app.url(&[("prompt", "login")]),
        app.url(&[("prompt", "none")]),
    );
    let signing_in = until(begun, async || {
        let page = at_the_door.present_card(&fresh).await;
        page.refusal().as_deref() == Some("card_cancelled")
    });
    let riding_on = until(begun, async || {
        let page = browser.get(&silent).await;
        assert!(
            page.location
                .as_ref()
                .is_some_and(|to| to.as_str().starts_with(CALLBACK))
        );
        page.parameter("error").as_deref() == Some("login_required")
    });
    let asking = until(begun, async || app.userinfo(&token).await.status == 401);
    let listed = until(begun, async || list.names_it(&http).await);
    let ((), door, session, userinfo, list) =
        tokio::join!(cancelled, signing_in, riding_on, asking, listed);
    [door, session, userinfo, list]
}

/// Asks until the answer is yes; ms since `begun`.
async fn until(begun: Instant, mut refused: impl AsyncFnMut() -> bool) -> f64 {
    while !refused().await {
        assert!(begun.elapsed() < PATIENCE, "never refused");
        tokio::time::sleep(PAUSE).await;
    }
    begun.elapsed().as_secs_f64() * 1e3
}

/// The list that a certificate says it would be on (RFC 5280 4.2.1.13).
struct List {
    url: String,
    serial: Vec<u8>,
}

impl List {
    fn of(certificate: &[u8]) -> Self {
        let (_, parsed) = X509Certificate::from_der(certificate).expect("a certificate");
        let points =
            parsed
                .extensions()
                .iter()
                .find_map(|extension| match extension.parsed_extension() {
                    ParsedExtension::CRLDistributionPoints(points) => Some(points),
                    _ => None,
                });
        let point = points
            .and_then(|points| points.points.first())
            .expect("a place");
        let Some(DistributionPointName::FullName(names)) = &point.distribution_point else {
            panic!("no address of a list");
        };
        let Some(GeneralName::URI(url)) = names.first() else {
            panic!("no address of a list");
        };
        Self {
            url: (*url).to_owned(),
            serial: parsed.raw_serial().to_vec(),
        }
    }

    async fn names_it(&self, http: &Client) -> bool {
        let answer = http.get(&self.url).send().await.expect("an answer");
        let der = answer.bytes().await.expect("a list");
        let (_, list) = CertificateRevocationList::from_der(&der).expect("a list");
        list.iter_revoked_certificates()
            .any(|one| one.raw_serial() == self.serial)
    }
}
