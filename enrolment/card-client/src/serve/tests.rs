use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use super::*;

/// One request, as a browser sends it.
fn ask(host: &str, head: &str, headers: &[(&str, &str)], body: &str) -> String {
    let mut socket = TcpStream::connect(host).expect("connected");
    write!(socket, "{head} HTTP/1.1\r\n").expect("sent");
    for (name, value) in headers {
        write!(socket, "{name}: {value}\r\n").expect("sent");
    }
    let length = body.len();
    write!(socket, "content-length: {length}\r\n\r\n{body}").expect("sent");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).expect("an answer");
    answer
}

fn door() -> Door {
    let issuer = "https://localhost:8443".parse().expect("an address");
    let listen = "127.0.0.1:0".parse().expect("an address");
    Door::open(listen, &issuer, "The <card> 1.".into()).expect("open")
}

/// The status of the answer.
fn status(answer: &str) -> &str {
    answer.get(9..12).unwrap_or_default()
}

/// A listener whose work is done at once.
fn serving(door: Door) -> std::thread::JoinHandle<Outcome> {
    std::thread::spawn(move || {
        door.serve_one(|show| {
            show.line("pending");
            Ok(())
        })
    })
}

fn press(host: &str, origin: &str, host_named: &str, token: &str) -> String {
    let headers = [("host", host_named), ("origin", origin)];
    ask(host, "POST /renew", &headers, &format!("token={token}"))
}

#[test]
fn the_issuer_leads_in_and_nobody_else() {
    let door = door();
    let address = door.address();
    let Rules { host, token, .. } = door.rules.clone();
    let serving = serving(door);
    let get = |path: &str, host_named: &str, referer: &str| {
        let headers = [("host", host_named), ("referer", referer)];
        ask(&host, &format!("GET {path}"), &headers, "")
    };
    let path = address.strip_prefix(&format!("http://{host}"));
    let path = path.expect("a path");
    let issuer = "https://localhost:8443/";
    for (path, host_named, referer, expected) in [
        ("/", host.as_str(), "https://evil.example/", "403"),
        ("/", &host, "https://localhost:8443.evil.example/", "403"),
        ("/", "evil.example", issuer, "421"),
        (&format!("{path}0"), &host, "", "404"),
        (path, &host, "", "200"),
    ] {
        let answer = get(path, host_named, referer);
        assert_eq!(status(&answer), expected, "{path} {host_named} {referer}");
    }
    let asked = get("/", &host, issuer);
    assert!(asked.contains(&token), "{asked}");
    assert!(asked.contains("The &lt;card&gt; 1."), "{asked}");
    assert!(asked.contains("frame-ancestors 'none'"), "{asked}");
    assert!(!asked.contains("access-control"), "{asked}");
    let waits = get("/?t=abc-_1", &host, issuer);
    assert!(waits.contains("action=\"/renew?t=abc-_1\""), "{waits}");
    let odd = get("/?t=%22%3E", &host, issuer);
    assert!(odd.contains("action=\"/renew\""), "{odd}");
    press(&host, &format!("http://{host}"), &host, &token);
    assert!(serving.join().expect("ended").is_ok());
}

#[test]
fn the_button_renews_once() {
    let door = door();
    let Rules { host, token, .. } = door.rules.clone();
    let serving = serving(door);
    let own = format!("http://{host}");
    for (origin, host_named, token, expected) in [
        ("https://evil.example", host.as_str(), token.as_str(), "403"),
        ("https://localhost:8443", &host, &token, "403"),
        ("null", &host, &token, "403"),
        (&own, "evil.example", &token, "421"),
        (&own, &host, "00", "403"),
    ] {
        let answer = press(&host, origin, host_named, token);
        assert_eq!(status(&answer), expected, "{origin} {host_named}");
    }
    let done = press(&host, &own, &host, &token);
    assert_eq!(status(&done), "303");
    let back = "location: https://localhost:8443/my/renew";
    assert!(done.contains(back), "{done}");
    assert!(serving.join().expect("ended").is_ok());
    assert!(TcpStream::connect(&host).is_err(), "it has gone");
}

#[test]
fn what_went_wrong_is_said_in_the_page_and_by_the_exit_code() {
    let door = door();
    let Rules { host, token, .. } = door.rules.clone();
    let serving =
        std::thread::spawn(move || door.serve_one(|_| Err(Failure::Usage("as a <test>".into()))));
    let own = format!("http://{host}");
    let headers = [("host", host.as_str()), ("origin", &own)];
    let failed = ask(&host, "POST /renew", &headers, &format!("token={token}"));
    assert!(
        failed.contains("as a &lt;test&gt;") && failed.contains("/my/renew"),
        "{failed}"
    );
    let outcome = serving.join().expect("ended");
    assert_eq!(outcome.expect_err("the work's").exit_code(), 2);
}

#[test]
fn only_this_machine_reaches_it() {
    let issuer = "https://localhost:8443".parse().expect("an address");
    let listen = "0.0.0.0:0".parse().expect("an address");
    let refused = Door::open(listen, &issuer, String::new());
    assert_eq!(refused.err().expect("refused").exit_code(), 2);
}
