//! Texts of the pages that are there at any hour, for people who are not signed in.

/// What one question says.
#[derive(Debug)]
pub struct Question {
    /// Title and `h1`.
    pub title: &'static str,
    /// Below the heading.
    pub lead: &'static str,
    /// Label of the field.
    pub label: &'static str,
    /// Below the label.
    pub hint: &'static str,
    /// The button.
    pub button: &'static str,
}

/// What one answer says.
#[derive(Debug)]
pub struct Outcome {
    /// Title and `h1`.
    pub title: &'static str,
    /// Below the heading.
    pub lead: &'static str,
    /// What is next, in order.
    pub steps: &'static [&'static str],
}

/// The pages.
#[derive(Debug)]
pub struct AnyHour {
    /// A new passcode: which card.
    pub unlock: Question,
    /// A new passcode: the code.
    pub unlock_code: Question,
    /// A new passcode: what the card client does now.
    pub unlock_done: Outcome,
    /// Cancelling: who.
    pub cancel: Question,
    /// Cancelling: code and reason.
    pub cancel_code: Question,
    /// Heading of the reasons.
    pub cancel_reason: &'static str,
    /// The reasons, by their word.
    pub reasons: &'static [(&'static str, &'static str)],
    /// The choice that cancels nothing.
    pub misuse: &'static str,
    /// Cancelling: for ever?
    pub cancel_sure: Question,
    /// Reporting misuse: sure?
    pub misuse_sure: Question,
    /// Cancelled.
    pub cancel_done: Outcome,
    /// Reported.
    pub misuse_done: Outcome,
    /// The link of a notice.
    pub link: Question,
    /// The link is over.
    pub link_over: Outcome,
    /// First use.
    pub activate: Outcome,
    /// Name of the list of these pages for screen readers.
    pub pages: &'static str,
    /// Button of a locked card: a new passcode.
    pub unlock_now: &'static str,
    /// Link: a new passcode.
    pub to_unlock: &'static str,
    /// Link: cancelling.
    pub to_cancel: &'static str,
    /// Link: first use.
    pub to_activate: &'static str,
    /// Link: another code.
    pub anew: &'static str,
    /// Whoever gets no code.
    pub no_code_title: &'static str,
    /// What she can do.
    pub no_code: &'static [&'static str],
    /// Something is missing.
    pub number_wrong: &'static str,
    /// The code does not match, or is too old, or was tried too often.
    pub code_wrong: &'static str,
    /// No reason was chosen.
    pub reason_missing: &'static str,
}
