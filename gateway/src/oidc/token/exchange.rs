//! Proves the client, spends a code and mints tokens in one transaction, then signs.
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
use enrolment::store::{Key, StoreError, Tx};
use policies::ids::ClientId;
use policies::rbac::Rbac;
use policies::time::{Span, Time};
use policies::values::Policy;
use ring::digest::{SHA256, digest};

use super::client_proof::{self, Proof};
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
use crate::tokens::{Algorithm, id_token};

/// Life of an access token: at most an hour (contract 4), and never longer than its session. One that
/// opens our own API lives five minutes (contract 5).
pub(super) fn life_of(scopes: &[Scope]) -> Span {
    if scopes.iter().any(|scope| scope.is_first_party()) {
        Span::minutes(5)
    } else {
        Span::minutes(60)
    }
}

/// What one exchange hands out.
#[derive(Debug)]
pub(super) struct Minted {
    pub(super) access_token: Secret,
    pub(super) id_token: String,
    pub(super) scope: Vec<Scope>,
}

/// Exchanges the code in the form, for a client that this proves.
pub(super) async fn code(
    house: &Shared,
    arrival: &Arrival,
    proof: Proof,
    form: &Parameters,
) -> Result<Minted, Fault> {
    let access_token = Secret::generate(&house.chance).map_err(|_| Failure::Chance)?;
    let order = Arc::new(Order {
        proof,
        wanted: Wanted::read(form),
        token: access_token.hash(Purpose::AccessToken),
        at_hash: id_token::at_hash(access_token.reveal()),
        issuer: house.names.issuer.clone(),
        policy: house.policy.clone(),
        rbac: house.rbac.clone(),
        role_keys: house.role_keys(),
        now: arrival.now,
    });
    if arrival.is_suspect() {
        let asked = order.clone();
        let read = house
            .store
            .read::<_, StoreError, _>("oidc.token.client", move |tx| {
                let order = asked.clone();
                Box::pin(async move { client_proof::client(tx, &order.proof).await })
            });
        if let Err(who) = read.await? {
            return Err(stranger(house, arrival, not_proven(who)).await?.into());
        }
    }
    let key = match &order.wanted {
        Ok(wanted) => Key::of("code", wanted.code.for_the_trail().as_str()),
        Err(_) => Key::none(),
    };
    let write = house.store.write("oidc.token.exchange", key, move |tx| {
        let order = order.clone();
        Box::pin(async move { order.carry_out(tx).await })
    });
    match write.await? {
        Outcome::Minted(scope, claims, algorithm) => {
            let id_token = id_token::sign(&claims, house.token_keys.signing(algorithm))
                .map_err(Failure::internal)?;
            Ok(Minted {
                access_token,
                id_token,
                scope,
            })
        }
        Outcome::Refused(error) => Err(error.into()),
        Outcome::Stranger(who) => Err(stranger(house, arrival, who).await?.into()),
    }
}

/// Why somebody who has proven nothing is refused, and the line about it.
type Stranger = (TokenError, Event);

fn not_proven((client, reason): (Option<ClientId>, &'static str)) -> Stranger {
    let reason = Code::of(reason);
    (
        TokenError::ClientRefused,
        Event::ClientRefused { client, reason },
    )
}

/// The refusal of somebody who has proven nothing; its line is one of those that strangers may leave.
async fn stranger(
    house: &Shared,
    arrival: &Arrival,
    (error, event): Stranger,
) -> Result<TokenError, Failure> {
    if arrival.may_leave_a_line() {
        record(house, event, arrival.now).await?;
    }
    Ok(error)
}

async fn record(house: &Shared, event: Event, now: Time) -> Result<(), Failure> {
    let write =
        house
            .store
            .write::<_, StoreError, _>("oidc.token.refused", Key::none(), move |tx| {
                let event = event.clone();
                Box::pin(async move { tx.audit(now, &event).await })
            });
    Ok(write.await?)
}

/// What the form asks for. Said only to a client that has proven itself: it is asked first.
struct Wanted {
    code: SecretHash,
    redirect_uri: String,
    challenge: Option<String>,
}

impl Wanted {
    fn read(form: &Parameters) -> Result<Self, TokenError> {
        match form.single("grant_type") {
            Some("authorization_code") => {}
            Some(_) => return Err(TokenError::GrantTypeUnsupported),
            None => return Err(TokenError::GrantTypeMissing),
        }
        let code = Secret::presented(form.single("code").ok_or(TokenError::CodeMissing)?);
        let redirect_uri = form
            .single("redirect_uri")
            .ok_or(TokenError::RedirectUriMissing)?;
        Ok(Self {
            code: code.hash(Purpose::Code),
            redirect_uri: redirect_uri.to_owned(),
            challenge: form.single("code_verifier").map(challenge_of),
        })
    }

    fn bound_to(&self, client: &Client) -> Binding {
        Binding {
            client: client.id.clone(),
            redirect_uri: self.redirect_uri.clone(),
            challenge: self.challenge.clone(),
        }
    }
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
    proof: Proof,
    wanted: Result<Wanted, TokenError>,
    token: SecretHash,
    at_hash: String,
    issuer: String,
    policy: Arc<Policy>,
    rbac: Arc<Rbac>,
    role_keys: RoleKeys,
    now: Time,
}

/// Refusals are answers of the transaction, not errors: what they record must be committed.
enum Outcome {
    Minted(Vec<Scope>, Box<IdTokenClaims>, Algorithm),
    Refused(TokenError),
    /// Whoever it was has proven nothing and nothing was written.
    Stranger(Stranger),
}

/// A code and the client that brings it.
struct Redemption<'a> {
    code: &'a SecretHash,
    client: Client,
}

impl Order {
    async fn carry_out(&self, tx: Tx<'_>) -> Result<Outcome, Failure> {
        let client = match client_proof::client(tx, &self.proof).await? {
            Ok(client) => client,
            Err(who) => return Ok(Outcome::Stranger(not_proven(who))),
        };
        let wanted = match &self.wanted {
            Ok(wanted) => wanted,
            Err(error) => return Ok(Outcome::Refused(*error)),
        };
        let (code, binding) = (&wanted.code, wanted.bound_to(&client));
        let redemption = Redemption { code, client };
        match grants::spend_code(tx, code, &binding, self.now).await? {
            Ok(grant) => self.mint(tx, redemption, grant).await,
            Err(CodeRefused::Spent) => self.end_what_it_made(tx, redemption).await,
            Err(refused) => self.refuse(tx, redemption, refused).await,
        }
    }

    async fn mint(
        &self,
        tx: Tx<'_>,
        redemption: Redemption<'_>,
        grant: Grant,
    ) -> Result<Outcome, Failure> {
        const ENDED: Outcome = Outcome::Refused(TokenError::SignInEnded);
        // A token of our own API acts in the session of its own name alone.
        let ours = grant.scope.iter().any(|scope| scope.is_first_party());
        let session = session::live(tx, &grant.sid, self.now, &self.policy).await?;
        let session = session.filter(|session| !ours || session.sid == grant.sid);
        let Some(session) = session else {
            return Ok(ENDED);
        };
        if !grant.facts.meet(&redemption.client.settings.acr_values) {
            return Ok(ENDED);
        }
        let Some(person) = register::person(tx, &grant.user_id)
            .await?
            .filter(|p| p.open)
        else {
            return Ok(ENDED);
        };
        let opener = session.opener(&self.role_keys);
        let held = opener.roles(tx, &grant.user_id).await?;
        let held = held.told(&redemption.client.settings.roles).open;
        let role_id = grant.role_id.as_ref();
        let role = role_id.and_then(|role_id| roles::held_now(&held, role_id, self.now));
        if role_id.is_some() && role.is_none() {
            return Ok(ENDED);
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
        let life = (self.now, self.now.plus(life_of(&grant.scope)));
        let hashes = (&self.token, redemption.code);
        grants::insert_token(tx, hashes, &grant, &claims, life).await?;
        let event = Event::TokensIssued {
            person: grant.user_id,
            session: grant.sid,
            client: grant.client,
            role: grant.role_id,
            code: redemption.code.for_the_trail(),
            token: self.token.for_the_trail(),
        };
        tx.audit(self.now, &event).await?;
        let algorithm = redemption.client.id_token_alg;
        Ok(Outcome::Minted(grant.scope, Box::new(claims), algorithm))
    }

    async fn end_what_it_made(
        &self,
        tx: Tx<'_>,
        Redemption { code, client }: Redemption<'_>,
    ) -> Result<Outcome, Failure> {
        grants::revoke_tokens_of(tx, code, self.now).await?;
        if let Some((person, session)) = grants::owner_of_code(tx, code).await? {
            let event = Event::CodeReplayed {
                person,
                session,
                client: client.id,
                code: code.for_the_trail(),
            };
            tx.audit(self.now, &event).await?;
        }
        Ok(Outcome::Refused(TokenError::CodeRefused))
    }

    async fn refuse(
        &self,
        tx: Tx<'_>,
        Redemption { code, client }: Redemption<'_>,
        refused: CodeRefused,
    ) -> Result<Outcome, Failure> {
        let reason = match refused {
            CodeRefused::Unknown => "unknown",
            CodeRefused::Spent => "spent",
            CodeRefused::Expired => "expired",
            CodeRefused::Mismatch => "mismatch",
        };
        let event = Event::CodeRefused {
            client: client.id,
            reason: Code::of(reason),
            code: code.for_the_trail(),
        };
        // A public client has proven nothing: anybody can try codes under its name.
        if client.method.is_public() && refused == CodeRefused::Unknown {
            return Ok(Outcome::Stranger((TokenError::CodeRefused, event)));
        }
        tx.audit(self.now, &event).await?;
        Ok(Outcome::Refused(TokenError::CodeRefused))
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
