//! The accept loop (decision 16): a socket, its TLS handshake, its requests, its end. Each step has
//! a deadline and each connection a place; a silent client costs one place for five seconds and
//! nobody else waits for it. On stop, no new connection is taken and open requests are answered.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use ca::verify::{Trust, judge};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use policies::time::Clock;
use rustls::server::Acceptor;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;
use tower::ServiceExt;

use super::limits::{self, Limits, Places};
use super::sites::{Connection, Side, Site, Sites};

/// Tells every listener to end. Cloned to whoever must know.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<bool>);

impl Stop {
    /// A stop and the handle that pulls it. Dropping the handle pulls it as well.
    pub fn new() -> (watch::Sender<bool>, Self) {
        let (pull, stop) = watch::channel(false);
        (pull, Self(stop))
    }

    /// Waits until the stop is pulled.
    pub async fn pulled(&mut self) {
        // An error means the handle is gone, which is a pull too.
        let _ = self.0.wait_for(|pulled| *pulled).await;
    }
}

/// One open socket and what it serves.
pub struct Listener {
    /// The bound socket.
    pub socket: TcpListener,
    /// The names behind it.
    pub sites: Sites,
    /// Whose cards are ours.
    pub trust: Arc<Trust>,
    /// Tells when a handshake ended.
    pub clock: Arc<dyn Clock>,
    /// How many connections it holds.
    pub limits: Limits,
}

impl Listener {
    /// Serves until the stop is pulled, then drains for at most [`limits::DRAIN`].
    pub async fn run(self, mut stop: Stop) {
        let Self {
            socket,
            sites,
            trust,
            clock,
            limits,
        } = self;
        let places = Places::new(limits);
        let desk = Arc::new(Desk {
            sites,
            trust,
            clock,
            limits,
        });
        loop {
            let accepted = tokio::select! {
                () = stop.pulled() => break,
                accepted = next(&socket, &places) => accepted,
            };
            let Some((stream, peer, room)) = accepted else {
                continue;
            };
            let Some(place) = places.seat(peer.ip(), room) else {
                tracing::warn!(%peer, "too many connections from one address");
                continue;
            };
            let (desk, stop) = (desk.clone(), stop.clone());
            tokio::spawn(async move {
                desk.receive(stream, peer, stop).await;
                drop(place);
            });
        }
        drop(socket);
        places.emptied(limits::DRAIN).await;
    }
}

/// The next client, once there is room for it.
async fn next(
    socket: &TcpListener,
    places: &Places,
) -> Option<(TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit)> {
    let room = places.room().await?;
    match socket.accept().await {
        Ok((stream, peer)) => Some((stream, peer, room)),
        Err(error) => {
            tracing::warn!(%error, "accept failed");
            sleep(limits::ACCEPT_PAUSE).await;
            None
        }
    }
}

/// What every connection of one listener shares.
struct Desk {
    sites: Sites,
    trust: Arc<Trust>,
    clock: Arc<dyn Clock>,
    limits: Limits,
}

impl Desk {
    async fn receive(&self, stream: TcpStream, peer: SocketAddr, stop: Stop) {
        // Without it small answers wait for the client's delayed acknowledgement.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%peer, %error, "no TCP_NODELAY");
        }
        let patience = self.limits.request_head;
        match &self.sites {
            Sites::Plain(app) => {
                let connection = Connection {
                    peer,
                    sni: None,
                    presented: None,
                    handshake_at: self.clock.now(),
                };
                let spoken = Spoken {
                    protocol: Protocol::Http1,
                    patience,
                };
                speak(stream, spoken, app.clone(), connection, stop).await;
            }
            Sites::Tls { first, others } => {
                let greeted = timeout(self.limits.handshake, greet(stream, first, others)).await;
                match greeted {
                    Ok(Ok((stream, site, sni))) => {
                        let connection = self.look_at(&stream, site, sni, peer);
                        let protocol = Protocol::agreed(&stream, site.side);
                        let spoken = Spoken { protocol, patience };
                        speak(stream, spoken, site.app.clone(), connection, stop).await;
                    }
                    Ok(Err(error)) => tracing::debug!(%peer, %error, "handshake failed"),
                    Err(_) => tracing::debug!(%peer, "handshake too slow"),
                }
            }
        }
    }

    /// The verdict on the client's certificate, once per connection.
    fn look_at(
        &self,
        stream: &TlsStream<TcpStream>,
        site: &Site,
        sni: Option<Arc<str>>,
        peer: SocketAddr,
    ) -> Connection {
        let presented = (site.side == Side::Card).then(|| {
            let chain = stream.get_ref().1.peer_certificates().unwrap_or_default();
            let chain: Vec<&[u8]> = chain.iter().map(AsRef::as_ref).collect();
            Arc::new(judge(&chain, &self.trust))
        });
        Connection {
            peer,
            sni,
            presented,
            handshake_at: self.clock.now(),
        }
    }
}

/// Reads the client's hello, chooses the site by its SNI, and ends the handshake.
async fn greet<'s>(
    stream: TcpStream,
    first: &'s Site,
    others: &'s [Site],
) -> std::io::Result<(TlsStream<TcpStream>, &'s Site, Option<Arc<str>>)> {
    let hello = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
    let sni: Option<Arc<str>> = hello.client_hello().server_name().map(Arc::from);
    let site = others
        .iter()
        .find(|site| site.is_named(sni.as_deref()))
        .unwrap_or(first);
    let stream = hello.into_stream(site.tls.clone()).await?;
    Ok((stream, site, sni))
}

/// What is spoken on a connection, known before its first byte: no guessing, so no client can
/// keep us guessing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protocol {
    /// HTTP/1.1, connection kept.
    Http1,
    /// HTTP/1.1, one request per connection: each use of a card is a fresh proof.
    Http1Once,
    Http2,
}

impl Protocol {
    fn agreed(stream: &TlsStream<TcpStream>, side: Side) -> Self {
        match (side, stream.get_ref().1.alpn_protocol()) {
            (Side::Card, _) => Self::Http1Once,
            (_, Some(b"h2")) => Self::Http2,
            _ => Self::Http1,
        }
    }
}

/// How a connection is spoken on.
#[derive(Debug, Clone, Copy)]
struct Spoken {
    protocol: Protocol,
    /// How long a request's head may take.
    patience: Duration,
}

impl Spoken {
    fn builder(self) -> Builder<TokioExecutor> {
        let mut builder = Builder::new(TokioExecutor::new());
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(self.patience)
            .max_buf_size(limits::REQUEST_HEAD_BYTES)
            .max_headers(limits::HEADER_FIELDS)
            .keep_alive(self.protocol != Protocol::Http1Once);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(limits::STREAMS)
            .max_pending_accept_reset_streams(limits::PENDING_RESETS)
            .max_header_list_size(limits::REQUEST_HEAD_LIST)
            .keep_alive_interval(Duration::from_secs(20))
            .keep_alive_timeout(Duration::from_secs(10));
        match self.protocol {
            Protocol::Http1 | Protocol::Http1Once => builder.http1_only(),
            Protocol::Http2 => builder.http2_only(),
        }
    }
}

/// Serves the requests of one connection until it ends, grows too old, or the program stops.
async fn speak<S>(stream: S, spoken: Spoken, app: Router, connection: Connection, mut stop: Stop)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let begun = Arc::new(AtomicBool::new(false));
    let service = service_fn({
        let begun = begun.clone();
        move |request| {
            begun.store(true, Ordering::Relaxed);
            answer(app.clone(), connection.clone(), request)
        }
    });
    let builder = spoken.builder();
    let mut speaking = pin!(builder.serve_connection(TokioIo::new(stream), service));
    let mut first_request = pin!(sleep(spoken.patience));
    let mut too_old = pin!(sleep(limits::CONNECTION_AGE));
    let (mut waiting, mut ending) = (true, false);
    loop {
        tokio::select! {
            ended = speaking.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "connection ended with an error");
                }
                return;
            }
            () = first_request.as_mut(), if waiting => {
                if !begun.load(Ordering::Relaxed) {
                    return;
                }
                waiting = false;
            }
            () = stop.pulled(), if !ending => {
                speaking.as_mut().graceful_shutdown();
                ending = true;
            }
            () = too_old.as_mut() => {
                if ending {
                    return;
                }
                speaking.as_mut().graceful_shutdown();
                ending = true;
                too_old.as_mut().reset(Instant::now() + limits::DRAIN);
            }
        }
    }
}

/// Hands one request to the site's router, with what is known about its connection.
fn answer(
    app: Router,
    connection: Connection,
    request: http::Request<Incoming>,
) -> impl Future<Output = Result<Response, Infallible>> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(connection);
    app.oneshot(request)
}

#[cfg(test)]
mod tests;
