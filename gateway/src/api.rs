//! The JSON API (contract 5): one file per operation, described by the types it speaks.
//!
//! Bearer tokens of first-party applications carry `self` or `desk`; on the card listener the
//! client certificate of the connection is the authentication. A refusal is the same refusal that a
//! page shows, as a problem document (RFC 9457), and leaves the same line in the trail.

mod abandon_renewal;
mod accept_terms;
mod activate_card;
pub mod body;
pub mod caller;
mod cancel_card;
pub(crate) mod cancel_my_card;
mod change_contact;
mod clear_card;
mod close_person;
mod confirm_desk_card_work;
mod confirm_my_card;
mod confirm_receipt;
mod confirm_unlock;
mod description;
mod desk_shapes;
mod desk_work;
mod dispatch_card;
mod end_deputy;
mod find_people;
mod finish_unlock;
mod get_card;
mod get_my_card;
mod get_renewal;
mod invite_authenticator;
mod list_deputies;
mod name_deputy;
pub mod operation;
pub mod outcome;
mod person_authenticators;
pub mod problem;
mod produce_card;
mod reissue_card_in_person;
mod release_card_secrets;
mod renew_card_assisted;
mod renew_my_card;
mod reopen_person;
mod repair_card;
mod replace_card;
pub(crate) mod report_misuse;
mod request_card;
mod restart_desk_card_work;
mod restart_renewal;
mod sealing;
mod second_desk_card_work;
mod shapes;
mod start_desk_card_work;
mod start_renewal;
mod start_unlock;
pub(crate) mod stranger;
mod unlock_card_assisted;

use http::Method;

pub(crate) use desk_shapes::last_second;
pub(crate) use shapes::pem;

use crate::my::{activity, app, authenticators, federated, key, sessions};
use crate::router::{Access, Routes};

/// Everything the gateway's own listener answers below `/api/v1`.
pub fn gateway() -> Routes {
    Routes::new()
        .at(
            Method::GET,
            "/api/v1/openapi.json",
            Access::Anyone,
            description::get,
        )
        .op(&get_my_card::OPERATION, get_my_card::by_token)
        .op(&activity::OPERATION, activity::list)
        .op(&sessions::LIST, sessions::list)
        .op(&sessions::END, sessions::end_by_token)
        .op(&authenticators::LIST, authenticators::list)
        .op(&authenticators::CHANGE, authenticators::change)
        .op(&authenticators::REMOVE, authenticators::remove)
        .op(&app::START, app::start_by_token)
        .op(&app::FINISH, app::finish_by_token)
        .op(&key::by_token::START, key::by_token::start)
        .op(&key::by_token::FINISH, key::by_token::finish)
        .op(&federated::by_token::OPERATION, federated::by_token::start)
        .op(
            &start_desk_card_work::OPERATION,
            start_desk_card_work::handle,
        )
        .op(
            &second_desk_card_work::OPERATION,
            second_desk_card_work::handle,
        )
        .op(&renew_card_assisted::OPERATION, renew_card_assisted::handle)
        .op(
            &reissue_card_in_person::OPERATION,
            reissue_card_in_person::handle,
        )
        .op(&repair_card::OPERATION, repair_card::handle)
        .op(&produce_card::OPERATION, produce_card::handle)
        .op(
            &confirm_desk_card_work::OPERATION,
            confirm_desk_card_work::handle,
        )
        .op(&abandon_renewal::DESK, abandon_renewal::by_desk)
        .and(at_any_hour())
        .and(desk())
}

/// What a person does for herself without a desk, much of it without being signed in.
fn at_any_hour() -> Routes {
    Routes::new()
        .op(&start_unlock::OPERATION, start_unlock::handle)
        .op(&finish_unlock::OPERATION, finish_unlock::handle)
        .op(&confirm_unlock::OPERATION, confirm_unlock::handle)
        .op(&cancel_my_card::OPERATION, cancel_my_card::by_token)
        .op(&cancel_my_card::START, cancel_my_card::start)
        .op(&cancel_my_card::BY_CODE, cancel_my_card::by_code)
        .op(&report_misuse::OPERATION, report_misuse::by_token)
        .op(&report_misuse::BY_CODE, report_misuse::by_code)
        .op(&change_contact::OPERATION, change_contact::start)
        .op(&change_contact::CONFIRM, change_contact::confirm)
        .op(&activate_card::START, activate_card::start)
        .op(&activate_card::OPERATION, activate_card::finish)
        .op(&accept_terms::OPERATION, accept_terms::handle)
}

/// What a desk does about people and their cards besides the works on their certificates.
fn desk() -> Routes {
    Routes::new()
        .op(&get_card::OPERATION, get_card::handle)
        .op(&request_card::OPERATION, request_card::handle)
        .op(&dispatch_card::OPERATION, dispatch_card::handle)
        .op(&confirm_receipt::OPERATION, confirm_receipt::handle)
        .op(&cancel_card::OPERATION, cancel_card::handle)
        .op(&replace_card::OPERATION, replace_card::handle)
        .op(&clear_card::OPERATION, clear_card::handle)
        .op(
            &unlock_card_assisted::OPERATION,
            unlock_card_assisted::handle,
        )
        .op(&find_people::OPERATION, find_people::handle)
        .op(&close_person::OPERATION, close_person::handle)
        .op(&reopen_person::OPERATION, reopen_person::handle)
        .op(
            &invite_authenticator::OPERATION,
            invite_authenticator::handle,
        )
        .op(&list_deputies::OPERATION, list_deputies::handle)
        .op(&name_deputy::OPERATION, name_deputy::handle)
        .op(&end_deputy::OPERATION, end_deputy::handle)
        .op(&person_authenticators::LIST, person_authenticators::list)
        .op(
            &person_authenticators::CHANGE,
            person_authenticators::change,
        )
        .op(&person_authenticators::RAISE, person_authenticators::raise)
        .op(
            &person_authenticators::UNUSED,
            person_authenticators::list_unused,
        )
        .op(
            &restart_desk_card_work::OPERATION,
            restart_desk_card_work::handle,
        )
}

/// What the card listener answers to cards.
pub fn card() -> Routes {
    Routes::new()
        .op(&get_my_card::FOR_CARDS, get_my_card::by_card)
        .op(&start_renewal::OPERATION, start_renewal::handle)
        .op(&renew_my_card::OPERATION, renew_my_card::handle)
        .op(&confirm_my_card::OPERATION, confirm_my_card::handle)
        .op(&get_renewal::OPERATION, get_renewal::handle)
        .op(&restart_renewal::OPERATION, restart_renewal::handle)
        .op(&abandon_renewal::OPERATION, abandon_renewal::by_card)
        .op(
            &release_card_secrets::OPERATION,
            release_card_secrets::handle,
        )
}
