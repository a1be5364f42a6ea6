//! What stands before the body of a request.

use super::{Response, Status};

/// Bytes of a head at most; what the page sends has a few hundred.
pub(super) const LONGEST: usize = 8192;
/// Header lines at most.
const MOST_LINES: usize = 48;

/// What a request wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web) enum Method {
    Get,
    Post,
}

/// The head of a request, of which only what is needed is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::web) struct Head {
    pub(in crate::web) method: Method,
    /// Without the query.
    pub(in crate::web) path: String,
    pub(in crate::web) query: String,
    pub(in crate::web) host: Option<String>,
    pub(in crate::web) origin: Option<String>,
    pub(in crate::web) fetch_site: Option<String>,
    pub(in crate::web) authorization: Option<String>,
    pub(in crate::web) content_type: Option<String>,
    pub(super) length: usize,
    pub(super) closes: bool,
}

impl Head {
    /// Reads a head if all of it is there, and says how many bytes it has.
    ///
    /// # Errors
    /// The answer to what is no request, or one that is not served here.
    pub(super) fn parse(bytes: &[u8]) -> Result<Option<(Self, usize)>, Response> {
        let mut lines = [httparse::EMPTY_HEADER; MOST_LINES];
        let mut parsed = httparse::Request::new(&mut lines);
        let end = match parsed.parse(bytes) {
            Ok(httparse::Status::Complete(end)) => end,
            Ok(httparse::Status::Partial) if bytes.len() < LONGEST => return Ok(None),
            Ok(httparse::Status::Partial) | Err(httparse::Error::TooManyHeaders) => {
                return Err(Response::refusal(Status::HeadTooLarge, "the head of the request is too long"));
            }
            Err(_) => return Err(Response::refusal(Status::BadRequest, "this is no HTTP request")),
        };
        if parsed.version != Some(1) {
            return Err(Response::refusal(Status::Version, "only HTTP/1.1 is spoken here"));
        }
        let method = match parsed.method {
            Some("GET") => Method::Get,
            Some("POST") => Method::Post,
            _ => return Err(Response::refusal(Status::MethodNotAllowed, "only GET and POST are answered")),
        };
        let target = parsed.path.unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut head = Self {
            method,
            path: path.to_owned(),
            query: query.to_owned(),
            host: None,
            origin: None,
            fetch_site: None,
            authorization: None,
            content_type: None,
            length: 0,
            closes: false,
        };
        head.read(parsed.headers)?;
        Ok(Some((head, end)))
    }

    fn read(&mut self, lines: &[httparse::Header<'_>]) -> Result<(), Response> {
        let mut length = None;
        for line in lines {
            let place = match line.name.to_ascii_lowercase().as_str() {
                "host" => &mut self.host,
                "origin" => &mut self.origin,
                "sec-fetch-site" => &mut self.fetch_site,
                "authorization" => &mut self.authorization,
                "content-type" => &mut self.content_type,
                "content-length" => &mut length,
                "connection" => {
                    self.closes |= line.value.eq_ignore_ascii_case(b"close");
                    continue;
                }
                "transfer-encoding" => {
                    return Err(Response::refusal(Status::LengthRequired, "a body needs a length"));
                }
                _ => continue,
            };
            let text = std::str::from_utf8(line.value).ok().filter(|_| place.is_none());
            // Two of them are two readings of one request.
            let text =
                text.ok_or_else(|| Response::refusal(Status::BadRequest, "a header line is no text or repeated"))?;
            *place = Some(text.to_owned());
        }
        if let Some(text) = length {
            let digits = (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
            let length = text.parse().ok().filter(|_| digits);
            self.length = length.ok_or_else(|| Response::refusal(Status::BadRequest, "the length is no number"))?;
        }
        Ok(())
    }

    /// A number of the query, if it is there and is one.
    pub(in crate::web) fn number(&self, name: &str) -> Option<u32> {
        let pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.filter(|(key, _)| *key == name).map(|(_, value)| value.parse().ok()).next().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> u16 {
        Head::parse(text.as_bytes()).map(|_| ()).expect_err(text).code()
    }

    #[test]
    fn a_head_is_read_once_it_is_whole() {
        let text = "GET /a?b=1&c=22&b=3 HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: none\r\n\r\nrest";
        for end in 0..text.len() - 4 {
            assert_eq!(Head::parse(&text.as_bytes()[..end]).unwrap(), None);
        }
        let (head, end) = Head::parse(text.as_bytes()).unwrap().unwrap();
        assert_eq!((head.path.as_str(), head.method, end), ("/a", Method::Get, text.len() - 4));
        assert_eq!([head.number("b"), head.number("c"), head.number("d")], [Some(1), Some(22), None]);
        assert_eq!((head.host.as_deref(), head.origin, head.length, head.closes), (Some("x"), None, 0, false));
    }

    #[test]
    fn what_has_two_readings_has_none() {
        let cases = [
            ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
            ("POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", 400),
            ("POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\n", 400),
            ("POST / HTTP/1.1\r\nContent-Length: \r\n\r\n", 400),
            ("POST / HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\n", 400),
            ("POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", 400),
            ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
            ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", 400),
            ("GET / HTTP/1.0\r\n\r\n", 505),
            ("GET / HTTP/2.0\r\n\r\n", 400),
            ("GET /\r\n\r\n", 400),
            ("HEAD / HTTP/1.1\r\n\r\n", 405),
            ("OPTIONS * HTTP/1.1\r\n\r\n", 405),
            ("\x16\x03\x01 / HTTP/1.1\r\n\r\n", 400),
        ];
        for (text, status) in cases {
            assert_eq!(refused(text), status, "{text}");
        }
        assert_eq!(refused(&format!("GET / HTTP/1.1\r\n{}", "a: b\r\n".repeat(MOST_LINES + 1))), 431);
        assert_eq!(refused(&format!("GET /{}", "a".repeat(LONGEST))), 431);
    }
}
