//! What the stock app cannot do, and why.

/// Why Ledger's own Decred app is of no use for something. Nothing of it was sent to the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotByStock {
    /// Tickets.
    #[error("Ledger's own Decred app cannot buy tickets: it refuses every output of one")]
    Tickets,
    /// Registrations with a VSP.
    #[error("Ledger's own Decred app cannot register tickets: no VSP takes the messages that it signs")]
    Registrations,
    /// A payment to a purse.
    #[error(
        "Ledger's own Decred app cannot pay to a purse: it would show an address that nobody can compare with the voter"
    )]
    Purse,
    /// Another network.
    #[error("Ledger's own Decred app has keys of the mainnet alone")]
    Network,
    /// An account that it has no keys for.
    #[error("Ledger's own Decred app has no keys of coin type {coin_type}, expected 42")]
    Path {
        /// The coin type.
        coin_type: u32,
    },
    /// It was asked for something that it forbids, and answers nothing any more.
    #[error("Ledger's own Decred app has stopped working until it is closed and opened again")]
    Halted,
    /// Something else with its name.
    #[error("an app with the name of Ledger's own Decred app answers otherwise")]
    Unknown,
    /// A parent that its parser does not take.
    #[error("Ledger's own Decred app cannot read parent {number} of the request")]
    Parent {
        /// Its number.
        number: usize,
    },
}
