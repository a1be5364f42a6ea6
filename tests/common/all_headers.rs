//! What a source of the chain tells, asked for as a wallet asks.

use dcrcold::chain::ChainSource;
use dcrcold_signer::block::BlockHeader;

/// All headers from the source.
pub(crate) fn all_headers(source: &mut impl ChainSource) -> Vec<BlockHeader> {
    let mut headers: Vec<BlockHeader> = Vec::new();
    loop {
        let known: Vec<_> = headers.last().map(BlockHeader::id).into_iter().collect();
        let more = source.headers_after(&known).unwrap();
        if more.is_empty() {
            return headers;
        }
        headers.extend(more);
    }
}
