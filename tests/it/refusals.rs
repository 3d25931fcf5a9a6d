//! Everybody who is refused gets a page in plain words with a code, and the trail has a line (contract 4.2).

use certs_dev::pki::DevPki;

use crate::support::{Agent, App, Matron, Options, Reader, pages};

/// Presents what lies in the reader and asks for the page that contract 4.2 describes.
async fn refused(matron: &Matron, reader: Reader, code: &str) {
    let app = App::new(matron, "ward7");
    let before = matron.audit_lines("sign_in_refused", code);
    let mut agent = Agent::new(matron, reader);
    let page = agent.present_card(&app.url(&[])).await;
    assert_eq!(
        page.refusal().as_deref(),
        Some(code),
        "{} {:?} {}",
        page.status,
        page.location,
        page.body
    );
    assert_eq!(page.status, 403);
    assert!(
        page.headers.get("set-cookie").is_none(),
        "the card listener sets no cookie"
    );
    assert_eq!(page.headers["connection"], "close");
    assert!(page.body.contains(code), "a code that can be read out");
    assert!(page.body.contains("href="), "a way on");
    assert_eq!(
        matron.audit_lines("sign_in_refused", code),
        before + 1,
        "one audit line"
    );
}

#[tokio::test]
async fn each_card_that_may_not_sign_in_is_told_why() {
    // Elsewhere others are refused for the same reasons at the same time, and lines are counted.
    let matron = &Matron::start(Options::default());
    refused(matron, Reader::Empty, "no_certificate").await;
    refused(
        matron,
        Reader::Card("amara", "signature"),
        "certificate_wrong_purpose",
    )
    .await;
    refused(
        matron,
        Reader::Card("grace", "authentication"),
        "card_cancelled",
    )
    .await;
    refused(
        matron,
        Reader::Card("nina", "authentication"),
        "identity_closed",
    )
    .await;
    refused(
        matron,
        Reader::Card("tomasz", "authentication"),
        "certificate_expired",
    )
    .await;
}

#[tokio::test]
async fn a_locked_card_is_refused_with_the_way_to_a_new_passcode() {
    let luca = || Reader::Card("luca", "authentication");
    refused(Matron::shared(), luca(), "card_locked").await;
    let url = App::new(Matron::shared(), "ward7").url(&[]);
    let mut agent = Agent::new(Matron::shared(), luca());
    let page = agent.present_card(&url).await;
    let link = pages::link(&page.body, "unlock").expect("a link");
    assert!(link.ends_with("/unlock"), "{link}");
    assert!(page.body.contains("access for one shift"), "{}", page.body);
}

#[tokio::test]
async fn a_card_of_another_ca_and_of_a_second_dev_pki_with_the_same_names_is_refused() {
    let matron = Matron::shared();
    let amara = matron.text("/people/amara/user_id");
    let foreign = DevPki::new_foreign().expect("a second PKI");
    refused(
        matron,
        Reader::Foreign(foreign.card_pem(&amara).expect("a card")),
        "certificate_untrusted",
    )
    .await;

    let key = rcgen::KeyPair::generate().expect("a key");
    let alone = rcgen::CertificateParams::new(vec!["amara".into()])
        .expect("parameters")
        .self_signed(&key)
        .expect("a certificate");
    let pem = format!("{}{}", alone.pem(), key.serialize_pem());
    refused(
        matron,
        Reader::Foreign(pem.into_bytes()),
        "certificate_untrusted",
    )
    .await;
}

#[tokio::test]
async fn a_page_tells_the_next_step_and_offers_another_try() {
    let matron = Matron::shared();
    let app = App::new(matron, "ward7");
    let mut agent = Agent::new(matron, Reader::Empty);
    let page = agent.present_card(&app.url(&[])).await;
    assert!(
        page.body.contains("expired"),
        "no certificate may also mean an expired card, which browsers hide"
    );
    assert!(page.body.contains("left at home"), "{}", page.body);
    let other = pages::link(&page.body, "other-way").expect("another way");
    assert!(other.ends_with("#ways"), "past the card: {other}");
    let back = pages::tags(&page.body, "a")
        .into_iter()
        .filter_map(|tag| pages::attribute(tag, "href"))
        .find(|href| href.contains("/signin"))
        .expect("a link to the ways to sign in");
    let methods = agent.get(&back).await;
    assert!(
        methods.body.contains("data-method=\"smartcard\""),
        "{} {}",
        methods.status,
        methods.body
    );
}
