//! Answers, each with the same header lines: nothing may be kept, framed, guessed, sent elsewhere or loaded from there.

use std::fmt::Write;

/// Lines of every answer, of errors too.
///
/// The page may load its own script and style and ask its own address, and nothing else: no inline code, no other place,
/// no frame around it. A browser that knows Trusted Types refuses text as markup. The camera is the page's alone.
pub(super) const ALWAYS: [(&str, &str); 9] = [
    (
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-store"),
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cross-Origin-Embedder-Policy", "require-corp"),
    (
        "Permissions-Policy",
        "camera=(self), microphone=(), geolocation=(), display-capture=(), usb=(), serial=(), hid=(), payment=()",
    ),
];

/// How a request fared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web) enum Status {
    Ok,
    Accepted,
    BadRequest,
    Unauthorized,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    Timeout,
    Conflict,
    LengthRequired,
    TooLarge,
    MediaType,
    Misdirected,
    HeadTooLarge,
    Unavailable,
    Version,
}

impl Status {
    const fn line(self) -> (u16, &'static str) {
        match self {
            Self::Ok => (200, "OK"),
            Self::Accepted => (202, "Accepted"),
            Self::BadRequest => (400, "Bad Request"),
            Self::Unauthorized => (401, "Unauthorized"),
            Self::Forbidden => (403, "Forbidden"),
            Self::NotFound => (404, "Not Found"),
            Self::MethodNotAllowed => (405, "Method Not Allowed"),
            Self::Timeout => (408, "Request Timeout"),
            Self::Conflict => (409, "Conflict"),
            Self::LengthRequired => (411, "Length Required"),
            Self::TooLarge => (413, "Content Too Large"),
            Self::MediaType => (415, "Unsupported Media Type"),
            Self::Misdirected => (421, "Misdirected Request"),
            Self::HeadTooLarge => (431, "Request Header Fields Too Large"),
            Self::Unavailable => (503, "Service Unavailable"),
            Self::Version => (505, "HTTP Version Not Supported"),
        }
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub(in crate::web) struct Response {
    status: Status,
    content_type: &'static str,
    body: Vec<u8>,
}

impl Response {
    pub(in crate::web) fn new(status: Status, content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, content_type, body: body.into() }
    }

    /// An answer that a program reads.
    pub(in crate::web) fn json(status: Status, value: &impl serde::Serialize) -> Self {
        let text = serde_json::to_vec(value).expect("answers are plain values with text keys");
        Self::new(status, "application/json", text)
    }

    /// A refusal, in the form in which the page is told of failures.
    pub(in crate::web) fn refusal(status: Status, message: &str) -> Self {
        Self::json(status, &serde_json::json!({ "error": message, "hints": [] }))
    }

    #[cfg(test)]
    pub(super) const fn code(&self) -> u16 {
        self.status.line().0
    }

    /// All of it as it is sent.
    pub(super) fn bytes(&self, closes: bool) -> Vec<u8> {
        let (code, reason) = self.status.line();
        let mut head = format!("HTTP/1.1 {code} {reason}\r\n");
        let length = self.body.len().to_string();
        let connection = if closes { "close" } else { "keep-alive" };
        let own = [("Content-Type", self.content_type), ("Content-Length", &length), ("Connection", connection)];
        let allow = [("Allow", "GET, POST")];
        let allow = if self.status == Status::MethodNotAllowed { &allow[..] } else { &[] };
        for (name, value) in own.iter().chain(allow).chain(&ALWAYS) {
            write!(head, "{name}: {value}\r\n").expect("text grows");
        }
        head.push_str("\r\n");
        [head.as_bytes(), &self.body].concat()
    }
}
