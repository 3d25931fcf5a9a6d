//! Why a sign-in stopped: the law's refusals, and those of the hand-over between listener and
//! browser. One code each, shown in `data-refusal`, in the reference and in the trail.

use policies::refusal::RefusalCode;

/// Why a sign-in stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The law said no.
    Law(RefusalCode),
    /// The ticket was not good.
    Ticket(TicketFault),
    /// The sign-in took too long, was finished before, or belongs to another browser.
    SignInOver,
}

/// Why a ticket opened nothing (contract 4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TicketFault {
    /// No such ticket.
    Unknown,
    /// It was made for another sign-in.
    OtherSignIn,
    /// This browser did not begin the sign-in.
    OtherBrowser,
    /// It was used before.
    Spent,
    /// More than 60 seconds old.
    Late,
}

impl TicketFault {
    /// The public code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "ticket_unknown",
            Self::OtherSignIn => "ticket_other_sign_in",
            Self::OtherBrowser => "ticket_other_browser",
            Self::Spent => "ticket_spent",
            Self::Late => "ticket_late",
        }
    }
}

impl Stop {
    /// The public code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Law(code) => code.as_str(),
            Self::Ticket(fault) => fault.as_str(),
            Self::SignInOver => "sign_in_over",
        }
    }
}

impl From<RefusalCode> for Stop {
    fn from(code: RefusalCode) -> Self {
        Self::Law(code)
    }
}

impl From<TicketFault> for Stop {
    fn from(fault: TicketFault) -> Self {
        Self::Ticket(fault)
    }
}
