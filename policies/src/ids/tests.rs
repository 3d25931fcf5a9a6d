use proptest::prelude::*;

use super::*;

#[test]
fn a_user_id_keeps_its_leading_zeros() {
    let id: UserId = "021600556514".parse().unwrap();
    assert_eq!(id.as_str(), "021600556514");
    assert_eq!(serde_json::to_string(&id).unwrap(), "\"021600556514\"");
}

#[test]
fn a_user_id_is_exactly_twelve_ascii_digits() {
    for wrong in [
        "",
        "12345678901",
        "1234567890123",
        "12345678901x",
        " 12345678901",
        "１２３４",
    ] {
        assert!(wrong.parse::<UserId>().is_err(), "{wrong}");
        assert!(wrong.parse::<RoleId>().is_err(), "{wrong}");
        assert!(wrong.parse::<PersonOrgId>().is_err(), "{wrong}");
    }
    assert!(serde_json::from_str::<UserId>("\"12\"").is_err());
    assert!(serde_json::from_str::<UserId>("123456789012").is_err());
}

#[test]
fn an_organisation_code_is_upper_case_of_any_length_to_twelve() {
    for good in [
        "RBA",
        "A9A5A",
        "Y51",
        "N82668",
        "FFFFF",
        "X",
        "ABCDEFGHIJ12",
    ] {
        assert_eq!(good.parse::<OrgCode>().unwrap().to_string(), good);
    }
    for wrong in ["", "rba", "RB A", "R-A", "ABCDEFGHIJ123"] {
        assert!(wrong.parse::<OrgCode>().is_err(), "{wrong}");
    }
}

#[test]
fn card_numbers_clients_and_sessions_keep_to_their_alphabets() {
    assert!("1234567890123456".parse::<CardNumber>().is_ok());
    assert!("123456789012345".parse::<CardNumber>().is_err());
    assert!("969567331415.apps.national".parse::<ClientId>().is_ok());
    assert!("two words".parse::<ClientId>().is_err());
    assert!("".parse::<ClientId>().is_err());
    assert!("a".repeat(129).parse::<ClientId>().is_err());
    assert!("Aa0_-".parse::<SessionId>().is_ok());
    assert!("a\n".parse::<SessionId>().is_err());
    assert!("a".repeat(65).parse::<IntentId>().is_err());
}

#[test]
fn a_serial_is_one_text_for_one_number() {
    let plain = Serial::from_bytes(&[0x00, 0xab, 0x01]).unwrap();
    assert_eq!(plain.as_str(), "ab01");
    assert_eq!(plain, "00ab01".parse().unwrap());
    assert_eq!(Serial::from_bytes(&[0]).unwrap().as_str(), "00");
    assert_eq!(plain.to_bytes(), [0xab, 0x01]);
}

#[test]
fn a_serial_has_at_most_twenty_octets_after_its_sign() {
    let twenty = [0xff; 20];
    let mut signed = vec![0];
    signed.extend(twenty);
    assert_eq!(
        Serial::from_bytes(&signed).unwrap(),
        Serial::from_bytes(&twenty).unwrap()
    );
    assert!(Serial::from_bytes(&[1; 21]).is_err());
    for wrong in ["", "a", "abc", "AB", "0x", "ab:cd", &"a".repeat(42)] {
        assert!(wrong.parse::<Serial>().is_err(), "{wrong}");
    }
}

proptest! {
    #[test]
    fn a_serial_and_its_octets_are_the_same(octets in prop::collection::vec(any::<u8>(), 1..=20)) {
        let serial = Serial::from_bytes(&octets).unwrap();
        prop_assert_eq!(&Serial::from_bytes(&serial.to_bytes()).unwrap(), &serial);
        let stripped: Vec<u8> = octets.iter().copied().skip_while(|octet| *octet == 0).collect();
        if !stripped.is_empty() {
            prop_assert_eq!(serial.to_bytes(), stripped);
        }
    }

    #[test]
    fn what_parses_reads_back_the_same(text in "[0-9A-Za-z-]{0,20}") {
        if let Ok(id) = text.parse::<UserId>() {
            prop_assert_eq!(id.as_str(), &text);
        }
    }
}
