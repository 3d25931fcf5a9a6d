//! Acts of a desk and of strangers over the API, as short as tests want them.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hpke::aead::AesGcm256;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, Serializable, single_shot_open};
use rcgen::SigningKey as _;
use serde_json::{Value, json};

use super::soft::{Api, Card, Keys, Said, ask};
use super::{Matron, http};

/// The private half of a client's one-time key.
pub(crate) type Private = <X25519HkdfSha256 as Kem>::PrivateKey;

/// The number on the plastic of somebody's card.
pub(crate) fn number(matron: &Matron, alias: &str) -> String {
    matron.text(&format!("/people/{alias}/card/number"))
}

/// Somebody's 12 digits.
pub(crate) fn user_id(matron: &Matron, alias: &str) -> String {
    matron.text(&format!("/people/{alias}/user_id"))
}

/// An act on a card, by its path's last word.
pub(crate) async fn on_card(api: &Api<'_>, act: &str, card: &str, more: Value) -> Said {
    let mut body = json!({ "card_number": card });
    for (name, value) in more.as_object().expect("members") {
        body[name] = value.clone();
    }
    api.post(&format!("/api/v1/desk/cards/{act}"), &body).await
}

/// The same on a person.
pub(crate) async fn on_person(api: &Api<'_>, act: &str, person: &str) -> Said {
    let body = json!({ "user_id": person });
    api.post(&format!("/api/v1/desk/people/{act}"), &body).await
}

/// What the desk attests of a holder who is there.
pub(crate) fn seen() -> Value {
    json!({ "holder_present": true, "photo_compared": true })
}

/// Asks for a card.
pub(crate) async fn request(api: &Api<'_>, person: &str, key: &str) -> Said {
    let body = json!({ "user_id": person, "idempotency_key": key });
    api.post("/api/v1/desk/cards/request", &body).await
}

/// Begins the production of a card and gives the body of its requests, not yet sent.
pub(crate) async fn production(api: &Api<'_>, card: &str) -> (Keys, Value) {
    let begun = json!({ "card_number": card, "kind": "issue" });
    let begun = api.post("/api/v1/desk/works", &begun).await.good();
    let keys = Keys::fresh();
    let csrs = keys.csrs(&begun.text("nonce"));
    let body = json!({ "work_id": begun.text("work_id"), "csrs": csrs });
    (keys, body)
}

/// A card that was asked for and produced, and waits for its holder.
pub(crate) struct Produced {
    pub(crate) card: String,
    pub(crate) keys: Keys,
    pub(crate) done: Said,
}

impl Produced {
    /// For somebody who has no living card.
    pub(crate) async fn of(matron: &Matron, api: &Api<'_>, alias: &str) -> Self {
        let asked = request(api, &user_id(matron, alias), "first").await.good();
        Self::with(api, asked.text("card_number")).await
    }

    /// The card of this number.
    pub(crate) async fn with(api: &Api<'_>, card: String) -> Self {
        let (keys, body) = production(api, &card).await;
        let done = api.post("/api/v1/desk/works/produce", &body).await.good();
        Self { card, keys, done }
    }

    /// The card in its reader.
    pub(crate) fn in_reader<'m>(&self, matron: &'m Matron) -> Card<'m> {
        Card::renewed(matron, &self.keys, &self.done)
    }

    /// Certificate and key, PEM.
    pub(crate) fn pem(&self) -> Vec<u8> {
        let certificate = self.done.body["certificates"][0]["pem"].as_str();
        let certificate = certificate.expect("a certificate");
        format!("{certificate}{}", self.keys.authentication.serialize_pem()).into_bytes()
    }

    /// The body of `activateCard`, signed by the card.
    pub(crate) fn activation(&self, begun: &Said, code: &str) -> Value {
        let nonce = begun.text("nonce");
        let signature = self.keys.authentication.sign(nonce.as_bytes());
        json!({
            "activation_id": begun.text("activation_id"),
            "code": code,
            "signature": STANDARD.encode(signature.expect("a signature")),
            "terms_version": begun.text("terms_version"),
            "receipt_confirmed": true,
        })
    }

    /// All that makes it the holder's own: its arrival, a code, her card's signature.
    pub(crate) async fn put_to_use<'m>(
        &self,
        matron: &'m Matron,
        api: &Api<'_>,
        mail: &str,
    ) -> Card<'m> {
        on_card(api, "receipt", &self.card, json!({})).await.good();
        let begun = start_activation(matron, &self.card).await.good();
        let code = super::letters::code_to(matron, mail);
        let body = self.activation(&begun, &code);
        stranger(matron, "/activations/finish", &body).await.good();
        self.in_reader(matron)
    }
}

/// Somebody without token or card asks the gateway.
pub(crate) async fn stranger(matron: &Matron, path: &str, body: &Value) -> Said {
    let client = http(matron).build().expect("a client");
    ask(client
        .post(format!("{}/api/v1{path}", matron.issuer()))
        .json(body))
    .await
}

pub(crate) async fn start_activation(matron: &Matron, card: &str) -> Said {
    stranger(matron, "/activations", &json!({ "card_number": card })).await
}

pub(crate) async fn start_unlock(matron: &Matron, card: &str) -> Said {
    let (_, key) = transport();
    let body = json!({ "card_number": card, "transport_key": key });
    stranger(matron, "/unlocks", &body).await
}

pub(crate) async fn finish_unlock(matron: &Matron, id: &str, code: &str) -> Said {
    let body = json!({ "unlock_id": id, "code": code });
    stranger(matron, "/unlocks/finish", &body).await
}

pub(crate) async fn confirm_unlock(matron: &Matron, id: &str) -> Said {
    stranger(matron, "/unlocks/confirm", &json!({ "unlock_id": id })).await
}

/// A one-time key of a client, and its public half as it travels.
pub(crate) fn transport() -> (Private, String) {
    let seed: [u8; 32] = std::array::from_fn(|place| u8::try_from(place).expect("small") ^ 0x5a);
    let (private, public) = X25519HkdfSha256::derive_keypair(&seed);
    (private, URL_SAFE_NO_PAD.encode(public.to_bytes()))
}

/// What was sealed to that key for this card.
pub(crate) fn open(private: &Private, sealed: &Value, card: &str) -> Value {
    let octets = |member: &str| {
        URL_SAFE_NO_PAD
            .decode(sealed[member].as_str().expect("text"))
            .expect("base64url")
    };
    let enc = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(&octets("enc")).expect("a key");
    let plain = single_shot_open::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        private,
        &enc,
        b"matron card secrets v1",
        &octets("ciphertext"),
        card.as_bytes(),
    );
    serde_json::from_slice(&plain.expect("sealed to this key")).expect("JSON")
}
