//! Every URL of the house on one page, each with the policy it declares (decision 11). A route
//! without an `Access` does not compile; the access matrix test walks the lists exported here.

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodFilter, on};
use http::Method;

use crate::door::origin;
use crate::house::Shared;

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
    /// An application proving itself with its own credentials.
    ClientCredentials,
    /// The bearer of an access token.
    BearerToken,
    /// The client certificate of the connection; exists on the card listener only.
    CardCertificate,
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

/// Collects routes with their policies.
#[derive(Default)]
pub struct Routes {
    router: Router<Shared>,
    list: Vec<Route>,
}

impl Routes {
    /// No routes yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Registers one handler. `HEAD` is answered wherever `GET` is.
    #[must_use]
    pub fn at<H, T>(mut self, method: Method, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, Shared>,
        T: 'static,
    {
        let filter = MethodFilter::try_from(method.clone()).unwrap_or(MethodFilter::TRACE);
        let guarded = on(filter, handler)
            .layer(axum::middleware::from_fn_with_state(access, origin::same_site_only));
        self.router = self.router.route(path, guarded);
        self.list.push(Route { method, path, access });
        self
    }

    /// Adds all routes of another list, for example those that only dev has.
    #[must_use]
    pub fn and(mut self, guests: Self) -> Self {
        self.router = self.router.merge(guests.router);
        self.list.extend(guests.list);
        self
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
