//! A page of the issuer in a browser on this machine may have the card renewed, once.
//!
//! The passcode is typed here, never in the page. Only loopback; the `Origin` must be the issuer, the
//! `Host` this listener (so that no other name can be made to point here), and the token, which was in
//! the fragment of the address given on start and so reached no server, works for one renewal.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::stream;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HOST, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderName, Method, Request, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Empty, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use reqwest::Url;
use ring::rand::{SecureRandom, SystemRandom};
use subtle::ConstantTimeEq as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::failure::Failure;
use crate::show::{Show, Terminal};

/// Chromium asks for this before a public page may speak to a loopback address.
const PRIVATE_NETWORK: HeaderName = HeaderName::from_static("access-control-allow-private-network");

type Body = BoxBody<Bytes, Infallible>;
type Outcome = Result<(), Failure>;
type Work = Box<dyn FnOnce(&mut dyn Show) -> Outcome + Send>;

/// The listener, before anybody has come.
pub struct Door {
    runtime: Runtime,
    listener: TcpListener,
    rules: Rules,
}

/// Who may come in.
#[derive(Debug, Clone)]
struct Rules {
    origin: String,
    host: String,
    token: String,
}

impl Door {
    /// Listens, for pages of this issuer.
    ///
    /// # Errors
    /// Not a loopback address, or it is taken.
    pub fn open(listen: SocketAddr, issuer: &Url) -> Result<Self, Failure> {
        if !listen.ip().is_loopback() {
            let words = "--listen takes a loopback address: nobody else may reach the card";
            return Err(Failure::Usage(words.into()));
        }
        let mut token = [0; 32];
        SystemRandom::new()
            .fill(&mut token)
            .map_err(|_| Failure::other("no random numbers"))?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(Failure::other)?;
        let listener = runtime
            .block_on(TcpListener::bind(listen))
            .map_err(|error| Failure::Other(format!("{listen}: {error}")))?;
        let host = listener.local_addr().map_err(Failure::other)?.to_string();
        let rules = Rules {
            origin: issuer.origin().ascii_serialization(),
            host,
            token: hex::encode(token),
        };
        Ok(Self {
            runtime,
            listener,
            rules,
        })
    }

    /// What the person opens: the issuer, with this listener and the token in the fragment.
    pub fn address(&self) -> String {
        let Rules {
            origin,
            host,
            token,
        } = &self.rules;
        format!("{origin}/#card-client={host}&token={token}")
    }

    /// Waits for the page, does the work once, and ends.
    ///
    /// # Errors
    /// What the work says, or the listener.
    pub fn serve_one(
        self,
        work: impl FnOnce(&mut dyn Show) -> Outcome + Send + 'static,
    ) -> Outcome {
        let (ended, mut outcome) = unbounded_channel();
        let room = Arc::new(Room {
            rules: self.rules,
            work: Mutex::new(Some(Box::new(work))),
            ended,
        });
        let listener = self.listener;
        self.runtime.block_on(async {
            let mut talks = tokio::task::JoinSet::new();
            loop {
                tokio::select! {
                    ended = outcome.recv() => {
                        // The page hears the end before the process goes.
                        while talks.join_next().await.is_some() {}
                        return ended.unwrap_or(Ok(()));
                    }
                    came = listener.accept() => {
                        let (socket, _) = came.map_err(Failure::other)?;
                        talks.spawn(talk(socket, room.clone()));
                    }
                }
            }
        })
    }
}

struct Room {
    rules: Rules,
    work: Mutex<Option<Work>>,
    ended: UnboundedSender<Outcome>,
}

async fn talk(socket: TcpStream, room: Arc<Room>) {
    let service = service_fn(move |request| {
        let answer = room.answer(&request);
        async move { Ok::<_, Infallible>(answer) }
    });
    let mut http = hyper::server::conn::http1::Builder::new();
    // A browser that goes away in the middle is no failure of the card's.
    let _ = http
        .keep_alive(false)
        .serve_connection(TokioIo::new(socket), service)
        .await;
}

impl Room {
    fn answer(&self, request: &Request<Incoming>) -> Response<Body> {
        if !self.rules.lets_in(request.headers()) {
            return plain(StatusCode::FORBIDDEN);
        }
        let mut answer = match (request.method(), request.uri().path()) {
            (&Method::OPTIONS, "/renew") => plain(StatusCode::NO_CONTENT),
            (&Method::POST, "/renew") if !self.rules.knows(request.headers()) => {
                plain(StatusCode::UNAUTHORIZED)
            }
            (&Method::POST, "/renew") => self.renew(),
            _ => plain(StatusCode::NOT_FOUND),
        };
        self.rules.allow(answer.headers_mut());
        answer
    }

    /// Starts the work, once, and tells how far it is: one JSON object per line.
    fn renew(&self) -> Response<Body> {
        let work = self
            .work
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(work) = work else {
            return plain(StatusCode::GONE);
        };
        let (lines, heard) = unbounded_channel();
        let ended = self.ended.clone();
        tokio::task::spawn_blocking(move || {
            let mut page = Page(lines);
            let outcome = work(&mut page);
            page.end(&outcome);
            drop(page);
            // Whoever waited for it is this process itself.
            let _ = ended.send(outcome);
        });
        let mut answer = Response::new(told(heard));
        let kind = http::HeaderValue::from_static("application/x-ndjson");
        answer.headers_mut().insert(CONTENT_TYPE, kind);
        answer
    }
}

impl Rules {
    fn lets_in(&self, headers: &HeaderMap) -> bool {
        let is = |name, value: &str| headers.get(name).is_some_and(|one| one == value);
        is(ORIGIN, &self.origin) && is(HOST, &self.host)
    }

    fn knows(&self, headers: &HeaderMap) -> bool {
        let shown = headers.get(AUTHORIZATION).map(http::HeaderValue::as_bytes);
        let shown = shown.and_then(|shown| shown.strip_prefix(b"Bearer "));
        shown.is_some_and(|shown| shown.ct_eq(self.token.as_bytes()).into())
    }

    /// Lets the page, and no other, read the answer (Fetch standard, CORS).
    fn allow(&self, headers: &mut HeaderMap) {
        if let Ok(origin) = http::HeaderValue::from_str(&self.origin) {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        }
        for (name, value) in [
            (ACCESS_CONTROL_ALLOW_METHODS, "POST"),
            (ACCESS_CONTROL_ALLOW_HEADERS, "authorization"),
            (PRIVATE_NETWORK, "true"),
            (VARY, "origin"),
            (CACHE_CONTROL, "no-store"),
        ] {
            headers.insert(name, http::HeaderValue::from_static(value));
        }
    }
}

fn plain(status: StatusCode) -> Response<Body> {
    let mut answer = Response::new(Empty::new().boxed());
    *answer.status_mut() = status;
    answer
}

fn told(heard: UnboundedReceiver<String>) -> Body {
    let lines = stream::unfold(heard, |mut heard| async move {
        let line = heard.recv().await?;
        Some((Ok(Frame::data(Bytes::from(line))), heard))
    });
    BoxBody::new(StreamBody::new(Box::pin(lines)))
}

/// Shows progress in the page and on the terminal.
struct Page(UnboundedSender<String>);

impl Page {
    fn tell(&self, what: &serde_json::Value) {
        // The page may be gone; the card is finished all the same.
        let _ = self.0.send(format!("{what}\n"));
    }

    fn end(&self, outcome: &Outcome) {
        self.tell(&match outcome {
            Ok(()) => serde_json::json!({ "ended": "done", "exit_code": 0 }),
            Err(failure) => serde_json::json!({
                "ended": "failed",
                "exit_code": failure.exit_code(),
                "code": failure.code(),
                "message": failure.to_string(),
            }),
        });
    }
}

impl Show for Page {
    fn line(&mut self, text: &str) {
        Terminal.line(text);
        self.tell(&serde_json::json!({ "progress": text }));
    }
}

#[cfg(test)]
mod tests;
