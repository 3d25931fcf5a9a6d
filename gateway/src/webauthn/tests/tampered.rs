//! Real answers, altered: nothing of them is accepted (attack A33).

use ciborium::value::Value;

use super::super::*;
use super::vectors::{CERTIFIED, IN_2023, Recorded, entry, models_of_2023, slot};

/// An alteration and its name.
type Tampering = (&'static str, fn(&Recorded) -> Recorded);

fn client_text(of: &Recorded, alter: impl FnOnce(&mut serde_json::Value)) -> Recorded {
    let mut data: serde_json::Value = serde_json::from_slice(&of.bytes("clientDataJSON")).unwrap();
    alter(&mut data);
    of.with_bytes("clientDataJSON", &serde_json::to_vec(&data).unwrap())
}

fn raw(of: &Recorded, field: &str, alter: impl FnOnce(&mut Vec<u8>)) -> Recorded {
    let mut bytes = of.bytes(field);
    alter(&mut bytes);
    of.with_bytes(field, &bytes)
}

fn shorten(bytes: &mut Vec<u8>) {
    bytes.truncate(bytes.len() - 1);
}

/// The key of the credential begins behind its name.
fn key_at(data: &[u8]) -> usize {
    55 + usize::from(u16::from_be_bytes([data[53], data[54]]))
}

/// What can be done to any answer.
const ANY: &[Tampering] = &[
    ("another kind of ceremony", |r| {
        client_text(r, |d| d["type"] = "webauthn.get".into())
    }),
    ("another challenge", |r| {
        client_text(r, |d| d["challenge"] = "AAAA".into())
    }),
    ("no challenge", |r| {
        client_text(r, |d| d["challenge"] = "".into())
    }),
    ("another origin", |r| {
        client_text(r, |d| d["origin"] = "https://evil.example".into())
    }),
    ("in a frame of another site", |r| {
        client_text(r, |d| d["crossOrigin"] = true.into())
    }),
    ("below another site", |r| {
        client_text(r, |d| d["topOrigin"] = "https://evil.example".into())
    }),
    ("client data twice a key", |r| {
        raw(r, "clientDataJSON", |b| {
            b.pop();
            b.extend(br#","type":"webauthn.create"}"#);
        })
    }),
    ("client data cut", |r| raw(r, "clientDataJSON", shorten)),
    ("client data empty", |r| {
        raw(r, "clientDataJSON", Vec::clear)
    }),
    ("client data not UTF-8", |r| {
        raw(r, "clientDataJSON", |b| b.insert(2, 0xff))
    }),
    ("another relying party", |r| r.with_auth_data(|d| d[0] ^= 1)),
    ("nobody there", |r| r.with_auth_data(|d| d[32] &= !1)),
    ("no credential said to be there", |r| {
        r.with_auth_data(|d| d[32] &= !0x40)
    }),
    ("extensions said to be there or not", |r| {
        r.with_auth_data(|d| d[32] ^= 0x80)
    }),
    ("copied and not to be copied", |r| {
        r.with_auth_data(|d| d[32] = d[32] & !8 | 0x10)
    }),
    ("a byte behind the authenticator data", |r| {
        r.with_auth_data(|d| d.push(0))
    }),
    ("authenticator data cut", |r| r.with_auth_data(shorten)),
    ("authenticator data of 36 bytes", |r| {
        r.with_auth_data(|d| d.truncate(36))
    }),
    ("a name of 65535 bytes", |r| {
        r.with_auth_data(|d| d[53..55].fill(0xff))
    }),
    ("a name of no bytes", |r| {
        r.with_auth_data(|d| d[53..55].fill(0))
    }),
    ("another name inside", |r| r.with_auth_data(|d| d[55] ^= 1)),
    ("another name outside", |r| {
        let mut altered = r.clone();
        altered.answer["rawId"] = "AAAA".into();
        altered.answer["id"] = "AAAA".into();
        altered
    }),
    ("two names outside", |r| {
        let mut altered = r.clone();
        altered.answer["id"] = "AAAA".into();
        altered
    }),
    ("another type", |r| {
        let mut altered = r.clone();
        altered.answer["type"] = "password".into();
        altered
    }),
    ("a key of another algorithm", |r| {
        r.with_auth_data(|d| {
            let at = key_at(d) + 4;
            // 3: -7 or -257 stands fourth
            d[at] = 0x27;
        })
    }),
    ("a key with more labels than it has", |r| {
        r.with_auth_data(|d| {
            let at = key_at(d);
            d[at] += 1;
        })
    }),
    ("a label of the key twice", |r| {
        r.with_auth_data(|d| {
            let at = key_at(d);
            d[at] += 1;
            d.splice((at + 1)..=at, [0x01, 0x02]);
        })
    }),
    ("a byte behind", |r| {
        raw(r, "attestationObject", |b| b.push(0))
    }),
    ("cut", |r| raw(r, "attestationObject", shorten)),
    ("empty", |r| raw(r, "attestationObject", Vec::clear)),
    ("a key twice", |r| {
        raw(r, "attestationObject", |b| {
            b[0] = 0xa4;
            b.extend(b"\x63fmt\x64none");
        })
    }),
    ("a key that nobody knows", |r| {
        r.altered(|o| *slot(o, "more") = 1.into())
    }),
    ("a length without end", |r| {
        raw(r, "attestationObject", |b| {
            b[0] = 0xbf;
            b.push(0xff);
        })
    }),
    ("a number longer than it must be", |r| {
        raw(r, "attestationObject", |b| {
            b.splice(0..1, [0xb8, 0x03]);
        })
    }),
    ("a tag around it", |r| {
        raw(r, "attestationObject", |b| {
            b.splice(0..0, [0xd9, 0xd9, 0xf7]);
        })
    }),
    ("eight exabytes", |r| {
        raw(r, "attestationObject", |b| {
            b.truncate(5);
            b.splice(4..5, [0x7b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
        })
    }),
    ("a thousand boxes in each other", |r| {
        r.with_bytes("attestationObject", &[0x81; 1000])
    }),
    ("a kind of statement that nobody knows", |r| {
        r.altered(|o| *slot(o, "fmt") = "mine".into())
    }),
    ("another kind of statement", |r| {
        r.altered(|o| {
            let other = if entry(o, "fmt").as_text() == Some("packed") {
                "tpm"
            } else {
                "packed"
            };
            *slot(o, "fmt") = other.into();
        })
    }),
    ("something more in the statement", |r| {
        r.with_statement(|s| *slot(s, "more") = 1.into())
    }),
    ("no statement", |r| {
        r.altered(|o| *slot(o, "attStmt") = Value::Null)
    }),
];

/// What can be done to one whose statement signs all of the authenticator data.
const SIGNED: &[Tampering] = &[
    ("another counter", |r| r.with_auth_data(|d| d[36] ^= 1)),
    ("another model", |r| r.with_auth_data(|d| d[37] ^= 1)),
    ("the check of the person, said or unsaid", |r| {
        r.with_auth_data(|d| d[32] ^= 4)
    }),
    ("a key that may be copied", |r| {
        r.with_auth_data(|d| d[32] ^= 8)
    }),
    ("another public key", |r| {
        r.with_auth_data(|d| {
            let at = d.len() - 40;
            d[at] ^= 1;
        })
    }),
    ("another name, inside and outside", |r| {
        let mut altered = r.with_auth_data(|d| d[55] ^= 1);
        let mut id = stored::decode(r.answer["rawId"].as_str().unwrap()).unwrap();
        id[0] ^= 1;
        altered.answer["id"] = stored::encode(&id).into();
        altered.answer["rawId"] = altered.answer["id"].clone();
        altered
    }),
    ("client data that says more", |r| {
        client_text(r, |d| d["more"] = 1.into())
    }),
    ("no certificates", |r| {
        r.with_statement(|s| *slot(s, "x5c") = Value::Array(Vec::new()))
    }),
    ("certificates that are none", |r| {
        r.with_statement(|s| {
            *slot(s, "x5c") = Value::Array(vec![Value::Bytes(vec![0x30, 0])]);
        })
    }),
    ("an altered certificate", |r| {
        r.with_statement(|s| {
            let certificate = slot(s, "x5c").as_array_mut().unwrap()[0]
                .as_bytes_mut()
                .unwrap();
            let middle = certificate.len() / 2;
            certificate[middle] ^= 1;
        })
    }),
    ("somebody else's certificate", |r| {
        r.with_statement(|s| {
            let made = rcgen::generate_simple_self_signed(vec!["evil.example".to_owned()]).unwrap();
            let made = Value::Bytes(made.cert.der().to_vec());
            slot(s, "x5c").as_array_mut().unwrap()[0] = made;
        })
    }),
    ("seven certificates", |r| {
        r.with_statement(|s| {
            let chain = slot(s, "x5c").as_array_mut().unwrap();
            chain.resize(7, chain[0].clone());
        })
    }),
];

/// What can be done to one that has `alg` and `sig`.
const WITH_SIGNATURE: &[Tampering] = &[
    ("another signature", |r| {
        r.with_statement(|s| {
            let signature = slot(s, "sig").as_bytes_mut().unwrap();
            let last = signature.len() - 1;
            signature[last] ^= 1;
        })
    }),
    ("half a signature", |r| {
        r.with_statement(|s| {
            let signature = slot(s, "sig").as_bytes_mut().unwrap();
            signature.truncate(signature.len() / 2);
        })
    }),
    ("no signature", |r| {
        r.with_statement(|s| *slot(s, "sig") = Value::Bytes(Vec::new()))
    }),
    ("an algorithm that is not the key's", |r| {
        r.with_statement(|s| {
            *slot(s, "alg") = (-35).into();
        })
    }),
    ("an algorithm that nobody knows", |r| {
        r.with_statement(|s| *slot(s, "alg") = (-8).into())
    }),
    ("no algorithm", |r| {
        r.with_statement(|s| *slot(s, "alg") = Value::Null)
    }),
];

/// Flips a bit of a part of a TPM's statement.
fn flip(of: &Recorded, field: &str, at: usize) -> Recorded {
    of.with_statement(|s| slot(s, field).as_bytes_mut().unwrap()[at] ^= 1)
}

/// What can be done to a TPM's.
const OF_A_TPM: &[Tampering] = &[
    ("TPM 1.2", |r| {
        r.with_statement(|s| *slot(s, "ver") = "1.2".into())
    }),
    ("not written by a TPM", |r| flip(r, "certInfo", 0)),
    ("a quote and not a certification", |r| {
        flip(r, "certInfo", 5)
    }),
    ("another signer", |r| flip(r, "certInfo", 10)),
    ("about another credential", |r| flip(r, "certInfo", 50)),
    ("another clock", |r| flip(r, "certInfo", 68)),
    ("another name", |r| flip(r, "certInfo", 100)),
    ("a byte behind certInfo", |r| {
        r.with_statement(|s| {
            slot(s, "certInfo").as_bytes_mut().unwrap().push(0);
        })
    }),
    ("certInfo cut", |r| {
        r.with_statement(|s| {
            slot(s, "certInfo").as_bytes_mut().unwrap().truncate(60);
        })
    }),
    ("a key of another kind", |r| flip(r, "pubArea", 1)),
    ("named by another hash", |r| flip(r, "pubArea", 3)),
    ("a key that may leave", |r| {
        r.with_statement(|s| {
            slot(s, "pubArea").as_bytes_mut().unwrap()[7] ^= 2;
        })
    }),
    ("another exponent", |r| flip(r, "pubArea", 49)),
    ("another modulus", |r| flip(r, "pubArea", 200)),
    ("a byte behind pubArea", |r| {
        r.with_statement(|s| {
            slot(s, "pubArea").as_bytes_mut().unwrap().push(0);
        })
    }),
    ("SHA-256 said for SHA-1", |r| {
        r.with_statement(|s| *slot(s, "alg") = (-257).into())
    }),
    ("the chain turned round", |r| {
        r.with_statement(|s| {
            slot(s, "x5c").as_array_mut().unwrap().reverse();
        })
    }),
    ("the chain cut", |r| {
        r.with_statement(|s| {
            slot(s, "x5c").as_array_mut().unwrap().truncate(1);
        })
    }),
];

fn refuse_all(name: &str, lists: &[&[Tampering]]) {
    let Some(recorded) = Recorded::read(name) else {
        return;
    };
    let models = || models_of_2023(CERTIFIED).unwrap();
    recorded.judge(models(), IN_2023).expect(name);
    let all = lists.concat();
    let accepted: Vec<&str> = all
        .iter()
        .filter(|(_, tamper)| tamper(&recorded).judge(models(), IN_2023).is_ok())
        .map(|(what, _)| *what)
        .collect();
    assert!(accepted.is_empty(), "{name}: {accepted:?}");
    let tried = all.len();
    assert!(tried >= 20, "{name}: only {tried}");
}

#[test]
fn an_altered_tpm_statement_is_refused() {
    refuse_all("tpm-rs1-01", &[ANY, SIGNED, WITH_SIGNATURE, OF_A_TPM]);
}

#[test]
fn an_altered_packed_statement_is_refused() {
    refuse_all("packed-02", &[ANY, SIGNED, WITH_SIGNATURE]);
}

#[test]
fn an_altered_android_statement_is_refused() {
    refuse_all("android-key-01", &[ANY, SIGNED, WITH_SIGNATURE]);
}

#[test]
fn an_altered_apple_statement_is_refused() {
    refuse_all("apple-01", &[ANY, SIGNED]);
}

#[test]
fn an_altered_answer_without_a_statement_is_refused() {
    refuse_all("01-none", &[ANY]);
}

#[test]
fn an_altered_u2f_statement_is_refused() {
    refuse_all("u2f-01", &[ANY, &WITH_SIGNATURE[..3]]);
}

/// Every byte of what two real devices wrote matters.
#[test]
fn no_bit_of_a_real_statement_can_be_turned() {
    for name in ["packed-02", "tpm-rs1-01"] {
        let Some(recorded) = Recorded::read(name) else {
            return;
        };
        let site = recorded.site(models_of_2023(CERTIFIED).unwrap());
        let object = recorded.bytes("attestationObject");
        for at in 0..object.len() {
            let mut altered = object.clone();
            altered[at] ^= 1 << (at % 8);
            let altered = recorded.with_bytes("attestationObject", &altered);
            let answer = serde_json::to_vec(&altered.answer).unwrap();
            let judged = site.finish_registration(&recorded.state(), &answer, IN_2023);
            assert!(judged.is_err(), "{name}: byte {at}");
        }
    }
}
