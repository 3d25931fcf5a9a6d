//! Whose tries a guess is counted with (attack table 36, 38).

use std::net::IpAddr;

use policies::ids::UserId;
use policies::time::Time;

use super::username::Username;
use crate::codes::hash;
use crate::store::{StoreError, Tx, apps};

/// Where a password is typed: each place has tries of its own, so that nobody spends those of another.
#[derive(Debug, Clone, Copy)]
pub enum Place {
    /// At the door.
    Door(Door),
    /// On a visit, with a link that a desk gave her in a meeting.
    Visit,
}

/// Who is at the door, as far as a browser tells.
#[derive(Debug, Clone, Copy)]
pub struct Door {
    /// SHA-256 of the browser's own secret, if it has one.
    pub browser: Option<[u8; 32]>,
    /// Where the connection comes from; of IPv6 the network of a site (RFC 6177).
    pub address: IpAddr,
}

/// What a try is counted with.
pub(super) struct Budget {
    /// One for all spellings of a person, her number in the books, or for a name that nobody has.
    pub(super) key: [u8; 32],
    /// The address, unless the browser is hers.
    pub(super) address: Option<IpAddr>,
}

/// What this try is counted with. A browser that she has not signed in from is one of all others.
pub(super) async fn budget(
    tx: Tx<'_>,
    (person, name): (Option<&UserId>, &Username),
    at: Place,
    now: Time,
) -> Result<Budget, StoreError> {
    // Asked of a name that nobody has as well: the same work for everybody.
    let (own, address) = match at {
        Place::Visit => (None, None),
        Place::Door(Door { browser, address }) => {
            let hers = apps::knows_browser(tx, person, browser, now).await?;
            (browser.filter(|_| hers), (!hers).then_some(address))
        }
    };
    let key = match (person, at, own) {
        (Some(person), Place::Visit, _) => format!("visit\n{person}"),
        (Some(person), Place::Door(_), Some(browser)) => {
            format!("browser\n{person}\n{}", hex::encode(browser))
        }
        (Some(person), Place::Door(_), None) => format!("person\n{person}"),
        (None, ..) => format!("name\n{}", name.canonical),
    };
    Ok(Budget {
        key: hash(&key),
        address,
    })
}
