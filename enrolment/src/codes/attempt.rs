//! Typing a code in: the try is counted, the digits are compared, and whoever uses the code spends it
//! once.

use policies::lifecycle::CodeFacts;
use policies::refusal::{Refusal, RefusalCode};
use policies::time::{Span, Time};
use policies::values::Policy;
use zeroize::Zeroizing;

use super::CodePurpose;
use crate::journeys::JourneyError;
use crate::store::codes::{self as rows, Request, Stored};
use crate::store::{StoreError, Tx};
use crate::vault::Vault;

/// For how long a code that came too late is still told apart from a wrong one.
const REMEMBERED: Span = Span::hours(2);

/// What was typed in, and for which request.
#[derive(Clone)]
pub struct Typed {
    /// The request's name.
    pub request_id: String,
    /// The code as it was typed.
    pub code: Zeroizing<String>,
}

/// What became of a typed code.
pub(crate) struct Attempt {
    /// The request, if there is one that can still be finished.
    pub(crate) request: Option<Request>,
    /// What the law is to know of the code.
    pub(crate) facts: CodeFacts,
    code_id: Option<String>,
}

/// Counts the try and compares. Nothing is spent yet: see [`Attempt::spend`]. The same work is done
/// for a request that does not exist.
pub(crate) async fn attempt(
    tx: Tx<'_>,
    (vault, policy): (&Vault, &Policy),
    purpose: CodePurpose,
    wanted: &Typed,
    now: Time,
) -> Result<Attempt, StoreError> {
    let request = rows::find(tx, &wanted.request_id, purpose).await?;
    let counted = rows::try_once(tx, &wanted.request_id, policy.code_tries()).await?;
    let stand_in = Request {
        id: wanted.request_id.clone(),
        purpose,
        asked_for: [0; 32],
        user_id: None,
        card: None,
        transport_key: None,
        nonce: None,
        target: None,
        started_at: now,
        finished_at: None,
        confirmed_at: None,
        next_secret: None,
    };
    let asked = request.as_ref().unwrap_or(&stand_in);
    let candidates = rows::candidates(tx, asked, now.minus(REMEMBERED)).await?;
    let digits = typed(&wanted.code);
    let mut found: Option<&Stored> = None;
    if let Some(digits) = &digits {
        // One comparison at least; the newest right one wins.
        vault.is_code(purpose, "", digits, &[0; 32]);
        for code in &candidates {
            if vault.is_code(purpose, &code.id, digits, &code.digest) && found.is_none() {
                found = Some(code);
            }
        }
    }
    let found = found.filter(|_| counted && request.is_some());
    Ok(Attempt {
        facts: found.map_or(CodeFacts::Wrong, |code| CodeFacts::Right {
            sent_at: code.sent_at,
        }),
        code_id: found.map(|code| code.id.clone()),
        request: request.filter(|_| counted),
    })
}

impl Attempt {
    /// Whether the code is the right one and in time; anything else is refused before anything
    /// about the person is looked at.
    pub(crate) fn proven(&self, now: Time, policy: &Policy) -> Result<&Request, Refusal> {
        policies::lifecycle::check_code(self.facts, now, policy)?;
        self.request
            .as_ref()
            .ok_or_else(|| RefusalCode::CodeWrong.into())
    }

    /// Spends code and request in one conditional statement each: of any number of attempts at
    /// once, one finds them unspent.
    pub(crate) async fn spend(
        &self,
        tx: Tx<'_>,
        next_secret: Option<&str>,
        now: Time,
    ) -> Result<(), JourneyError> {
        let (Some(request), Some(code_id)) = (&self.request, &self.code_id) else {
            return Err(RefusalCode::CodeWrong.into());
        };
        let spent = rows::spend(tx, code_id, now).await?
            && rows::finish(tx, &request.id, next_secret, now).await?;
        if spent {
            Ok(())
        } else {
            Err(RefusalCode::CodeWrong.into())
        }
    }
}

/// A refusal that must not undo the try it counts is an answer of the transaction, not its failure.
pub type Answer<T> = Result<Result<T, Refusal>, JourneyError>;

/// Turns a refusal into an answer, so that what was counted is kept.
pub(crate) fn keep<T>(done: Result<T, JourneyError>) -> Answer<T> {
    match done {
        Ok(answer) => Ok(Ok(answer)),
        Err(JourneyError::Refused(refusal)) => Ok(Err(refusal)),
        Err(error) => Err(error),
    }
}

/// The digits that were typed, without blanks and dashes; none when they are not eight.
pub(crate) fn typed(text: &str) -> Option<Zeroizing<String>> {
    let digits: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '\u{2010}'..='\u{2015}'))
        .collect();
    let digits = Zeroizing::new(digits);
    let eight = digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_digit());
    eight.then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_and_dashes_do_not_matter_and_eight_digits_do() {
        for good in ["12345678", "1234 5678", " 1234-5678 ", "12\u{2013}34 56 78"] {
            assert_eq!(typed(good).unwrap().as_str(), "12345678", "{good}");
        }
        for bad in ["", "1234567", "123456789", "1234567a", "１２３４５６７８"] {
            assert!(typed(bad).is_none(), "{bad}");
        }
    }
}
