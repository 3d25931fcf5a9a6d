//! Another organisation's OpenID provider, in the fewest words and as hostile as a test wants it: it says what it is told
//! to say. It speaks HTTP on loopback; what its login page would do, the test does for it.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use reqwest::Url;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use ring::{digest, hmac};
use serde_json::{Value, json};

pub(crate) const CLIENT: &str = "matron-at-the-trust";
pub(crate) const SECRET: &str = "a secret between two organisations";

/// How a statement is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signed {
    Well,
    /// `alg: none`, no signature.
    Not,
    /// HS256 with the client's secret.
    BySecret,
    /// HS256 with the octets of the public key (RFC 8725 2.1).
    ByPublicKey,
    /// By another key under the same name.
    ByAnother,
}

/// How an address of it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    Well,
    /// The connection closes.
    Down,
    /// Nothing comes for longer than anybody waits.
    Slow,
    /// Well, a little after so many have asked.
    After(usize),
    /// More than anybody reads.
    Huge,
    /// A redirect.
    Redirect,
    /// The description names another issuer.
    OtherIssuer,
    /// The description leads to plain HTTP on another machine.
    LeadsAway,
    /// 500.
    Broken,
}

/// What it says of somebody: claims that are null are left out.
#[derive(Debug, Clone)]
pub(crate) struct Says {
    pub(crate) claims: Value,
    pub(crate) signed: Signed,
    pub(crate) discovery: Manner,
    pub(crate) token: Manner,
    /// Whether its answers are said to name their issuer (RFC 9207).
    pub(crate) names_itself: bool,
}

/// Where a code keeps whose it is, among what was asked.
const SUBJECT: &str = "subject";

struct Key {
    kid: String,
    pair: EcdsaKeyPair,
}

impl Key {
    fn fresh(kid: &str) -> Self {
        let random = SystemRandom::new();
        let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random);
        let pair = EcdsaKeyPair::from_pkcs8(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            der.expect("a key").as_ref(),
            &random,
        );
        Self {
            kid: kid.to_owned(),
            pair: pair.expect("a key"),
        }
    }

    fn jwk(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        json!({ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.kid,
                "x": URL_SAFE_NO_PAD.encode(&point[1..33]), "y": URL_SAFE_NO_PAD.encode(&point[33..65]) })
    }
}

struct Inside {
    says: Says,
    key: Key,
    codes: HashMap<String, HashMap<String, String>>,
    asked: HashMap<String, usize>,
    drawn: usize,
}

/// A provider; it ends with the test process.
#[derive(Clone)]
pub(crate) struct Elsewhere {
    pub(crate) port: u16,
    inside: Arc<Mutex<Inside>>,
}

impl Elsewhere {
    /// Opens on a port of its own; `now` is what its clock says, in seconds.
    pub(crate) fn open(now: i64) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let claims = json!({
            "sub": "subject-1", "email": "somebody@elsewhere.example", "acr": "mfa", "amr": ["pwd", "otp"],
            "auth_time": now, "iat": now, "exp": now + 300, "tid": "trust-1",
        });
        let says = Says {
            claims,
            signed: Signed::Well,
            discovery: Manner::Well,
            token: Manner::Well,
            names_itself: true,
        };
        let inside = Inside {
            says,
            key: Key::fresh("key-1"),
            codes: HashMap::new(),
            asked: HashMap::new(),
            drawn: 0,
        };
        let elsewhere = Self {
            port,
            inside: Arc::new(Mutex::new(inside)),
        };
        let serving = elsewhere.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let one = serving.clone();
                std::thread::spawn(move || one.answer(stream).ok());
            }
        });
        elsewhere
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().expect("not poisoned")
    }

    pub(crate) fn issuer(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The table of a configuration.
    pub(crate) fn table(&self, id: &str, name: &str) -> String {
        format!(
            "[[federation]]\nid = \"{id}\"\nname = \"{name}\"\nissuer = \"{}\"\nclient_id = \"{CLIENT}\"\n\
             client_secret_file = \"secret\"\nrequired_acr = [\"mfa\", \"AAL3_ANY\"]\nrequired_amr = [\"otp\", \"hwk\"]\n\
             tenant = \"trust-1\"\n\n",
            self.issuer()
        )
    }

    /// Changes what it says from now on; gives back what it said until now.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Says)) -> Says {
        let mut inside = self.inside();
        let before = inside.says.clone();
        change(&mut inside.says);
        before
    }

    pub(crate) fn say(&self, says: Says) {
        self.inside().says = says;
    }

    /// Another key under another name; the old one is gone.
    pub(crate) fn rotate(&self) {
        let mut inside = self.inside();
        inside.drawn += 1;
        inside.key = Key::fresh(&format!("rotated-{}", inside.drawn));
    }

    /// How often this path was asked.
    pub(crate) fn asked(&self, path: &str) -> usize {
        self.inside().asked.get(path).copied().unwrap_or_default()
    }

    /// What its login page would do with a browser that was sent to `url`: the query of the way back.
    pub(crate) fn sign_in(&self, url: &Url) -> String {
        self.sign_in_as(url, None)
    }

    /// The same for an account of its own, whoever else signs in meanwhile.
    pub(crate) fn sign_in_as(&self, url: &Url, subject: Option<&str>) -> String {
        assert_eq!(url.port(), Some(self.port), "{url}");
        assert_eq!(url.path(), "/authorize");
        let mut asked: HashMap<String, String> = url.query_pairs().into_owned().collect();
        asked.extend(subject.map(|subject| (SUBJECT.to_owned(), subject.to_owned())));
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["client_id"], CLIENT);
        assert_eq!(asked["code_challenge_method"], "S256");
        let mut inside = self.inside();
        inside.drawn += 1;
        let code = format!("code-{}", inside.drawn);
        let state = asked["state"].clone();
        inside.codes.insert(code.clone(), asked);
        let iss = format!("http%3A%2F%2F127.0.0.1%3A{}", self.port);
        format!("code={code}&state={state}&iss={iss}")
    }

    fn answer(&self, mut out: TcpStream) -> std::io::Result<()> {
        let mut from = BufReader::new(out.try_clone()?);
        let (mut head, mut length) = (Vec::new(), 0);
        loop {
            let mut line = String::new();
            if from.read_line(&mut line)? == 0 {
                return Ok(());
            }
            if line.trim().is_empty() {
                break;
            }
            let lower = line.to_ascii_lowercase();
            if let Some(value) = lower.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
            head.push(line.trim().to_owned());
        }
        let mut body = vec![0; length];
        from.read_exact(&mut body)?;
        let path = head[0].split(' ').nth(1).unwrap_or_default().to_owned();
        let manner = {
            let mut inside = self.inside();
            *inside.asked.entry(path.clone()).or_default() += 1;
            if path == "/token" {
                inside.says.token
            } else {
                inside.says.discovery
            }
        };
        if let Manner::After(many) = manner {
            // The other side waits, or gives up.
            out.set_read_timeout(Some(Duration::from_millis(100)))?;
            let mut waits = || from.fill_buf().is_err();
            while self.asked(&path) < many && waits() {}
            waits();
        }
        let good = |document: Value| ("200 OK", document.to_string());
        let (status, text) = match (manner, path.as_str()) {
            (Manner::Down, _) => return Ok(()),
            (Manner::Slow, _) => {
                // Until the other side gives up.
                out.set_read_timeout(Some(Duration::from_secs(20)))?;
                return from.read(&mut [0]).map(drop);
            }
            (Manner::Huge, _) => ("200 OK", " ".repeat(4_000_000)),
            (Manner::Redirect, _) => ("302 Found\r\nlocation: /elsewhere", String::new()),
            (Manner::Broken, _) => ("500 Broken", String::new()),
            (_, "/.well-known/openid-configuration") => good(self.description(manner)),
            (_, "/jwks") => good(json!({ "keys": [self.inside().key.jwk()] })),
            (_, "/token") => self.token(&head, &String::from_utf8_lossy(&body)),
            _ => ("404 Not Found", String::new()),
        };
        let answer = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{text}",
            text.len()
        );
        out.write_all(answer.as_bytes())
    }

    fn description(&self, manner: Manner) -> Value {
        let own = self.issuer();
        let issuer = if manner == Manner::OtherIssuer {
            "http://127.0.0.1:1"
        } else {
            &own
        };
        let keys = if manner == Manner::LeadsAway {
            "http://10.1.2.3/jwks".to_owned()
        } else {
            format!("{own}/jwks")
        };
        json!({
            "issuer": issuer, "authorization_endpoint": format!("{own}/authorize"),
            "token_endpoint": format!("{own}/token"), "jwks_uri": keys,
            "response_types_supported": ["code"], "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256", "HS256", "none"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "authorization_response_iss_parameter_supported": self.inside().says.names_itself,
        })
    }

    /// A code once, from our client, with the verifier of its challenge.
    fn token(&self, head: &[String], body: &str) -> (&'static str, String) {
        let refused = (
            "400 Bad Request",
            json!({ "error": "invalid_grant" }).to_string(),
        );
        let encoded: String = url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
        let basic = STANDARD.encode(format!("{CLIENT}:{encoded}"));
        if !head.iter().any(|line| {
            line.to_lowercase() == format!("authorization: basic {basic}").to_lowercase()
        }) {
            return refused;
        }
        let form: HashMap<String, String> = url::form_urlencoded::parse(body.as_bytes())
            .into_owned()
            .collect();
        let mut inside = self.inside();
        let Some(asked) = inside
            .codes
            .remove(form.get("code").map_or("", String::as_str))
        else {
            return refused;
        };
        let verifier = form.get("code_verifier").map_or("", String::as_str);
        let challenge =
            URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()));
        if asked["code_challenge"] != challenge
            || form.get("redirect_uri") != asked.get("redirect_uri")
        {
            return refused;
        }
        let id_token = self.statement(&inside, &asked);
        let answer = json!({ "access_token": "unused", "token_type": "Bearer", "expires_in": 60, "id_token": id_token });
        ("200 OK", answer.to_string())
    }

    fn statement(&self, inside: &Inside, asked: &HashMap<String, String>) -> String {
        let mut claims = json!({ "iss": self.issuer(), "aud": CLIENT, "nonce": asked["nonce"] });
        let all = claims.as_object_mut().expect("an object");
        for (name, value) in inside.says.claims.as_object().expect("an object") {
            if value.is_null() {
                all.remove(name);
            } else {
                all.insert(name.clone(), value.clone());
            }
        }
        if let Some(subject) = asked.get(SUBJECT) {
            all.insert("sub".to_owned(), json!(subject));
        }
        let another = Key::fresh("another");
        let key = if inside.says.signed == Signed::ByAnother {
            &another
        } else {
            &inside.key
        };
        let alg = match inside.says.signed {
            Signed::Well | Signed::ByAnother => "ES256",
            Signed::Not => "none",
            Signed::BySecret | Signed::ByPublicKey => "HS256",
        };
        let header = json!({ "alg": alg, "kid": inside.key.kid, "typ": "JWT" });
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let mac = |secret: &[u8]| {
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
            URL_SAFE_NO_PAD.encode(hmac::sign(&key, signed.as_bytes()))
        };
        let signature = match inside.says.signed {
            Signed::Well | Signed::ByAnother => {
                let made = key.pair.sign(&SystemRandom::new(), signed.as_bytes());
                URL_SAFE_NO_PAD.encode(made.expect("a signature"))
            }
            Signed::Not => String::new(),
            Signed::BySecret => mac(SECRET.as_bytes()),
            Signed::ByPublicKey => mac(inside.key.pair.public_key().as_ref()),
        };
        format!("{signed}.{signature}")
    }
}
