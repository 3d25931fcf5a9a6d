//! A holder sets a new passcode on her locked card by herself: a code reaches her by mail or message, and
//! against it the server releases the card's unblock key, sealed to a key of this run, for one reset.

use wire::desk::CardSecrets;
use wire::unlock::{
    ConfirmUnlock, FinishUnlock, StartUnlock, UnlockDone, UnlockReleased, UnlockStarted,
};
use zeroize::Zeroizing;

use crate::card::{Card, FACTORY_UNBLOCK_KEY, Secret};
use crate::failure::Failure;
use crate::seal::OneTime;
use crate::server::Server;
use crate::show::Show;

/// Whose card.
#[derive(Debug, Clone)]
pub enum Whose {
    /// By the number on the plastic.
    Card(String),
    /// By the holder's number.
    Person(String),
}

impl Whose {
    /// The card's number, or the holder's.
    pub(crate) fn split(self) -> (Option<String>, Option<String>) {
        match self {
            Self::Card(number) => (Some(number), None),
            Self::Person(number) => (None, Some(number)),
        }
    }
}

/// What the holder is asked for on the way.
pub trait Ask {
    /// The code that was sent to her.
    ///
    /// # Errors
    /// She gave none.
    fn code(&mut self) -> Result<Secret, Failure>;

    /// Her new passcode, judged.
    ///
    /// # Errors
    /// She gave none that passes.
    fn new_passcode(&mut self) -> Result<Secret, Failure>;
}

/// Unlocks the card. One made of files has no passcode of its own; only the register hears of it.
///
/// # Errors
/// A refusal, a wrong code, the card, or no answer.
pub fn run(
    card: &mut dyn Card,
    server: &Server,
    whose: Whose,
    ask: &mut dyn Ask,
    show: &mut dyn Show,
) -> Result<(), Failure> {
    let one_time = OneTime::generate()?;
    let (card_number, user_id) = whose.split();
    let started: UnlockStarted = server.post(
        "/unlocks",
        &StartUnlock {
            card_number,
            user_id,
            transport_key: one_time.transport_key(),
        },
    )?;
    let until = started.expires_at;
    show.line(&format!(
        "If that is a card whose holder can be reached, a code is on its way; it works until {until}."
    ));
    let code = ask.code()?;
    // Before the code is spent: it works once.
    let new = ask.new_passcode()?;
    let released: UnlockReleased = server.post(
        "/unlocks/finish",
        &FinishUnlock {
            unlock_id: started.unlock_id.clone(),
            code: code.to_string(),
        },
    )?;
    let secrets = one_time.open(&released.sealed_secrets, &released.card_number)?;
    if card.secret_kind() == Some("passcode") {
        reset(card, secrets, &new)?;
    }
    let confirm = ConfirmUnlock {
        unlock_id: started.unlock_id,
    };
    let done: UnlockDone = server.post("/unlocks/confirm", &confirm)?;
    show.line(&format!("the card is {}", done.state));
    Ok(())
}

/// The reset itself, and the unblock key's successor, so that the one that travelled opens nothing more.
///
/// # Errors
/// The card.
pub(crate) fn reset(
    card: &mut dyn Card,
    secrets: CardSecrets,
    new: &Secret,
) -> Result<(), Failure> {
    let now = secrets
        .unblock_key
        .as_deref()
        .unwrap_or(FACTORY_UNBLOCK_KEY);
    let now = Zeroizing::new(now.to_owned());
    card.use_secrets(secrets);
    card.unblock(&now, new)?;
    Ok(card.rotate_unblock_key()?)
}
