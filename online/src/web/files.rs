//! The files of the page, part of the program.

use super::http::{Response, Status};

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const PICTURE: &str = "image/svg+xml";

/// Path, type and content.
pub(super) const FILES: [(&str, &str, &str); 9] = [
    ("/", HTML, include_str!("page/index.html")),
    ("/style.css", STYLE, include_str!("page/style.css")),
    ("/main.js", SCRIPT, include_str!("page/main.js")),
    ("/server.js", SCRIPT, include_str!("page/server.js")),
    ("/dom.js", SCRIPT, include_str!("page/dom.js")),
    ("/show.js", SCRIPT, include_str!("page/show.js")),
    ("/scan.js", SCRIPT, include_str!("page/scan.js")),
    ("/tickets.js", SCRIPT, include_str!("page/tickets.js")),
    ("/icon.svg", PICTURE, include_str!("page/icon.svg")),
];

/// The file at a path.
pub(super) fn find(path: &str) -> Option<Response> {
    let (_, content_type, content) = FILES.iter().find(|(known, ..)| *known == path)?;
    Some(Response::new(Status::Ok, content_type, *content))
}
