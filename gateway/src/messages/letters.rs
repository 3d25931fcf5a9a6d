//! Texts of mails and text messages.

use enrolment::codes::CodePurpose;
use enrolment::notices::Notice;

/// What mails and text messages say.
#[derive(Debug)]
pub struct Letters {
    /// A one-time code, its purpose and its minutes: subject and text.
    pub code: fn(&str, CodePurpose, i64) -> (String, String),
    /// Something happened; the issuer begins the links: subject and text.
    pub notice: fn(&Notice, &str) -> (String, String),
    /// The same for a text message, where that is shorter.
    pub short: fn(&Notice, &str) -> Option<String>,
    /// Below every mail, with the issuer.
    pub foot: fn(&str) -> String,
}
