//! Who is told, and what happens when telling fails.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use dcrcold::auto::{AutoError, Due, FEED_FILE, Hook, HookError, Round, STATUS_FILE, round};
use dcrcold::chain::sim::Sim;
use dcrcold::wallet::auto::Rule;
use dcrcold::wallet::{SystemClock, Wallet};
use dcrcold_core::amount::Amount;
use dcrcold_signer::percent::Percent;
use serde_json::Value;

use crate::chain::amount;
use crate::fixture::Fixture;
use crate::world::World;

const DCR: u64 = 100_000_000;

/// A wallet with a rule that is met, at the beginning of a price window.
struct Home {
    fixture: Fixture,
    world: World,
    folder: PathBuf,
}

impl Home {
    /// `name` is that of the rule's folder.
    fn new(name: &str) -> Self {
        let (mut world, fixture) = (World::new(1), Fixture::new());
        drop(fixture.wallet("w"));
        world.fund(fixture.external(0), 100 * DCR);
        world.mine(1);
        while !(world.sim.tip().unwrap().height.0 + 1).is_multiple_of(8) {
            world.mine(1);
        }
        let folder = fixture.path(name);
        fs::create_dir(&folder).unwrap();
        let home = Self { fixture, world, folder };
        let rule = Rule {
            max_price: amount(50 * DCR),
            keep: Amount::ZERO,
            tickets: 2,
            max_fees: amount(DCR),
            headroom: Percent::from_hundredths(0),
            voter: None,
            vsp: None,
            folder: home.folder.clone(),
        };
        home.wallet().set_rule(Some(&rule), &SystemClock).unwrap();
        home
    }

    fn wallet(&self) -> Wallet {
        Wallet::open(&self.fixture.path("w")).unwrap()
    }

    fn sim(&mut self) -> &mut Sim {
        &mut self.world.sim
    }

    fn round(&mut self, hook: Option<&Hook>) -> Result<Round, AutoError> {
        let mut wallet = self.wallet();
        wallet.sync(self.sim(), &SystemClock, &mut |_| {}).unwrap();
        round(&mut wallet, self.sim(), hook, &SystemClock)
    }

    /// A program of these lines, and where it may write.
    fn hook(&self, lines: &str) -> Hook {
        let program = self.fixture.path("hook");
        fs::write(&program, format!("#!/bin/sh\n{lines}\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
        Hook { program, patience: Duration::from_secs(20) }
    }

    fn said(&self) -> PathBuf {
        self.fixture.path("said")
    }

    fn status(&self) -> Value {
        serde_json::from_slice(&fs::read(self.folder.join(STATUS_FILE)).unwrap()).unwrap()
    }
}

/// The lines of a program that writes down what it is told, without what these tests are told themselves.
fn writes_down(said: &Path) -> String {
    format!("cat > '{0}'\nenv | grep ^DCRCOLD_ | grep -v ^DCRCOLD_REQUIRE_ | sort >> '{0}'", said.display())
}

#[test]
fn a_hook_gets_the_facts_as_data() {
    // What a shell would make of the folder's name is nobody's business.
    let mut home = Home::new("a $(touch owned) `b` ; c\" & <d>");
    let hook = home.hook(&writes_down(&home.said()));
    let done = home.round(Some(&hook)).unwrap();
    assert_eq!((done.told.len(), done.untold.len()), (1, 0));
    let said = fs::read_to_string(home.said()).unwrap();
    let (json, variables) = said.split_once('\n').unwrap();
    let facts: Value = serde_json::from_str(json).unwrap();
    let file = facts["file"].as_str().unwrap();
    assert!(Path::new(file).starts_with(&home.folder) && Path::new(file).exists());
    assert_eq!((&facts["state"], &facts["tickets"]), (&"due".into(), &2.into()));
    let variable = |name: &str| variables.lines().find_map(|line| line.strip_prefix(&format!("{name}="))).unwrap();
    assert_eq!(variable("DCRCOLD_FILE"), file);
    assert_eq!(variable("DCRCOLD_TICKETS"), "2");
    assert_eq!(variable("DCRCOLD_EVENT"), "signature-due");
    assert_eq!(variable("DCRCOLD_DEADLINE"), facts["deadline"].as_str().unwrap());
    assert_eq!(variables.lines().count(), 9);
    assert!(!home.fixture.path("owned").exists() && !Path::new("owned").exists());
}

#[test]
fn somebody_is_told_once() {
    let mut home = Home::new("requests");
    let hook = home.hook(&format!("echo told >> '{}'", home.said().display()));
    for _ in 0..4 {
        home.round(Some(&hook)).unwrap();
        home.world.mine(1);
    }
    assert_eq!(fs::read_to_string(home.said()).unwrap(), "told\n");
}

#[test]
fn a_hook_that_fails_is_run_again_five_times_and_harms_nothing() {
    let mut home = Home::new("requests");
    let hook = home.hook(&format!("echo told >> '{}'; exit 3", home.said().display()));
    for attempt in 0..7 {
        let done = home.round(Some(&hook)).unwrap();
        let failed = done.untold.first();
        assert_eq!(matches!(failed, Some(HookError::Failed { .. })), attempt < 5, "attempt {attempt}");
    }
    assert_eq!(fs::read_to_string(home.said()).unwrap().lines().count(), 5);
    assert_eq!(home.status()["requests"][0]["state"], "due", "the news have it all the same");
    assert_eq!(home.wallet().auto_requests().unwrap().len(), 1);
}

#[test]
fn a_hook_that_is_not_there_is_named() {
    let mut home = Home::new("requests");
    let hook = Hook { program: "/nowhere/hook".into(), patience: Duration::from_secs(1) };
    let done = home.round(Some(&hook)).unwrap();
    let error = done.untold[0].to_string();
    assert_eq!(error, "cannot run /nowhere/hook: No such file or directory (os error 2)");
}

/// The program, and what it started, end with its time.
#[test]
fn a_hook_that_hangs_is_ended() {
    let mut home = Home::new("requests");
    let said = home.said();
    let lines = format!("(sleep 600; echo late > '{0}') &\necho $! > '{0}.pid'\nsleep 600", said.display());
    let hook = Hook { patience: Duration::from_millis(700), ..home.hook(&lines) };
    let begin = Instant::now();
    let done = home.round(Some(&hook)).unwrap();
    assert!(matches!(done.untold[0], HookError::TooSlow { .. }), "{}", done.untold[0]);
    assert!(begin.elapsed() < Duration::from_secs(300));
    let child = fs::read_to_string(format!("{}.pid", said.display())).unwrap();
    let proc = PathBuf::from(format!("/proc/{}", child.trim()));
    let gone = || {
        let state = fs::read_to_string(proc.join("stat")).unwrap_or_default();
        // Nobody may have waited for it yet.
        state.is_empty() || state.rsplit(')').next().is_some_and(|rest| rest.trim().starts_with('Z'))
    };
    while !gone() {
        assert!(begin.elapsed() < Duration::from_secs(300), "what the hook started goes on");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn the_feed_is_xml_whatever_the_folder_is_called() {
    let mut home = Home::new("a <b> & \"c\" ]]> \u{1} d");
    home.round(None).unwrap();
    let feed = fs::read_to_string(home.folder.join(FEED_FILE)).unwrap();
    assert!(feed.contains("a &lt;b&gt; &amp; \"c\" ]]&gt; ? d/window-"), "{feed}");
    assert_eq!(feed.matches("<entry>").count(), 1);
    assert!(feed.contains("<title>Sign: 2 tickets until block "), "{feed}");
    let ids: Vec<_> = feed.lines().filter_map(|line| line.trim().strip_prefix("<id>urn:uuid:")).collect();
    assert_eq!(ids.len(), 2);
    for id in ids {
        let parts: Vec<_> = id.trim_end_matches("</id>").split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12]);
    }
}

#[test]
fn news_that_are_the_same_are_not_written_again() {
    let mut home = Home::new("requests");
    home.round(None).unwrap();
    let changed = |home: &Home| fs::metadata(home.folder.join(FEED_FILE)).unwrap().modified().unwrap();
    let before = changed(&home);
    home.round(None).unwrap();
    home.world.mine(1);
    home.round(None).unwrap();
    assert_eq!(changed(&home), before, "the feed says the same until a request changes");
    assert_eq!(home.status()["waits"], "done");
}

#[test]
fn a_folder_that_is_gone_locks_nothing() {
    let mut home = Home::new("requests");
    fs::remove_dir(&home.folder).unwrap();
    let error = home.round(None).unwrap_err();
    assert!(error.to_string().starts_with("cannot write into "), "{error}");
    assert!(home.wallet().auto_requests().unwrap().is_empty());
    assert_eq!(home.wallet().balance().unwrap().locked_by_requests, Amount::ZERO);
}

#[test]
fn a_file_of_somebody_else_is_left_alone_and_stops_no_other_request() {
    let mut home = Home::new("requests");
    let mut wallet = home.wallet();
    // More tickets than the coin suffices for, so that the next window may have some.
    let rule = Rule { tickets: 9, ..wallet.rule().unwrap().unwrap() };
    wallet.set_rule(Some(&rule), &SystemClock).unwrap();
    wallet.sync(home.sim(), &SystemClock, &mut |_| {}).unwrap();
    crate::stages::stages(&mut wallet, home.sim(), 2).unwrap();
    let file = wallet.auto_requests().unwrap()[0].file.clone();
    fs::write(&file, "mine").unwrap();
    let done = home.round(None).unwrap();
    assert!(matches!(done.unwritten[..], [AutoError::Occupied { .. }]), "{:?}", done.unwritten);
    assert!(done.told.is_empty() && fs::read_to_string(&file).unwrap() == "mine");
    // The next window has its own request, and somebody is told of it.
    home.world.fund(home.fixture.external(1), 100 * DCR);
    home.world.mine(8);
    let done = home.round(None).unwrap();
    assert_eq!((done.unwritten.len(), done.told.len()), (1, 1), "{:?}", done.decision);
    assert_ne!(done.told[0].file, file.display().to_string());
    fs::remove_file(&file).unwrap();
    let done = home.round(None).unwrap();
    assert_eq!((done.unwritten.len(), done.told.len()), (0, 1), "the next round goes on");
}

#[test]
fn the_file_of_a_request_that_a_person_gave_up_is_taken_away() {
    let mut home = Home::new("requests");
    let due = home.round(None).unwrap().told.remove(0);
    let file = Path::new(&due.file);
    let bytes = fs::read(file).unwrap();
    home.wallet().cancel(&due.request.parse().unwrap(), &SystemClock).unwrap();
    home.round(None).unwrap();
    assert!(!file.exists(), "nobody signs it for nothing");
    // A file that became something else is somebody's.
    fs::write(file, &bytes[1..]).unwrap();
    home.round(None).unwrap();
    assert!(file.exists());
}

/// The facts of a request, as scripts read them.
#[test]
fn the_status_has_rule_price_and_requests() {
    let mut home = Home::new("requests");
    let done = home.round(None).unwrap();
    let status = home.status();
    let due: &Due = &done.told[0];
    assert_eq!(status["requests"][0]["request"], due.request.as_str());
    assert_eq!((&status["rule"]["tickets"], &status["rule"]["max_price"]), (&2.into(), &(50 * DCR).into()));
    assert_eq!(status["price"], status["requests"][0]["locked_per_ticket"], "no headroom");
    assert_eq!(status["waits"], Value::Null);
}
