//! The same core in process, with keys of this repository's library and a person who says yes: what a device answers.

use dcrcold_core::apdu::{Device, ExtendedKey, Fault, Os, Prompt, Reply, Signed, Turn, User};
use dcrcold_core::hash::MessageHash;
use dcrcold_core::net::Network;
use dcrcold_core::screen::{Screen, Size};
use dcrcold_signer::hd::{ChildNumber, Derivation, ExtendedKeyData, ExtendedPrivateKey};
use dcrcold_simulator::{Model, SoftwareKeys, TestSeed};

/// Keys of a seed, strictly by BIP-32.
struct Keys {
    master: ExtendedPrivateKey,
    /// For the key of voters alone; the rest of it knows the test networks only.
    simulator: SoftwareKeys,
    /// All screens that somebody who goes through them sees.
    shown: Vec<String>,
    declines: bool,
}

/// The device.
pub struct Twin {
    device: Box<Device<24, 20>>,
    keys: Keys,
}

impl Twin {
    pub fn new(seed: &[u8]) -> Self {
        let master = ExtendedPrivateKey::master(seed, Network::Mainnet, Derivation::Strict).unwrap();
        let simulator = SoftwareKeys::new(&TestSeed::from_bytes(seed).unwrap()).unwrap();
        Self { device: Box::default(), keys: Keys { master, simulator, shown: Vec::new(), declines: false } }
    }

    /// What a device answers whose person approves, or declines what is shown first, and the screens.
    pub fn answer(&mut self, command: &[u8], declines: bool) -> (Reply, Vec<String>) {
        let mut reply = Reply::default();
        self.keys.declines = declines;
        self.device.handle(&mut self.keys, command, &mut reply);
        (reply, std::mem::take(&mut self.keys.shown))
    }
}

fn plain(key: &ExtendedKeyData) -> ExtendedKey {
    ExtendedKey { key: key.key().to_bytes(), chain_code: *key.chain_code() }
}

impl Keys {
    fn private(&self, path: &[u32]) -> ExtendedPrivateKey {
        let (first, rest) = path.split_first().unwrap();
        let first = self.master.child(ChildNumber::from_raw(*first)).unwrap();
        rest.iter().fold(first, |key, step| key.child(ChildNumber::from_raw(*step)).unwrap())
    }
}

impl Os for Keys {
    fn serves(&self, _: Network) -> bool {
        true
    }

    fn public_key(&self, path: &[u32]) -> Result<ExtendedKey, Fault> {
        Ok(plain(self.private(path).public().node()))
    }

    fn child(&self, parent: &ExtendedKey, index: u32) -> Result<ExtendedKey, Fault> {
        let parent = ExtendedKeyData::from_bytes(&parent.key, &parent.chain_code).map_err(|_| Fault::Failed)?;
        parent.child(ChildNumber::from_raw(index)).map(|child| plain(&child)).map_err(|_| Fault::Failed)
    }

    fn sign(&self, path: &[u32], digest: &[u8; 32]) -> Result<Signed, Fault> {
        let key = self.private(path);
        // 31 and the recovery code, r, s.
        let [header, compact @ ..] = *key.key().sign_message(&MessageHash::from_bytes(*digest)).as_bytes();
        Ok(Signed { compact, recovery: header - 31 })
    }

    fn mac(&self, message: &[u8]) -> Result<[u8; 32], Fault> {
        self.simulator.mac(message)
    }
}

impl User for Keys {
    fn ask(&mut self, prompt: &Prompt<'_>) -> Result<Turn, Fault> {
        let screens = (0..).map_while(|number| Screen::of(prompt, Size::NANO, number));
        self.shown.extend(screens.map(|screen| Model::Nano.draw(&screen)));
        Ok(if self.declines { Turn::Decline } else { Turn::Next })
    }
}
