//! Servers of others, in the fewest words: a mail server (RFC 5321) and a text message service, on loopback, which keep
//! what they are given.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What has come: to whom, and what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) to: String,
    pub(crate) text: String,
}

/// A server that keeps what it is given; it ends with the test process.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sink {
    kept: Arc<Mutex<Vec<Kept>>>,
}

impl Sink {
    /// A mail server. It takes nothing for addresses that begin with `nobody`.
    pub(crate) fn mail(port: u16) -> Self {
        Self::serving(port, Self::speak_smtp)
    }

    /// A text message service. It answers 500 to numbers that end in 5, and 400 to those that end in 4.
    pub(crate) fn texts(port: u16) -> Self {
        Self::serving(port, Self::speak_http)
    }

    /// Everything so far, oldest first.
    pub(crate) fn kept(&self) -> Vec<Kept> {
        self.kept.lock().expect("not poisoned").clone()
    }

    /// Waits until so many have come, or a minute has passed.
    pub(crate) async fn wait_for(&self, many: usize) -> Vec<Kept> {
        for _ in 0..600 {
            if self.kept().len() >= many {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        self.kept()
    }

    fn serving(
        port: u16,
        speak: impl Fn(&Self, TcpStream) -> std::io::Result<()> + Send + Copy + 'static,
    ) -> Self {
        let sink = Self::default();
        let listener = TcpListener::bind(("127.0.0.1", port)).expect("a port");
        let serving = sink.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let sink = serving.clone();
                std::thread::spawn(move || speak(&sink, stream));
            }
        });
        sink
    }

    fn keep(&self, to: String, text: String) {
        let mut kept = self.kept.lock().expect("not poisoned");
        kept.push(Kept { to, text });
    }

    fn speak_smtp(&self, mut out: TcpStream) -> std::io::Result<()> {
        let mut lines = BufReader::new(out.try_clone()?).lines();
        out.write_all(b"220 sink\r\n")?;
        let mut to = String::new();
        while let Some(line) = lines.next().transpose()? {
            let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
            let answer = match verb.as_str() {
                "RCPT" if line.contains("<nobody") => "550 no such mailbox",
                "RCPT" => {
                    to.clone_from(&line);
                    "250 ok"
                }
                "DATA" => {
                    out.write_all(b"354 go on\r\n")?;
                    let mut text = String::new();
                    while let Some(line) = lines.next().transpose()? {
                        if line == "." {
                            break;
                        }
                        text.push_str(&line);
                        text.push('\n');
                    }
                    self.keep(to.clone(), text);
                    "250 kept"
                }
                "QUIT" => return out.write_all(b"221 bye\r\n"),
                _ => "250 ok",
            };
            out.write_all(format!("{answer}\r\n").as_bytes())?;
        }
        Ok(())
    }

    fn speak_http(&self, mut out: TcpStream) -> std::io::Result<()> {
        let mut from = BufReader::new(out.try_clone()?);
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            from.read_line(&mut line)?;
            if line.trim().is_empty() {
                break;
            }
            let lower = line.to_ascii_lowercase();
            if let Some(value) = lower.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
            head.push_str(&lower);
        }
        let mut body = vec![0; length];
        from.read_exact(&mut body)?;
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
        let to = body["to"].as_str().unwrap_or_default().to_owned();
        let answer = match to.chars().last() {
            Some('5') => "500 Broken",
            Some('4') => "400 Refused",
            _ => {
                let text = body["text"].as_str().unwrap_or_default();
                self.keep(to, format!("{head}\n{text}"));
                "200 OK"
            }
        };
        let answer = format!("HTTP/1.1 {answer}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
        out.write_all(answer.as_bytes())
    }
}
