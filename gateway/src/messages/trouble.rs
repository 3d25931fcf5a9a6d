//! Texts for what is nobody's refusal.

use super::Explanation;

/// A text for each failure that is nobody's refusal.
#[derive(Debug)]
pub struct TroubleTexts {
    /// Link to the start page.
    pub start: &'static str,
    /// Before the sentence for developers.
    pub for_developers: &'static str,
    /// 404.
    pub not_found: Explanation,
    /// 405.
    pub method_not_allowed: Explanation,
    /// 400.
    pub bad_request: Explanation,
    /// 400 from an application.
    pub application: Explanation,
    /// 401.
    pub not_signed_in: Explanation,
    /// 403, a token for something else.
    pub scope: Explanation,
    /// 403, a form from elsewhere.
    pub cross_site: Explanation,
    /// 408 and 413.
    pub body: Explanation,
    /// 421.
    pub misdirected: Explanation,
    /// 503.
    pub busy: Explanation,
    /// 500.
    pub internal: Explanation,
}

impl TroubleTexts {
    /// The text for a failure's code ([`crate::error::Failure::code`]); a code without words of its
    /// own is a request that makes no sense.
    pub fn of(&self, code: &str) -> &Explanation {
        match code {
            "not_found" => &self.not_found,
            "method_not_allowed" => &self.method_not_allowed,
            "not_signed_in" | "token_invalid" => &self.not_signed_in,
            "insufficient_scope" => &self.scope,
            "cross_site" => &self.cross_site,
            "body_too_large" | "body_too_slow" => &self.body,
            "host_mismatch" => &self.misdirected,
            "busy" => &self.busy,
            "internal" => &self.internal,
            _ => &self.bad_request,
        }
    }
}
