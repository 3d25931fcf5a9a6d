//! What this machine charges today for the work that no login can avoid (docs/performance.md).
//!
//! Every figure is CPU time of one thread in µs for one operation, measured in the same run as what is compared with
//! it. The disk figure is a rate, since waiting is its cost.

use std::io::Write;
use std::sync::Arc;

use argon2::{Algorithm, Argon2, Params, Version};
use p256::ecdsa::signature::Verifier;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair,
    UnparsedPublicKey,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection};

use crate::{cpu, visits};

/// What limits are made of, µs of CPU for one of each.
#[derive(Clone, Copy)]
pub(crate) struct Charges {
    pub(crate) sign: f64,
    pub(crate) verify: f64,
    /// The same signature verified in portable code, as the WebAuthn library does it.
    pub(crate) verify_portable: f64,
    /// A request that does nothing on a connection that stays, over TLS.
    pub(crate) request: f64,
    /// A whole visit of a card: connection, mutual handshake, one request that does nothing, goodbye.
    pub(crate) card_visit: f64,
    /// One argon2id with the costs of a stored password.
    pub(crate) password_hash: f64,
}

/// What the passwords of this house cost: KiB, passes, lanes (OWASP's first recommendation for argon2id).
const COSTS: (u32, u32, u32) = (19_456, 2, 1);

/// Everything that a calibration needs, made once.
pub(crate) struct Machine {
    pki: Pki,
    signatures: Signatures,
}

impl Machine {
    pub(crate) fn new() -> Self {
        Self {
            pki: Pki::new(),
            signatures: Signatures::new(),
        }
    }

    /// What it charges now. The machine is shared and changes its mind within seconds, so this is asked before
    /// each round of what is held against it.
    pub(crate) fn charges(&self) -> Charges {
        // The rounds start runtimes of their own, which no thread of another runtime may.
        std::thread::scope(|scope| {
            let all = scope.spawn(|| Charges {
                sign: self.signatures.sign(),
                verify: self.signatures.verify(),
                verify_portable: self.signatures.verify_portable(),
                request: visits::request(&self.pki),
                card_visit: visits::card(&self.pki),
                password_hash: password_hash(),
            });
            all.join().expect("measured")
        })
    }

    /// Prints what it charges for everything.
    pub(crate) fn report(&self) {
        let now = self.charges();
        println!("== this machine, now (CPU µs of one thread)");
        crate::line("P-256 sign", now.sign);
        crate::line("P-256 verify", now.verify);
        crate::line(
            "P-256 verify in portable code, as in the WebAuthn library",
            now.verify_portable,
        );
        crate::line("TLS 1.3 handshake, server", handshakes(&self.pki, false));
        crate::line(
            "TLS 1.3 mutual handshake, server, issuing CA as anchor",
            handshakes(&self.pki, true),
        );
        crate::line(
            "a request that does nothing, kept-alive TLS, 48 clients, server",
            now.request,
        );
        crate::line(
            "a card's visit that does nothing: accept to goodbye, server",
            now.card_visit,
        );
        crate::line(
            "argon2id with the costs of a stored password",
            now.password_hash,
        );
        println!("{:<64} {:>9.0} /s", "fdatasync of 4 KiB", syncs());
    }
}

pub(crate) fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

/// CPU µs per call of `work` on this thread. The kernel's books of a running thread are kept every 4 ms, so `times` calls
/// should take twenty times that.
fn per_call(times: u32, mut work: impl FnMut()) -> f64 {
    let before = cpu::this_thread();
    for _ in 0..times {
        work();
    }
    (cpu::this_thread() - before) / f64::from(times)
}

/// A key, and a signature of it to be verified.
struct Signatures {
    key: EcdsaKeyPair,
    chance: SystemRandom,
    signature: Vec<u8>,
    portable: (p256::ecdsa::VerifyingKey, p256::ecdsa::DerSignature),
}

/// As long as what a device signs.
const MESSAGE: [u8; 69] = [7; 69];

impl Signatures {
    fn new() -> Self {
        let chance = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &chance).expect("a key");
        let key = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &chance).expect("a key");
        let signature = key.sign(&chance, &MESSAGE).expect("a signature");
        let portable = p256::ecdsa::VerifyingKey::from_sec1_bytes(key.public_key().as_ref());
        Self {
            portable: (
                portable.expect("a key"),
                signature.as_ref().try_into().expect("a signature"),
            ),
            signature: signature.as_ref().to_vec(),
            key,
            chance,
        }
    }

    fn sign(&self) -> f64 {
        per_call(6_000, || {
            let _ = self.key.sign(&self.chance, &MESSAGE);
        })
    }

    fn verify(&self) -> f64 {
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, self.key.public_key());
        per_call(2_000, || {
            public.verify(&MESSAGE, &self.signature).expect("good");
        })
    }

    fn verify_portable(&self) -> f64 {
        let (key, signature) = &self.portable;
        per_call(400, || {
            key.verify(&MESSAGE, signature).expect("good");
        })
    }
}

/// CPU µs of one hash.
fn password_hash() -> f64 {
    let (memory, passes, lanes) = COSTS;
    let parameters = Params::new(memory, passes, lanes, Some(32)).expect("parameters");
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters);
    per_call(6, || {
        let mut out = [0; 32];
        argon2
            .hash_password_into(b"tea at the window", &[7; 16], &mut out)
            .expect("a hash");
    })
}

/// One issuer, which is the trust anchor of both sides, a server and a card below it.
pub(crate) struct Pki {
    issuer: CertificateDer<'static>,
    server: (CertificateDer<'static>, PrivateKeyDer<'static>),
    card: (CertificateDer<'static>, PrivateKeyDer<'static>),
}

impl Pki {
    fn new() -> Self {
        let issuer_key = rcgen::KeyPair::generate().expect("a key");
        let mut parameters =
            rcgen::CertificateParams::new(Vec::<String>::new()).expect("parameters");
        parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Constrained(0));
        let issuer = parameters.self_signed(&issuer_key).expect("an issuer");
        let signer = rcgen::Issuer::new(parameters, issuer_key);
        let leaf = |usage| {
            let key = rcgen::KeyPair::generate().expect("a key");
            let mut parameters =
                rcgen::CertificateParams::new(vec!["localhost".to_owned()]).expect("parameters");
            parameters.extended_key_usages = vec![usage];
            let certificate = parameters.signed_by(&key, &signer).expect("a certificate");
            (
                certificate.der().clone(),
                PrivateKeyDer::Pkcs8(key.serialize_der().into()),
            )
        };
        Self {
            issuer: issuer.der().clone(),
            server: leaf(rcgen::ExtendedKeyUsagePurpose::ServerAuth),
            card: leaf(rcgen::ExtendedKeyUsagePurpose::ClientAuth),
        }
    }

    fn anchors(&self) -> Arc<RootCertStore> {
        let mut store = RootCertStore::empty();
        store.add(self.issuer.clone()).expect("an anchor");
        Arc::new(store)
    }

    pub(crate) fn server(&self, mutual: bool) -> Arc<ServerConfig> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .expect("versions");
        let builder = if mutual {
            let verifier = WebPkiClientVerifier::builder_with_provider(self.anchors(), provider)
                .build()
                .expect("a verifier");
            builder.with_client_cert_verifier(verifier)
        } else {
            builder.with_no_client_auth()
        };
        let mut config = builder
            .with_single_cert(vec![self.server.0.clone()], self.server.1.clone_key())
            .expect("a server");
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Arc::new(config)
    }

    pub(crate) fn client(&self, mutual: bool) -> Arc<ClientConfig> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions");
        let builder = builder.with_root_certificates(self.anchors());
        Arc::new(if mutual {
            builder
                .with_client_auth_cert(vec![self.card.0.clone()], self.card.1.clone_key())
                .expect("a card")
        } else {
            builder.with_no_client_auth()
        })
    }
}

/// Server side of a full TLS 1.3 handshake between two buffers in memory: cryptography and TLS alone, no kernel. The
/// server's turns are timed by themselves; the median of many handshakes leaves out those that were interrupted.
fn handshakes(pki: &Pki, mutual: bool) -> f64 {
    let (server, client) = (pki.server(mutual), pki.client(mutual));
    let mut all: Vec<f64> = (0..400).map(|_| handshake(&server, &client)).collect();
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

fn handshake(server: &Arc<ServerConfig>, client: &Arc<ClientConfig>) -> f64 {
    let name = ServerName::try_from("localhost").expect("a name");
    let mut client = ClientConnection::new(Arc::clone(client), name).expect("a client");
    let begun = std::time::Instant::now();
    let mut server = ServerConnection::new(Arc::clone(server)).expect("a server");
    let mut used = begun.elapsed();
    while client.is_handshaking() || server.is_handshaking() {
        let mut there = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut there).expect("written");
        }
        let mut back = Vec::new();
        let begun = std::time::Instant::now();
        let mut unread = there.as_slice();
        while !unread.is_empty() {
            server.read_tls(&mut unread).expect("read");
            server.process_new_packets().expect("good packets");
        }
        while server.wants_write() {
            server.write_tls(&mut back).expect("written");
        }
        used += begun.elapsed();
        let mut unread = back.as_slice();
        while !unread.is_empty() {
            client.read_tls(&mut unread).expect("read");
            client.process_new_packets().expect("good packets");
        }
    }
    used.as_secs_f64() * 1e6
}

/// Appends of 4 KiB that wait for the disk, per second.
fn syncs() -> f64 {
    let folder = tempfile::tempdir().expect("a folder");
    let mut file = std::fs::File::create(folder.path().join("sync")).expect("a file");
    let block = [1_u8; 4096];
    let begun = std::time::Instant::now();
    for _ in 0..100 {
        file.write_all(&block).expect("written");
        file.sync_data().expect("synced");
    }
    100.0 / begun.elapsed().as_secs_f64()
}
