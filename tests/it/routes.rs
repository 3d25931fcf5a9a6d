//! The access matrix: every URL with the policy it declares where it is registered (house decision 11), against the
//! copy in `routes.txt`. Whoever adds a route or opens one wider changes that copy, where a reader sees it.

use std::fmt::Write;

use gateway::router::{self, Access, Routes};
use reqwest::{Method, StatusCode};

use crate::support::{Matron, http};

const STORED: &str = include_str!("routes.txt");

/// All routes: those of `serve` by listener, then what only dev adds to the gateway.
fn matrix() -> String {
    let listeners = [
        ("gateway", router::gateway()),
        ("card", router::card()),
        ("publishing", router::publishing()),
        ("dev", gateway::dev::routes()),
    ];
    let mut lines = String::new();
    for (listener, routes) in &listeners {
        for route in routes.list() {
            let (method, access) = (route.method.as_str(), format!("{:?}", route.access));
            writeln!(lines, "{listener:<11}{method:<8}{access:<20}{}", route.path)
                .expect("a text grows");
        }
    }
    lines
}

#[test]
fn the_matrix_is_as_stored() {
    let now = matrix();
    assert_eq!(
        now, STORED,
        "tests/it/routes.txt is not what the routers say; they say:\n{now}"
    );
}

#[test]
fn serve_has_no_route_of_dev() {
    let guests = gateway::dev::routes();
    let served = [router::gateway(), router::card(), router::publishing()];
    for route in served.iter().flat_map(Routes::list) {
        assert!(!route.path.starts_with("/dev"), "{route:?}");
        assert!(
            guests.list().iter().all(|guest| guest.path != route.path),
            "{route:?}"
        );
    }
}

/// Without a session, a token, credentials or a card, nothing but what declares so lets anybody in.
#[tokio::test]
async fn every_route_asks_for_what_it_declares() {
    let matron = Matron::shared();
    let client = http(matron).build().expect("a client");
    for (base, routes) in [
        (matron.issuer(), router::gateway()),
        (matron.card_url(), router::card()),
    ] {
        for route in routes.list() {
            let path = route
                .path
                .replace("{user_id}", &matron.text("/people/amara/user_id"));
            let request = client.request(route.method.clone(), format!("{base}{path}"));
            let request = if route.method == Method::POST {
                request.form(&[("x", "y")])
            } else {
                request
            };
            let answer = request.send().await.expect("an answer");
            let status = answer.status();
            let as_declared = match route.access {
                Access::Anyone
                | Access::Browser
                | Access::Stranger
                | Access::RelyingPartyBrowser => !status.is_server_error(),
                // Whoever is out already is told so.
                Access::Session => status != StatusCode::OK || path == "/signout",
                Access::ClientCredentials
                | Access::BearerToken
                | Access::SelfToken
                | Access::DeskToken => status == StatusCode::UNAUTHORIZED,
                Access::CardCertificate | Access::CardClient => status == StatusCode::FORBIDDEN,
            };
            assert!(as_declared, "{status} for {route:?}");
        }
    }
}
