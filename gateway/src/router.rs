//! Every URL of the house on one page, each with the policy it declares (decision 11). A route
//! without an `Access` does not compile; the access matrix test walks the lists exported here.

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodFilter, on};
use http::Method;

use crate::api;
use crate::api::operation::Operation;
use crate::door::origin;
use crate::house::Shared;
use crate::{any_hour, desk, enrol, health, my, oidc, pages, pki, signin};

/// Who may use a route, and therefore what is checked before its handler runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Access {
    /// A public document; nobody is identified.
    Anyone,
    /// A browser on its way in. A POST must come from our own page.
    Browser,
    /// A browser sent here by an application, so that a cross-site GET or POST is expected
    /// (OpenID Connect Core 3.1.2.1, RP-Initiated Logout 2). The handler checks the request.
    RelyingPartyBrowser,
    /// A browser with a live session, which the handler reads. A POST must come from our own page.
    Session,
    /// A program of somebody who has proven nothing and names no one: JSON only, bounded in number, the same answer
    /// for everybody. A browser's request must come from our own page.
    Stranger,
    /// An application proving itself with its own credentials.
    ClientCredentials,
    /// The bearer of an access token.
    BearerToken,
    /// The bearer of a first-party token with the scope `self`.
    SelfToken,
    /// The bearer of a first-party token with the scope `desk`.
    DeskToken,
    /// The client certificate of the connection; exists on the card listener only.
    CardCertificate,
    /// The same for a program without a browser: JSON only, and nothing that any web page sends
    /// (contract 5).
    CardClient,
}

/// One route as the access matrix sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path pattern, in axum's spelling.
    pub path: &'static str,
    /// The declared policy.
    pub access: Access,
}

const GET: Method = Method::GET;
const POST: Method = Method::POST;
const OPTIONS: Method = Method::OPTIONS;

/// The gateway's URLs.
pub fn gateway() -> Routes {
    use Access::{Anyone, Browser, RelyingPartyBrowser, Session};
    Routes::new()
        // Who is signed in, and the parts of pages.
        .at(GET, "/", Browser, signin::start::page)
        .at(GET, "/static/{name}", Anyone, pages::assets::serve)
        .at(GET, "/photo/{user_id}", Session, signin::photo::own)
        // Browsers sent by applications.
        .at(
            GET,
            "/oauth2/authorize",
            RelyingPartyBrowser,
            oidc::authorize::get,
        )
        .at(
            POST,
            "/oauth2/authorize",
            RelyingPartyBrowser,
            oidc::authorize::post,
        )
        .at(
            GET,
            "/oauth2/end_session",
            RelyingPartyBrowser,
            oidc::end_session::get,
        )
        .at(
            POST,
            "/oauth2/end_session",
            RelyingPartyBrowser,
            oidc::end_session::post,
        )
        // Signing in and out.
        .at(GET, "/signin", Browser, signin::methods::page)
        .at(GET, "/signin/card", Browser, signin::ticket::redeem)
        .and(other_ways())
        .at(GET, "/signin/own", Browser, signin::own::begin)
        .at(POST, "/signin/without", Browser, signin::without::post)
        .at(POST, "/signin/continue", Session, signin::continue_as::post)
        .at(GET, "/signin/role", Session, signin::role::page)
        .at(POST, "/signin/role", Session, signin::role::post)
        .at(POST, "/signout", Session, signin::sign_out::post)
        // Whoever watches over the machine.
        .at(GET, "/healthz", Anyone, health::healthz)
        .at(GET, "/readyz", Anyone, health::readyz)
        .and(at_any_hour())
        .at(GET, "/signin/renewal", Session, signin::renewal::page)
        .at(POST, "/signin/renewal", Session, signin::renewal::post)
        .and(my::routes())
        .and(enrol::routes())
        .and(applications())
        .and(desk::routes())
        .and(api::gateway())
}

/// Signing in without a card.
fn other_ways() -> Routes {
    use Access::Browser;
    Routes::new()
        .at(GET, "/signin/app", Browser, signin::app::page)
        .at(POST, "/signin/app", Browser, signin::app::post)
        .at(
            GET,
            "/signin/federated/{id}",
            Browser,
            signin::federated::start,
        )
        .at(
            GET,
            "/signin/federated/{id}/callback",
            Browser,
            signin::federated::callback,
        )
        .at(GET, "/signin/key", Browser, signin::key::page)
        .at(POST, "/signin/key/start", Browser, signin::key::start)
        .at(POST, "/signin/key", Browser, signin::key::post)
}

/// Pages for people who are not signed in.
fn at_any_hour() -> Routes {
    use Access::Browser;
    Routes::new()
        .at(GET, "/unlock", Browser, any_hour::unlock::page)
        .at(POST, "/unlock", Browser, any_hour::unlock::start)
        .at(POST, "/unlock/code", Browser, any_hour::unlock::check)
        .at(GET, "/cancel", Browser, any_hour::cancel::page)
        .at(POST, "/cancel", Browser, any_hour::cancel::start)
        .at(POST, "/cancel/code", Browser, any_hour::cancel::ask)
        .at(POST, "/cancel/confirm", Browser, any_hour::cancel::confirm)
        .at(GET, "/cancel/link", Browser, any_hour::cancel::link_page)
        .at(POST, "/cancel/link", Browser, any_hour::cancel::link)
        .at(GET, "/activate", Browser, any_hour::activate::page)
}

/// The gateway's URLs that applications and their scripts call themselves.
fn applications() -> Routes {
    use Access::{Anyone, BearerToken, ClientCredentials};
    const OPENID: &str = "/.well-known/openid-configuration";
    const OAUTH: &str = "/.well-known/oauth-authorization-server";
    Routes::new()
        .at(GET, OPENID, Anyone, oidc::discovery::get)
        .at(OPTIONS, OPENID, Anyone, oidc::cors::preflight)
        .at(GET, OAUTH, Anyone, oidc::discovery::get)
        .at(OPTIONS, OAUTH, Anyone, oidc::cors::preflight)
        .at(GET, "/oauth2/jwks", Anyone, oidc::keys::get)
        .at(OPTIONS, "/oauth2/jwks", Anyone, oidc::cors::preflight)
        .at(POST, "/oauth2/token", ClientCredentials, oidc::token::post)
        .at(OPTIONS, "/oauth2/token", Anyone, oidc::cors::preflight)
        .at(GET, "/oauth2/userinfo", BearerToken, oidc::userinfo::get)
        .at(POST, "/oauth2/userinfo", BearerToken, oidc::userinfo::post)
        .at(OPTIONS, "/oauth2/userinfo", Anyone, oidc::cors::preflight)
}

/// The card listener's URLs.
pub fn card() -> Routes {
    Routes::new()
        .at(
            Method::GET,
            "/login",
            Access::CardCertificate,
            signin::card::login,
        )
        .and(api::card())
}

/// The publishing listener's URLs.
pub fn publishing() -> Routes {
    Routes::new()
        .at(Method::GET, "/root.crt", Access::Anyone, pki::root)
        .at(Method::GET, "/issuing.crt", Access::Anyone, pki::issuing)
        .at(Method::GET, "/crl/{list}", Access::Anyone, pki::list)
}

/// Collects routes with their policies.
#[derive(Default)]
pub struct Routes {
    router: Router<Shared>,
    list: Vec<Route>,
    operations: Vec<&'static Operation>,
}

impl Routes {
    /// No routes yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Registers one handler. `HEAD` is answered wherever `GET` is.
    #[must_use]
    pub fn at<H, T>(
        mut self,
        method: Method,
        path: &'static str,
        access: Access,
        handler: H,
    ) -> Self
    where
        H: Handler<T, Shared>,
        T: 'static,
    {
        let filter = MethodFilter::try_from(method.clone()).unwrap_or(MethodFilter::TRACE);
        let guarded = on(filter, handler).layer(axum::middleware::from_fn_with_state(
            access,
            origin::same_site_only,
        ));
        self.router = self.router.route(path, guarded);
        self.list.push(Route {
            method,
            path,
            access,
        });
        self
    }

    /// Registers one operation of the API under what it says of itself.
    #[must_use]
    pub fn op<H, T>(mut self, operation: &'static Operation, handler: H) -> Self
    where
        H: Handler<T, Shared>,
        T: 'static,
    {
        self.operations.push(operation);
        let method = operation.verb.method();
        self.at(method, operation.path, operation.access, handler)
    }

    /// Adds all routes of another list, for example those that only dev has.
    #[must_use]
    pub fn and(mut self, guests: Self) -> Self {
        self.router = self.router.merge(guests.router);
        self.list.extend(guests.list);
        self.operations.extend(guests.operations);
        self
    }

    /// The operations of the API among them.
    pub fn operations(&self) -> &[&'static Operation] {
        &self.operations
    }

    /// What is registered, for the access matrix test.
    pub fn list(&self) -> &[Route] {
        &self.list
    }

    /// The router, still without its state and without the door around it.
    pub(crate) fn into_router(self) -> Router<Shared> {
        self.router
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_card(access: Access) -> bool {
        matches!(access, Access::CardCertificate | Access::CardClient)
    }

    #[test]
    fn only_the_card_listener_knows_cards_and_no_path_is_listed_twice() {
        let gateway = gateway();
        assert!(gateway.list().iter().all(|route| !by_card(route.access)));
        assert!(card().list().iter().all(|route| by_card(route.access)));
        let mut seen = std::collections::HashSet::new();
        for route in gateway.list() {
            assert!(seen.insert((route.method.clone(), route.path)), "{route:?}");
        }
    }

    #[test]
    fn what_anyone_may_use_changes_nothing() {
        let all = [gateway(), card(), publishing()];
        for route in all
            .iter()
            .flat_map(Routes::list)
            .filter(|r| r.access == Access::Anyone)
        {
            assert!(
                [Method::GET, Method::OPTIONS].contains(&route.method),
                "{route:?}"
            );
        }
    }
}
