//! Whose tries a guess is counted with (attack table 38).

use policies::ids::UserId;
use policies::time::Time;

use super::username::Username;
use crate::codes::hash;
use crate::store::{StoreError, Tx, apps};

/// Where a password is typed: each place has tries of its own, so that nobody spends those of another.
#[derive(Debug, Clone, Copy)]
pub enum Place {
    /// At the door, with the SHA-256 of the browser's own secret, if it has one.
    Door(Option<[u8; 32]>),
    /// On a visit, with a link that a desk gave her in a meeting.
    Visit,
}

/// The key of the tries that this one is counted with: one for all spellings of a person, her number
/// in the books. A browser that she has not signed in from is one of all others; a name that nobody has
/// stands for itself.
pub(super) async fn budget(
    tx: Tx<'_>,
    (person, name): (Option<&UserId>, &Username),
    at: Place,
    now: Time,
) -> Result<[u8; 32], StoreError> {
    // Asked of a name that nobody has as well: the same work for everybody.
    let at = match at {
        Place::Door(browser) if !apps::knows_browser(tx, person, browser, now).await? => {
            Place::Door(None)
        }
        at => at,
    };
    let key = match (person, at) {
        (Some(person), Place::Door(Some(browser))) => {
            format!("browser\n{person}\n{}", hex::encode(browser))
        }
        (Some(person), Place::Door(None)) => format!("person\n{person}"),
        (Some(person), Place::Visit) => format!("visit\n{person}"),
        (None, _) => format!("name\n{}", name.canonical),
    };
    Ok(hash(&key))
}
