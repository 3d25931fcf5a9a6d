//! The name that was typed at a sign-in, in whatever spelling.

use policies::ids::UserId;

use super::LONGEST_TYPED;
use crate::register::Person;
use crate::store::{StoreError, Tx, people};

/// Who is meant.
#[derive(Clone)]
pub(super) struct Username {
    typed: String,
    /// The same for every spelling of a name.
    pub(super) canonical: String,
    user_id: Option<UserId>,
}

impl Username {
    pub(super) fn of(text: &str) -> Self {
        // No name has a control character, and PostgreSQL holds no text with a NUL.
        let letters = text.trim().chars().filter(|letter| !letter.is_control());
        let typed: String = letters.take(LONGEST_TYPED).collect();
        let plain: String = typed
            .chars()
            .filter(|letter| !letter.is_whitespace() && *letter != '-')
            .collect();
        // A number is the same number in every spelling, whether anybody has it or not: what is
        // counted for nobody is counted as for somebody.
        let user_id: Option<UserId> = plain.parse().ok();
        Self {
            canonical: user_id
                .as_ref()
                .map_or_else(|| typed.to_lowercase(), ToString::to_string),
            user_id,
            typed,
        }
    }

    pub(super) async fn look_up(&self, tx: Tx<'_>) -> Result<Option<Person>, StoreError> {
        if let Some(user_id) = &self.user_id {
            return people::find(tx, user_id).await;
        }
        match people::find_by_email(tx, &self.typed).await? {
            Some(person) => Ok(Some(person)),
            None => people::find_by_email(tx, &self.canonical).await,
        }
    }
}
