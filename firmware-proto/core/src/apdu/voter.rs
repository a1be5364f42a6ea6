//! Voters that a device was shown once: the host keeps them, a keyed MAC of the device says that they are unchanged.

use super::command::{Fields, SpendingAccount};
use super::platform::{ExtendedKey, Fault, Os};
use super::reply::Failure;
use super::{Status, account_path};
use crate::hash::{Fingerprint, Sink, copy, finish};
use crate::path::{Account, Branch, Generation, VoterAccount};
use crate::request::Label;
use crate::rule::{Figure, Refusal, Rule};

/// The longest name of a voter.
pub const MAX_NAME: usize = 32;
/// How many bytes of the MAC travel.
pub const MAC_LENGTH: usize = 16;
/// What a device remembers a voter by.
pub type Mac = [u8; MAC_LENGTH];

/// What precedes the record in the MAC, so that no other use of the key can give the same.
const MAC_TAG: &[u8] = b"dcrcold voter mac 1";
/// What precedes the keys in the fingerprint, docs/protocol.md section 6.
const FINGERPRINT_TAG: &[u8] = b"dcrcold voter";
/// Network, coin type, account, length of the name, name, keys and chain codes.
const MAX_RECORD: usize = UNNAMED + MAX_NAME;
/// All of it but the name.
const UNNAMED: usize = 9 + 1 + 3 * 65;
/// These accounts, and the first generations of their own voters, are compared with a voter's whichever account is used.
const LOW_ACCOUNTS: u64 = 20;
/// How many generations of own voters there can be.
const GENERATIONS: u64 = 16;

/// A voter's public side, and the account whose tickets it may vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VoterRecord {
    /// The spending account.
    pub of: SpendingAccount,
    name: Label,
    /// Voting, alt-sign, purse.
    pub accounts: [ExtendedKey; 3],
}

/// A name that is not 1 to 32 printable ASCII characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordError;

/// Bytes that are hashed in one piece.
struct Message {
    bytes: [u8; MAC_TAG.len() + MAX_RECORD],
    length: usize,
}

impl Sink for Message {
    fn put(&mut self, bytes: &[u8]) {
        let end = self.length.saturating_add(bytes.len());
        if let Some(place) = self.bytes.get_mut(self.length..end) {
            copy(place, bytes);
            self.length = end;
        }
    }
}

impl VoterRecord {
    /// Puts a record together.
    ///
    /// # Errors
    /// [`RecordError`] about the name.
    pub fn new(of: SpendingAccount, name: &str, accounts: [ExtendedKey; 3]) -> Result<Self, RecordError> {
        let name = Label::new(name.as_bytes()).filter(|_| name.len() <= MAX_NAME).ok_or(RecordError)?;
        Ok(Self { of, name, accounts })
    }

    /// The name.
    #[must_use]
    pub const fn name(&self) -> &Label {
        &self.name
    }

    /// What names the voter in requests.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let mut hasher = blake256::Blake256::default();
        hasher.put(FINGERPRINT_TAG);
        hasher.put(&[self.of.network.code()]);
        self.put_keys(&mut hasher);
        let mut first = [0; 16];
        copy(&mut first, &finish(hasher));
        Fingerprint::from_bytes(first)
    }

    fn put_keys(&self, sink: &mut impl Sink) {
        for account in &self.accounts {
            sink.put(&account.key);
            sink.put(&account.chain_code);
        }
    }

    pub(super) fn write(&self, sink: &mut impl Sink) {
        self.of.write(sink);
        let name = self.name.as_str().as_bytes();
        sink.put(&[u8::try_from(name.len()).unwrap_or_default()]);
        sink.put(name);
        self.put_keys(sink);
    }

    /// How many bytes a record with so long a name has.
    pub(super) fn length(name: u8) -> usize {
        UNNAMED.saturating_add(name.into())
    }

    pub(super) fn read(fields: &mut Fields<'_>) -> Result<Self, Failure> {
        let of = SpendingAccount::read(fields)?;
        let length = usize::from(fields.byte()?);
        let name = fields.slice(length)?;
        let mut accounts = [ExtendedKey { key: [0; 33], chain_code: [0; 32] }; 3];
        for account in &mut accounts {
            *account = ExtendedKey { key: *fields.take()?, chain_code: *fields.take()? };
        }
        let name = core::str::from_utf8(name).map_err(|_| Status::Data)?;
        Self::new(of, name, accounts).map_err(|RecordError| Status::Data.into())
    }

    /// The MAC that a device gives for this record.
    pub(super) fn mac(&self, os: &impl Os) -> Result<Mac, Fault> {
        let mut message = Message { bytes: [0; MAC_TAG.len() + MAX_RECORD], length: 0 };
        message.put(MAC_TAG);
        self.write(&mut message);
        let whole = os.mac(message.bytes.get(..message.length).ok_or(Fault::Failed)?)?;
        let mut mac = [0; MAC_LENGTH];
        copy(&mut mac, &whole);
        Ok(mac)
    }

    /// Sees that the device gave this MAC for this record, in a time that does not depend on where they differ.
    pub(super) fn verify(&self, os: &impl Os, mac: &Mac) -> Result<(), Failure> {
        let expected = self.mac(os)?;
        let difference = expected.iter().zip(mac).fold(0, |sum, (ours, theirs)| sum | (ours ^ theirs));
        if difference == 0 { Ok(()) } else { Err(Refusal::from(Rule::VoterUnknown).into()) }
    }

    /// Sees that the accounts are three, and that none of them belongs to this device.
    pub(super) fn check(&self, os: &impl Os) -> Result<(), Failure> {
        if !os.serves(self.of.network) {
            return Err(Refusal::new(Rule::NetworkMismatch).found(Figure::Network(self.of.network)).into());
        }
        let [voting, alt_sign, purse] = self.accounts.map(|account| account.key);
        if voting == alt_sign || voting == purse || alt_sign == purse {
            return Err(Refusal::from(Rule::VoterAccountsNotDistinct).into());
        }
        for account in &self.accounts {
            os.child(account, 0).map_err(|fault| if fault == Fault::Failed { Status::Data } else { fault.into() })?;
        }
        for account in self.other_accounts().chain([self.of.account.account]) {
            self.check_spending(os, account)?;
        }
        self.check_own(os)
    }

    /// The accounts that are compared besides the one that the voter is for.
    fn other_accounts(&self) -> impl Iterator<Item = Account> {
        let of = self.of.account.account;
        (0..LOW_ACCOUNTS).filter_map(Account::new).filter(move |low| *low != of)
    }

    fn holds(&self, key: &ExtendedKey) -> bool {
        self.accounts.iter().any(|account| account.key == key.key)
    }

    fn check_spending(&self, os: &impl Os, account: Account) -> Result<(), Failure> {
        let key = os.public_key(&account_path(self.of.account.coin_type.number(), account.number()))?;
        let mut found = self.holds(&key);
        for branch in Branch::ALL {
            found |= self.holds(&os.child(&key, branch.number())?);
        }
        let refusal = Refusal::new(Rule::VoterIsSpendingAccount).found(Figure::Account(account.number().into()));
        if found { Err(refusal.into()) } else { Ok(()) }
    }

    /// An own voter's keys never leave the device, so its tickets could never vote. Every key costs a Ledger a derivation:
    /// of other accounts only the generation that each of them starts with.
    fn check_own(&self, os: &impl Os) -> Result<(), Failure> {
        let generations = (0..GENERATIONS).filter_map(Generation::new);
        let own = generations.map(|generation| (self.of.account.account, generation));
        for (account, generation) in own.chain(self.other_accounts().map(|other| (other, Generation::FIRST))) {
            for kind in VoterAccount::ALL {
                let number = kind.own_number(account, generation);
                let key = os.public_key(&account_path(self.of.account.coin_type.number(), number))?;
                if self.holds(&key) {
                    return Err(Refusal::from(Rule::VoterOwnNotExportable).into());
                }
            }
        }
        Ok(())
    }
}
