//! `dcrcold web` in a real browser: headless Chromium whose camera is a film that the tests draw.
//!
//! Without Chromium the tests say `skipped:`, which the totals count; `DCRCOLD_REQUIRE_CHROMIUM=1` makes it a failure.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod camera;
mod chromium;
mod film;
mod looks;
mod orders;
mod purchase;
mod timing;
mod world;
