//! The pages of Ward 7, as askama templates (`templates/ward7/`).

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};

use super::claims::{Line, Role, Told};
use super::session::Visit;

#[derive(Template)]
#[template(path = "ward7/landing.html")]
struct Landing<'a> {
    notice: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "ward7/ward.html")]
struct Ward<'a> {
    told: &'a Told,
    role: Option<Role>,
    id_token: Vec<Line>,
    userinfo: Vec<Line>,
    beds: &'a [Bed],
}

#[derive(Template)]
#[template(path = "ward7/trouble.html")]
struct Trouble<'a> {
    heading: &'a str,
    detail: &'a str,
    code: &'a str,
}

/// A bed of the demo ward. Nobody real lies in it.
struct Bed {
    number: u8,
    patient: &'static str,
    plan: &'static str,
}

const BEDS: [Bed; 4] = [
    Bed {
        number: 1,
        patient: "DEMO Ackroyd, Peter",
        plan: "Chest X-ray at 10:30",
    },
    Bed {
        number: 2,
        patient: "DEMO Bello, Ngozi",
        plan: "Nebuliser, then review",
    },
    Bed {
        number: 3,
        patient: "DEMO Castellano, Rosa",
        plan: "Home today, medicines to take away",
    },
    Bed {
        number: 4,
        patient: "DEMO Dunne, Fergus",
        plan: "Physiotherapy at 14:00",
    },
];

/// The page for whoever is not signed in.
pub(super) fn landing(notice: Option<&str>) -> Response {
    page(StatusCode::OK, &Landing { notice })
}

/// The ward, for whoever is signed in.
pub(super) fn ward(visit: &Visit) -> Response {
    let told = &visit.told;
    let (id_token, userinfo) = (told.id_token_lines(), told.userinfo_lines());
    page(
        StatusCode::OK,
        &Ward {
            told,
            role: told.role(),
            id_token,
            userinfo,
            beds: &BEDS,
        },
    )
}

/// Something did not work; `code` is for whoever is asked for help.
pub(super) fn trouble(status: StatusCode, heading: &str, detail: &str, code: &str) -> Response {
    page(
        status,
        &Trouble {
            heading,
            detail,
            code,
        },
    )
}

fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page of Ward 7 cannot be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
