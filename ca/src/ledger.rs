//! The port to whoever keeps the books. This room says in which order things are written down;
//! the register says how, in its own transactions (ca.md 6.3; house decision 3).

use std::future::Future;

use policies::ids::IntentId;

use crate::authority::{Reserved, Signed};
use crate::error::CaError;

/// What writing down an intent led to.
#[derive(Debug)]
pub enum Intended<Answer> {
    /// Recorded and durable; these octets are to be signed now.
    ToSign {
        /// Under which intent.
        intent: IntentId,
        /// The whole set, none of it signed.
        reserved: Vec<Reserved>,
    },
    /// This wish was fulfilled before: the same answer again, and nothing is signed.
    Already(Answer),
}

/// An intent that was recorded and not finished.
#[derive(Debug)]
pub struct Unfinished {
    /// Which intent.
    pub intent: IntentId,
    /// All its certificates that are still reserved.
    pub reserved: Vec<Reserved>,
}

/// The books.
pub trait Ledger: Sync {
    /// What somebody wants: the command of a journey, complete enough to be judged.
    type Wish: Send;
    /// What she gets, once everything is durable.
    type Answer: Send;
    /// Refusals and failures of the books.
    type Error: From<CaError> + Send;

    /// Transaction A: reads, judges, spends the permit and stores intent, slot, serials and the
    /// exact octets to be signed. When it returns, they are durable.
    fn intend(
        &self,
        wish: Self::Wish,
    ) -> impl Future<Output = Result<Intended<Self::Answer>, Self::Error>> + Send;

    /// Transaction B: reads card and person again and stores the certificates, all or none; as
    /// revoked and not to be released if either has ended since. Recording the same certificates
    /// a second time changes nothing and gives the same answer.
    fn record(
        &self,
        intent: IntentId,
        signed: Vec<Signed>,
    ) -> impl Future<Output = Result<Self::Answer, Self::Error>> + Send;

    /// The intents that have been waiting for longer than any signing takes.
    fn unfinished(&self) -> impl Future<Output = Result<Vec<Unfinished>, Self::Error>> + Send;

    /// Gives up the serials of an intent for ever and lists them as revoked, because a signature
    /// may exist that nobody has. The wish itself stays open for new serials.
    fn burn(&self, unfinished: Unfinished) -> impl Future<Output = Result<(), Self::Error>> + Send;
}
