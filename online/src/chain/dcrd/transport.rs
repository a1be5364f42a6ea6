//! Text messages to and from a daemon, whatever carries them.

use std::time::Instant;

use zeroize::Zeroizing;

use super::error::RpcError;

/// Carries the texts of one connection.
pub trait Transport {
    /// Host and port of the other side, for errors.
    fn address(&self) -> &str;

    /// Sends one message, which may hold a secret.
    ///
    /// # Errors
    /// [`RpcError`] when the connection is gone.
    fn send(&mut self, text: Zeroizing<String>) -> Result<(), RpcError>;

    /// Takes the next message, or `None` when none has arrived by `until`.
    ///
    /// # Errors
    /// [`RpcError`] when the connection is gone, or what arrives is no text message of a bearable size.
    fn receive(&mut self, until: Instant) -> Result<Option<String>, RpcError>;
}
