//! A real vspd on simnet, with a voting wallet of its own.

use std::ffi::OsStr;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;

use dcrcold::chain::dcrd::NONE;

use crate::daemon::{Daemon, find, free_port, write_conf};
use crate::node::{Node, PASSWORD, USER};
use crate::wallet::Wallet;

/// A running vspd.
pub struct Vspd {
    _wallet: Wallet,
    port: u16,
    _daemon: Daemon,
}

impl Vspd {
    /// Makes a VSP of a seed in hexadecimal that asks for 3 percent.
    pub fn start(home: &Path, node: &Node, seed: &str) -> Self {
        let mut wallet = Wallet::start(&home.join("wallet"), node, seed, &["manualtickets=1"]);
        let key: String = wallet.call("getmasterpubkey", ["default"]);
        let vspd = home.join("vspd");
        // vspd wants templates of its pages below its working directory; its interface needs none of them.
        let run = vspd.join("run");
        let templates = run.join("internal/webapi/templates");
        fs::create_dir_all(&templates).unwrap();
        fs::write(templates.join("empty.html"), "").unwrap();
        let home_option = format!("--homedir={}", vspd.display());
        let made = Command::new(find("vspadmin").unwrap())
            .args([&home_option, "--network=simnet", "createdatabase", &key])
            .output()
            .unwrap();
        assert!(made.status.success(), "vspadmin: {made:?}");
        let port = free_port();
        write_conf(&vspd.join("vspd.conf"), &conf(port, node, &wallet));
        let log = vspd.join("vspd.log");
        let binary = absolute(&find("vspd").unwrap());
        let mut daemon = Daemon::start_in(&run, "vspd", &binary, &[OsStr::new(&home_option)], log);
        // It answers once the node has live tickets.
        daemon.wait("its description", || described(port));
        let _: serde_json::Value = wallet.call("walletinfo", NONE);
        Self { _wallet: wallet, port, _daemon: daemon }
    }

    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

fn conf(port: u16, node: &Node, wallet: &Wallet) -> Vec<String> {
    vec![
        "network=simnet".to_owned(),
        format!("listen=127.0.0.1:{port}"),
        "vspfee=3.0".to_owned(),
        format!("dcrdhost=127.0.0.1:{}", node.port),
        format!("dcrduser={USER}"),
        format!("dcrdpass={PASSWORD}"),
        format!("dcrdcert={}", node.certificate().display()),
        format!("wallethost=127.0.0.1:{}", wallet.port),
        format!("walletuser={USER}"),
        format!("walletpass={PASSWORD}"),
        format!("walletcert={}", wallet.certificate().display()),
        "supportemail=a@b.invalid".to_owned(),
        "adminpass=admin".to_owned(),
        "loglevel=debug".to_owned(),
        // Its description is made anew every second, not every minute.
        "webserverdebug=true".to_owned(),
    ]
}

fn described(port: u16) -> Option<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.write_all(b"GET /api/v3/vspinfo HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    answer.contains(" 200 ").then_some(())
}

fn absolute(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap()
}
