//! What can go wrong at the authorization endpoint, by name.
//!
//! Each cause knows its registered code (RFC 6749 4.1.2.1, OpenID Connect Core 3.1.2.6, RFC 9101
//! 6.2, OpenID Connect Unmet Authentication Requirements) and one public sentence for the
//! developer of the app. Whether it becomes a page or a redirect is decided in
//! [`super::authorize`], never here.

use thiserror::Error;

/// Why an authorization request was not granted. `Display` is the public `error_description`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum OAuthError {
    // Before client and redirect URI are proven: always a page (RFC 9700 4.11).
    /// The parameters are not well-formed percent-encoded UTF-8, or too many, or too long.
    #[error("The request is not well-formed: it must be short, form-encoded UTF-8 text.")]
    MalformedRequest,
    /// No `client_id`, or more than one.
    #[error("The request must name exactly one client_id.")]
    ClientMissing,
    /// The `client_id` is not registered.
    #[error("The application that sent you here is not registered with this service.")]
    ClientUnknown,
    /// No `redirect_uri`, or more than one.
    #[error("The request must name exactly one redirect_uri.")]
    RedirectUriMissing,
    /// The `redirect_uri` is not one of the client's, byte for byte.
    #[error("The redirect_uri is not one that this application registered, byte for byte.")]
    RedirectUriUnknown,

    // After the proof: sent to the redirect URI with state and iss.
    /// A parameter was given more than once (RFC 6749 3.1).
    #[error("A parameter is given more than once.")]
    RepeatedParameter,
    /// A parameter holds a control character.
    #[error("A parameter contains a control character.")]
    ControlCharacter,
    /// `request` was given (OpenID Connect Core 6.1).
    #[error("Request objects are not supported; send the parameters themselves.")]
    RequestObject,
    /// `request_uri` was given (OpenID Connect Core 6.2).
    #[error("The request_uri parameter is not supported; send the parameters themselves.")]
    RequestUri,
    /// `registration` was given (OpenID Connect Core 7.2.1).
    #[error("The registration parameter is not supported; clients are registered beforehand.")]
    RegistrationParameter,
    /// No `response_type`.
    #[error("The response_type is missing; it must be code.")]
    ResponseTypeMissing,
    /// Another `response_type` than `code`.
    #[error("The only response_type is code.")]
    ResponseTypeUnsupported,
    /// Another `response_mode` than `query`.
    #[error("The only response_mode is query.")]
    ResponseModeUnsupported,
    /// `scope` without `openid`.
    #[error("The scope must contain openid.")]
    ScopeWithoutOpenid,
    /// `scope=oidc`, a common slip.
    #[error("The scope must contain openid; oidc is not a scope, openid was probably meant.")]
    ScopeOidc,
    /// A scope outside what the client was registered for.
    #[error("This client is not registered for one of the scopes asked for.")]
    ScopeNotAllowed,
    /// `self` or `desk` asked for by a client that is not first-party (contract 3).
    #[error("The scopes self and desk are for first-party clients only.")]
    ScopeFirstPartyOnly,
    /// No `code_challenge`, though the client must send one (RFC 7636 4.4.1).
    #[error("This client must use PKCE: send a code_challenge with code_challenge_method S256.")]
    PkceMissing,
    /// The challenge method is not `S256`, or is absent and therefore `plain`.
    #[error("The code_challenge_method must be S256.")]
    PkceMethod,
    /// The challenge cannot be an S256 value.
    #[error("The code_challenge must be the 43 characters of a base64url SHA-256 value.")]
    PkceMalformed,
    /// No `nonce`, though the client must send one.
    #[error("This client must send a nonce.")]
    NonceMissing,
    /// The nonce is empty or too long.
    #[error("The nonce must have 1 to 512 characters.")]
    NonceMalformed,
    /// `prompt` is unknown, or combines `none` with something else (Core 3.1.2.1).
    #[error("The prompt must be none alone, or any of login, consent and select_account.")]
    PromptMalformed,
    /// `max_age` is not a whole number of seconds.
    #[error("The max_age must be a whole number of seconds, zero or more.")]
    MaxAgeMalformed,
    /// The `id_token_hint` is not an ID token of ours for this client.
    #[error("The id_token_hint is not an ID token that this service issued to this client.")]
    HintMalformed,
    /// A known `acr` was demanded that cannot be met.
    #[error("The level or way of signing in that was asked for cannot be reached.")]
    UnmetAuthenticationRequirements,

    /// A known `acr` that this client may not ask for.
    #[error("This client is not registered for one of the acr_values asked for.")]
    AcrNotAllowed,

    // From the sign-in itself.
    /// `prompt=none` and nobody is signed in, or somebody else, or too long ago.
    #[error("The person must sign in.")]
    LoginRequired,
    /// `prompt=none` and the person would have to be asked something, such as her role.
    #[error("The person must be asked something that prompt=none does not allow.")]
    InteractionRequired,
    /// `prompt=none` and the person would have to say who she is.
    #[error("The person must choose which account to use.")]
    AccountSelectionRequired,
    /// The person, or the law of the house, said no.
    #[error("The sign-in was refused.")]
    AccessDenied,
    /// Our fault.
    #[error("The service met an unexpected condition.")]
    ServerError,
    /// Too busy; trying again helps.
    #[error("The service is busy; try again in a moment.")]
    TemporarilyUnavailable,
}

impl OAuthError {
    /// The registered error code, as it appears in `error=`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::MalformedRequest
            | Self::ClientMissing
            | Self::RedirectUriMissing
            | Self::RedirectUriUnknown
            | Self::RepeatedParameter
            | Self::ControlCharacter
            | Self::ResponseTypeMissing
            | Self::ResponseModeUnsupported
            | Self::PkceMissing
            | Self::PkceMethod
            | Self::PkceMalformed
            | Self::NonceMissing
            | Self::NonceMalformed
            | Self::PromptMalformed
            | Self::MaxAgeMalformed
            | Self::HintMalformed => "invalid_request",
            Self::ClientUnknown => "invalid_client",
            Self::RequestObject => "request_not_supported",
            Self::RequestUri => "request_uri_not_supported",
            Self::RegistrationParameter => "registration_not_supported",
            Self::ResponseTypeUnsupported => "unsupported_response_type",
            Self::ScopeWithoutOpenid
            | Self::ScopeOidc
            | Self::ScopeNotAllowed
            | Self::ScopeFirstPartyOnly => "invalid_scope",
            Self::UnmetAuthenticationRequirements | Self::AcrNotAllowed => {
                "unmet_authentication_requirements"
            }
            Self::LoginRequired => "login_required",
            Self::InteractionRequired => "interaction_required",
            Self::AccountSelectionRequired => "account_selection_required",
            Self::AccessDenied => "access_denied",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::OAuthError;

    #[test]
    fn every_description_keeps_to_the_characters_of_rfc_6749() {
        for error in [
            OAuthError::MalformedRequest,
            OAuthError::ScopeOidc,
            OAuthError::PkceMalformed,
            OAuthError::PromptMalformed,
            OAuthError::HintMalformed,
        ] {
            let text = error.to_string();
            let allowed = |byte| matches!(byte, 0x20 | 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
            assert!(text.bytes().all(allowed), "{text}");
        }
    }
}
