//! The holder puts her new card to use: it has reached her, a code has, she accepts the terms and gives the
//! card a passcode of her own; the card signs for all that. Nobody is signed in by it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use policies::card::KeyRole;
use wire::unlock::{ActivateCard, ActivationStarted, CardActivated, StartActivation};

use crate::card::{Card, CardError, Place, Secret};
use crate::certificate::digest;
use crate::failure::Failure;
use crate::server::Server;
use crate::show::Show;
use crate::unlock::{Ask, Whose};

/// What the holder is asked for beside code and passcode.
pub trait AskAll: Ask {
    /// The passcode that the card came with, or the new one where an earlier run has set it.
    ///
    /// # Errors
    /// She gave none.
    fn present_passcode(&mut self) -> Result<Secret, Failure>;

    /// Whether she has read this version of the terms of use and accepts it.
    ///
    /// # Errors
    /// She cannot be asked.
    fn accepts(&mut self, terms_version: &str) -> Result<bool, Failure>;
}

/// Activates the card. May be repeated: a passcode that is set already stays.
///
/// # Errors
/// A refusal, a wrong code, terms that are not accepted, the card, or no answer.
pub fn run(
    card: &mut dyn Card,
    server: &Server,
    whose: Whose,
    ask: &mut dyn AskAll,
    show: &mut dyn Show,
) -> Result<(), Failure> {
    let (card_number, user_id) = whose.split();
    let wanted = StartActivation {
        card_number,
        user_id,
    };
    let started: ActivationStarted = server.post("/activations", &wanted)?;
    show.line(&format!(
        "If that is a new card whose arrival is on record, a code is on its way to its holder; it works until {}.",
        started.expires_at
    ));
    if !ask.accepts(&started.terms_version)? {
        return Err(Failure::Usage(format!(
            "the terms of use (version {}) are not accepted; the card stays as it is",
            started.terms_version
        )));
    }
    let code = ask.code()?;
    set_passcode(card, ask)?;
    let activated: CardActivated = server.post(
        "/activations/finish",
        &ActivateCard {
            activation_id: started.activation_id,
            code: code.to_string(),
            signature: STANDARD.encode(signed(card, &started.nonce)?),
            terms_version: started.terms_version,
            // It lies in this reader.
            receipt_confirmed: true,
        },
    )?;
    let (number, state) = (activated.card_number, activated.state);
    show.line(&format!("the card {number} is {state}"));
    Ok(())
}

/// Before the server hears of it: no card is in use with a passcode that others know.
fn set_passcode(card: &mut dyn Card, ask: &mut dyn AskAll) -> Result<(), Failure> {
    let Some(kind) = card.secret_kind() else {
        return Ok(());
    };
    let present = ask.present_passcode()?;
    if kind != "passcode" {
        // The password of a file is its owner's already.
        return Ok(card.unlock(&present)?);
    }
    let new = ask.new_passcode()?;
    card.unlock(&present)?;
    if present != new {
        card.change_passcode(&present, &new)?;
    }
    Ok(())
}

/// The nonce, signed by the authentication key of the first set, wherever an interrupted run left it.
fn signed(card: &mut dyn Card, nonce: &str) -> Result<Vec<u8>, CardError> {
    let (digest, role) = (digest(nonce.as_bytes()), KeyRole::Authentication);
    match card.sign(Place::Current, role, digest.as_ref()) {
        Err(CardError::Missing { .. }) => card.sign(Place::Pending, role, digest.as_ref()),
        other => other,
    }
}
