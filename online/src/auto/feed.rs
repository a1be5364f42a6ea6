//! The feed: requests as entries of Atom.
//!
//! Source: RFC 4287; ids are UUIDs of version 8, RFC 9562.

use std::fmt::Write;

use blake256::blake256;
use dcrcold_core::net::Network;

use super::news::Due;
use crate::plural::count;
use crate::wallet::UnixTime;

/// Requests as a feed, the newest first. The same requests give the same text.
pub(super) fn feed(network: Network, requests: &[Due]) -> String {
    let mut text =
        String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n");
    let updated = requests.iter().map(|due| due.changed.0).max().unwrap_or_default();
    let id = uuid(&format!("dcrcold auto feed {network}"));
    put(&mut text, 1, "title", &format!("dcrcold on {network}: signatures that are due"));
    put(&mut text, 1, "id", &id);
    put(&mut text, 1, "updated", &UnixTime(updated).rfc3339());
    text.push_str("  <author><name>dcrcold</name></author>\n");
    for due in requests {
        text.push_str("  <entry>\n");
        let tickets = count(due.tickets, "ticket");
        let title = match due.state {
            "due" => format!("Sign: {tickets} until block {}", due.deadline_height),
            state => format!("{state}: {tickets}"),
        };
        put(&mut text, 2, "title", &title);
        put(&mut text, 2, "id", &uuid(&due.request));
        put(&mut text, 2, "updated", &due.changed.rfc3339());
        put(&mut text, 2, "content", &format!("{}\nCheck words: {}", due.line(), due.check_words));
        text.push_str("  </entry>\n");
    }
    text.push_str("</feed>\n");
    text
}

/// An element with text.
fn put(out: &mut String, depth: usize, name: &str, text: &str) {
    let indent = "  ".repeat(depth);
    writeln!(out, "{indent}<{name}>{}</{name}>", escaped(text)).expect("a string takes all that is written");
}

/// Text as XML holds it; what XML cannot hold at all becomes a question mark.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\n' | '\t' => out.push(letter),
            letter if letter.is_control() || ('\u{fffe}'..='\u{ffff}').contains(&letter) => out.push('?'),
            letter => out.push(letter),
        }
    }
    out
}

/// The UUID of a text: the first bytes of its hash.
fn uuid(text: &str) -> String {
    let mut id = [0; 16];
    id.copy_from_slice(&blake256(text.as_bytes())[..16]);
    id[6] = id[6] & 0x0f | 0x80;
    id[8] = id[8] & 0x3f | 0x80;
    let hex = base16ct::lower::encode_string(&id);
    format!("urn:uuid:{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}
