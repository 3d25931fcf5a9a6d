//! Lists of revoked certificates. The house reads none; what it writes, others must read as it was
//! meant.

use ca::crl::{CrlContents, Revoked, build};
use ca::keys::SigningKey;
use openssl::pkey::PKey;
use openssl::x509::X509Crl;
use policies::card::RevocationReason;
use policies::ids::Serial;
use policies::time::Span;
use webpki::{BorrowedCertRevocationList, CertRevocationList};

use crate::certificates::reason;
use crate::corpus::{FOUNDED, House};
use crate::dice::Dice;
use crate::report::{Report, Seen};

/// Writes a list of some certificates and has it read.
pub fn compare(house: &House, dice: &mut Dice, report: &mut Report) {
    let entries: Vec<Revoked> = (0..dice.below(40)).map(|_| revoked(dice)).collect();
    let contents = CrlContents {
        number: dice.next() >> 1,
        this_update: FOUNDED,
        next_update: FOUNDED.plus(Span::days(7)),
        entries: &entries,
        distribution_point: (dice.below(2) == 0).then(|| "http://pki.example/crl/1".to_owned()),
    };
    let issuer = house.authority.current();
    let Ok(der) = issuer.and_then(|issuer| build(issuer, &contents)) else {
        report.note("lists, webpki", &[], || {
            Seen::Unexplained("not written".into())
        });
        return;
    };
    report.note("lists, webpki", &der, || by_webpki(&der, &entries, dice));
    report.note("lists, OpenSSL", &der, || {
        by_openssl(&der, house.key.spki_der(), &entries)
            .unwrap_or_else(|error| Seen::Unexplained(reason(&error)))
    });
}

fn revoked(dice: &mut Dice) -> Revoked {
    let octets: [u8; 19] = std::array::from_fn(|at| {
        let octet = dice.below(256) as u8;
        if at == 0 { 0x40 | octet >> 2 } else { octet }
    });
    let days = i64::try_from(dice.below(36_500)).unwrap_or_default();
    Revoked {
        serial: Serial::from_bytes(&octets).unwrap_or_else(|_| unreachable!("nineteen octets")),
        at: FOUNDED.minus(Span::days(days / 4)),
        reason: *dice.one_of(RevocationReason::ALL),
    }
}

fn by_webpki(der: &[u8], entries: &[Revoked], dice: &mut Dice) -> Seen {
    let list = match BorrowedCertRevocationList::from_der(der) {
        Ok(list) => CertRevocationList::from(list),
        Err(error) => return Seen::Unexplained(format!("{error:?}")),
    };
    let finds = |serial: &Serial| list.find_serial(&serial.to_bytes());
    let all = entries.iter().all(|entry| {
        finds(&entry.serial).is_ok_and(|found| {
            found.is_some_and(|found| {
                let at = found.revocation_date.as_secs();
                let reason = found.reason_code.map_or(0, |reason| reason as u8);
                i64::try_from(at).is_ok_and(|at| at == entry.at.unix())
                    && reason == entry.reason.crl_reason()
            })
        })
    });
    let stranger = finds(&revoked(dice).serial).is_ok_and(|found| found.is_none());
    if all && stranger {
        Seen::Same
    } else {
        Seen::Unexplained("other entries".into())
    }
}

fn by_openssl(
    der: &[u8],
    key: &[u8],
    entries: &[Revoked],
) -> Result<Seen, openssl::error::ErrorStack> {
    let list = X509Crl::from_der(der)?;
    let key = PKey::public_key_from_der(key)?;
    if !list.verify(&key)? {
        return Ok(Seen::Unexplained("its signature".into()));
    }
    let mut theirs = Vec::new();
    for entry in list.get_revoked().into_iter().flatten() {
        theirs.push(entry.serial_number().to_bn()?.to_vec());
    }
    let mut ours: Vec<_> = entries
        .iter()
        .map(|entry| entry.serial.to_bytes().to_vec())
        .collect();
    ours.sort();
    theirs.sort();
    Ok(if ours == theirs {
        Seen::Same
    } else {
        Seen::Unexplained("other entries".into())
    })
}
