//! The rest of the sequences of the count (domain 5.5); the others are in `life`.

use serde_json::json;

use super::{renewed, status, used, worked};
use crate::clock::not_after;
use crate::support::desk::{
    Produced, confirm_unlock, finish_unlock, number, on_card, request, seen, start_unlock, user_id,
};
use crate::support::letters::{address, code_to};
use crate::support::soft::{Api, Card};
use crate::support::{Matron, Options};

const LIMIT: &str = "self_renewal_limit_reached";

#[tokio::test]
async fn sequence_issue_self_self_and_no_third() {
    let matron = Matron::start(Options::default());
    let card = Card::of(&matron, "noah");
    assert_eq!(status(&card).await["self_renewals_left"], json!(2));
    let card = renewed(&matron, &card).await;
    assert_eq!(status(&card).await["self_renewals_left"], json!(1));
    matron.set_clock("+1080d");
    let card = renewed(&matron, &card).await;
    assert_eq!(status(&card).await["self_renewals_left"], json!(0));
    matron.set_clock("+2160d");
    assert_eq!(card.renew().await.1.code(), LIMIT);
}

#[tokio::test]
async fn sequence_both_used_unlock_and_passcode_change_are_no_check() {
    let matron = Matron::start(Options::default());
    let (card, mei) = (number(&matron, "mei"), Card::of(&matron, "mei"));
    // By a code, and at a desk; changing a passcode is between the holder and her card, and asks nobody.
    let id = start_unlock(&matron, &card).await.good().text("unlock_id");
    let code = code_to(&matron, &address(&matron, "mei"));
    finish_unlock(&matron, &id, &code).await.good();
    confirm_unlock(&matron, &id).await.good();
    let ruth = Api::of(&matron, "ruth").await;
    on_card(&ruth, "unlock", &card, seen()).await.good();
    assert_eq!(used(&mei).await, 2);
    assert_eq!(mei.renew().await.1.code(), LIMIT);
}

#[tokio::test]
async fn sequence_both_used_lost_and_a_new_card_begins_at_nought() {
    let matron = Matron::start(Options::default());
    let mei = number(&matron, "mei");
    let ruth = Api::of(&matron, "ruth").await;
    let lost = json!({ "reason": "lost" });
    on_card(&ruth, "cancel", &mei, lost).await.good();
    let asked = request(&ruth, &user_id(&matron, "mei"), "k").await.good();
    let new = Produced::with(&ruth, asked.text("card_number")).await;
    let mail = address(&matron, "mei");
    let card = new.put_to_use(&matron, &ruth, &mail).await;
    assert_eq!(used(&card).await, 0);
    matron.set_clock("+1010d");
    assert_eq!(used(&renewed(&matron, &card).await).await, 1);
    let old = Card::of(&matron, "mei").renew().await.1;
    assert_eq!(old.code(), "card_cancelled");
}

#[tokio::test]
async fn sequence_a_manager_renews_her_own_card_like_anyone_and_not_at_her_desk() {
    let matron = Matron::start(Options::default());
    super::to(&matron, not_after(&matron, "ruth") - 80 * 86_400);
    let ruth = Api::of(&matron, "ruth").await;
    let own = ruth.work(&matron, "ruth", "renew").await.1;
    assert_eq!(own.code(), "actor_is_subject");
    let card = Card::of(&matron, "ruth");
    assert_eq!(used(&card).await, 1);
    let card = renewed(&matron, &card).await;
    assert_eq!(used(&card).await, 2);
    // A colleague may, and the count begins again.
    matron.set_clock("+0d");
    super::to(&matron, not_after(&matron, "rae") - 80 * 86_400);
    let rae = Api::of(&matron, "rae").await;
    let early = rae.work(&matron, "ruth", "renew").await.1;
    assert_eq!(early.code(), "renewal_window_not_open");
}

#[tokio::test]
async fn sequence_repair_in_between_begins_again() {
    let matron = Matron::start(Options::default());
    let card = renewed(&matron, &Card::of(&matron, "hana")).await;
    assert_eq!(used(&card).await, 2);
    let ruth = Api::of(&matron, "ruth").await;
    assert_eq!(
        used(&worked(&matron, &ruth, "hana", "repair").await).await,
        0
    );
}
