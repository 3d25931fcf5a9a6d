//! Between reader and PIV application: command chaining, GET RESPONSE, and the end of a card that is pulled out.

use std::fs::File;
use std::io::Write as _;

use heapless::Vec as Fixed;
use iso7816::command::class::Chain;
use iso7816::{Command, Instruction, Status};
use vpicc::VSmartCard;

use crate::system::Piv;

/// PIV's largest object has some 12 KiB; certificates have 2.
const LONGEST: usize = 7_609;
/// The identifier that Yubico's tools select by, and the whole one that the application knows.
const SHORT_AID: &[u8] = &[0xa0, 0x00, 0x00, 0x03, 0x08];
const SELECT_PIV: &[u8] = &[
    0x00, 0xa4, 0x04, 0x00, 0x09, 0xa0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x00,
];

/// What outlives a power cycle.
pub struct Counter {
    /// APDUs so far.
    pub seen: u64,
    /// The APDU that is carried out and never answered.
    pub dies_at: Option<u64>,
    /// Certificates that may still be written.
    pub certificates: Option<u64>,
    /// Objects that may still be emptied.
    pub emptied: Option<u64>,
    /// Instruction and parameters of every APDU, never data, and its answer's status.
    pub log: Option<File>,
}

/// One power cycle of the card.
pub struct Chip<'c, 'p, 's> {
    piv: &'p mut Piv<'s>,
    counter: &'c mut Counter,
    chained: Option<Command<LONGEST>>,
    waiting: Vec<u8>,
    /// Whether the reader has cut the power or reset the card.
    pub is_off: bool,
}

impl<'c, 'p, 's> Chip<'c, 'p, 's> {
    /// Powers on.
    pub fn new(piv: &'p mut Piv<'s>, counter: &'c mut Counter) -> Self {
        Self {
            piv,
            counter,
            chained: None,
            waiting: Vec::new(),
            is_off: false,
        }
    }

    fn answer(&mut self, apdu: &[u8]) -> Vec<u8> {
        let short =
            apdu.get(..4) == Some(&[0x00, 0xa4, 0x04, 0x00]) && apdu.get(5..10) == Some(SHORT_AID);
        let apdu = if short && apdu.len() < 12 {
            SELECT_PIV
        } else {
            apdu
        };
        let Ok(command) = Command::<LONGEST>::try_from(apdu) else {
            return status(Status::WrongLength);
        };
        if command.instruction() == Instruction::GetResponse {
            return self.next_part(command.expected());
        }
        self.waiting.clear();
        let chain = command.class().chain();
        let whole = match self.chained.take() {
            None => command,
            Some(mut before) => {
                if before.extend_from_command(&command).is_err() {
                    return status(Status::WrongLength);
                }
                before
            }
        };
        if chain == Chain::NotTheLast {
            self.chained = Some(whole);
            return status(Status::Success);
        }
        let mut reply = Fixed::<u8, LONGEST>::new();
        match self.piv.respond(whole.as_view(), &mut reply) {
            Ok(()) => {
                self.waiting = reply.to_vec();
                self.next_part(whole.expected())
            }
            Err(error) => status(error),
        }
    }

    /// Up to `expected` octets of what waits; all of it for a command that named no length.
    fn next_part(&mut self, expected: usize) -> Vec<u8> {
        let most = if expected == 0 {
            self.waiting.len()
        } else {
            expected
        };
        let rest = self.waiting.split_off(most.min(self.waiting.len()));
        let mut part = std::mem::replace(&mut self.waiting, rest);
        if self.waiting.is_empty() {
            part.extend([0x90, 0x00]);
        } else {
            part.extend([0x61, u8::try_from(self.waiting.len()).unwrap_or(0)]);
        }
        part
    }
}

/// Counts one down; whether none was left.
fn is_used_up(left: &mut Option<u64>) -> bool {
    match left {
        Some(0) => true,
        Some(n) => {
            *n -= 1;
            false
        }
        None => false,
    }
}

fn status(status: Status) -> Vec<u8> {
    let word: u16 = status.into();
    word.to_be_bytes().to_vec()
}

impl VSmartCard for Chip<'_, '_, '_> {
    fn power_off(&mut self) {
        self.is_off = true;
    }

    fn reset(&mut self) {
        self.is_off = true;
    }

    fn execute(&mut self, apdu: &[u8]) -> Vec<u8> {
        self.counter.seen += 1;
        // The first part of PUT DATA: an object that is emptied has seven octets, a certificate hundreds.
        if self.chained.is_none() && apdu.get(1) == Some(&0xdb) {
            let left = if apdu.len() > 64 {
                &mut self.counter.certificates
            } else {
                &mut self.counter.emptied
            };
            if is_used_up(left) {
                std::process::exit(0);
            }
        }
        let answer = self.answer(apdu);
        if let Some(log) = &mut self.counter.log {
            let head: Vec<String> = apdu.iter().take(4).map(|b| format!("{b:02x}")).collect();
            let word = answer
                .get(answer.len().saturating_sub(2)..)
                .unwrap_or_default();
            let _ = writeln!(log, "{} {} {word:02x?}", self.counter.seen, head.join(""));
        }
        if self.counter.dies_at.is_some_and(|n| n <= self.counter.seen) {
            // Pulled out: what was done is done, and nobody hears of it.
            std::process::exit(0);
        }
        answer
    }
}
