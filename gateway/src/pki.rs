//! The publishing listener: CA certificates and revocation lists over plain HTTP, as RFC 5280 8
//! wants, under the URLs that stand in every certificate (contract 6). Signed documents need no
//! TLS, and nobody is identified here.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use enrolment::publishing::{self, Shard};
use http::{HeaderValue, header};

use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;

/// RFC 2585 4.1.
const CERTIFICATE: HeaderValue = HeaderValue::from_static("application/pkix-cert");
/// RFC 2585 4.2.
const LIST: HeaderValue = HeaderValue::from_static("application/pkix-crl");
/// A certificate under a URL that never changes its content but at a change of issuer.
const ONE_HOUR: HeaderValue = HeaderValue::from_static("public, max-age=3600");
/// A list is signed anew after each revocation; a cache must not hide that for long.
const ONE_MINUTE: HeaderValue = HeaderValue::from_static("public, max-age=60");

/// `GET /root.crt`: DER.
pub async fn root(State(house): State<Shared>) -> Response {
    document(CERTIFICATE, ONE_HOUR, house.root_certificate.clone())
}

/// `GET /issuing.crt`: DER of the issuer in use.
///
/// # Errors
/// [`Failure::Internal`] when there is no issuer, which start-up excludes.
pub async fn issuing(State(house): State<Shared>) -> Result<Response, Failure> {
    let issuer = house.authority.current().map_err(Failure::internal)?;
    Ok(document(CERTIFICATE, ONE_HOUR, issuer.der().to_vec()))
}

/// `GET /crl/<shard>.crl`, `/crl/full.crl` and `/crl/root.crl`: DER. The last is the root's own list, which its offline
/// key has signed beforehand.
///
/// # Errors
/// [`Failure::NotFound`] for a list that does not exist, and what the store or the key says.
pub async fn list(
    State(house): State<Shared>,
    Path(name): Path<String>,
    arrival: Arrival,
) -> Result<Response, Failure> {
    if name == "root.crl" {
        let list = house.root_list.clone().ok_or(Failure::NotFound)?;
        return Ok(document(LIST, ONE_HOUR, list));
    }
    let shard = shard_named(&name).ok_or(Failure::NotFound)?;
    let list = publishing::crl(&house.issuing(), shard, arrival.now).await?;
    Ok(document(LIST, ONE_MINUTE, list))
}

fn document(kind: HeaderValue, keep: HeaderValue, der: Vec<u8>) -> Response {
    (
        [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, keep)],
        der,
    )
        .into_response()
}

/// One spelling per list: `0.crl` to `127.crl` and `full.crl`, no leading zero, no sign.
fn shard_named(file: &str) -> Option<Shard> {
    let name = file.strip_suffix(".crl")?;
    if name == "full" {
        return Some(Shard::Full);
    }
    let number: u8 = name.parse().ok()?;
    let is_ours = number < ca::publishing::Publishing::SHARDS && number.to_string() == name;
    is_ours.then_some(Shard::Number(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_one_name() {
        assert!(matches!(shard_named("0.crl"), Some(Shard::Number(0))));
        assert!(matches!(shard_named("127.crl"), Some(Shard::Number(127))));
        assert!(matches!(shard_named("full.crl"), Some(Shard::Full)));
        for wrong in [
            "128.crl", "00.crl", "+1.crl", "1", "full", "../0.crl", "full.CRL", ".crl",
        ] {
            assert!(shard_named(wrong).is_none(), "{wrong}");
        }
    }
}
