//! Spends a code and mints tokens in one transaction, then signs.
//!
//! The code dies by one conditional statement. If it was spent before, everything minted from it
//! dies too (RFC 6749 4.1.2). Session, person and role are read again in the same transaction; if
//! the process dies after the commit, the code is spent and the app starts again (house decision 8).

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use enrolment::audit::{Code, Event};
use enrolment::register;
use enrolment::role_keys::RoleKeys;
use enrolment::store::{Key, Tx};
use policies::rbac::Rbac;
use policies::time::{Span, Time};
use policies::values::Policy;
use ring::digest::{SHA256, digest};

use super::error::{Fault, TokenError};
use crate::claims::roles;
use crate::claims::scope::Scope;
use crate::claims::snapshot::{IdTokenClaims, Mint};
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::oidc::client::Client;
use crate::oidc::parameters::Parameters;
use crate::oidc::secret::{Purpose, Secret, SecretHash};
use crate::signin::session;
use crate::store::grants::{self, Binding, CodeRefused, Grant};
use crate::tokens::id_token;

/// Life of an access token: at most an hour (contract 4), and never longer than its session.
pub(super) const ACCESS_TOKEN_LIFE: Span = Span::minutes(60);

/// What one exchange hands out.
#[derive(Debug)]
pub(super) struct Minted {
    pub(super) access_token: Secret,
    pub(super) id_token: String,
    pub(super) scope: Vec<Scope>,
}

/// Exchanges the code in the form.
pub(super) async fn code(
    house: &Shared,
    arrival: &Arrival,
    client: &Client,
    form: &Parameters,
) -> Result<Minted, Fault> {
    let code = Secret::presented(form.single("code").ok_or(TokenError::CodeMissing)?);
    let redirect_uri = form
        .single("redirect_uri")
        .ok_or(TokenError::RedirectUriMissing)?;
    let access_token = Secret::generate(&house.chance).map_err(|_| Failure::Chance)?;
    let order = Arc::new(Order {
        code: code.hash(Purpose::Code),
        token: access_token.hash(Purpose::AccessToken),
        at_hash: id_token::at_hash(access_token.reveal()),
        binding: Binding {
            client: client.id.clone(),
            redirect_uri: redirect_uri.to_owned(),
            challenge: form.single("code_verifier").map(challenge_of),
        },
        issuer: house.names.issuer.clone(),
        policy: house.policy.clone(),
        rbac: house.rbac.clone(),
        role_keys: house.role_keys(),
        now: arrival.now,
        // A public client has proven nothing: anybody can try codes under its name.
        leaves_a_line: !client.method.is_public() || arrival.may_leave_a_line(),
    });
    let key = Key::of("code", order.code.for_the_trail().as_str());
    let (scope, claims) = house
        .store
        .write("oidc.token.exchange", key, move |tx| {
            let order = order.clone();
            Box::pin(async move { order.carry_out(tx).await })
        })
        .await??;
    let id_token = id_token::sign(&claims, house.token_keys.signing(client.id_token_alg))
        .map_err(Failure::internal)?;
    Ok(Minted {
        access_token,
        id_token,
        scope,
    })
}

/// The challenge that this verifier answers (RFC 7636 4.6). A verifier that is no verifier by RFC
/// 7636 4.1 answers none that can be stored.
fn challenge_of(verifier: &str) -> String {
    let in_alphabet =
        |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b'_' | b'~');
    if !matches!(verifier.len(), 43..=128) || !verifier.bytes().all(in_alphabet) {
        return "malformed verifier".to_owned();
    }
    URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
}

/// What the write closure owns.
struct Order {
    code: SecretHash,
    token: SecretHash,
    at_hash: String,
    binding: Binding,
    issuer: String,
    policy: Arc<Policy>,
    rbac: Arc<Rbac>,
    role_keys: RoleKeys,
    now: Time,
    leaves_a_line: bool,
}

/// Refusals are answers of the transaction, not errors: what they record must be committed.
type Outcome = Result<(Vec<Scope>, IdTokenClaims), TokenError>;

impl Order {
    async fn carry_out(&self, tx: Tx<'_>) -> Result<Outcome, Failure> {
        match grants::spend_code(tx, &self.code, &self.binding, self.now).await? {
            Ok(grant) => self.mint(tx, grant).await,
            Err(CodeRefused::Spent) => self.end_what_it_made(tx).await,
            Err(refused) => self.refuse(tx, refused).await,
        }
    }

    async fn mint(&self, tx: Tx<'_>, grant: Grant) -> Result<Outcome, Failure> {
        let session = session::live(tx, &grant.sid, self.now, &self.policy).await?;
        let Some(session) = session else {
            return Ok(Err(TokenError::SignInEnded));
        };
        let Some(person) = register::person(tx, &grant.user_id)
            .await?
            .filter(|p| p.open)
        else {
            return Ok(Err(TokenError::SignInEnded));
        };
        let opener = session.opener(&self.role_keys);
        let held = opener.roles(tx, &grant.user_id).await?.open;
        let role_id = grant.role_id.as_ref();
        let role = role_id.and_then(|role_id| roles::held_now(&held, role_id, self.now));
        if role_id.is_some() && role.is_none() {
            return Ok(Err(TokenError::SignInEnded));
        }
        let mint = Mint {
            issuer: &self.issuer,
            now: self.now,
            at_hash: &self.at_hash,
            id_assurance_level: person.id_assurance_level,
            role,
            rbac: &self.rbac,
        };
        let claims = IdTokenClaims::freeze(&grant, &mint);
        let life = (self.now, self.now.plus(ACCESS_TOKEN_LIFE));
        grants::insert_token(tx, (&self.token, &self.code), &grant, &claims, life).await?;
        let event = Event::TokensIssued {
            person: grant.user_id,
            session: grant.sid,
            client: grant.client,
            role: grant.role_id,
            code: self.code.for_the_trail(),
            token: self.token.for_the_trail(),
        };
        tx.audit(self.now, &event).await?;
        Ok(Ok((grant.scope, claims)))
    }

    async fn end_what_it_made(&self, tx: Tx<'_>) -> Result<Outcome, Failure> {
        grants::revoke_tokens_of(tx, &self.code, self.now).await?;
        if let Some((person, session)) = grants::owner_of_code(tx, &self.code).await? {
            let event = Event::CodeReplayed {
                person,
                session,
                client: self.binding.client.clone(),
                code: self.code.for_the_trail(),
            };
            tx.audit(self.now, &event).await?;
        }
        Ok(Err(TokenError::CodeRefused))
    }

    async fn refuse(&self, tx: Tx<'_>, refused: CodeRefused) -> Result<Outcome, Failure> {
        let reason = match refused {
            CodeRefused::Unknown => "unknown",
            CodeRefused::Spent => "spent",
            CodeRefused::Expired => "expired",
            CodeRefused::Mismatch => "mismatch",
        };
        let event = Event::CodeRefused {
            client: self.binding.client.clone(),
            reason: Code::of(reason),
            code: self.code.for_the_trail(),
        };
        if self.leaves_a_line || refused != CodeRefused::Unknown {
            tx.audit(self.now, &event).await?;
        }
        Ok(Err(TokenError::CodeRefused))
    }
}

#[cfg(test)]
mod tests {
    use super::challenge_of;

    #[test]
    fn the_challenge_is_that_of_the_standard() {
        // RFC 7636 appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(
            challenge_of(verifier),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn a_malformed_verifier_answers_no_challenge() {
        for verifier in ["", "short", &"a".repeat(129), &"a b".repeat(20)] {
            assert_ne!(challenge_of(verifier).len(), 43);
        }
    }
}
