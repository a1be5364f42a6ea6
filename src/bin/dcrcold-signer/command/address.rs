//! `address`: addresses of a spending account.

use dcrcold_core::path::{Branch, Index, KeyPath};
use dcrcold_signer::address::Address;
use dcrcold_signer::cli::{Failure, FailureKind, Stop};
use dcrcold_signer::keystore::{Access, Contents};

use crate::cli::{AddressArgs, Global};
use crate::facts::Facts;
use crate::output::Output;
use crate::store;

pub(crate) fn run(global: &Global, args: &AddressArgs, output: &Output) -> Result<(), Stop> {
    let (branch, first) = store::branch_and_index(args.branch, args.index)?;
    let key_store = store::open(global, Access::Read)?;
    let list = addresses(key_store.contents(), args, branch, first)?;
    output.list(&list)
}

fn addresses(contents: &Contents, args: &AddressArgs, branch: Branch, first: Index) -> Result<Vec<Facts>, Failure> {
    let account = contents.path(store::account(contents, args.account)?.account);
    let keys = *contents.master()?.account(account)?.public().node();
    let mut list = Vec::new();
    for step in 0..args.count {
        let index =
            first.plus(step).ok_or_else(|| Failure::new(FailureKind::Usage, "--count goes beyond the last index"))?;
        let path = KeyPath { branch, index };
        let address = Address::of_key_hash(contents.network(), keys.address_hash(path)?);
        list.push(Facts::default().text("path", format_args!("{account}/{path}")).text("address", address));
    }
    Ok(list)
}
