//! The voters of a key store: those that were registered, and its own ones.

use dcrcold_core::hash::{Fingerprint, Hash160};
use dcrcold_core::machine::{VoterName, Voters};
use dcrcold_core::path::{Account, AccountPath, Branch, Generation, Index, VoterAccount};
use dcrcold_core::rule::{Figure, Refusal, Rule};

use crate::hd::{ChildNumber, ExtendedKeyData, ExtendedPrivateKey, HdError};
use crate::key::PublicKey;
use crate::keystore::{Contents, OWN_VOTER};
use crate::voter::{VoterKeys, own_accounts};

/// Accounts that no voter may be made of, whether the key store holds them or not.
const GUARDED_ACCOUNTS: u32 = 20;

/// The voters that a request may name.
pub struct RegisteredVoters<'a> {
    contents: &'a Contents,
    master: ExtendedPrivateKey,
    selected: Option<(Account, Fingerprint, Selected)>,
}

/// The selected voter: what a review calls it, and the external branches of its accounts.
struct Selected {
    name: VoterName,
    branches: [ExtendedKeyData; 3],
}

impl Selected {
    fn new(name: &str, accounts: &[ExtendedKeyData; 3]) -> Result<Self, HdError> {
        let name = VoterName::new(name.as_bytes()).expect("a name is printable and short enough");
        let [voting, alt_sign, purse] =
            accounts.each_ref().map(|account| account.child(branch_number(Branch::External)));
        Ok(Self { name, branches: [voting?, alt_sign?, purse?] })
    }
}

impl<'a> RegisteredVoters<'a> {
    /// Takes the voters of a key store.
    ///
    /// # Errors
    /// [`HdError::UnusableSeed`] with a probability of 2^-127.
    pub fn new(contents: &'a Contents) -> Result<Self, HdError> {
        Ok(Self { contents, master: contents.master()?, selected: None })
    }

    fn find(&self, account: Account, fingerprint: &Fingerprint) -> Result<Selected, Refusal> {
        let unknown = Refusal::new(Rule::VoterUnknown).found(Figure::Voter(*fingerprint));
        let unusable = |_| unknown;
        if let Some(voter) = self.contents.find_voter(fingerprint) {
            check_voter(self.contents, &self.master, voter, Some(account))?;
            return Selected::new(voter.name.as_str(), &voter.accounts).map_err(unusable);
        }
        // Own voters lie below other hardened numbers than every spending account.
        let own = self.find_own(account, fingerprint).map_err(unusable)?;
        own.ok_or(unknown)
    }

    fn find_own(&self, account: Account, fingerprint: &Fingerprint) -> Result<Option<Selected>, HdError> {
        let Some(entry) = self.contents.find_account(account) else { return Ok(None) };
        for generation in self.contents.generations() {
            let voter = own_voter(self.contents, &self.master, account, *generation)?;
            if crate::voter::fingerprint(self.contents.network(), &voter) == *fingerprint {
                let name = format!("{OWN_VOTER} of {}, generation {generation}", entry.name);
                return Selected::new(&name, &voter).map(Some);
            }
        }
        Ok(None)
    }
}

/// The public side of an own voter.
fn own_voter(
    contents: &Contents,
    master: &ExtendedPrivateKey,
    account: Account,
    generation: Generation,
) -> Result<[ExtendedKeyData; 3], HdError> {
    let accounts = own_accounts(master, contents.coin_type(), account, generation)?;
    Ok(accounts.map(|account| *account.public().node()))
}

impl Voters for RegisteredVoters<'_> {
    type Error = HdError;

    fn select(&mut self, account: AccountPath, fingerprint: &Fingerprint) -> Result<VoterName, Refusal> {
        // What may vote for one account may not for another.
        let account = account.account;
        let selected = match self.selected.take() {
            Some((of, known, selected)) if (of, known) == (account, *fingerprint) => selected,
            _ => self.find(account, fingerprint)?,
        };
        let name = selected.name;
        self.selected = Some((account, *fingerprint, selected));
        Ok(name)
    }

    fn voter_hash(&mut self, account: VoterAccount, index: Index) -> Result<Hash160, HdError> {
        let (_, _, selected) = self.selected.as_ref().expect("the machine selects a voter before it asks for keys");
        let [voting, alt_sign, purse] = &selected.branches;
        let branch = match account {
            VoterAccount::Voting => voting,
            VoterAccount::AltSign => alt_sign,
            VoterAccount::Purse => purse,
        };
        Ok(branch.child(ChildNumber::from_raw(index.number()))?.key().hash())
    }
}

/// Sees that a voter's accounts are three, and that none of them could spend coins of ours.
///
/// An extended public key and one child's private key give away the account's private key, and a voter's keys are hot.
/// Compared are the accounts of the key store, the accounts 0 to 19 and `account`, each with its branches.
///
/// # Errors
/// [`Rule::VoterAccountsNotDistinct`], [`Rule::VoterIsSpendingAccount`].
pub fn check_voter(
    contents: &Contents,
    master: &ExtendedPrivateKey,
    voter: &VoterKeys,
    account: Option<Account>,
) -> Result<(), Refusal> {
    if !voter.accounts_are_distinct() {
        return Err(Rule::VoterAccountsNotDistinct.into());
    }
    let held = contents.accounts().iter().map(|entry| entry.account);
    let guarded = (0..u64::from(GUARDED_ACCOUNTS)).filter_map(Account::new);
    for account in held.chain(account).chain(guarded) {
        let spending = spending_keys(contents, master, account).map_err(|_| Rule::VoterIsSpendingAccount)?;
        if voter.accounts.iter().any(|keys| spending.contains(keys.key())) {
            return Err(Refusal::new(Rule::VoterIsSpendingAccount).found(Figure::Account(account.number().into())));
        }
    }
    Ok(())
}

/// The keys of an account and of its two branches.
fn spending_keys(
    contents: &Contents,
    master: &ExtendedPrivateKey,
    account: Account,
) -> Result<[PublicKey; 3], HdError> {
    let account = *master.account(contents.path(account))?.public().node();
    let [external, internal] = Branch::ALL.map(|branch| account.child(branch_number(branch)));
    Ok([*account.key(), *external?.key(), *internal?.key()])
}

const fn branch_number(branch: Branch) -> ChildNumber {
    ChildNumber::from_raw(branch.number())
}
