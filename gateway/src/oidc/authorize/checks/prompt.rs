//! What may be asked of the person: `none` alone, or any of the others (OpenID Connect Core
//! 3.1.2.1). What each means is the sign-in's business.

use super::super::request::Prompt;
use crate::oidc::error::OAuthError;
use crate::oidc::parameters::Parameters;

/// The prompts, each once.
pub(super) fn read(parameters: &Parameters) -> Result<Vec<Prompt>, OAuthError> {
    let mut prompts = Vec::new();
    let words = parameters.single("prompt").unwrap_or_default();
    for word in words.split(' ').filter(|word| !word.is_empty()) {
        let prompt = match word {
            "none" => Prompt::None,
            "login" => Prompt::Login,
            "consent" => Prompt::Consent,
            "select_account" => Prompt::SelectAccount,
            _ => return Err(OAuthError::PromptMalformed),
        };
        if !prompts.contains(&prompt) {
            prompts.push(prompt);
        }
    }
    if prompts.contains(&Prompt::None) && prompts.len() > 1 {
        return Err(OAuthError::PromptMalformed);
    }
    Ok(prompts)
}
