//! `kill -9` while a code is being used: at every crash point of unlocking and of the first use of a card, in the real
//! program, on both engines. Afterwards the chip's unblock key is one of those on record, nothing is lost, and trying
//! again ends in exactly one result.

use serde_json::{Value, json};

use crate::support::desk::{Produced, confirm_unlock, number, on_card, open, start_activation};
use crate::support::desk::{start_unlock, stranger, transport};
use crate::support::letters::{address, code_to, letters};
use crate::support::soft::{Api, Card};
use crate::support::{Matron, Options, http};

/// The places of an unlocking, in order: in and after the transaction that releases, in and after the one that confirms.
const UNLOCKING: [&str; 4] = [
    "unlock.in_transaction",
    "unlock.before_release",
    "unlock.before_active",
    "unlock.after_active",
];
/// The places of a first use: in its transaction and after it.
const ACTIVATING: [&str; 2] = ["activation.in_transaction", "activation.before_answer"];

/// Asks a program that may die of it; none when it did.
async fn dying(matron: &Matron, path: &str, body: &Value) -> Option<reqwest::StatusCode> {
    let client = http(matron).build().expect("a client");
    let url = format!("{}/api/v1{path}", matron.issuer());
    let sent = client.post(url).json(body).send().await;
    sent.ok().map(|answer| answer.status())
}

/// The same house after a power cut, without its crash point.
struct Again {
    matron: Matron,
    _home: tempfile::TempDir,
}

impl Again {
    fn after(died: Matron) -> Self {
        let (folder, port) = (died.folder().to_path_buf(), died.port);
        let options = Options {
            database: died.database.clone(),
            ..Options::default()
        };
        let home = died.kill().expect("its folder");
        let matron = Matron::start_in(&folder, port, options).expect("it starts again");
        Self {
            matron,
            _home: home,
        }
    }
}

fn armed(crash: String, database: Option<String>) -> Matron {
    Matron::start(Options {
        crash: Some(crash),
        database,
        ..Options::default()
    })
}

/// The two unblock keys of an answer of `finishUnlock`: the present one and the next one.
fn keys(released: &Value, card: &str) -> (Option<String>, String) {
    let secrets = open(&transport().0, &released["sealed_secrets"], card);
    let text = |member: &str| secrets[member].as_str().map(str::to_owned);
    (
        text("unblock_key"),
        text("next_unblock_key").expect("a key"),
    )
}

/// Begins an unlocking; its name and code.
async fn begun(matron: &Matron, card: &str) -> Value {
    let started = start_unlock(matron, card).await.good();
    let code = code_to(matron, &address(matron, "luca"));
    json!({ "unlock_id": started.text("unlock_id"), "code": code })
}

/// From a code to the keys: what the card has, and what it is to have.
async fn finished(matron: &Matron, body: &Value, card: &str) -> (Option<String>, String) {
    let released = stranger(matron, "/unlocks/finish", body).await.good();
    keys(&released.body, card)
}

async fn an_unlocking_dies_at(point: &str, database: Option<String>) {
    let matron = armed(format!("{point}:2"), database);
    let card = number(&matron, "luca");
    // The first one passes; the chip has a key of ours from then on.
    let first = begun(&matron, &card).await;
    let (none, mut chip) = finished(&matron, &first, &card).await;
    assert_eq!(none, None, "fresh from its maker");
    let id = first["unlock_id"].as_str().expect("an id").to_owned();
    confirm_unlock(&matron, &id).await.good();

    // The second one dies: in the hand-over, or when the chip has taken the next key already.
    let second = begun(&matron, &card).await;
    let confirming = point == "unlock.before_active" || point == "unlock.after_active";
    if confirming {
        let (present, next) = finished(&matron, &second, &card).await;
        assert_eq!(present.as_ref(), Some(&chip));
        chip = next;
    }
    let this = json!({ "unlock_id": second["unlock_id"] });
    let died = if confirming {
        dying(&matron, "/unlocks/confirm", &this).await
    } else {
        dying(&matron, "/unlocks/finish", &second).await
    };
    assert_eq!(died, None, "{point}: it lives");

    let again = Again::after(matron);
    let matron = &again.matron;
    // Whatever was on its way, a fresh code gives the chip's key.
    let third = begun(matron, &card).await;
    let (present, next) = finished(matron, &third, &card).await;
    assert!(
        present.as_ref() == Some(&chip) || next == chip,
        "{point}: neither key opens the chip"
    );
    // Trying the same again ends once: confirmed, or spent and told so.
    let retried = if confirming {
        stranger(matron, "/unlocks/confirm", &this).await.good()
    } else {
        stranger(matron, "/unlocks/finish", &second).await
    };
    if !confirming {
        let spent = point == "unlock.before_release";
        assert_eq!(retried.status.is_success(), !spent, "{point}: {retried:?}");
        if spent {
            assert_eq!(retried.code(), "code_wrong");
        } else {
            assert_eq!(keys(&retried.body, &card).1, next, "{point}: one next key");
        }
    }
    let id = third["unlock_id"].as_str().expect("an id");
    for _ in 0..2 {
        confirm_unlock(matron, id).await.good();
    }
    let state = Card::of(matron, "luca").get("/api/v1/my/card").await.good();
    assert_eq!(state.text("state"), "active", "{point}");
    let unlocked = matron.audit_lines("\"kind\":\"card_unlocked\"", &card);
    assert_eq!(unlocked, if confirming { 3 } else { 2 }, "{point}");
    let last = begun(matron, &card).await;
    let (present, _) = finished(matron, &last, &card).await;
    let expected = if confirming { &chip } else { &next };
    assert!(
        present.as_ref() == Some(expected) || (confirming && present.as_ref() == Some(&next)),
        "{point}: the key that the card took last stands"
    );
}

async fn a_first_use_dies_at(point: &str, database: Option<String>) {
    let matron = armed(point.to_owned(), database);
    let ruth = Api::of(&matron, "ruth").await;
    let new = Produced::of(&matron, &ruth, "grace").await;
    on_card(&ruth, "receipt", &new.card, json!({})).await.good();
    let begun = start_activation(&matron, &new.card).await.good();
    let mail = address(&matron, "grace");
    let body = new.activation(&begun, &code_to(&matron, &mail));
    let died = dying(&matron, "/activations/finish", &body).await;
    assert_eq!(died, None, "{point}: it lives");

    let again = Again::after(matron);
    let matron = &again.matron;
    let committed = point == "activation.before_answer";
    let activated = || matron.audit_lines("\"kind\":\"card_activated\"", &new.card);
    assert_eq!(activated(), usize::from(committed), "{point}");
    let retried = stranger(matron, "/activations/finish", &body).await;
    if committed {
        assert_eq!(retried.code(), "code_wrong", "spent, and the card works");
    } else {
        assert_eq!(retried.good().text("state"), "active");
    }
    assert_eq!(activated(), 1, "{point}");
    let card = new.in_reader(matron).get("/api/v1/my/card").await.good();
    assert_eq!(card.text("state"), "active", "{point}");
    // Whatever the trail says was told, is told once.
    let told = letters(matron, &mail);
    let ready = told
        .iter()
        .filter(|it| it.contains("Your smartcard is ready"));
    assert_eq!(ready.count(), 1, "{point}");
}

#[tokio::test]
async fn every_kill_in_an_unlocking_leaves_a_key_that_opens_the_chip_on_sqlite() {
    for point in UNLOCKING {
        an_unlocking_dies_at(point, None).await;
    }
}

#[tokio::test]
async fn every_kill_in_an_unlocking_leaves_a_key_that_opens_the_chip_on_postgresql() {
    for point in UNLOCKING {
        let Some(database) = crate::support::postgres().await else {
            return;
        };
        an_unlocking_dies_at(point, Some(database)).await;
    }
}

#[tokio::test]
async fn every_kill_in_a_first_use_leaves_one_card_in_use_or_a_code_that_works_on_sqlite() {
    for point in ACTIVATING {
        a_first_use_dies_at(point, None).await;
    }
}

#[tokio::test]
async fn every_kill_in_a_first_use_leaves_one_card_in_use_or_a_code_that_works_on_postgresql() {
    for point in ACTIVATING {
        let Some(database) = crate::support::postgres().await else {
            return;
        };
        a_first_use_dies_at(point, Some(database)).await;
    }
}
