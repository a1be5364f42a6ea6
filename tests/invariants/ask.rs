//! Requests of all kinds and sizes whose sums lie near what is needed, on either side.
#![allow(clippy::unwrap_used, unreachable_pub, reason = "a test stops at what it did not expect")]

use dcrcold_core::amount::{Amount, FeeRate, Height};
use dcrcold_core::hash::Hash160;
use dcrcold_core::request::{Funding, Output, Purse, Recipient, Rest};
use dcrcold_core::script::Payee;
use dcrcold_signer::transfer::{Purchase, Send, Voting};

use crate::coins::Coins;
use crate::cold::{Cold, NETWORK, PRICE, TIP, atoms, claim, index};
use crate::random::Random;

/// A sum near what is needed, on either side.
fn near(needed: u64, random: &mut Random) -> u64 {
    let off = random.one_of(&[0, 1, 6_029, 6_030, 6_031, 9_630, 50_000, 1_000_000, 100_000_000]);
    if random.below(5) == 0 { needed.saturating_sub(off) } else { needed + off }
}

/// Splits a total into so many values.
fn split(total: u64, count: usize, random: &mut Random) -> Vec<Amount> {
    let mut left = total;
    let mut values = Vec::new();
    for place in 1..count {
        let most = left / (count - place + 1) as u64;
        let value = if most == 0 { 0 } else { random.next() % most };
        values.push(atoms(value));
        left -= value;
    }
    values.push(atoms(left));
    values
}

pub fn any_purchase(cold: &Cold, most: (usize, u32), random: &mut Random) -> (Purchase, Coins) {
    let direct = random.below(4) == 0;
    let tickets = if random.below(12) == 0 { most.1 } else { 1 + u32::from(random.byte()) % 5 };
    let rate = random.one_of(&[10_000, 10_001, 12_345, 33_333, 99_999, 100_000]);
    let amount = PRICE.atoms() - random.one_of(&[0, 1, 5_000_000_000]);
    let fee = rate * 298 / 1000;
    let foreign = random.below(3) == 0;
    let purse = (!direct && !foreign && random.below(2) == 0)
        .then(|| Purse { amount: atoms(random.one_of(&[6_029, 6_030, 100_000_000, 100_000_001])), index: index(4) });
    let values = if direct {
        (0..tickets).map(|_| atoms(near(amount + fee, random))).collect()
    } else {
        let inputs = if random.below(12) == 0 { most.0 } else { 1 + random.below(5) };
        let size = 15 + 166 * inputs as u64 + 36 * (u64::from(tickets) + 2);
        let needed = u64::from(tickets) * (amount + fee) + purse.map_or(0, |purse| purse.amount.atoms());
        split(near(needed + rate * size / 1000, random), inputs, random)
    };
    let coins = Coins::new(cold, &values, random);
    let hash = |_| Hash160::from_bytes([random.byte(); 20]);
    let voting = if foreign {
        Voting::Foreign((0..tickets).map(hash).collect())
    } else {
        Voting::Voter { fingerprint: cold.voter().fingerprint(NETWORK), first: index(11) }
    };
    let purchase = Purchase {
        account: cold.path(),
        inputs: coins.inputs.clone(),
        tickets,
        amount: atoms(amount),
        fee_rate: FeeRate::from_atoms_per_kb(rate),
        first_internal: index(random.one_of(&[0, 7, (1 << 31) - 1025])),
        voting,
        purse,
        expiry: Height(TIP.0 + random.one_of(&[1, 288, 432])),
        claim: claim(Some(PRICE)),
        label: None,
        funding: if direct { Funding::Direct } else { Funding::Split },
        parents: coins.parents.clone(),
    };
    (purchase, coins)
}

pub fn any_send(cold: &Cold, most: (usize, u32), random: &mut Random) -> (Send, Coins) {
    let rate = random.one_of(&[10_000, 12_345, 100_000]);
    let count = if random.below(12) == 0 { most.1 } else { u32::from(random.byte()) % 4 };
    let sweep = count > 0 && random.below(3) == 0;
    let mut outputs: Vec<_> = (0..count).map(|_| any_output(cold, random)).collect();
    if let (true, Some(last)) = (sweep, outputs.last_mut()) {
        last.amount = Amount::ZERO;
    }
    let inputs = if random.below(12) == 0 { most.0 } else { 1 + random.below(5) };
    let size = 15 + 166 * inputs as u64 + 36 * (u64::from(count) + 1);
    let needed: u64 = outputs.iter().map(|output| output.amount.atoms()).sum();
    let values = split(near(needed + rate * size / 1000, random), inputs, random);
    let coins = Coins::new(cold, &values, random);
    let send = Send {
        account: cold.path(),
        inputs: coins.inputs.clone(),
        outputs,
        fee_rate: FeeRate::from_atoms_per_kb(rate),
        rest: if sweep { Rest::Sweep } else { Rest::Change(index(3)) },
        claim: claim(None),
        label: None,
        parents: coins.parents.clone(),
    };
    (send, coins)
}

fn any_output(cold: &Cold, random: &mut Random) -> Output {
    let hash = Hash160::from_bytes([random.byte(); 20]);
    let recipient = match random.below(3) {
        0 => Recipient::Address(Payee::KeyHash(hash)),
        1 => Recipient::Address(Payee::ScriptHash(hash)),
        _ => Recipient::Purse { fingerprint: cold.voter().fingerprint(NETWORK), index: index(5) },
    };
    Output { recipient, amount: atoms(6_030 + random.next() % 500_000_000) }
}
