//! Mail by SMTP (RFC 5321), with TLS unless the operator says otherwise (RFC 8314 3.3).

use std::time::Duration;

use lettre::message::header::ContentType;
use lettre::message::{Attachment, Mailbox, Message, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use zeroize::Zeroizing;

use super::PostError;
use super::letters::Letter;

/// How long a mail server may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// How the way to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailTls {
    /// TLS from the first octet (port 465).
    Implicit,
    /// STARTTLS, refused where the server does not offer it (port 587).
    Starttls,
    /// None: a relay on the same machine.
    None,
}

/// The section `[mail]`.
#[derive(Debug)]
pub struct MailSetting {
    /// The server's name.
    pub server: String,
    /// Its port.
    pub port: u16,
    /// How it is protected.
    pub tls: MailTls,
    /// Who the mail is from.
    pub from: Mailbox,
    /// The account, where the server wants one.
    pub account: Option<(String, Zeroizing<String>)>,
}

/// A mail server. No `Debug`: it holds a password.
pub struct Mail {
    from: Mailbox,
    transport: AsyncSmtpTransport<Tokio1Executor>,
}

impl Mail {
    /// Prepares the way to the server; connects when there is mail.
    ///
    /// # Errors
    /// [`PostError::Smtp`] when its name cannot be used for TLS.
    pub fn new(setting: &MailSetting) -> Result<Self, PostError> {
        type Transport = AsyncSmtpTransport<Tokio1Executor>;
        let builder = match setting.tls {
            MailTls::Implicit => Transport::relay(&setting.server)?,
            MailTls::Starttls => Transport::starttls_relay(&setting.server)?,
            MailTls::None => Transport::builder_dangerous(&setting.server),
        };
        let builder = builder.port(setting.port).timeout(Some(PATIENCE));
        let builder = match &setting.account {
            Some((user, password)) => {
                builder.credentials(Credentials::new(user.clone(), password.to_string()))
            }
            None => builder,
        };
        Ok(Self {
            from: setting.from.clone(),
            transport: builder.build(),
        })
    }

    pub(super) async fn send(
        &self,
        to: &str,
        letter: &Letter,
        name: &str,
    ) -> Result<(), PostError> {
        let message = compose(self.from.clone(), to, letter, name)?;
        self.transport.send(message).await?;
        Ok(())
    }
}

/// The letter as a mail in plain text, with its calendar file where it has one, and a `Message-ID`
/// (RFC 5322 3.6.4). Nothing of it can become a header: the library encodes them.
pub(super) fn compose(
    from: Mailbox,
    to: &str,
    letter: &Letter,
    name: &str,
) -> Result<Message, PostError> {
    let id = format!("<{name}@{}>", from.email.domain());
    let to = Mailbox::new(None, to.parse()?);
    let message = Message::builder()
        .message_id(Some(id))
        .from(from)
        .to(to)
        .subject(letter.subject.clone());
    let text = SinglePart::builder()
        .header(ContentType::TEXT_PLAIN)
        .body(letter.text.clone());
    let Some(calendar) = &letter.calendar else {
        return Ok(message.singlepart(text)?);
    };
    let kind = ContentType::parse("text/calendar; charset=utf-8; method=PUBLISH");
    let file = Attachment::new("smartcard.ics".to_owned())
        .body(calendar.clone(), kind.map_err(|_| PostError::Letter)?);
    Ok(message.multipart(MultiPart::mixed().singlepart(text).singlepart(file))?)
}
