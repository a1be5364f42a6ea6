//! How servers are asked over HTTP: directly, or over a SOCKS5 proxy that looks their names up.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::aws_lc_rs;
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};
use ureq::{Agent, Proxy, ProxyProtocol};

/// How servers are reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HttpSettings {
    /// A SOCKS5 proxy, such as Tor's; it looks names up itself, so that nobody else learns them.
    pub proxy: Option<SocketAddr>,
    /// How long to wait for a connection.
    pub connect: Duration,
    /// How long an exchange may take altogether.
    pub whole: Duration,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self { proxy: None, connect: Duration::from_secs(15), whole: Duration::from_secs(60) }
    }
}

impl HttpSettings {
    /// Makes the client for all exchanges with these settings.
    pub(crate) fn agent(&self) -> Agent {
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .unversioned_rustls_crypto_provider(Arc::new(aws_lc_rs::default_provider()))
            .root_certs(RootCerts::WebPki)
            .build();
        let proxy = self.proxy.map(|address| {
            let host = if address.is_ipv6() { format!("[{}]", address.ip()) } else { address.ip().to_string() };
            let proxy = Proxy::builder(ProxyProtocol::Socks5h).host(&host).port(address.port());
            proxy.resolve_target(false).build().expect("an address with a port is a proxy")
        });
        let config = Agent::config_builder()
            .tls_config(tls)
            .proxy(proxy)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent("dcrcold")
            .timeout_connect(Some(self.connect))
            .timeout_global(Some(self.whole));
        config.build().into()
    }
}
