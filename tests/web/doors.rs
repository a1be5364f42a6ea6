//! Who is let in: holders of the link, from the page itself, under the server's own name.

use crate::server::{Answer, ROUTES, Server};

/// Lines of every answer.
const ALWAYS: [(&str, &str); 9] = [
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

fn is_guarded(answer: &Answer) {
    for (name, value) in ALWAYS {
        assert_eq!(answer.line(name), Some(value), "{name}");
    }
    let cross = answer.lines.iter().find(|(name, _)| name.to_ascii_lowercase().starts_with("access-control"));
    assert_eq!(cross, None, "nothing is shared with other pages");
    assert_eq!(answer.line("Set-Cookie"), None);
}

/// The lines of the page, one of them exchanged or left out.
fn but(server: &Server, name: &'static str, value: Option<&str>) -> Vec<(&'static str, String)> {
    let mut lines = server.lines();
    lines.retain(|(known, _)| *known != name);
    lines.extend(value.map(|value| (name, value.to_owned())));
    lines
}

#[test]
fn every_answer_has_the_same_guarding_lines() {
    let server = Server::start();
    server.gate.open();
    let mut cases = 0;
    for (method, path, _) in ROUTES {
        let answer = server.ask(method, path, b"{}");
        assert!([200, 202, 409].contains(&answer.status), "{path}: {}", answer.text());
        while path == "/api/sync" && server.get("/api/job")["state"] == "running" {}
        is_guarded(&answer);
        cases += 1;
    }
    let id = server.request.id().to_string();
    let refused = [
        (server.ask("GET", &format!("/api/requests/{id}"), b""), 200),
        (server.ask("GET", &format!("/api/requests/{id}/frame?version=20&first=0"), b""), 200),
        (server.ask("GET", "/nothing", b""), 404),
        (server.ask("GET", "/api/", b""), 404),
        (server.ask("POST", "/", b""), 404),
        (server.ask("GET", "/api/scan/picture", b""), 404),
        (server.ask("DELETE", "/api/wallet", b""), 405),
        (server.ask("OPTIONS", "/api/wallet", b""), 405),
        (server.ask_with("GET", "/", b"", but(&server, "Host", None)), 421),
        (server.ask_with("GET", "/api/wallet", b"", but(&server, "Authorization", None)), 401),
        (server.ask_with("GET", "/api/wallet", b"", but(&server, "Origin", Some("null"))), 403),
        (server.post("/api/submit", &[b'x'; 257]), 413),
        (server.post("/api/scan/picture", b"x"), 409),
        (Answer::parse(&server.send(b"nonsense\r\n\r\n")), 400),
    ];
    for (answer, status) in &refused {
        assert_eq!(answer.status, *status, "{}", answer.text());
        is_guarded(answer);
        cases += 1;
    }
    println!("guarding lines: {cases} cases");
    assert_eq!(cases, 33);
}

#[test]
fn nobody_without_the_link_gets_anything_but_the_empty_page() {
    let server = Server::start();
    let secret = server.secret.clone();
    assert!(secret.len() == 32 && secret.bytes().all(|byte| byte.is_ascii_hexdigit()), "128 bits");
    assert_ne!(secret, Server::start().secret, "each server has its own");
    let close = format!("{}{}", &secret[..31], if secret.ends_with('0') { '1' } else { '0' });
    let wrong = [
        None,
        Some(String::new()),
        Some("Bearer ".into()),
        Some(secret.clone()),
        Some(format!("bearer {secret}")),
        Some(format!("Bearer {close}")),
        Some(format!("Bearer {}", &secret[..31])),
        Some(format!("Bearer {secret}0")),
        Some(format!("Bearer  {secret}")),
        Some(format!("Bearer {}", secret.to_uppercase() + "G")),
        Some(format!("Basic {secret}")),
    ];
    let mut cases = 0;
    for (method, path, holders) in ROUTES {
        for value in &wrong {
            let answer = server.ask_with(method, path, b"{}", but(&server, "Authorization", value.as_deref()));
            assert_eq!(answer.status, if holders { 401 } else { 200 }, "{method} {path} with {value:?}");
            assert!(!answer.text().contains(&secret));
            cases += 1;
        }
    }
    println!("secrets: {cases} cases");
    assert_eq!(cases, 209);
    assert!(server.submitted.lock().unwrap().is_empty());
}

#[test]
fn the_page_is_served_under_its_own_number_and_no_name() {
    let server = Server::start();
    let port = server.address.port();
    assert!(server.address.ip().is_loopback());
    let names = [
        format!("localhost:{port}"),
        "127.0.0.1".to_owned(),
        format!("127.0.0.1:{}", port ^ 1),
        format!("attacker.example:{port}"),
        format!("127.0.0.1.attacker.example:{port}"),
        format!("127.0.0.1:{port}@attacker.example"),
        format!("[::1]:{port}"),
        format!("127.1:{port}"),
        String::new(),
    ];
    for (method, path, _) in ROUTES {
        for name in &names {
            let answer = server.ask_with(method, path, b"{}", but(&server, "Host", Some(name)));
            assert_eq!(answer.status, 421, "{path} as {name}");
        }
    }
    let mut twice = server.lines();
    twice.push(("Host", server.address.to_string()));
    assert_eq!(server.ask_with("GET", "/", b"", twice).status, 400, "two names are two readings");
    println!("names: {} cases", names.len() * ROUTES.len() + 1);
    assert_eq!(names.len() * ROUTES.len() + 1, 172);
}

#[test]
fn questions_of_other_pages_are_refused_even_with_the_secret() {
    let server = Server::start();
    let port = server.address.port();
    let origins = [
        "null".to_owned(),
        format!("http://localhost:{port}"),
        format!("https://127.0.0.1:{port}"),
        format!("http://127.0.0.1:{}", port ^ 1),
        "http://127.0.0.1".to_owned(),
        "https://attacker.example".to_owned(),
    ];
    let mut cases = 0;
    for (method, path, _) in ROUTES {
        for origin in &origins {
            let answer = server.ask_with(method, path, b"{}", but(&server, "Origin", Some(origin)));
            assert_eq!(answer.status, 403, "{path} from {origin}");
            cases += 1;
        }
        for site in ["cross-site", "same-site", "Same-Origin", ""] {
            let answer = server.ask_with(method, path, b"{}", but(&server, "Sec-Fetch-Site", Some(site)));
            assert_eq!(answer.status, 403, "{path} from a page that is {site}");
            cases += 1;
        }
        let typed = server.ask_with(method, path, b"{}", but(&server, "Sec-Fetch-Site", Some("none"))).status;
        let silent = server.ask_with(method, path, b"{}", but(&server, "Origin", None)).status;
        if method == "POST" {
            assert_eq!((typed, silent), (403, 403), "{path}");
        } else {
            assert!(![typed, silent].contains(&403), "{path}");
        }
        cases += 2;
    }
    println!("origins: {cases} cases");
    assert_eq!(cases, 228);
}

#[test]
fn what_a_form_can_send_is_not_taken() {
    let server = Server::start();
    let kinds = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/json;x", ""];
    let posts = ROUTES.iter().filter(|(method, ..)| *method == "POST").map(|(_, path, _)| *path);
    let mut cases = 0;
    for path in posts.chain(["/api/scan/picture"]) {
        for kind in kinds {
            let answer = server.ask_with("POST", path, b"{}", but(&server, "Content-Type", Some(kind)));
            assert_eq!(answer.status, 415, "{path} as {kind}");
            cases += 1;
        }
    }
    println!("types: {cases} cases");
    assert_eq!(cases, 25);
}

#[test]
fn the_page_has_no_code_but_its_own_files_and_no_place_but_its_own() {
    let server = Server::start();
    let mut files = 0;
    for (_, path, _) in ROUTES.iter().filter(|(.., holders)| !holders) {
        let text = server.ask("GET", path, b"").text();
        let outside: Vec<_> =
            text.match_indices("://").map(|(at, _)| &text[at.saturating_sub(5)..(at + 20).min(text.len())]).collect();
        assert!(outside.iter().all(|place| place.contains("http://www.w3.org/")), "{path}: {outside:?}");
        for inline in [
            "<style",
            " style=",
            "javascript:",
            "innerHTML",
            "eval(",
            "@import",
            "url(",
            "localStorage",
            "document.cookie",
        ] {
            assert!(!text.contains(inline), "{path}: {inline}");
        }
        files += 1;
    }
    let page = server.ask("GET", "/", b"").text();
    assert_eq!(page.matches("<script").count(), 1);
    assert!(page.contains(r#"<script type="module" src="/main.js"></script>"#));
    let handlers = page.split_whitespace().filter(|word| word.starts_with("on") && word.contains("=\""));
    assert_eq!(handlers.count(), 0);
    println!("files of the page: {files} cases");
    assert_eq!(files, 9);
}

#[test]
fn the_secret_stands_where_browsers_send_it_nowhere() {
    let server = Server::start();
    let (sent, fragment) = server.link.split_once('#').unwrap();
    assert_eq!(sent, format!("http://{}/", server.address));
    assert_eq!(fragment, format!("secret={}", server.secret));
}
