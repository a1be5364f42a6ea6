//! The names of messages, since which version each exists, and how long each may be.

use super::ProtocolVersion;

/// The bytes of a name on the wire.
pub(super) const NAME_SIZE: usize = 12;

/// A kind of message that this side sends or takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Who one is.
    Version,
    /// The other side's version was taken.
    Verack,
    /// Are you there?
    Ping,
    /// I am.
    Pong,
    /// New blocks are to be announced by their headers.
    SendHeaders,
    /// Which other peers are there?
    GetAddr,
    /// Other peers, before version 12.
    Addr,
    /// Other peers, since version 12.
    AddrV2,
    /// Which headers follow?
    GetHeaders,
    /// Headers.
    Headers,
    /// What one has.
    Inv,
    /// What one wants.
    GetData,
    /// What one was asked for and does not have.
    NotFound,
    /// A transaction.
    Tx,
    /// A block.
    Block,
    /// The filter of one block is wanted.
    GetFilter,
    /// The filter of one block.
    Filter,
    /// The filters of successive blocks are wanted.
    GetFilters,
    /// Filters of successive blocks.
    Filters,
    /// Which blocks and votes are at the tip?
    GetInitState,
    /// Blocks, votes and treasury spends at the tip.
    InitState,
    /// The fee below which transactions are not wanted.
    FeeFilter,
}

impl Command {
    /// All commands.
    pub const ALL: [Self; 22] = [
        Self::Version,
        Self::Verack,
        Self::Ping,
        Self::Pong,
        Self::SendHeaders,
        Self::GetAddr,
        Self::Addr,
        Self::AddrV2,
        Self::GetHeaders,
        Self::Headers,
        Self::Inv,
        Self::GetData,
        Self::NotFound,
        Self::Tx,
        Self::Block,
        Self::GetFilter,
        Self::Filter,
        Self::GetFilters,
        Self::Filters,
        Self::GetInitState,
        Self::InitState,
        Self::FeeFilter,
    ];

    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Version => "version",
            Self::Verack => "verack",
            Self::Ping => "ping",
            Self::Pong => "pong",
            Self::SendHeaders => "sendheaders",
            Self::GetAddr => "getaddr",
            Self::Addr => "addr",
            Self::AddrV2 => "addrv2",
            Self::GetHeaders => "getheaders",
            Self::Headers => "headers",
            Self::Inv => "inv",
            Self::GetData => "getdata",
            Self::NotFound => "notfound",
            Self::Tx => "tx",
            Self::Block => "block",
            Self::GetFilter => "getcfilterv2",
            Self::Filter => "cfilterv2",
            Self::GetFilters => "getcfsv2",
            Self::Filters => "cfiltersv2",
            Self::GetInitState => "getinitstate",
            Self::InitState => "initstate",
            Self::FeeFilter => "feefilter",
        }
    }

    /// The command of a name, if this side knows it.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|command| command.name() == name)
    }

    /// Whether peers that agreed on `version` may send it.
    #[must_use]
    pub const fn exists_at(self, version: ProtocolVersion) -> bool {
        match self {
            Self::GetFilters | Self::Filters => version.0 >= ProtocolVersion::BATCHED_FILTERS.0,
            Self::Addr => version.0 < ProtocolVersion::ADDRESSES_V2.0,
            Self::AddrV2 => version.0 >= ProtocolVersion::ADDRESSES_V2.0,
            _ => true,
        }
    }

    /// The longest payload, in bytes; dcrd's `MaxPayloadLength`.
    #[must_use]
    pub const fn most(self) -> usize {
        match self {
            Self::Version => 358,
            Self::Verack | Self::SendHeaders | Self::GetAddr => 0,
            Self::Ping | Self::Pong | Self::FeeFilter => 8,
            Self::Addr => 30_003,
            Self::AddrV2 => 51_003,
            Self::GetHeaders => 16_039,
            Self::Headers => 362_003,
            Self::Inv | Self::GetData | Self::NotFound => 1_800_003,
            Self::Tx | Self::Block => 1_310_720,
            Self::GetFilter => 32,
            Self::Filter => 263_210,
            Self::GetFilters => 64,
            Self::Filters => 26_321_001,
            Self::GetInitState => 1_057,
            Self::InitState => 1_763,
        }
    }
}

impl std::fmt::Display for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
