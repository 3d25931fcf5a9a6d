//! RP-initiated sign-out (OpenID Connect RP-Initiated Logout 1.0).
//!
//! A genuine ID token of this browser's own session signs out at once; anything else asks the
//! person first, because any page can send a browser here. The browser is sent on only to an
//! address the client registered, byte for byte; every other request ends on a page.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use enrolment::register;
use http::{HeaderMap, StatusCode, header};
use policies::ids::ClientId;

use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::oidc::client::Client;
use crate::oidc::parameters::Parameters;
use crate::pages::people::Face;
use crate::pages::{SignOutForm, sign_out_page, signed_out_page};
use crate::signin::session::{self, Session};
use crate::signin::sign_out;
use crate::store::clients;
use crate::tokens::verify::{self, VerifiedHint};

/// Where both methods and the confirmation form go.
const PATH: &str = "/oauth2/end_session";

/// What our form carries from one round to the next; each is checked again when it comes back.
const CARRIED: [&str; 4] = [
    "id_token_hint",
    "client_id",
    "post_logout_redirect_uri",
    "state",
];

/// The field with the form token, and what that token vouches for.
const FORM_TOKEN: &str = "form_token";
const PURPOSE: &str = "end session";

/// `GET /oauth2/end_session`.
///
/// # Errors
/// A page where the request names something that is not registered, or what the store says.
pub async fn get(
    State(house): State<Shared>,
    arrival: Arrival,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let parameters = read(query.unwrap_or_default().as_bytes())?;
    let wish = Wish::checked(&house, &parameters).await?;
    let Some(opened) = session::of_browser(&house, &arrival, &headers).await? else {
        return Ok(wish.signed_out());
    };
    if is_hers(&house, &arrival, &wish, &opened.session).await? {
        return leave(&house, &arrival, &opened.session, &wish).await;
    }
    let token = opened.key.form_token(&purpose(&opened.session));
    ask(&house, &opened.session, &wish, &parameters, token).await
}

/// `POST /oauth2/end_session`: the app's form, sent round as a GET because a cross-site POST
/// carries no cookie of ours; or the "yes" of our own page, which the form token proves.
///
/// # Errors
/// As [`get`].
pub async fn post(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let parameters = read(&body)?;
    let wish = Wish::checked(&house, &parameters).await?;
    let Some(token) = parameters.single(FORM_TOKEN) else {
        let location = format!("{PATH}?{}", parameters.to_query());
        return Ok((StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response());
    };
    let Some(opened) = session::of_browser(&house, &arrival, &headers).await? else {
        return Ok(wish.signed_out());
    };
    if !opened.key.vouches_for(&purpose(&opened.session), token) {
        return Err(Failure::CrossSite);
    }
    leave(&house, &arrival, &opened.session, &wish).await
}

fn read(octets: &[u8]) -> Result<Parameters, Failure> {
    let malformed = Failure::BadRequest("request_malformed");
    match Parameters::parse(octets) {
        Ok(read) if !read.has_repeated() && !read.has_control_characters() => Ok(read),
        _ => Err(malformed),
    }
}

fn purpose(session: &Session) -> String {
    format!("{PURPOSE} {}", session.sid)
}

/// What the app asks for, each part proven.
struct Wish {
    hint: Option<VerifiedHint>,
    client: Option<Client>,
    back_to: Option<String>,
}

impl Wish {
    /// A hint must be genuine, and an address one of the client's; else a page and no redirect.
    async fn checked(house: &Shared, parameters: &Parameters) -> Result<Self, Failure> {
        let unknown_client = || Failure::BadRequest("client_unknown");
        let named = parameters
            .single("client_id")
            .map(str::parse::<ClientId>)
            .transpose();
        let named = named.map_err(|_| unknown_client())?;
        let hint = match parameters.single("id_token_hint") {
            None => None,
            Some(text) => Some(
                verify::hint(text, named.as_ref(), &house.token_keys)
                    .map_err(|_| Failure::BadRequest("hint_unknown"))?,
            ),
        };
        let id = named.or_else(|| hint.as_ref().map(|hint| hint.audience().clone()));
        let client = match id {
            None => None,
            Some(id) => Some(find(house, id).await?.ok_or_else(unknown_client)?),
        };
        let back_to = match parameters.single("post_logout_redirect_uri") {
            None => None,
            Some(presented) => {
                let registered = client
                    .as_ref()
                    .and_then(|client| client.post_logout_redirect_uri(presented));
                let unknown = Failure::BadRequest("sign_out_address_unknown");
                Some(with_state(
                    registered.ok_or(unknown)?,
                    parameters.single("state"),
                ))
            }
        };
        Ok(Self {
            hint,
            client,
            back_to,
        })
    }

    /// On to the app, or a page that says it is done.
    fn signed_out(&self) -> Response {
        match &self.back_to {
            Some(uri) => {
                let location = [(header::LOCATION, uri.clone())];
                (StatusCode::SEE_OTHER, location).into_response()
            }
            None => signed_out_page(None),
        }
    }
}

fn with_state(uri: &str, state: Option<&str>) -> String {
    let Some(state) = state else {
        return uri.to_owned();
    };
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("state", state);
    let joint = if uri.contains('?') { '&' } else { '?' };
    format!("{uri}{joint}{}", query.finish())
}

async fn find(house: &Shared, id: ClientId) -> Result<Option<Client>, Failure> {
    let found = house
        .store
        .read("oidc.end_session.client", move |tx| {
            let id = id.clone();
            Box::pin(async move { clients::find(tx, &id).await })
        })
        .await;
    Ok(found?)
}

/// Whether the hint is an ID token of this very single sign-on session.
async fn is_hers(
    house: &Shared,
    arrival: &Arrival,
    wish: &Wish,
    session: &Session,
) -> Result<bool, Failure> {
    let Some(hint) = &wish.hint else {
        return Ok(false);
    };
    let question = Arc::new((hint.session().clone(), arrival.now, house.policy.clone()));
    let named = house
        .store
        .read("oidc.end_session.hint", move |tx| {
            let question = question.clone();
            Box::pin(async move {
                let (sid, now, policy) = question.as_ref();
                session::live(tx, sid, *now, policy).await
            })
        })
        .await?;
    Ok(named.is_some_and(|named| named.sid == session.sid))
}

async fn leave(
    house: &Shared,
    arrival: &Arrival,
    session: &Session,
    wish: &Wish,
) -> Result<Response, Failure> {
    sign_out::end(house, arrival, session).await?;
    let mut response = wish.signed_out();
    sign_out::forget(house, &mut response);
    Ok(response)
}

async fn ask(
    house: &Shared,
    session: &Session,
    wish: &Wish,
    parameters: &Parameters,
    token: String,
) -> Result<Response, Failure> {
    let user_id = session.user_id.clone();
    let person = house
        .store
        .read("oidc.end_session.person", move |tx| {
            let user_id = user_id.clone();
            Box::pin(async move { register::person(tx, &user_id).await })
        })
        .await?
        .ok_or(Failure::NotFound)?;
    let carried = CARRIED.into_iter().filter_map(|name| {
        parameters
            .single(name)
            .map(|value| (name.to_owned(), value.to_owned()))
    });
    Ok(sign_out_page(SignOutForm {
        action: PATH.to_owned(),
        hidden: carried.chain([(FORM_TOKEN.to_owned(), token)]).collect(),
        face: Face::of(&person, None),
        client_name: wish.client.as_ref().map(|client| client.name.clone()),
        stay: None,
        leads_to: wish.back_to.clone(),
    }))
}
