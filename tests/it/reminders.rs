//! Reminders before a card ends, and notices of what changed, through the front door: the clock moves, and the letters
//! lie in DIR/outbox when the answer is there.

use policies::time::Time;

use crate::support::letters::{letters as letters_to, plain};
use crate::support::soft::Card;
use crate::support::{Agent, Matron, Options, Reader};

const DAY: i64 = 86_400;

/// Moves the clock and asks for anything at all.
async fn at(matron: &Matron, second: i64) {
    matron.set_clock(&Time::from_unix(second).to_string());
    let mut anybody = Agent::new(matron, Reader::Empty);
    anybody.get(&format!("{}/healthz", matron.issuer())).await;
}

#[tokio::test]
async fn amara_is_reminded_at_exactly_ninety_days_by_mail_and_text_and_not_twice() {
    let matron = Matron::start(Options::default());
    let (mail, mobile) = (
        matron.text("/people/amara/email"),
        matron.text("/people/amara/mobile"),
    );
    let end = crate::clock::not_after(&matron, "amara");
    at(&matron, end - 90 * DAY - 1).await;
    assert_eq!(letters_to(&matron, &mail).len(), 0);
    at(&matron, end - 90 * DAY).await;
    let letters = letters_to(&matron, &mail);
    assert_eq!(letters.len(), 1, "{letters:?}");
    let text = plain(&letters[0]);
    for part in [
        "Your smartcard ends in 90 days",
        "/my/renew",
        "text/calendar",
        "smartcard.ics",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(
        text.contains(" GMT") || text.contains(" BST"),
        "the local time with its zone: {text}"
    );
    assert_eq!(letters_to(&matron, &mobile).len(), 1);
    at(&matron, end - 90 * DAY + 61).await;
    at(&matron, end - 90 * DAY).await;
    assert_eq!(letters_to(&matron, &mail).len(), 1, "once");
    at(&matron, end - 10 * DAY).await;
    assert_eq!(
        letters_to(&matron, &mail).len(),
        4,
        "60, 30 and 14 would have been sent by then"
    );
}

#[tokio::test]
async fn a_clock_moved_eighty_days_brings_what_would_have_been_sent() {
    let matron = Matron::start(Options::default());
    let noah = matron.text("/people/noah/email");
    let mei = matron.text("/people/mei/email");
    assert_eq!(
        letters_to(&matron, "@").len(),
        0,
        "the past was sent in its time"
    );
    matron.set_clock("+80d");
    let mut anybody = Agent::new(&matron, Reader::Empty);
    anybody.get(&format!("{}/healthz", matron.issuer())).await;
    assert_eq!(
        letters_to(&matron, &noah).len(),
        5,
        "60, 30, 14, 7 and 1 days"
    );
    let letters = letters_to(&matron, &mei);
    assert_eq!(letters.len(), 4, "30, 14, 7 and 1 days");
    let text = plain(&letters[0]);
    assert!(text.contains("These people can help"), "{text}");
    assert_eq!(text.matches("telephone").count(), 3, "{text}");
    assert_eq!(
        matron.audit_lines("\"reminded\"", &matron.text("/people/noah/user_id")),
        6,
        "the one of 90 days was before the first start"
    );
}

#[tokio::test]
async fn a_renewal_is_told_to_her_contacts() {
    let matron = Matron::start(Options::default());
    let mail = matron.text("/people/noah/email");
    let old = Card::of(&matron, "noah");
    let (keys, renewal) = old.renew().await;
    let new = Card::renewed(&matron, &keys, &renewal.good());
    new.get("/api/v1/my/card").await.good();
    new.post("/api/v1/renewals", &serde_json::json!({})).await;
    let letters = letters_to(&matron, &mail);
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert!(
        letters[0].contains("Subject: Your smartcard has been renewed"),
        "{}",
        letters[0]
    );
}

#[tokio::test]
async fn managers_are_told_once_a_week_when_one_usable_card_is_left_at_the_desk() {
    let matron = Matron::start(Options::default());
    let ruth = matron.text("/people/ruth/email");
    let told = || {
        let mut letters = letters_to(&matron, &ruth);
        letters.retain(|letter| letter.contains("Subject: Too few people can help"));
        letters.len()
    };
    let mut ends = ["ruth", "sam", "rae"].map(|alias| crate::clock::not_after(&matron, alias));
    ends.sort_unstable();
    at(&matron, ends[1] + 1).await;
    let first = told();
    at(&matron, ends[1] + DAY).await;
    assert_eq!((first, told()), (1, 1), "not twice within the week");
    at(&matron, ends[1] + 8 * DAY).await;
    assert_eq!(told(), 2);
}
