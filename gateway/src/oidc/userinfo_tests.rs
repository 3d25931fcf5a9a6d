//! How a token may and may not be brought.

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;

use super::{BearerError, presented};

const FORM: HeaderValue =
    HeaderValue::from_static("application/x-www-form-urlencoded;charset=UTF-8");

fn header(value: &str) -> HeaderMap {
    HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_str(value).unwrap())])
}

fn brought(headers: &HeaderMap, query: Option<&str>, body: &str) -> Result<String, BearerError> {
    presented(headers, query, body.as_bytes()).map(|token| token.reveal().to_owned())
}

#[test]
fn header_and_form_are_the_two_ways() {
    assert_eq!(
        brought(&header("Bearer abc"), None, ""),
        Ok("abc".to_owned())
    );
    assert_eq!(
        brought(&header("bearer abc"), None, ""),
        Ok("abc".to_owned())
    );
    let form = HeaderMap::from_iter([(CONTENT_TYPE, FORM)]);
    assert_eq!(
        brought(&form, None, "access_token=abc"),
        Ok("abc".to_owned())
    );
    assert_eq!(
        brought(&HeaderMap::new(), None, "access_token=abc"),
        Err(BearerError::NoToken)
    );
    assert_eq!(
        brought(&HeaderMap::new(), None, ""),
        Err(BearerError::NoToken)
    );
}

#[test]
fn never_in_the_url_and_never_twice() {
    let query = Some("access_token=abc");
    assert_eq!(
        brought(&HeaderMap::new(), query, ""),
        Err(BearerError::TokenInUrl)
    );
    assert_eq!(
        brought(&header("Bearer abc"), query, ""),
        Err(BearerError::TokenInUrl)
    );
    let mut both = header("Bearer abc");
    both.insert(CONTENT_TYPE, FORM);
    assert_eq!(
        brought(&both, None, "access_token=abc"),
        Err(BearerError::Malformed)
    );
    let mut twice = header("Bearer abc");
    twice.append(AUTHORIZATION, HeaderValue::from_static("Bearer abc"));
    assert_eq!(brought(&twice, None, ""), Err(BearerError::Malformed));
    let form = HeaderMap::from_iter([(CONTENT_TYPE, FORM)]);
    let repeated = brought(&form, None, "access_token=a&access_token=a");
    assert_eq!(repeated, Err(BearerError::Malformed));
}

#[test]
fn what_is_no_bearer_token_is_malformed() {
    for value in [
        "Bearer",
        "Bearer ",
        "Bearer a b",
        "Basic YTpi",
        "DPoP abc",
        "abc",
    ] {
        assert_eq!(
            brought(&header(value), None, ""),
            Err(BearerError::Malformed),
            "{value}"
        );
    }
}

proptest! {
    #[test]
    fn any_header_is_read_or_refused(octets in proptest::collection::vec(32_u8..=255, 0..80)) {
        if let Ok(value) = HeaderValue::from_bytes(&octets) {
            let _ = presented(&HeaderMap::from_iter([(AUTHORIZATION, value)]), None, &[]);
        }
    }
}
