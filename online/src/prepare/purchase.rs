//! Prepares a purchase.

use dcrcold_core::amount::{Amount, FeeRate, Height};
use dcrcold_core::fees::{self, Outputs, TICKET_SIZE};
use dcrcold_core::hash::TxId;
use dcrcold_core::net::Network;
use dcrcold_core::path::{AccountPath, Index};
use dcrcold_core::request::{Claim, Funding, Label, Purse};
use dcrcold_signer::transfer::{InputRef, Purchase, Voting};

use super::choose::{Prefer, Target, Unchosen, choose, choose_each};
use super::parents::Parents;
use super::{PrepareError, Spendable};

/// What to buy.
#[derive(Clone, Debug)]
pub struct Order {
    /// The spending account.
    pub account: AccountPath,
    /// How many tickets.
    pub tickets: u32,
    /// What each ticket locks.
    pub amount: Amount,
    /// Fee rate of split and tickets.
    pub fee_rate: FeeRate,
    /// The next internal index that was never used.
    pub first_internal: Index,
    /// Who votes.
    pub voting: Voting,
    /// A purse top-up.
    pub purse: Option<Purse>,
    /// The tickets can be in blocks below this height only.
    pub expiry: Height,
    /// What is known of the chain.
    pub claim: Claim,
    /// What to call the request.
    pub label: Option<Label>,
    /// Over a split, or each ticket from a coin as it is.
    pub funding: Funding,
}

/// Prepares a purchase from at most `most_inputs` of `coins`.
///
/// `prefix` finds the prefix serialisation of a stored transaction.
///
/// # Errors
/// [`PrepareError`].
pub fn purchase(
    order: Order,
    coins: &[Spendable],
    most_inputs: usize,
    prefix: impl FnMut(&TxId) -> Option<Vec<u8>>,
) -> Result<(Purchase, Vec<Spendable>), PrepareError> {
    let mut parents = Parents::new(prefix);
    let chosen = match order.funding {
        Funding::Split => {
            let chosen = choose(&order.target()?, coins, most_inputs, Prefer::Returns, &mut parents);
            chosen.map_err(|unchosen| order.unchosen(unchosen))?
        }
        Funding::Direct => {
            let least = order.each().ok_or_else(|| order.overflow())?;
            let wanted = usize::try_from(order.tickets).unwrap_or(usize::MAX);
            let too_few = |found| PrepareError::NoCoinsThatFit { tickets: order.tickets, least, found };
            choose_each(least, wanted, coins, &mut parents)?.map_err(too_few)?
        }
    };
    let (inputs, parents) = parents.inputs(&chosen)?;
    Ok((order.into_request(inputs, parents), chosen))
}

impl Order {
    /// What the split pays: the inputs of the tickets, and the purse.
    fn target(&self) -> Result<Target, PrepareError> {
        let each = self.each().ok_or_else(|| self.overflow())?;
        let mut spent = each.checked_mul(u64::from(self.tickets)).ok_or_else(|| self.overflow())?;
        let mut outputs = (0..self.tickets).fold(Outputs::default(), |sum, _| sum.with(fees::KEY_HASH_SCRIPT));
        if let Some(purse) = self.purse {
            spent = spent.checked_add(purse.amount).ok_or_else(|| self.overflow())?;
            outputs = outputs.with(fees::KEY_HASH_SCRIPT);
        }
        Ok(Target { spent, outputs, fee_rate: self.fee_rate })
    }

    const fn overflow(&self) -> PrepareError {
        PrepareError::Overflow { tickets: self.tickets, amount: self.amount }
    }

    fn unchosen(&self, unchosen: Unchosen) -> PrepareError {
        match unchosen {
            Unchosen::Short { needed, found } => PrepareError::Short { tickets: self.tickets, needed, found },
            Unchosen::Overflow => self.overflow(),
            Unchosen::Failed(error) => error,
        }
    }

    fn into_request(self, inputs: Vec<InputRef>, parents: Vec<Vec<u8>>) -> Purchase {
        Purchase {
            account: self.account,
            inputs,
            tickets: self.tickets,
            amount: self.amount,
            fee_rate: self.fee_rate,
            first_internal: self.first_internal,
            voting: self.voting,
            purse: self.purse,
            expiry: self.expiry,
            claim: self.claim,
            label: self.label,
            funding: self.funding,
            parents,
        }
    }

    /// What a ticket locks and its fee.
    fn each(&self) -> Option<Amount> {
        self.amount.checked_add(self.fee_rate.fee(TICKET_SIZE)?)
    }
}

/// The price windows that tickets signed offline are valid in unless somebody says otherwise: the present one, and one
/// more as the time to carry files about.
pub const WINDOWS: u32 = 2;

/// The end of so many price windows, the one of the block after `tip` counted: the height from which tickets are invalid.
#[must_use]
pub fn expiry_after(network: Network, tip: Height, windows: u32) -> Height {
    let window = network.params().stake_difficulty_window;
    let present = (tip.0.saturating_add(1)) / window;
    Height(present.saturating_add(windows).saturating_mul(window))
}

#[cfg(test)]
mod tests {
    use dcrcold_core::path::{Account, CoinType, KeyPath};

    use super::*;

    fn order(tickets: u32) -> Order {
        let coin_type = CoinType::standard(Network::Simnet);
        Order {
            account: AccountPath { coin_type, account: Account::FIRST },
            tickets,
            amount: Amount::constant::<100_000_000>(),
            fee_rate: FeeRate::RELAY_MINIMUM,
            first_internal: Index::FIRST,
            voting: Voting::Foreign(Vec::new()),
            purse: None,
            expiry: Height(400),
            claim: Claim { tip: Height(300), time: 1, price: Some(Amount::constant::<100_000_000>()) },
            label: None,
            funding: Funding::Split,
        }
    }

    fn coin(number: u8, atoms: u64) -> Spendable {
        let path = KeyPath::external(Index::new(number.into()).unwrap());
        let (parent, value) = (TxId::from_bytes([number; 32]), Amount::from_atoms(atoms).unwrap());
        Spendable { parent, output: 0, value, path, returned: false, named: false }
    }

    #[test]
    fn the_fewest_coins_are_taken_and_of_those_that_suffice_the_smallest() {
        let coins = [coin(1, 50_000_000), coin(2, 150_000_000), coin(3, 120_000_000)];
        let (request, chosen) = purchase(order(1), &coins, 256, |_| Some(vec![0])).unwrap();
        assert_eq!(chosen, [coin(3, 120_000_000)]);
        assert_eq!((request.inputs.len(), request.parents.len()), (1, 1));
    }

    #[test]
    fn returned_stakes_are_taken_before_larger_coins() {
        let returned = Spendable { returned: true, ..coin(9, 110_000_000) };
        let coins = [coin(1, 900_000_000), returned.clone()];
        let (_, chosen) = purchase(order(1), &coins, 256, |_| Some(vec![0])).unwrap();
        assert_eq!(chosen, [returned]);
    }

    #[test]
    fn returned_stakes_do_not_crowd_out_the_coins_that_suffice() {
        let returned = |number| Spendable { returned: true, ..coin(number, 20_000_000) };
        let coins = [returned(1), returned(2), returned(3), coin(4, 900_000_000)];
        let (_, chosen) = purchase(order(1), &coins, 3, |_| Some(vec![0])).unwrap();
        assert_eq!(chosen, [coin(4, 900_000_000)]);
    }

    #[test]
    fn direct_tickets_take_the_coins_that_fit_best() {
        let order = |tickets| Order { funding: Funding::Direct, ..order(tickets) };
        let coins = [coin(1, 300_000_000), coin(2, 100_002_979), coin(3, 100_002_980), coin(4, 101_000_000)];
        let (request, chosen) = purchase(order(2), &coins, 256, |_| Some(vec![0])).unwrap();
        assert_eq!(chosen, [coin(3, 100_002_980), coin(4, 101_000_000)]);
        assert_eq!(request.funding, Funding::Direct);
        let least = Amount::from_atoms(100_002_980).unwrap();
        let error = purchase(order(4), &coins, 256, |_| Some(vec![0])).unwrap_err();
        assert_eq!(error, PrepareError::NoCoinsThatFit { tickets: 4, least, found: 3 });
    }

    #[test]
    fn a_parent_travels_once_however_many_of_its_outputs_are_spent() {
        let mut second = coin(1, 60_000_000);
        second.output = 1;
        let (request, _) = purchase(order(1), &[coin(1, 60_000_000), second], 256, |_| Some(vec![0])).unwrap();
        assert_eq!((request.inputs.len(), request.parents.len()), (2, 1));
        assert_eq!(request.inputs[1].parent, 0);
    }

    #[test]
    fn coins_of_large_parents_are_left_out_when_others_suffice() {
        let coins: Vec<_> = (0..30).map(|number| coin(number, 6_000_000 - u64::from(number))).collect();
        // The more valuable half was paid by transactions of 200,000 bytes, of which five fit a request.
        let prefix = |id: &TxId| Some(vec![0; if id.as_bytes()[0] < 15 { 200_000 } else { 200 }]);
        let (request, chosen) = purchase(order(1), &coins, 256, prefix).unwrap();
        assert_eq!((chosen.len(), request.parents.iter().filter(|parent| parent.len() == 200_000).count()), (17, 5));
        let error = purchase(order(2), &coins, 256, prefix).unwrap_err();
        assert!(matches!(error, PrepareError::Short { tickets: 2, .. }), "{error}");
    }

    #[test]
    fn one_atom_too_few_is_named_with_what_is_needed() {
        // One ticket of 1 DCR: ticket fee 2,980, split of one input and one output 217 bytes, fee 2,170.
        let needed = 100_000_000 + 2_980 + 2_170;
        assert!(purchase(order(1), &[coin(1, needed)], 256, |_| Some(vec![0])).is_ok());
        let error = purchase(order(1), &[coin(1, needed - 1)], 256, |_| Some(vec![0])).unwrap_err();
        let (needed, found) = (Amount::from_atoms(needed).unwrap(), Amount::from_atoms(needed - 1).unwrap());
        assert_eq!(error, PrepareError::Short { tickets: 1, needed, found });
    }

    #[test]
    fn a_small_signer_gets_no_more_inputs_than_it_takes() {
        let coins: Vec<_> = (0..10).map(|number| coin(number, 20_000_000)).collect();
        assert!(purchase(order(1), &coins, 256, |_| Some(vec![0])).is_ok());
        assert!(matches!(purchase(order(1), &coins, 5, |_| Some(vec![0])), Err(PrepareError::Short { .. })));
    }

    #[test]
    fn the_default_expiry_is_the_end_of_the_next_window() {
        for (tip, expiry) in [(142, 288), (143, 432), (144, 432), (286, 432), (287, 576)] {
            assert_eq!(expiry_after(Network::Mainnet, Height(tip), WINDOWS), Height(expiry), "tip {tip}");
        }
        assert_eq!(expiry_after(Network::Mainnet, Height(142), 1), Height(144));
    }
}
