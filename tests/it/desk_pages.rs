//! The desk's pages, by forms alone: what they show, what they do, and what they refuse.

use reqwest::StatusCode;

use crate::support::soft::{Card, Keys, csr};
use crate::support::{Agent, Matron, Options, pages};

fn number(matron: &Matron, alias: &str) -> String {
    matron.text(&format!("/people/{alias}/card/number"))
}

fn user_id(matron: &Matron, alias: &str) -> String {
    matron.text(&format!("/people/{alias}/user_id"))
}

/// The form of the last page whose text holds `what`.
fn form(page: &str, what: &str) -> pages::Form {
    let found = pages::forms(page)
        .into_iter()
        .find(|form| form.text.contains(what));
    found.unwrap_or_else(|| panic!("no form with {what} in {page}"))
}

async fn at_desk(matron: &Matron, alias: &'static str) -> Agent {
    let mut agent = Agent::with_card(matron, alias);
    let start = format!("{}/desk", matron.issuer());
    let page = agent.sign_in(&start, "none", 0).await;
    assert!(page.url.path() == "/desk", "{} {}", page.url, page.body);
    agent
}

/// The command on a work's page is the one that the card's client is tested with.
fn names_the_command(page: &str) {
    let after = |text: &str, what: &str| text.split(what).nth(1).map(str::to_owned);
    let command = page
        .split("<code class=\"copy\">")
        .nth(2)
        .expect("a command");
    let command = command.split('<').next().expect("a command");
    let command = command.replace("&#39;", "'");
    let kind = after(page, "data-kind=\"").expect("a kind");
    let kind = kind.split('"').next().expect("a kind");
    let word = |option: &str| {
        let rest = after(&command, option).expect("an option");
        rest.split(' ').next().expect("a word").to_owned()
    };
    let (card, issuer) = (word("--card "), word("--issuer "));
    assert_eq!(command, wire::command::desk(kind, &card, &issuer));
}

/// Fresh keys, and the two requests that the work's page asks for.
fn requests(page: &str) -> (Keys, [String; 2]) {
    names_the_command(page);
    let nonce = page.split("<code class=\"copy\">").nth(1).expect("a nonce");
    let nonce = nonce.split('<').next().expect("a nonce");
    let keys = Keys::fresh();
    let requests = [
        csr(&keys.authentication, nonce),
        csr(&keys.signature, nonce),
    ];
    (keys, requests)
}

/// What is typed on the work's page, the first tick box as given.
fn typed<'r>(present: &'r str, requests: &'r [String; 2]) -> [(&'static str, &'r str); 4] {
    [
        ("holder_present", present),
        ("photo_compared", "yes"),
        ("csr_authentication", &requests[0]),
        ("csr_signature", &requests[1]),
    ]
}

/// The sign-in certificate as the page shows it.
fn certificate(page: &str) -> &str {
    let text = page
        .split("data-pem=\"authentication\"")
        .nth(1)
        .expect("a certificate");
    let text = text.split_once('>').expect("its text").1;
    text.split('<').next().expect("PEM")
}

#[tokio::test]
async fn ruth_reissues_the_expired_card_of_tomasz_on_pages_alone() {
    let matron = Matron::start(Options::default());
    let mut ruth = at_desk(&matron, "ruth").await;
    let start = ruth.get(&format!("{}/desk", matron.issuer())).await;
    assert!(!start.body.contains("another role"), "she has but one");
    assert!(start.body.contains("/desk/unused"), "{}", start.body);
    let found = ruth
        .get(&format!("/desk?q={}", number(&matron, "tomasz")))
        .await;
    let page = ruth.follow(found, "none").await;
    assert!(page.body.contains("data-desk=\"person\""), "{}", page.body);
    assert!(page.body.contains("Expired"), "{}", page.body);
    let answer = ruth
        .submit(&form(&page.body, "value=\"reissue\""), &[])
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let page = ruth.follow(answer, "none").await;
    let (keys, requests) = requests(&page.body);
    let issue = form(&page.body, "csr_authentication");
    let refused = ruth.submit(&issue, &typed("", &requests)).await;
    assert_eq!(refused.refusal().as_deref(), Some("holder_not_present"));
    assert!(
        refused.body.contains("data-choice=\"back\""),
        "{}",
        refused.body
    );
    let answer = ruth.submit(&issue, &typed("yes", &requests)).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let page = ruth.follow(answer, "none").await;
    let pem = format!(
        "{}{}",
        certificate(&page.body),
        keys.authentication.serialize_pem()
    );
    let answer = ruth
        .submit(&form(&page.body, "They are on the card"), &[])
        .await;
    let receipt = ruth.follow(answer, "none").await;
    assert!(
        receipt.body.contains("data-desk=\"receipt\""),
        "{}",
        receipt.body
    );
    let card = Card::with(&matron, pem.as_bytes());
    let status = card.get("/api/v1/my/card").await.good();
    assert_eq!(status.text("state"), "active");
}

#[tokio::test]
async fn cancelling_is_confirmed_on_a_second_page_and_forms_of_others_do_nothing() {
    let matron = Matron::start(Options::default());
    let mut ruth = at_desk(&matron, "ruth").await;
    let card = number(&matron, "noah");
    let first = ruth.get(&format!("/desk/act/cancel?card={card}")).await;
    assert!(first.body.contains("value=\"stolen\""), "{}", first.body);
    assert!(
        !first.body.contains("method=\"post\""),
        "nothing is done on the first page"
    );
    let second = ruth
        .get(&format!("/desk/act/cancel?card={card}&reason=stolen"))
        .await;
    let cancel = form(&second.body, "form_token");
    let mut forged = cancel.hidden.clone();
    for field in &mut forged {
        if field.0 == "form_token" {
            field.1 = "A".repeat(43);
        }
    }
    let refused = ruth.post(&cancel.action, &forged).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(matron.audit_lines("card_cancelled", &card), 0);
    let answer = ruth.submit(&cancel, &[]).await;
    let page = ruth.follow(answer, "none").await;
    assert!(
        page.body.contains("It will never work again"),
        "{}",
        page.body
    );
    assert_eq!(matron.audit_lines("card_cancelled", &card), 1);
    // What is not offered is refused before anything is filled in, and in the same words.
    let refused = ruth.get(&format!("/desk/act/cancel?card={card}")).await;
    assert_eq!(refused.refusal().as_deref(), Some("already_cancelled"));
}

#[tokio::test]
async fn a_colleague_of_the_authority_needs_two_pairs_of_eyes() {
    let matron = Matron::start(Options::default());
    // sam's card ends first of the desk's; the others still sign in.
    matron.set_clock("+366d");
    let mut ruth = at_desk(&matron, "ruth").await;
    let page = ruth
        .get(&format!("/desk/cards/{}", number(&matron, "sam")))
        .await;
    let answer = ruth
        .submit(&form(&page.body, "value=\"reissue\""), &[])
        .await;
    let work_page = answer.location.clone().expect("the work");
    let work = work_page
        .path()
        .rsplit('/')
        .next()
        .expect("a number")
        .to_owned();
    let page = ruth.follow(answer, "none").await;
    assert!(
        page.body.contains("A colleague must look too"),
        "{}",
        page.body
    );
    let (_, requests) = requests(&page.body);
    let issue = form(&page.body, "csr_authentication");
    let sent = typed("yes", &requests);
    let refused = ruth.submit(&issue, &sent).await;
    assert_eq!(refused.refusal().as_deref(), Some("second_actor_needed"));
    let own = ruth.get(&format!("/desk/second?work={work}")).await;
    let own = ruth.submit(&form(&own.body, "form_token"), &[]).await;
    assert_eq!(own.refusal().as_deref(), Some("second_actor_needed"));
    let mut rae = at_desk(&matron, "rae").await;
    let page = rae.get(&format!("/desk/second?work={work}")).await;
    assert!(page.body.contains("Reissue the card of"), "{}", page.body);
    let answer = rae.submit(&form(&page.body, "form_token"), &[]).await;
    assert!(
        rae.follow(answer, "none")
            .await
            .body
            .contains("You stand behind this work now")
    );
    let somebody_elses = rae.get(work_page.as_str()).await;
    assert_eq!(somebody_elses.status, StatusCode::NOT_FOUND);
    let answer = ruth.submit(&issue, &sent).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
}

#[tokio::test]
async fn whoever_has_no_part_at_the_desk_is_told_which_roles_have() {
    let matron = Matron::shared();
    for (alias, says) in [
        ("noah", "local smartcard administrator"),
        (
            "omar",
            "The sponsor of the organisation you work for gives roles.",
        ),
    ] {
        let mut agent = Agent::with_card(matron, alias);
        let page = agent
            .sign_in(&format!("{}/desk", matron.issuer()), "none", 0)
            .await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{alias}: {}", page.body);
        assert_eq!(page.refusal().as_deref(), Some("actor_role_missing"));
        assert!(page.body.contains(says), "{alias}: {}", page.body);
        // Neither has another role with which it could be tried again.
        assert!(!page.body.contains("again=1"), "{alias}: {}", page.body);
        assert_eq!(pages::link(&page.body, "start").as_deref(), Some("/"));
    }
    let mut ivan = at_desk(matron, "ivan").await;
    let start = ivan.get(&format!("{}/desk", matron.issuer())).await;
    assert!(!start.body.contains("/desk/unused"), "{}", start.body);
    let page = ivan
        .get(&format!("/desk/cards/{}", number(matron, "tomasz")))
        .await;
    assert!(
        page.body
            .contains("The role you act in does not include it."),
        "{}",
        page.body
    );
    assert!(
        page.body
            .contains("Who may do it: RA manager, RA agent (advanced), RA agent.")
    );
}

#[tokio::test]
async fn a_desk_sees_no_face_that_it_may_not_see() {
    let matron = Matron::shared();
    let mut ruth = at_desk(matron, "ruth").await;
    let tomasz = ruth
        .get(&format!("/desk/people/{}/photo", user_id(matron, "tomasz")))
        .await;
    assert_eq!(tomasz.status, StatusCode::OK);
    assert_eq!(tomasz.headers["content-type"], "image/svg+xml");
    let wren = ruth
        .get(&format!("/desk/people/{}/photo", user_id(matron, "wren")))
        .await;
    assert_eq!(wren.status, StatusCode::NOT_FOUND);
    let page = ruth
        .get(&format!("/desk/people/{}", user_id(matron, "wren")))
        .await;
    assert_eq!(page.refusal().as_deref(), Some("not_found"));
    // Her card in the hand, for what is open to every area.
    let wren = ruth
        .get(&format!("/desk/cards/{}/photo", number(matron, "wren")))
        .await;
    assert_eq!(wren.status, StatusCode::OK);
    let mut theo = at_desk(matron, "theo").await;
    let wren = theo
        .get(&format!("/desk/cards/{}/photo", number(matron, "wren")))
        .await;
    assert_eq!(wren.status, StatusCode::NOT_FOUND);
}
