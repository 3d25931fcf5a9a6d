//! Bodies come whole or not at all: at most 64 KiB, within ten seconds, before the handler runs.
//! Nothing here needs more (attack table 79 and 80), and a handler never waits for the network.

use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use http::HeaderMap;
use http::header::{CONTENT_LENGTH, EXPECT, TRANSFER_ENCODING};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::error::Failure;

/// The largest body, in bytes. A form of ours has less than 2 KiB; a PKCS#10 pair less than 8.
pub const LARGEST: usize = 64 * 1024;

/// A body of no more than this, in bytes, is let in to the end and thrown away before it is refused: who
/// is still sending when we hang up reads no answer.
const THROWN_AWAY: u64 = 1024 * 1024;

/// How long a body may take to arrive.
pub const DEADLINE: Duration = Duration::from_secs(10);

/// The same request with its whole body in memory.
///
/// # Errors
/// [`Failure::TooLarge`], [`Failure::TooSlow`], or a bad request when the body breaks off or its
/// length is told in two ways (RFC 9112 6.3: the mark of request smuggling).
pub(crate) async fn whole(request: Request) -> Result<Request, Failure> {
    whole_within(DEADLINE, request).await
}

async fn whole_within(deadline: Duration, request: Request) -> Result<Request, Failure> {
    let (parts, body) = request.into_parts();
    if tells_length_twice(&parts.headers) {
        return Err(Failure::BadRequest("body_length_ambiguous"));
    }
    let announced = announced(&parts.headers).unwrap_or_default();
    if announced > LARGEST as u64 {
        let waits = parts.headers.contains_key(EXPECT);
        if announced <= THROWN_AWAY && !waits {
            let _late = tokio::time::timeout(deadline, throw_away(body)).await;
        }
        return Err(Failure::TooLarge);
    }
    let read = tokio::time::timeout(deadline, Limited::new(body, LARGEST).collect());
    match read.await {
        Ok(Ok(whole)) => Ok(Request::from_parts(parts, Body::from(whole.to_bytes()))),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Failure::TooLarge),
        Ok(Err(_)) => Err(Failure::BadRequest("body_broken")),
        Err(_) => Err(Failure::TooSlow),
    }
}

async fn throw_away(mut body: Body) {
    while let Some(Ok(_frame)) = body.frame().await {}
}

fn tells_length_twice(headers: &HeaderMap) -> bool {
    let lengths = headers.get_all(CONTENT_LENGTH).iter().count();
    lengths > 1 || (lengths == 1 && headers.contains_key(TRANSFER_ENCODING))
}

fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(body: Vec<u8>) -> Request {
        Request::new(Body::from(body))
    }

    #[tokio::test]
    async fn a_body_of_the_limit_passes_and_one_byte_more_does_not() {
        assert!(whole(request(vec![b'a'; LARGEST])).await.is_ok());
        let refused = whole(request(vec![b'a'; LARGEST + 1])).await;
        assert!(matches!(refused, Err(Failure::TooLarge)));
    }

    #[tokio::test]
    async fn an_announced_giant_is_refused_before_a_byte_is_read() {
        let mut giant = request(Vec::new());
        giant
            .headers_mut()
            .insert(CONTENT_LENGTH, http::HeaderValue::from_static("99999999"));
        assert!(matches!(whole(giant).await, Err(Failure::TooLarge)));
    }

    #[tokio::test]
    async fn a_length_told_twice_is_refused() {
        let mut twice = request(Vec::new());
        twice
            .headers_mut()
            .insert(CONTENT_LENGTH, http::HeaderValue::from_static("0"));
        twice
            .headers_mut()
            .insert(TRANSFER_ENCODING, http::HeaderValue::from_static("chunked"));
        assert!(matches!(
            whole(twice).await,
            Err(Failure::BadRequest("body_length_ambiguous"))
        ));
    }

    #[tokio::test]
    async fn a_body_that_never_ends_is_given_up() {
        let silent = futures_util::stream::pending::<Result<bytes::Bytes, std::io::Error>>();
        let request = Request::new(Body::from_stream(silent));
        let refused = whole_within(Duration::from_millis(20), request).await;
        assert!(matches!(refused, Err(Failure::TooSlow)));
    }
}
