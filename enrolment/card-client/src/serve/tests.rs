use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use super::*;

/// One request, as a browser sends it.
fn ask(host: &str, head: &str, headers: &[(&str, &str)]) -> String {
    let mut socket = TcpStream::connect(host).expect("connected");
    write!(socket, "{head} HTTP/1.1\r\n").expect("sent");
    for (name, value) in headers {
        write!(socket, "{name}: {value}\r\n").expect("sent");
    }
    write!(socket, "content-length: 0\r\n\r\n").expect("sent");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).expect("an answer");
    answer
}

fn door() -> Door {
    let issuer = "https://localhost:8443".parse().expect("an address");
    Door::open("127.0.0.1:0".parse().expect("an address"), &issuer).expect("open")
}

#[test]
fn one_page_of_the_issuer_renews_once() {
    let door = door();
    let Rules {
        origin,
        host,
        token,
    } = door.rules.clone();
    assert_eq!(
        door.address(),
        format!("{origin}/#card-client={host}&token={token}")
    );
    let serving = std::thread::spawn(move || {
        door.serve_one(|show| {
            show.line("pending");
            Err(Failure::Usage("as a test".into()))
        })
    });
    let bearer = format!("Bearer {token}");
    let right = [
        ("host", host.as_str()),
        ("origin", &origin),
        ("authorization", &bearer),
    ];
    let instead = |name: &str, value: &'static str| {
        right.map(|(one, old)| (one, if one == name { value } else { old }))
    };
    let post = |headers: &[(&str, &str)]| ask(&host, "POST /renew", headers);
    for (headers, status) in [
        (instead("origin", "https://evil.example"), "403"),
        (instead("origin", "null"), "403"),
        (instead("host", "evil.example"), "403"),
        (instead("authorization", "Bearer 00"), "401"),
    ] {
        let answer = post(&headers);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{answer}"
        );
    }
    let answer = ask(&host, "OPTIONS /renew", &right[..2]);
    assert!(
        answer.starts_with("HTTP/1.1 204") && answer.contains(&origin),
        "{answer}"
    );
    assert!(ask(&host, "GET /", &right).starts_with("HTTP/1.1 404"));
    let answer = post(&right);
    assert!(answer.contains(r#"{"progress":"pending"}"#), "{answer}");
    assert!(answer.contains(r#""exit_code":2"#), "{answer}");
    let outcome = serving.join().expect("ended");
    assert_eq!(outcome.expect_err("the work's").exit_code(), 2);
    assert!(TcpStream::connect(&host).is_err(), "it has gone");
}

#[test]
fn only_this_machine_reaches_it() {
    let issuer = "https://localhost:8443".parse().expect("an address");
    let refused = Door::open("0.0.0.0:0".parse().expect("an address"), &issuer);
    assert_eq!(refused.err().expect("refused").exit_code(), 2);
}
