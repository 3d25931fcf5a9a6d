//! The holder renews her card from the browser on this machine, once.
//!
//! The passcode is typed here, never in a page. The issuer's page about renewing leads to this listener
//! by a link, the address that is printed on start by its token; both open a page of this program with
//! one button. Only loopback is listened on; the `Host` must be this listener, so that no other name can
//! be made to point here; whoever comes without the printed token must come from the issuer; and the
//! button's form must come from the page itself and carries a token that works once. No page needs
//! JavaScript, and the issuer never learns a token.

mod page;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, LOCATION, ORIGIN, REFERER,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use reqwest::Url;
use ring::rand::{SecureRandom, SystemRandom};
use subtle::ConstantTimeEq as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::failure::Failure;
use crate::show::{Show, Terminal};

/// The form is one field of 64 characters.
const LONGEST_FORM: usize = 256;

type Body = Full<Bytes>;
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
    /// The issuer's origin.
    issuer: String,
    /// This listener, as a browser names it.
    host: String,
    /// In the printed address.
    way_in: String,
    /// In the button's form.
    token: String,
    /// Which card, in words.
    card: String,
}

fn token() -> Result<String, Failure> {
    let mut token = [0; 32];
    SystemRandom::new()
        .fill(&mut token)
        .map_err(|_| Failure::other("no random numbers"))?;
    Ok(hex::encode(token))
}

impl Door {
    /// Listens, for whoever comes from this issuer; `card` says in words which card is renewed.
    ///
    /// # Errors
    /// Not a loopback address, or it is taken.
    pub fn open(listen: SocketAddr, issuer: &Url, card: String) -> Result<Self, Failure> {
        if !listen.ip().is_loopback() {
            let words = "--listen takes a loopback address: nobody else may reach the card";
            return Err(Failure::Usage(words.into()));
        }
        let (way_in, token) = (token()?, token()?);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(Failure::other)?;
        let listener = runtime
            .block_on(TcpListener::bind(listen))
            .map_err(|error| Failure::Other(format!("{listen}: {error}")))?;
        let host = listener.local_addr().map_err(Failure::other)?.to_string();
        let rules = Rules {
            issuer: issuer.origin().ascii_serialization(),
            host,
            way_in,
            token,
            card,
        };
        Ok(Self {
            runtime,
            listener,
            rules,
        })
    }

    /// What the holder opens, unless she comes from the issuer's page.
    pub fn address(&self) -> String {
        format!("http://{}/{}", self.rules.host, self.rules.way_in)
    }

    /// Waits for the button, does the work once, and ends.
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
                        // The browser hears the end before the process goes; one that only holds a
                        // connection open is not waited for.
                        let patience = std::time::Duration::from_secs(2);
                        let all = async { while talks.join_next().await.is_some() {} };
                        let _ = tokio::time::timeout(patience, all).await;
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
        let room = room.clone();
        async move {
            let mut answer = room.answer(request).await;
            room.rules.secure(answer.headers_mut());
            Ok::<_, Infallible>(answer)
        }
    });
    let mut http = hyper::server::conn::http1::Builder::new();
    // A browser that goes away in the middle is no failure of the card's.
    let _ = http
        .keep_alive(false)
        .serve_connection(TokioIo::new(socket), service)
        .await;
}

impl Room {
    async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        let rules = &self.rules;
        if !rules.is_asked_for(request.headers()) {
            return plain(StatusCode::MISDIRECTED_REQUEST, page::lost(rules));
        }
        let waiting = waiting(request.uri().query());
        match (request.method(), request.uri().path()) {
            (&Method::GET, path) if rules.lets_in(path, request.headers()) => {
                plain(StatusCode::OK, page::ask(rules, &waiting))
            }
            (&Method::POST, "/renew") if rules.is_own_page(request.headers()) => {
                let form = Limited::new(request.into_body(), LONGEST_FORM)
                    .collect()
                    .await;
                let form = form.map(http_body_util::Collected::to_bytes);
                if form.is_ok_and(|form| rules.knows(&form)) {
                    self.renew(&waiting).await
                } else {
                    plain(StatusCode::FORBIDDEN, page::lost(rules))
                }
            }
            (&Method::GET, "/") | (&Method::POST, "/renew") => {
                plain(StatusCode::FORBIDDEN, page::lost(rules))
            }
            _ => plain(StatusCode::NOT_FOUND, page::lost(rules)),
        }
    }

    /// Does the work, once, and leads back to the issuer, which says what has come of it.
    async fn renew(&self, waiting: &str) -> Response<Body> {
        let work = self
            .work
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(work) = work else {
            return plain(StatusCode::GONE, page::lost(&self.rules));
        };
        let worked = tokio::task::spawn_blocking(move || work(&mut Terminal)).await;
        let outcome = worked.unwrap_or_else(|error| Err(Failure::other(error)));
        let answer = match &outcome {
            Ok(()) => self.rules.lead_back(waiting),
            Err(failure) => plain(StatusCode::OK, page::failed(&self.rules, failure)),
        };
        // Whoever waits for it is this process itself.
        let _ = self.ended.send(outcome);
        answer
    }
}

impl Rules {
    /// The issuer's page about renewing.
    fn back(&self) -> String {
        format!("{}/my/renew", self.issuer)
    }

    fn lead_back(&self, waiting: &str) -> Response<Body> {
        let mut answer = plain(StatusCode::SEE_OTHER, String::new());
        if let Ok(back) = HeaderValue::from_str(&format!("{}{waiting}", self.back())) {
            answer.headers_mut().insert(LOCATION, back);
        }
        answer
    }

    fn is_asked_for(&self, headers: &HeaderMap) -> bool {
        headers.get(HOST).is_some_and(|host| *host == *self.host)
    }

    /// By the printed address, or by a link of the issuer.
    fn lets_in(&self, path: &str, headers: &HeaderMap) -> bool {
        let way_in = path.strip_prefix('/').unwrap_or_default();
        let shown: bool = way_in.as_bytes().ct_eq(self.way_in.as_bytes()).into();
        let from = headers.get(REFERER).and_then(|from| from.to_str().ok());
        let from = from.and_then(|from| Url::parse(from).ok());
        let linked = from.is_some_and(|from| from.origin().ascii_serialization() == self.issuer);
        shown || (path == "/" && linked)
    }

    fn is_own_page(&self, headers: &HeaderMap) -> bool {
        let own = format!("http://{}", self.host);
        headers.get(ORIGIN).is_some_and(|origin| *origin == *own)
    }

    fn knows(&self, form: &[u8]) -> bool {
        let shown = form.strip_prefix(b"token=");
        shown.is_some_and(|shown| shown.ct_eq(self.token.as_bytes()).into())
    }

    /// Nothing may be loaded, framed or kept; the form goes here, and from here to the issuer.
    fn secure(&self, headers: &mut HeaderMap) {
        let policy = format!(
            "default-src 'none'; style-src '{}'; form-action 'self' {}; base-uri 'none'; \
             frame-ancestors 'none'",
            page::STYLE_HASH,
            self.issuer
        );
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            headers.insert(CONTENT_SECURITY_POLICY, policy);
        }
        let set: [(HeaderName, &'static str); 5] = [
            (CONTENT_TYPE, "text/html; charset=utf-8"),
            (CACHE_CONTROL, "no-store"),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (X_FRAME_OPTIONS, "DENY"),
            // Not `no-referrer`: with that, browsers send `Origin: null` from our own form.
            (REFERRER_POLICY, "same-origin"),
        ];
        for (name, value) in set {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
}

/// The name of the sign-in that waits at the issuer, as a query that may stand anywhere; none is empty.
fn waiting(query: Option<&str>) -> String {
    let name = query.and_then(|query| query.strip_prefix("t="));
    let name = name.filter(|name| {
        let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        name.len() <= LONGEST_FORM && name.chars().all(letters)
    });
    name.map_or_else(String::new, |name| format!("?t={name}"))
}

fn plain(status: StatusCode, text: String) -> Response<Body> {
    let mut answer = Response::new(Full::from(text));
    *answer.status_mut() = status;
    answer
}

#[cfg(test)]
mod tests;
