//! Filters from before headers committed to them: none is proven by itself, but all of them together are.
//!
//! Source: dcrwallet `validate/validate.go`, `PreDCP0005CFilterHash`.

use dcrcold_core::amount::Height;
use dcrcold_core::hash::{Sink, TreeHash};
use dcrcold_core::net::Network;
use dcrcold_signer::agenda::Agenda;

use super::chain_store;
use super::sync::Sync;
use super::{WalletError, db, record};
use crate::chain::genesis::genesis_hash;

/// Blocks whose filters are read together.
const BATCH: u32 = 2000;

/// What proves the old filters of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OldFilters {
    /// The first block whose header commits to its filter.
    pub(crate) first_proven: Height,
    /// BLAKE-256 of all filters before, one after the other, that of the genesis block first.
    pub(crate) hash: TreeHash,
}

impl OldFilters {
    /// The old filters of a network; simnet has none.
    pub(crate) fn of(network: Network) -> Option<Self> {
        let hash = match network {
            Network::Mainnet => "f95e09f9ded38f8d6c32e5158a1f286633881393659218c63f5ab0fc86b36c83",
            Network::Testnet3 => "619c08f5adda6f834212bbdaee3002fdc4efed731477af6c0fed490bbe2488d0",
            Network::Simnet => return None,
        };
        let first_proven = Agenda::HeaderCommitments.first_block(network);
        Some(Self { first_proven, hash: hash.parse().expect("these are hashes") })
    }

    /// Whether the filter of a block is proven by its header.
    pub(crate) fn proves_header(old: Option<&Self>, height: Height) -> bool {
        old.is_none_or(|old| height >= old.first_proven)
    }
}

impl Sync<'_> {
    /// Once all old filters are there, holds them against their hash; takes everything back when they differ.
    ///
    /// # Errors
    /// [`WalletError::OldFilters`].
    pub(super) fn prove_old_filters(&mut self) -> Result<(), WalletError> {
        let Some(old) = self.wallet.old_filters else { return Ok(()) };
        let last = Height(old.first_proven.0.saturating_sub(1));
        let db = &self.wallet.db;
        let due = self.wallet.birthday < old.first_proven && chain_store::scanned(db)? >= last;
        if !due || chain_store::old_filters_proven(db)? {
            return Ok(());
        }
        let genesis = self.source.filters(&[genesis_hash(self.wallet.network())])?;
        let found = self.hash_of_filters(&genesis.concat(), last)?;
        let tx = db::begin(&mut self.wallet.db)?;
        if found == old.hash {
            chain_store::set_old_filters_proven(&tx)?;
            return Ok(tx.commit()?);
        }
        record::undo_above(&tx, Height(0))?;
        chain_store::forget_filters(&tx)?;
        chain_store::set_scanned(&tx, Height(0))?;
        tx.commit()?;
        Err(WalletError::OldFilters { found, expected: old.hash })
    }

    fn hash_of_filters(&self, genesis: &[u8], last: Height) -> Result<TreeHash, WalletError> {
        let mut failed = Ok(());
        let hash = TreeHash::of(|hasher| {
            hasher.put(genesis);
            let mut next = Height(1);
            while next <= last && failed.is_ok() {
                failed = chain_store::blocks(&self.wallet.db, next, BATCH).map(|blocks| {
                    let old = blocks.iter().filter(|block| block.header.height <= last);
                    old.for_each(|block| hasher.put(block.filter.as_deref().unwrap_or_default()));
                });
                next = Height(next.0.saturating_add(BATCH));
            }
        });
        failed.map(|()| hash)
    }
}

#[cfg(test)]
mod tests {
    use dcrcold_core::hash::Hash160;

    use super::*;
    use crate::wallet::sync::Progress;
    use crate::wallet::testing::chain::{Fault, TestChain, amount};
    use crate::wallet::testing::fixture::{Fixture, StoppedClock};
    use crate::wallet::{SyncReport, Wallet};

    const FIRST_PROVEN: Height = Height(21);

    fn paid_chain(hash: Hash160) -> TestChain {
        let mut chain = TestChain::new();
        chain.mine_empty(9);
        let paid = chain.payment(&[(hash, 500)]);
        chain.mine(vec![paid], vec![]);
        chain.mine_empty(30);
        chain
    }

    fn sync(wallet: &mut Wallet, chain: &mut TestChain) -> Result<SyncReport, WalletError> {
        wallet.sync(chain, &StoppedClock, &mut |_: Progress| {})
    }

    /// The hash over the filters of a chain below [`FIRST_PROVEN`]; the test chain's genesis filter is empty.
    fn hash_of(chain: &TestChain) -> TreeHash {
        TreeHash::of(|hasher| (1..FIRST_PROVEN.0).for_each(|height| hasher.put(chain.filter(height))))
    }

    #[test]
    fn old_filters_are_believed_together_or_not_at_all() {
        let fixture = Fixture::new();
        let mut chain = paid_chain(fixture.external(0));
        let old = OldFilters { first_proven: FIRST_PROVEN, hash: hash_of(&chain) };
        let mut wallet = fixture.wallet("w");
        wallet.old_filters = Some(old);
        // One of them hides the payment.
        chain.fault = Fault::FilterForgedAt(10);
        let error = sync(&mut wallet, &mut chain).unwrap_err();
        assert!(matches!(error, WalletError::OldFilters { expected, .. } if expected == old.hash), "{error}");
        assert_eq!(wallet.height().unwrap(), Height(0));
        assert!(wallet.coins().unwrap().is_empty());
        chain.fault = Fault::None;
        sync(&mut wallet, &mut chain).unwrap();
        assert_eq!(wallet.balance().unwrap().total(), amount(500));
        assert!(chain_store::old_filters_proven(&wallet.db).unwrap());
    }

    #[test]
    fn a_filter_after_the_old_ones_is_held_against_its_header() {
        let fixture = Fixture::new();
        let mut chain = paid_chain(fixture.external(0));
        let mut wallet = fixture.wallet("w");
        wallet.old_filters = Some(OldFilters { first_proven: FIRST_PROVEN, hash: hash_of(&chain) });
        chain.fault = Fault::FilterForgedAt(21);
        assert!(matches!(sync(&mut wallet, &mut chain), Err(WalletError::Commitment(_))));
    }

    #[test]
    fn a_wallet_born_later_needs_no_old_filters() {
        let fixture = Fixture::new();
        let mut chain = paid_chain(fixture.external(0));
        let mut wallet = fixture.wallet_from("w", Some(FIRST_PROVEN));
        let never = TreeHash::from_bytes([9; 32]);
        wallet.old_filters = Some(OldFilters { first_proven: FIRST_PROVEN, hash: never });
        sync(&mut wallet, &mut chain).unwrap();
        assert_eq!(wallet.height().unwrap(), Height(40));
    }

    #[test]
    fn networks_with_old_filters_know_their_hash() {
        for network in Network::ALL {
            let old = OldFilters::of(network);
            assert_eq!(old.is_some(), network != Network::Simnet);
        }
    }
}
