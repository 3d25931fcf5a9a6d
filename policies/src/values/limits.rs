//! Limits that belong together.

use crate::time::Span;

/// The form of a passcode, and how often it may be wrong (X4, X5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasscodeLimits {
    /// The fewest digits.
    pub shortest: u32,
    /// The most digits.
    pub longest: u32,
    /// So many wrong ones in a row lock the card.
    pub wrong_attempts: u32,
}

/// How long a session lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLimits {
    /// However busy it is.
    pub longest: Span,
    /// While nothing happens.
    pub idle: Span,
    /// How long before its end a fresh proof is offered.
    pub offer_before_end: Span,
}
