//! TLS with one pinned certificate.
//!
//! Daemons make their own certificates, signed by nobody and marked as a certificate authority, which an ordinary
//! root store refuses as a server's. So the certificate's bytes are compared with the copy that the user has; its name
//! and dates play no part. The handshake's signature is checked all the same: a copy of the certificate is public.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use rustls::client::WantsClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, ConfigBuilder, DigitallySignedStruct, OtherError, SignatureScheme};

use super::error::SettingsError;

/// The SHA-256 of a certificate, as `openssl x509 -fingerprint -sha256` shows it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CertificateDigest([u8; 32]);

impl CertificateDigest {
    /// Hashes the DER form of a certificate.
    fn of(certificate: &CertificateDer<'_>) -> Self {
        // The TLS library has the hash, but offers it only as a part of a cipher suite.
        let suite = aws_lc_rs::cipher_suite::TLS13_AES_128_GCM_SHA256.tls13().expect("this is a suite of TLS 1.3");
        let digest = suite.common.hash_provider.hash(certificate);
        Self(digest.as_ref().try_into().expect("a SHA-256 has 32 bytes"))
    }
}

impl fmt::Display for CertificateDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, byte) in self.0.iter().enumerate() {
            let colon = if position == 0 { "" } else { ":" };
            write!(f, "{colon}{byte:02X}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for CertificateDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The certificate that a server must show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinnedCertificate(CertificateDer<'static>);

impl PinnedCertificate {
    /// Reads the first certificate of a PEM file.
    ///
    /// # Errors
    /// [`SettingsError::Unreadable`] or [`SettingsError::NotPem`].
    pub fn from_file(path: &Path) -> Result<Self, SettingsError> {
        read_pem(path, "certificate").map(Self)
    }
}

/// A certificate and its private key, with which a client logs in.
pub struct ClientIdentity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl ClientIdentity {
    /// Reads a certificate and its key from PEM files and checks that TLS can use them.
    ///
    /// # Errors
    /// [`SettingsError`] when a file cannot be read, holds something else, or the two do not fit.
    pub fn from_files(certificate: &Path, key: &Path) -> Result<Self, SettingsError> {
        let identity = Self { chain: vec![read_pem(certificate, "certificate")?], key: read_pem(key, "private key")? };
        rustls::sign::CertifiedKey::from_der(identity.chain.clone(), identity.key.clone_key(), &provider()).map_err(
            |source| SettingsError::ClientCertificate {
                certificate: certificate.to_owned(),
                key: key.to_owned(),
                source: Box::new(source),
            },
        )?;
        Ok(identity)
    }
}

/// Reads the first item of a kind from a PEM file.
fn read_pem<T: PemObject>(path: &Path, expected: &'static str) -> Result<T, SettingsError> {
    let text = std::fs::read(path).map_err(|source| SettingsError::Unreadable { path: path.to_owned(), source })?;
    let text = zeroize::Zeroizing::new(text);
    T::from_pem_slice(&text).map_err(|_| SettingsError::NotPem { path: path.to_owned(), expected })
}

/// Makes the TLS settings of a client.
///
/// # Errors
/// [`rustls::Error`] when certificate and key of the client do not fit.
pub(super) fn client_config(
    pinned: &PinnedCertificate,
    identity: Option<&ClientIdentity>,
) -> Result<ClientConfig, rustls::Error> {
    let provider = provider();
    let verifier = PinVerifier { pinned: pinned.clone(), provider: Arc::clone(&provider) };
    let builder: ConfigBuilder<ClientConfig, WantsClientCert> = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    match identity {
        None => Ok(builder.with_no_client_auth()),
        Some(identity) => builder.with_client_auth_cert(identity.chain.clone(), identity.key.clone_key()),
    }
}

/// The only provider that knows P-521, which dcrd's certificates used until 2020 and are valid for ten years.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

/// A server showed another certificate.
#[derive(Debug, thiserror::Error)]
#[error("found certificate {found}, expected {expected}")]
pub(super) struct PinMismatch {
    pub(super) found: CertificateDigest,
    pub(super) expected: CertificateDigest,
}

impl PinMismatch {
    /// Finds a mismatch inside of what TLS reported.
    pub(super) fn inside(error: &rustls::Error) -> Option<&Self> {
        match error {
            rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(other))) => other.downcast_ref(),
            _ => None,
        }
    }
}

/// Accepts exactly one certificate, of whoever proves to hold its key.
#[derive(Debug)]
struct PinVerifier {
    pinned: PinnedCertificate,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for PinVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if *end_entity == self.pinned.0 {
            return Ok(ServerCertVerified::assertion());
        }
        let found = CertificateDigest::of(end_entity);
        let expected = CertificateDigest::of(&self.pinned.0);
        let mismatch = Arc::new(PinMismatch { found, expected });
        Err(CertificateError::Other(OtherError(mismatch)).into())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
