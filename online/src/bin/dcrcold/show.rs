//! `dcrcold show`: a request as QR codes, on the terminal or as pictures.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use dcrcold::pictures::{Page, Subject, film, pages};
use dcrcold_signer::cli::Stop;
use dcrcold_signer::file::{self, Readers};
use dcrcold_signer::show::{self, Shown, Side};
use serde::Serialize;

use crate::cli::ShowArgs;
use crate::context::Context;
use crate::failure::Explain;
use crate::hand_out::must_not_exist;
use crate::progress;
use crate::submit::read;

/// What was written.
#[derive(Serialize)]
struct Written {
    id: String,
    kind: String,
    network: String,
    check_words: String,
    pages: Vec<String>,
    codes_on_pages: usize,
    animation: Option<String>,
}

pub(crate) fn run(context: &mut Context, args: &ShowArgs) -> Result<(), Stop> {
    let shown = Shown::parse(&read(&args.file)?, Side::Online).map_err(|failure| failure.about(&args.file))?;
    if args.png.is_none() && args.gif.is_none() {
        return Ok(show::codes(shown)?);
    }
    // Everything is made before anything is written.
    let subject = Subject { stream: shown.stream(), caption: shown.caption(), id: shown.id() };
    let drawing = progress::waiting("drawing codes");
    let sheets = match &args.png {
        Some(path) => named(path, pages(&subject).explain()?),
        None => Vec::new(),
    };
    let animation = match &args.gif {
        Some(path) => Some((path.as_path(), film(&subject).explain()?)),
        None => None,
    };
    drop(drawing);
    let printed = sheets.iter().map(|(path, page)| (path.as_path(), &page.png));
    let files: Vec<_> = printed.chain(animation.iter().map(|(path, gif)| (*path, gif))).collect();
    files.iter().try_for_each(|(path, _)| must_not_exist(path))?;
    files.iter().try_for_each(|(path, bytes)| file::write_new(path, bytes, Readers::Everybody).explain())?;
    tell(context, &shown, &sheets, animation.map(|(path, _)| path))
}

/// A single page has the name that was given, several have numbers in it.
fn named(path: &Path, pages: Vec<Page>) -> Vec<(PathBuf, Page)> {
    let several = pages.len() > 1;
    let name = |number: usize| -> PathBuf {
        if !several {
            return path.to_owned();
        }
        let mut name = OsString::from(path.file_stem().unwrap_or_default());
        name.push(format!("-{number}"));
        path.extension().into_iter().for_each(|extension| {
            name.push(".");
            name.push(extension);
        });
        path.with_file_name(name)
    };
    pages.into_iter().zip(1..).map(|(page, number)| (name(number), page)).collect()
}

fn tell(
    context: &mut Context,
    shown: &Shown,
    sheets: &[(PathBuf, Page)],
    animation: Option<&Path>,
) -> Result<(), Stop> {
    let caption = shown.caption();
    let facts = Written {
        id: shown.id().to_string(),
        kind: caption.kind.to_string(),
        network: caption.network.to_string(),
        check_words: caption.words.join(" "),
        pages: sheets.iter().map(|(path, _)| path.display().to_string()).collect(),
        codes_on_pages: sheets.iter().map(|(_, page)| page.codes).sum(),
        animation: animation.map(|path| path.display().to_string()),
    };
    context.facts(&facts, |out, facts| {
        out.line(format_args!("{} for {}: {}", facts.kind, facts.network, facts.check_words))?;
        for page in &facts.pages {
            out.line(format_args!("page       {page}"))?;
        }
        facts.animation.iter().try_for_each(|gif| out.line(format_args!("animation  {gif}")))
    })
}
