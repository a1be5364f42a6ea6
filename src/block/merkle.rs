//! Merkle roots and inclusion proofs.
//!
//! Source: dcrd `blockchain/standalone/merkle.go`, `inclusionproof.go`.

use dcrcold_core::hash::{Sink, TreeHash};

/// The root over no leaves.
pub const EMPTY_ROOT: TreeHash = TreeHash::from_bytes([0; 32]);

/// The longest proof: as many hashes as an index has bits.
const MAX_PROOF: usize = 32;

/// The root over `leaves`; a last node without a partner is its own partner.
#[must_use]
pub fn root(leaves: &[TreeHash]) -> TreeHash {
    let mut level = leaves.to_vec();
    while level.len() > 1 {
        level = parents(&level);
    }
    level.first().copied().unwrap_or(EMPTY_ROOT)
}

/// The root over two roots, as DCP0005 joins the regular and the stake tree.
#[must_use]
pub fn combined_root(regular: &TreeHash, stake: &TreeHash) -> TreeHash {
    parent(regular, stake)
}

/// The siblings on the way from the leaf at `index` to the root; `None` when there is no such leaf.
#[must_use]
pub fn prove(leaves: &[TreeHash], index: usize) -> Option<Vec<TreeHash>> {
    leaves.get(index)?;
    let (mut level, mut index, mut proof) = (leaves.to_vec(), index, Vec::new());
    while level.len() > 1 {
        let sibling = level.get(index ^ 1).or_else(|| level.get(index))?;
        proof.push(*sibling);
        level = parents(&level);
        index /= 2;
    }
    Some(proof)
}

/// Whether `proof` leads from `leaf` at `index` to `root`.
#[must_use]
pub fn verify(root: &TreeHash, leaf: &TreeHash, index: u32, proof: &[TreeHash]) -> bool {
    let index = u64::from(index);
    if proof.len() > MAX_PROOF || index >= 1 << proof.len() {
        return false;
    }
    let reached = proof.iter().enumerate().fold(*leaf, |node, (depth, sibling)| {
        if (index >> depth) & 1 == 0 { parent(&node, sibling) } else { parent(sibling, &node) }
    });
    reached == *root
}

fn parents(level: &[TreeHash]) -> Vec<TreeHash> {
    level.chunks(2).map(|pair| parent(&pair[0], pair.get(1).unwrap_or(&pair[0]))).collect()
}

fn parent(left: &TreeHash, right: &TreeHash) -> TreeHash {
    TreeHash::of(|hasher| {
        hasher.put(left.as_bytes());
        hasher.put(right.as_bytes());
    })
}
