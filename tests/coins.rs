//! Which coins requests spend, over random sets of coins: purchases and payments, small signers, large parents.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "wallet/dice.rs"]
#[allow(dead_code, unreachable_pub, reason = "several tests include this, each takes its own part")]
mod dice;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use dcrcold::prepare::{Order, Payment, PrepareError, Rest, Spendable, payment, purchase};
use dcrcold_core::amount::{Amount, FeeRate, Height};
use dcrcold_core::fees::{self, DUST, KEY_HASH_SCRIPT, Outputs, TICKET_SIZE};
use dcrcold_core::hash::{Hash160, TxId};
use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, AccountPath, CoinType, Index, KeyPath};
use dcrcold_core::request::{Claim, Funding, MAX_BODY};
use dcrcold_core::script::Payee;
use dcrcold_signer::transfer::{InputRef, Voting};
use dice::Dice;

/// Sets of coins that each kind of request is tried on.
const SETS: u32 = 10_000;
const PAYEE: Payee = Payee::KeyHash(Hash160::from_bytes([9; 20]));

fn amount(atoms: u64) -> Amount {
    Amount::from_atoms(atoms).unwrap()
}

/// What a request may take, and how large each parent is.
struct Case {
    coins: Vec<Spendable>,
    most_inputs: usize,
    parents: HashMap<TxId, usize>,
    fee_rate: FeeRate,
}

impl Case {
    fn roll(dice: &mut Dice) -> Self {
        let (count, addresses) = (dice.roll(30), 1 + dice.roll(12));
        let large = dice.once_in(8);
        let mut parents = HashMap::new();
        let mut coins = Vec::new();
        for number in 0..count {
            // Some share a parent.
            let parent = TxId::from_bytes([u8::try_from(number - number % (1 + dice.roll(2))).unwrap(); 32]);
            let length = if large { 20_000 + dice.roll(400_000) } else { 200 + dice.roll(2_000) };
            parents.entry(parent).or_insert(length as usize);
            let most = 10_u32.pow(5 + dice.roll(4));
            let value = amount(DUST.atoms() + u64::from(dice.roll(most)));
            let path = KeyPath::external(Index::new(dice.roll(addresses).into()).unwrap());
            coins.push(Spendable { parent, output: number, value, path, returned: dice.once_in(4), named: false });
        }
        let most_inputs = if dice.once_in(2) { 256 } else { 1 + dice.roll(8) as usize };
        let fee_rate = FeeRate::from_atoms_per_kb(10_000 + u64::from(dice.roll(3)) * 45_000);
        Self { coins, most_inputs, parents, fee_rate }
    }

    fn prefix(&self, id: &TxId) -> Option<Vec<u8>> {
        self.parents.get(id).map(|length| vec![0; *length])
    }

    fn order(&self, tickets: u32, each: u64) -> Order {
        Order {
            account: account(),
            tickets,
            amount: amount(each),
            fee_rate: self.fee_rate,
            first_internal: Index::FIRST,
            voting: Voting::Foreign(Vec::new()),
            purse: None,
            expiry: Height(400),
            claim: claim(Some(amount(each))),
            label: None,
            funding: Funding::Split,
        }
    }

    fn payment(&self, paid: Vec<u64>, rest: Rest) -> Payment {
        let paid = paid.into_iter().map(|atoms| (PAYEE, amount(atoms))).collect();
        Payment { account: account(), paid, rest, fee_rate: self.fee_rate, claim: claim(None), label: None }
    }

    /// Sees that the chosen coins are what the request spends, each once, within all limits; their sum.
    fn check(&self, chosen: &[Spendable], inputs: &[InputRef], parents: &[Vec<u8>]) -> Amount {
        let outpoints: BTreeSet<_> = chosen.iter().map(|coin| (coin.parent, coin.output)).collect();
        assert_eq!(outpoints.len(), chosen.len(), "a coin is spent twice");
        assert!(chosen.iter().all(|coin| self.coins.contains(coin)));
        assert!(chosen.len() <= self.most_inputs);
        assert_eq!(inputs.len(), chosen.len());
        let ids: BTreeSet<_> = chosen.iter().map(|coin| coin.parent).collect();
        assert_eq!(parents.len(), ids.len(), "a parent travels twice");
        for (coin, input) in chosen.iter().zip(inputs) {
            assert_eq!((coin.output, coin.path), (input.output, input.path));
            assert_eq!(parents[input.parent as usize].len(), self.parents[&coin.parent]);
        }
        assert!(parents.iter().map(Vec::len).sum::<usize>() < MAX_BODY as usize);
        Amount::checked_sum(chosen.iter().map(|coin| coin.value)).unwrap()
    }

    /// Whether any coins within the limits cover a target: the most valuable ones do if any do, where parents are small.
    fn can_cover(&self, spent: Amount, outputs: Outputs, counts: impl Fn(&Spendable) -> bool) -> bool {
        let mut values: Vec<_> = self.coins.iter().filter(|coin| counts(coin)).map(|coin| coin.value).collect();
        values.sort_unstable_by_key(|value| Reverse(*value));
        let mut total = Amount::ZERO;
        (1..).zip(values.into_iter().take(self.most_inputs)).any(|(inputs, value)| {
            total = total.checked_add(value).unwrap();
            fees::divide(total, spent, inputs, outputs, self.fee_rate).is_ok()
        })
    }

    /// What is left returns whole or is too little to be relayed, the sums are right, and no coin costs more than it
    /// brings.
    fn check_rest(&self, chosen: &[Spendable], spent: Amount, outputs: Outputs) {
        let total = Amount::checked_sum(chosen.iter().map(|coin| coin.value)).unwrap();
        let inputs = u32::try_from(chosen.len()).unwrap();
        let rest = fees::divide(total, spent, inputs, outputs, self.fee_rate).unwrap();
        assert!(rest.change.is_none_or(|change| change >= DUST), "change that nobody relays");
        let change = rest.change.unwrap_or_default();
        assert_eq!(Amount::checked_sum([spent, rest.fee, change]), Some(total));
        let bound = outputs.with(KEY_HASH_SCRIPT).size(inputs);
        let most = self.fee_rate.fee(bound).unwrap().checked_add(DUST).unwrap();
        assert!(rest.fee <= most, "a fee of {}", rest.fee);
        assert!(chosen.iter().all(|coin| self.worth_spending().any(|worth| worth == coin)), "a coin not worth its fee");
    }

    fn parents_are_small(&self) -> bool {
        self.parents.values().sum::<usize>() < 1_000_000
    }

    /// The coins that pay for their own input.
    fn worth_spending(&self) -> impl Iterator<Item = &Spendable> {
        let input_fee = self.fee_rate.atoms_per_kb() * 166 / 1000;
        self.coins.iter().filter(move |coin| coin.value.atoms() > input_fee)
    }

    /// The fewest addresses whose coins, all of them, cover a target, by trying every set of them.
    fn fewest_addresses(&self, spent: Amount, outputs: Outputs) -> Option<u32> {
        let mut addresses: BTreeMap<u32, (u64, u32)> = BTreeMap::new();
        for coin in self.worth_spending() {
            let (sum, count) = addresses.entry(coin.path.index.number()).or_default();
            (*sum, *count) = (*sum + coin.value.atoms(), *count + 1);
        }
        let addresses: Vec<_> = addresses.into_values().collect();
        let sets = (1_u32..1 << addresses.len()).filter(|set| {
            let members = addresses.iter().enumerate().filter(|(number, _)| set >> number & 1 == 1);
            let (total, inputs) = members.fold((0, 0), |(sum, count), (_, it)| (sum + it.0, count + it.1));
            fees::divide(amount(total), spent, inputs, outputs, self.fee_rate).is_ok()
        });
        sets.map(u32::count_ones).min()
    }
}

fn account() -> AccountPath {
    AccountPath { coin_type: CoinType::standard(Network::Simnet), account: Account::FIRST }
}

fn claim(price: Option<Amount>) -> Claim {
    Claim { tip: Height(300), time: 1, price }
}

fn outputs(count: u32) -> Outputs {
    (0..count).fold(Outputs::default(), |sum, _| sum.with(KEY_HASH_SCRIPT))
}

fn addresses(coins: &[Spendable]) -> BTreeSet<u32> {
    coins.iter().map(|coin| coin.path.index.number()).collect()
}

#[test]
fn purchases_are_covered_whenever_they_can_be_and_by_returned_stakes_where_those_suffice() {
    let (mut dice, mut covered, mut restaked) = (Dice(1), 0, 0);
    for set in 0..SETS {
        let case = Case::roll(&mut dice);
        let (tickets, each) = (1 + dice.roll(5), 10_000 + u64::from(dice.roll(100_000_000)));
        let one = each + case.fee_rate.fee(TICKET_SIZE).unwrap().atoms();
        let (spent, outputs) = (amount(one * u64::from(tickets)), outputs(tickets));
        let prepare = || purchase(case.order(tickets, each), &case.coins, case.most_inputs, |id| case.prefix(id));
        match prepare() {
            Ok((request, chosen)) => {
                let total = case.check(&chosen, &request.inputs, &request.parents);
                let inputs = u32::try_from(chosen.len()).unwrap();
                assert!(fees::divide(total, spent, inputs, outputs, case.fee_rate).is_ok(), "set {set}");
                case.check_rest(&chosen, spent, outputs);
                assert_eq!(prepare().unwrap().1, chosen, "set {set}: another choice the second time");
                covered += 1;
                let unlimited = case.most_inputs == 256 && case.parents_are_small();
                if unlimited && case.can_cover(spent, outputs, |coin| coin.returned) {
                    let returned: Vec<_> = case.coins.iter().filter(|coin| coin.returned).cloned().collect();
                    assert!(addresses(&chosen).is_subset(&addresses(&returned)), "set {set}");
                    restaked += 1;
                }
            }
            Err(PrepareError::Short { found, needed, .. }) => {
                assert!(found < needed, "set {set}");
                assert!(!case.parents_are_small() || !case.can_cover(spent, outputs, |_| true), "set {set}");
            }
            Err(error) => panic!("set {set}: {error}"),
        }
    }
    println!("coins: {SETS} sets for purchases, {covered} covered, {restaked} of them by returned stakes alone");
    assert!(covered > 1_000 && restaked > 100);
}

#[test]
fn payments_join_as_few_addresses_as_possible_and_spend_them_whole() {
    let (mut dice, mut covered, mut whole, mut lost) = (Dice(2), 0, 0, 0);
    for set in 0..SETS {
        let case = Case::roll(&mut dice);
        let paid: Vec<_> = (0..=dice.roll(3)).map(|_| DUST.atoms() + u64::from(dice.roll(60_000_000))).collect();
        let (spent, outputs) = (amount(paid.iter().sum()), outputs(u32::try_from(paid.len()).unwrap()));
        let order = || case.payment(paid.clone(), Rest::Change(Index::FIRST));
        let prepare = || payment(order(), &case.coins, case.most_inputs, |id| case.prefix(id));
        match prepare() {
            Ok((request, chosen)) => {
                let total = case.check(&chosen, &request.inputs, &request.parents);
                let inputs = u32::try_from(chosen.len()).unwrap();
                let rest = fees::divide(total, spent, inputs, outputs, case.fee_rate).unwrap();
                case.check_rest(&chosen, spent, outputs);
                let least = case.fee_rate.fee(outputs.size(inputs)).unwrap();
                lost += u32::from(rest.change.is_none() && rest.fee > least);
                assert_eq!(prepare().unwrap().1, chosen, "set {set}: another choice the second time");
                covered += 1;
                if case.most_inputs == 256 && case.parents_are_small() {
                    let at = addresses(&chosen);
                    let theirs = case.worth_spending().filter(|coin| at.contains(&coin.path.index.number())).count();
                    assert_eq!(theirs, chosen.len(), "set {set}: an address is spent in part");
                    let joined = u32::try_from(at.len()).unwrap();
                    assert_eq!(Some(joined), case.fewest_addresses(spent, outputs), "set {set}");
                    whole += 1;
                }
            }
            Err(PrepareError::PaymentShort { found, needed }) => {
                assert!(found < needed, "set {set}");
                assert!(!case.parents_are_small() || !case.can_cover(spent, outputs, |_| true), "set {set}");
            }
            Err(error) => panic!("set {set}: {error}"),
        }
    }
    println!("coins: {SETS} sets for payments, {covered} covered, {whole} compared with every set of addresses");
    println!("coins: in {lost} of them up to {DUST} more is fee, for want of coins that avoid it");
    assert!(covered > 1_000 && whole > 500);
    assert!(lost * 50 < covered, "{lost} of {covered} lose their change");
}

#[test]
fn sweeps_and_joins_take_what_fits_and_pays_for_itself() {
    let (mut dice, mut swept, mut joined) = (Dice(3), 0, 0);
    for set in 0..SETS {
        let case = Case::roll(&mut dice);
        let worth: BTreeSet<_> = case.worth_spending().map(|coin| (coin.parent, coin.output)).collect();
        let most = if dice.once_in(2) { 256 } else { 2 + dice.roll(6) as usize };
        for rest in [Rest::All(PAYEE), Rest::Joined { change: Index::FIRST, least: 2, most }] {
            let order = case.payment(Vec::new(), rest);
            let Ok((request, chosen)) = payment(order, &case.coins, case.most_inputs, |id| case.prefix(id)) else {
                continue;
            };
            let total = case.check(&chosen, &request.inputs, &request.parents);
            let fee = case.fee_rate.fee(outputs(1).size(u32::try_from(chosen.len()).unwrap())).unwrap();
            assert!(total.checked_sub(fee).unwrap() >= DUST, "set {set}");
            assert!(chosen.iter().all(|coin| worth.contains(&(coin.parent, coin.output))), "set {set}");
            let limit = if rest == Rest::All(PAYEE) { case.most_inputs } else { case.most_inputs.min(most) };
            assert!(!case.parents_are_small() || chosen.len() == worth.len().min(limit), "set {set}");
            match rest {
                Rest::All(_) => swept += 1,
                _ => joined += 1,
            }
        }
    }
    println!("coins: {swept} sweeps and {joined} joins of {SETS} sets");
    assert!(swept > 1_000 && joined > 1_000);
}

#[test]
fn payments_that_cannot_be_made_are_named() {
    let path = KeyPath::external(Index::FIRST);
    let coin = |value| Spendable {
        parent: TxId::from_bytes([1; 32]),
        output: 0,
        value: amount(value),
        path,
        returned: false,
        named: false,
    };
    let case = Case {
        coins: vec![coin(100_000)],
        most_inputs: 256,
        parents: HashMap::new(),
        fee_rate: FeeRate::RELAY_MINIMUM,
    };
    let refused = |coins: &[Spendable], paid: &[u64], rest| {
        payment(case.payment(paid.to_vec(), rest), coins, 256, |_| Some(vec![0])).unwrap_err()
    };
    let (change, all) = (Rest::Change(Index::FIRST), Rest::All(PAYEE));
    let refusals = [
        (
            &[100_000][..],
            &[10_000, 6_029][..],
            change,
            "payment 2 is 0.00006029 DCR, and nodes relay none below 0.00006030 DCR",
        ),
        (&[100_000], &[0], change, "payment 1 is 0.00000000 DCR, and nodes relay none below 0.00006030 DCR"),
        // An input and an output are 217 bytes.
        (
            &[100_000],
            &[97_831],
            change,
            "the payments and their fee take 0.00100001 DCR together, and 0.00100000 DCR can be spent",
        ),
        (
            &[100_000],
            &[95_000],
            all,
            "the payments and their fee take 0.00103560 DCR together, and 0.00100000 DCR can be spent",
        ),
        (&[8_199], &[], all, "the coins are worth 0.00008199 DCR, and the fee alone is 0.00002170 DCR"),
        (&[1_660], &[], all, "the coins are worth 0.00000000 DCR, and the fee alone is 0.00000510 DCR"),
        (&[100_000], &[2_100_000_000_000_000, 6_030], change, "the payments together are more than can exist"),
        (
            &[100_000],
            &[],
            Rest::Joined { change: Index::FIRST, least: 2, most: 9 },
            "it takes two coins at least to join any, found 1",
        ),
    ];
    for (coins, paid, rest, expected) in &refusals {
        let coins: Vec<_> = coins.iter().map(|value| coin(*value)).collect();
        assert_eq!(refused(&coins, paid, *rest).to_string(), *expected);
    }
    assert!(payment(case.payment(vec![97_830], change), &case.coins, 256, |_| Some(vec![0])).is_ok());
    assert!(payment(case.payment(vec![], all), &[coin(8_200)], 256, |_| Some(vec![0])).is_ok());
    println!("coins: {} refusals", refusals.len());
}
