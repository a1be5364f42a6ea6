//! Headless Chromium, spoken to by its DevTools protocol.

use std::env;
use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use dcrcold_signer::scan::image::Luma;
use serde_json::{Value, json};
use tempfile::TempDir;
use tungstenite::{Message, WebSocket};

/// How long anything may take before the test fails.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it is looked again.
const PAUSE: Duration = Duration::from_millis(50);
const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// The program, or nothing after saying that the test is skipped.
pub(crate) fn find() -> Option<String> {
    let named = env::var("DCRCOLD_CHROMIUM").ok();
    let runs = |name: &String| {
        Command::new(name)
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|it| it.success())
    };
    let found = named.into_iter().chain(NAMES.map(str::to_owned)).find(runs);
    if found.is_none() {
        skip("chromium not found");
    }
    found
}

/// Says that something was not tested.
pub(crate) fn skip(why: &str) {
    let required = env::var_os("DCRCOLD_REQUIRE_CHROMIUM").is_some_and(|value| value == "1");
    assert!(!required, "{why}, and DCRCOLD_REQUIRE_CHROMIUM is set");
    println!("skipped: {why}");
}

/// What the browser takes for a camera.
pub(crate) enum Camera<'a> {
    /// Whatever this computer has, and the person is asked.
    Real,
    /// A film, allowed to every page.
    Film(&'a Path),
    /// A film, and the person is asked.
    Asked(&'a Path),
}

/// A browser with one page.
pub(crate) struct Chromium {
    process: Child,
    socket: WebSocket<TcpStream>,
    session: Option<String>,
    last: u64,
    events: Vec<Value>,
    _profile: TempDir,
}

impl Chromium {
    pub(crate) fn start(program: &str, camera: &Camera<'_>) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let mut command = Command::new(program);
        command.args([
            "--headless=new",
            "--remote-debugging-port=0",
            "--no-first-run",
            "--disable-gpu",
            "--disable-sync",
        ]);
        command.args(["--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"]);
        command.arg(format!("--user-data-dir={}", profile.path().display()));
        if let Camera::Film(film) | Camera::Asked(film) = camera {
            command.arg("--use-fake-device-for-media-stream");
            command.arg(format!("--use-file-for-fake-video-capture={}", film.display()));
        }
        if let Camera::Film(_) = camera {
            command.arg("--use-fake-ui-for-media-stream");
        }
        // Its own box does not work for root.
        if rustix::process::geteuid().is_root() {
            command.arg("--no-sandbox");
        }
        let mut process = command.arg("about:blank").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let told = profile.path().join("DevToolsActivePort");
        let until = Instant::now() + PATIENCE;
        let address = loop {
            let text = fs::read_to_string(&told).unwrap_or_default();
            if let Some((port, path)) = text.trim().split_once('\n') {
                break format!("127.0.0.1:{port}{path}");
            }
            assert!(Instant::now() < until && process.try_wait().unwrap().is_none(), "Chromium does not start");
            sleep(PAUSE);
        };
        let stream = TcpStream::connect(address.split('/').next().unwrap()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let (socket, _) = tungstenite::client(format!("ws://{address}"), stream).unwrap();
        let mut browser = Self { process, socket, session: None, last: 0, events: Vec::new(), _profile: profile };
        let target = browser.call("Target.createTarget", json!({ "url": "about:blank" }))["targetId"].clone();
        let attached = browser.call("Target.attachToTarget", json!({ "targetId": target, "flatten": true }));
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        for part in ["Page", "Runtime", "Network", "Log"] {
            browser.call(&format!("{part}.enable"), json!({}));
        }
        browser
    }

    /// Calls a method and waits for its result; events that come meanwhile are kept.
    #[expect(clippy::needless_pass_by_value, reason = "parameters are made where they are used")]
    pub(crate) fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.last += 1;
        let mut message = json!({ "id": self.last, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            message["sessionId"] = session.as_str().into();
        }
        self.socket.send(Message::text(message.to_string())).unwrap();
        loop {
            let message = self.socket.read().unwrap_or_else(|error| panic!("{method}: {error}"));
            let Message::Text(text) = message else { continue };
            let mut value: Value = serde_json::from_str(&text).unwrap();
            if value["id"] == self.last {
                assert!(value["error"].is_null(), "{method}: {}", value["error"]);
                return value["result"].take();
            }
            self.events.push(value);
        }
    }

    pub(crate) fn go(&mut self, link: &str) {
        self.call("Page.navigate", json!({ "url": link }));
    }

    /// The value of an expression in the page.
    pub(crate) fn value(&mut self, expression: &str) -> Value {
        let parameters = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let mut result = self.call("Runtime.evaluate", parameters);
        assert!(result["exceptionDetails"].is_null(), "{expression}: {}", result["exceptionDetails"]);
        result["result"]["value"].take()
    }

    /// What is seen of an element.
    pub(crate) fn text(&mut self, selector: &str) -> String {
        let seen = format!("document.querySelector({selector:?})?.innerText ?? ''");
        self.value(&seen).as_str().unwrap().to_owned()
    }

    /// Waits until an expression holds.
    pub(crate) fn wait(&mut self, expression: &str) {
        let until = Instant::now() + PATIENCE;
        while self.value(&format!("Boolean({expression})")) != true {
            if Instant::now() > until {
                panic!("{expression} does not come; the page says: {}", self.text("main"));
            }
            sleep(PAUSE);
        }
    }

    /// Waits until an element says something.
    pub(crate) fn wait_for_text(&mut self, selector: &str, text: &str) {
        self.wait(&format!("document.querySelector({selector:?})?.innerText.includes({text:?})"));
    }

    /// Presses a key and lets it go.
    pub(crate) fn press(&mut self, key: &str) {
        let (code, text) = match key {
            "Tab" => (9, ""),
            "Enter" => (13, "\r"),
            " " => (32, " "),
            other => (0, other),
        };
        let mut event = json!({ "type": "keyDown", "key": key, "windowsVirtualKeyCode": code });
        if !text.is_empty() {
            event["text"] = text.into();
        }
        self.call("Input.dispatchKeyEvent", event);
        self.call("Input.dispatchKeyEvent", json!({ "type": "keyUp", "key": key, "windowsVirtualKeyCode": code }));
    }

    /// Goes to an element by Tab alone, sees that the focus is visible, and presses Enter.
    pub(crate) fn enter(&mut self, selector: &str) {
        for _ in 0..40 {
            self.press("Tab");
            if self.value(&format!("document.activeElement.matches({selector:?})")) == true {
                let outline = "(style => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2)";
                let seen = self.value(&format!("{outline}(getComputedStyle(document.activeElement))"));
                assert_eq!(seen, true, "{selector}: the focus is not seen");
                return self.press("Enter");
            }
        }
        panic!("{selector} is not reached by Tab; the page says: {}", self.text("main"));
    }

    /// What the window shows, as PNG.
    pub(crate) fn screenshot(&mut self) -> Vec<u8> {
        self.shoot(json!({ "format": "png", "optimizeForSpeed": true }))
    }

    /// All of the page, as PNG.
    pub(crate) fn whole_screenshot(&mut self) -> Vec<u8> {
        self.shoot(json!({ "format": "png", "captureBeyondViewport": true }))
    }

    fn shoot(&mut self, parameters: Value) -> Vec<u8> {
        let shot = self.call("Page.captureScreenshot", parameters);
        BASE64_STANDARD.decode(shot["data"].as_str().unwrap()).unwrap()
    }

    /// The picture of the page as a camera would see it.
    pub(crate) fn photograph(&mut self) -> Luma {
        let shot = self.screenshot();
        let mut reader = png::Decoder::new(std::io::Cursor::new(shot)).read_info().unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut bytes).unwrap();
        let samples = info.color_type.samples();
        let pixels = bytes[..info.buffer_size()].chunks(samples).map(|pixel| pixel[1.min(samples - 1)]).collect();
        Luma::new(info.width, info.height, pixels).unwrap()
    }

    pub(crate) fn window(&mut self, width: u32, height: u32) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500 });
        self.call("Emulation.setDeviceMetricsOverride", metrics);
    }

    /// Sees that the page asked its own server alone and that nothing in it went wrong.
    pub(crate) fn check_quiet(&mut self, origin: &str) -> usize {
        self.value("0");
        let mut requests = 0;
        for event in &self.events {
            let parameters = &event["params"];
            match event["method"].as_str().unwrap_or_default() {
                "Network.requestWillBeSent" => {
                    let place = parameters["request"]["url"].as_str().unwrap();
                    assert!(place.starts_with(&format!("{origin}/")) || place == "about:blank", "asked {place}");
                    requests += 1;
                }
                "Runtime.exceptionThrown" => panic!("{parameters}"),
                "Log.entryAdded" => {
                    // The browser tells of every answer that is no 200; those are the page's to tell.
                    let entry = &parameters["entry"];
                    assert!(entry["level"] != "error" || entry["source"] == "network", "{entry}");
                }
                "Runtime.consoleAPICalled" => panic!("{parameters}"),
                _ => {}
            }
        }
        requests
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
