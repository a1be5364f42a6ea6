//! What is behind each address.

use std::sync::Arc;

use dcrcold_core::hash::TransferId;
use dcrcold_signer::cli::Failure;
use serde::Serialize;
use serde_json::{Value, json};

use super::desk::{Activity, Job, Queue};
use super::files;
use super::frames::Shelf;
use super::guard::Guard;
use super::http::{Handler, Head, Method, Request, Response, Status};
use super::scan::{self, Scan};

/// The longest body that is no picture.
const LONGEST: usize = 256;
/// Types of bodies.
const JSON: &str = "application/json";
const BYTES: &str = "application/octet-stream";

/// Everything that the page talks to.
pub(super) struct Site {
    pub(super) guard: Guard,
    pub(super) queue: Queue,
    pub(super) shelf: Shelf,
    pub(super) scan: Arc<Scan>,
    pub(super) activity: Activity,
}

/// What can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Route {
    File,
    Wallet,
    Requests,
    Request(TransferId),
    Frame(TransferId),
    Tickets,
    Stake,
    Job,
    Sync,
    Scan,
    Picture,
    Restart,
    Turn,
    Submit,
}

impl Route {
    fn of(method: Method, path: &str) -> Option<Self> {
        let Some(rest) = path.strip_prefix("/api/") else {
            return (method == Method::Get && files::find(path).is_some()).then_some(Self::File);
        };
        Some(match (method, rest) {
            (Method::Get, "wallet") => Self::Wallet,
            (Method::Get, "requests") => Self::Requests,
            (Method::Get, "tickets") => Self::Tickets,
            (Method::Get, "stake") => Self::Stake,
            (Method::Get, "job") => Self::Job,
            (Method::Get, "scan") => Self::Scan,
            (Method::Post, "sync") => Self::Sync,
            (Method::Post, "scan/picture") => Self::Picture,
            (Method::Post, "scan/restart") => Self::Restart,
            (Method::Post, "scan/turn") => Self::Turn,
            (Method::Post, "submit") => Self::Submit,
            (Method::Get, rest) => {
                let rest = rest.strip_prefix("requests/")?;
                match rest.strip_suffix("/frame") {
                    Some(id) => Self::Frame(id.parse().ok()?),
                    None => Self::Request(rest.parse().ok()?),
                }
            }
            _ => return None,
        })
    }

    /// The type of its body, and how long that may be.
    const fn body(self) -> (&'static str, usize) {
        match self {
            Self::Picture => (BYTES, scan::LONGEST),
            Self::Sync | Self::Restart | Self::Turn | Self::Submit => (JSON, LONGEST),
            _ => ("", 0),
        }
    }
}

impl Handler for Site {
    fn admit(&self, head: &Head) -> Result<usize, Response> {
        self.guard.admit(head)?;
        let not_found = || Response::refusal(Status::NotFound, "there is nothing at this address");
        let route = Route::of(head.method, &head.path).ok_or_else(not_found)?;
        if route != Route::File {
            self.guard.admit_holder(head)?;
            self.activity.note();
        }
        let (content_type, longest) = route.body();
        // A form of another page can send neither.
        if head.method == Method::Post && head.content_type.as_deref() != Some(content_type) {
            return Err(Response::refusal(Status::MediaType, &format!("expected {content_type}")));
        }
        Ok(longest)
    }

    fn answer(&self, Request { head, body }: Request) -> Response {
        match Route::of(head.method, &head.path) {
            Some(Route::File) => files::find(&head.path).expect("it was found when it was admitted"),
            Some(route) => told(self.api(route, &head, body)),
            None => Response::refusal(Status::NotFound, "there is nothing at this address"),
        }
    }
}

impl Site {
    fn api(&self, route: Route, head: &Head, body: Vec<u8>) -> Result<Response, Failure> {
        match route {
            Route::File => Ok(Response::refusal(Status::NotFound, "there is nothing at this address")),
            Route::Wallet => self.queue.ask(|desk| desk.wallet()).map(|it| ok(&it)),
            Route::Requests => self.queue.ask(|desk| desk.requests()).map(|it| ok(&it)),
            Route::Tickets => self.queue.ask(|desk| desk.tickets()).map(|it| ok(&it)),
            Route::Stake => self.queue.ask(|desk| desk.stake()).map(|it| ok(&it)),
            Route::Request(id) => Ok(ok(&self.shelf.find(&self.queue, id)?.about())),
            Route::Frame(id) => self.frame(id, head),
            Route::Job => Ok(self.job(head)),
            Route::Sync => self.queue.begin("sync", |desk, tell| desk.sync(tell)).map(|job| begun(&job)),
            Route::Scan => Ok(self.scanned()),
            Route::Picture => self.scan.look(body).map(|()| self.scanned()),
            Route::Restart => {
                self.scan.restart();
                Ok(self.scanned())
            }
            Route::Turn => {
                self.scan.turn();
                Ok(self.scanned())
            }
            Route::Submit => self.submit(&body),
        }
    }

    fn frame(&self, id: TransferId, head: &Head) -> Result<Response, Failure> {
        let shown = self.shelf.find(&self.queue, id)?;
        let asked = head.number("version").zip(head.number("first"));
        let drawn = asked.and_then(|(version, first)| shown.draw(version, first));
        Ok(drawn.map_or_else(|| Response::refusal(Status::NotFound, "there is no such frame"), |drawn| ok(&drawn)))
    }

    /// How the scan stands; an answer that is whole is checked first, or later where the desk is at work.
    fn scanned(&self) -> Response {
        if let Some(answer) = self.scan.unchecked() {
            let asked = answer.clone();
            if let Some(verdict) = self.queue.ask_if_free(move |desk| desk.check(&asked)) {
                self.scan.checked(&answer, verdict);
            }
        }
        ok(&self.scan.report())
    }

    /// Sends the answer that the page showed, and no other one that came meanwhile.
    fn submit(&self, body: &[u8]) -> Result<Response, Failure> {
        let asked: Value = serde_json::from_slice(body).unwrap_or_default();
        let Some(answer) = asked["id"].as_str().and_then(|id| self.scan.answer(id)) else {
            return Ok(Response::refusal(Status::Conflict, "this is not the answer that was scanned last"));
        };
        let (scan, when_price_fits) = (Arc::clone(&self.scan), asked["when_price_fits"] == true);
        let job = self.queue.begin("submit", move |desk, tell| {
            let result = desk.submit(&answer, when_price_fits, tell)?;
            scan.done(&answer);
            Ok(result)
        });
        job.map(|job| begun(&job))
    }

    /// The work that is asked for by its number, else the last one, if there was any.
    fn job(&self, head: &Head) -> Response {
        match head.number("number") {
            None => ok(&self.queue.last()),
            Some(number) => self.queue.job(number).map_or_else(
                || Response::refusal(Status::NotFound, "what became of this is not known any more"),
                |job| ok(&job),
            ),
        }
    }
}

fn begun(job: &Job) -> Response {
    Response::json(Status::Accepted, job)
}

fn ok(value: &impl Serialize) -> Response {
    Response::json(Status::Ok, value)
}

/// A failure in the words of the command line.
fn told(result: Result<Response, Failure>) -> Response {
    result.unwrap_or_else(|failure| {
        Response::json(Status::Conflict, &json!({ "error": failure.to_string(), "hints": failure.hints() }))
    })
}
