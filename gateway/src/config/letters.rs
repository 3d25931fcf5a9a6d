//! The sections `[cards]`, `[mail]` and `[sms]`: where the key of the cards' own secrets is, and how
//! letters leave.

use std::path::Path;

use enrolment::vault::KEY_LENGTH;
use zeroize::Zeroizing;

use super::problem::{Fault, Problems};
use super::section::{Found, Section};
use crate::post::{MailSetting, MailTls, SmsSetting};

/// The port of mail with STARTTLS (RFC 6409 3.1).
const SUBMISSION: u32 = 587;

/// `[cards]`: the 32 bytes of `secrets_key`, as 64 hex digits in a file.
pub(super) fn secrets_key(
    mut section: Section<'_>,
    folder: &Path,
    problems: &mut Problems,
) -> Option<Zeroizing<Vec<u8>>> {
    let file = section.file("secrets_key", folder, problems);
    section.done(problems);
    let file = file?;
    let text = std::str::from_utf8(&file.value.bytes).unwrap_or_default();
    let key = hex::decode(text.trim()).ok().map(Zeroizing::new);
    let key = key.filter(|key| key.len() == KEY_LENGTH);
    if key.is_none() {
        unusable(
            file.at,
            "secrets_key",
            "a file with 64 hex digits: 32 random bytes",
            problems,
        );
    }
    key
}

/// `[mail]` and `[sms]`, each where it is there.
pub(super) fn ways(
    top: &mut Section<'_>,
    folder: &Path,
    problems: &mut Problems,
) -> (Option<MailSetting>, Option<SmsSetting>) {
    let mail = top.optional_table("mail", problems);
    let mail = mail.and_then(|section| self::mail(section, folder, problems));
    let sms = top.optional_table("sms", problems);
    let sms = sms.and_then(|section| self::sms(section, folder, problems));
    (mail, sms)
}

/// `[mail]`.
fn mail(mut section: Section<'_>, folder: &Path, problems: &mut Problems) -> Option<MailSetting> {
    const TLS: &str = "\"starttls\" (the default), \"implicit\" or \"none\"";
    let server = section.required("server", "the name of a mail server", problems);
    let port = section.count("port", problems).unwrap_or(SUBMISSION);
    let tls = section.text("tls", TLS, problems);
    let from = section.parsed(
        "from",
        "an address, as in \"Matron <cards@trust.example>\"",
        problems,
    );
    let user = section.text("user", "a name", problems);
    let password = section.optional_file("password_file", folder, problems);
    let at = section.at();
    section.done(problems);
    let tls = match tls.as_ref().map(|tls| tls.value) {
        None | Some("starttls") => Some(MailTls::Starttls),
        Some("implicit") => Some(MailTls::Implicit),
        Some("none") => Some(MailTls::None),
        Some(_) => {
            unusable(tls.map_or(at, |tls| tls.at), "tls", TLS, problems);
            None
        }
    };
    let port = u16::try_from(port).ok();
    if port.is_none() {
        unusable(at, "port", "a port", problems);
    }
    if user.is_some() != password.is_some() {
        unusable(
            at,
            "user",
            "`user` and `password_file` together, or neither",
            problems,
        );
    }
    let account = user.zip(password).map(|(user, file)| {
        let password = String::from_utf8_lossy(&file.value.bytes).trim().to_owned();
        (user.value.to_owned(), Zeroizing::new(password))
    });
    Some(MailSetting {
        server: server?.value.to_owned(),
        port: port?,
        tls: tls?,
        from: from?.value,
        account,
    })
}

/// `[sms]`.
fn sms(mut section: Section<'_>, folder: &Path, problems: &mut Problems) -> Option<SmsSetting> {
    const URL: &str = "an https URL, or an http URL of this machine";
    let url: Option<Found<url::Url>> = section.parsed("url", URL, problems);
    let token = section.optional_file("token_file", folder, problems);
    section.done(problems);
    let url = url?;
    let local = matches!(
        url.value.host_str(),
        Some("localhost" | "127.0.0.1" | "[::1]")
    );
    let fits = url.value.scheme() == "https" || (url.value.scheme() == "http" && local);
    if !fits {
        unusable(url.at, "url", URL, problems);
    }
    let token = token
        .map(|file| Zeroizing::new(String::from_utf8_lossy(&file.value.bytes).trim().to_owned()));
    Some(SmsSetting {
        url: url.value.into(),
        token,
    })
}

fn unusable(at: usize, key: &'static str, wanted: &'static str, problems: &mut Problems) {
    problems.note(at, Fault::Unusable { key, wanted });
}
