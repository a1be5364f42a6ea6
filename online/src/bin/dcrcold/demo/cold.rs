//! The cold side of the story: the offline program with its key store, or a simulated device.

use std::path::Path;

use dcrcold::voter::{Folder, HotVoter};
use dcrcold_signer::cli::{Failure, Stop};
use dcrcold_signer::file;
use dcrcold_signer::sealed::Passphrase;
use dcrcold_signer::transfer::Container;
use zeroize::Zeroizing;

use super::device::Device;
use super::programs::Run;
use super::story::{Request, Story, text, unexpected};
use crate::failure::Explain;
use crate::wallet::LARGEST_TRANSFER;

/// Passphrases of keys that are thrown away with the folder.
const COLD_PASSPHRASE: &str = "a passphrase for the cold side";
const HOT_PASSPHRASE: &str = "another one for the hot side";

/// Who holds the spending keys.
pub(super) enum Cold {
    /// The offline program, which exports the hot keys of a voter of its own seed.
    Signer,
    /// A device, which exports nothing: the voter has a seed of its own.
    Device {
        /// The device.
        device: Device,
        /// The voter's fingerprint.
        voter: String,
    },
}

impl Story<'_> {
    /// Makes spending keys, the wallet that watches them, and a voter.
    pub(super) fn cold_side(&mut self, with_device: bool) -> Result<Cold, Stop> {
        if with_device {
            let mut device = self.device()?;
            self.watch_device(&mut device)?;
            let voter = self.voter_of_its_own()?;
            return Ok(Cold::Device { device, voter });
        }
        self.cold_keys()?;
        self.watch()?;
        Ok(Cold::Signer)
    }

    fn device(&mut self) -> Result<Device, Stop> {
        self.chapter("A simulated device with the keys of a test seed")?;
        self.make_folder("cold")?;
        self.command("dcrcold-simulator --script person --screens screens")?;
        let device = Device::start(&self.programs.cold, &self.folder.join("cold"))?;
        self.say(&format!("It listens on {}. A script approves what its screen shows.", device.address))?;
        Ok(device)
    }

    fn watch_device(&mut self, device: &mut Device) -> Result<(), Stop> {
        self.chapter("The online side watches the account: public keys only")?;
        self.make_folder("online")?;
        self.with_device(&["wallet", "import", "--network", "simnet"], device)
    }

    fn voter_of_its_own(&mut self) -> Result<String, Stop> {
        self.chapter("The hot side makes a voter with a seed of its own")?;
        let new = ["voter", "new", "--name", "box", "--out", "voter.dcrcold"];
        self.command(&format!("dcrcold {}", new.join(" ")))?;
        let run = self.online_run(&new).args(["--kdf-memory", "8", "--json"]);
        // Words first, which are for a person alone; then the facts.
        let printed = run.secret("--passphrase-file", HOT_PASSPHRASE)?.finish()?.stdout;
        let facts = printed.find('{').and_then(|start| printed.get(start..)).unwrap_or_default();
        let voter = text(&serde_json::from_str(facts).map_err(unexpected)?, "fingerprint")?;
        self.say(&format!("voter        {voter}"))?;
        Ok(voter)
    }

    fn sign_on(&mut self, device: &mut Device) -> Result<(), Stop> {
        self.chapter("The device is shown the voter, reviews once and signs everything")?;
        self.with_device(&["sign", "request.dcrcold", "--out", "../cold/answer.dcrcold"], device)
    }

    /// Runs a command of the online side: what it says at first, what the device shows then, what comes of it.
    fn with_device(&mut self, args: &[&str], device: &mut Device) -> Result<(), Stop> {
        self.online_command(&[args, &["--simulator"]].concat())?;
        let printed = self.online_run(&[args, &["--simulator", &device.address]].concat()).finish()?;
        let screens = device.news()?;
        let lines = printed.stderr.lines().chain(screens.iter().map(String::as_str)).chain(printed.stdout.lines());
        lines.into_iter().try_for_each(|line| self.say(line))
    }

    fn cold_keys(&mut self) -> Result<(), Stop> {
        self.chapter("The cold side makes its keys")?;
        self.make_folder("cold")?;
        self.command("dcrcold-signer new --network simnet")?;
        let new = ["new", "--network", "simnet", "--name", "demo", "--kdf-memory", "8"];
        // The words of the seed go to a person alone; nobody here looks at them.
        drop(self.signer(&new)?.finish()?.stdout);
        self.say("The signer printed the 33 words of its seed. Nobody else has seen them.")?;
        self.command("dcrcold-signer export watch --out watch.dcrcold")?;
        let watch = ["export", "watch", "--out", "watch.dcrcold"];
        let printed = self.signer(&watch)?.finish()?;
        self.print(&printed)?;
        self.command("dcrcold-signer export hot --out hot.dcrcold")?;
        let hot = ["export", "hot", "--out", "hot.dcrcold", "--kdf-memory", "8"];
        let hot = self.signer(&hot)?.secret("--hot-passphrase-file", HOT_PASSPHRASE)?;
        let printed = hot.finish()?;
        self.print(&printed)
    }

    fn watch(&mut self) -> Result<(), Stop> {
        self.chapter("The online side watches the account: public keys only")?;
        self.make_folder("online")?;
        self.online(&["wallet", "import", "../cold/watch.dcrcold"])
    }

    pub(super) fn sign(&mut self, request: &Request, cold: &mut Cold) -> Result<(), Stop> {
        match cold {
            Cold::Signer => self.sign_offline(request),
            Cold::Device { device, .. } => self.sign_on(device),
        }
    }

    fn sign_offline(&mut self, request: &Request) -> Result<(), Stop> {
        self.chapter("The cold side reviews and signs")?;
        self.command("dcrcold-signer sign request.dcrcold --out answer.dcrcold --approve ID")?;
        let sign = ["sign", "../online/request.dcrcold", "--out", "answer.dcrcold", "--approve", &request.id];
        let printed = self.signer(&sign)?.finish()?;
        self.print(&printed)
    }

    /// Opens the hot keys, which the signer exported or the voting box made itself.
    pub(super) fn hot_keys(&mut self, cold: &Cold) -> Result<HotVoter, Stop> {
        let Cold::Device { voter, .. } = cold else { return self.exported_keys() };
        let folder = Folder::new(self.folder.join("online/voters"));
        Ok(open(&folder.hot_file(&voter.parse().map_err(unexpected)?))?)
    }

    fn exported_keys(&mut self) -> Result<HotVoter, Stop> {
        self.chapter("The hot side takes over the voting keys, and nothing else")?;
        self.command("dcrcold voter import hot.dcrcold")?;
        let import = self.online_run(&["voter", "import", "../cold/hot.dcrcold"]);
        let printed = import.secret("--passphrase-file", HOT_PASSPHRASE)?.finish()?;
        self.print(&printed)?;
        Ok(open(&self.folder.join("cold/hot.dcrcold"))?)
    }

    fn signer(&self, args: &[&str]) -> Result<Run, Failure> {
        let run = Run::new(&self.programs.cold, self.folder.join("cold")).args(["--store", "keystore"]).args(args);
        run.secret("--passphrase-file", COLD_PASSPHRASE)
    }
}

fn open(path: &Path) -> Result<HotVoter, Failure> {
    let container = Container::parse(&file::read(path, LARGEST_TRANSFER).explain()?).explain()?;
    let passphrase = Passphrase::new(Zeroizing::new(HOT_PASSPHRASE.to_owned())).map_err(unexpected)?;
    HotVoter::open(&container, &passphrase).explain()
}
