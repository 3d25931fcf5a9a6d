//! Dev's post office: each letter is a file, `000012.eml` or `000013.sms.txt`, whole as soon as it
//! is there.

use std::fs;
use std::path::Path;

use enrolment::outbox::{Channel, Taken};
use lettre::message::Mailbox;

use super::letters::Letter;
use super::{PostError, mail, name_of};

/// Who dev's mail is from.
const FROM: &str = "Matron demo <no-reply@localhost>";

pub(super) fn keep(folder: &Path, taken: &Taken, letter: &Letter) -> Result<(), PostError> {
    let address = &taken.message.address;
    let (ending, octets) = match taken.message.channel {
        Channel::Mail => {
            let from: Mailbox = FROM.parse()?;
            (
                "eml",
                mail::compose(from, address, letter, &name_of(taken))?.formatted(),
            )
        }
        Channel::Sms => (
            "sms.txt",
            format!("To: {address}\n\n{}\n", letter.short).into_bytes(),
        ),
        Channel::BackChannel => return Err(PostError::NoServer),
    };
    fs::create_dir_all(folder)?;
    let name = format!("{:06}.{ending}", taken.number);
    let draft = folder.join(format!(".{name}"));
    fs::write(&draft, octets)?;
    fs::rename(draft, folder.join(name))?;
    Ok(())
}
