//! A large screen: arrows and the way out at the bottom of every sheet; a button that is held says yes.

use core::ffi::c_int;
use core::ptr;
use core::sync::atomic::{AtomicU8, Ordering};

use dcrcold_core::apdu::Fault;
use ledger_device_sdk::include_gif;
use ledger_device_sdk::nbgl::NbglGlyph;
use ledger_device_sdk::sys;

use super::{Move, done};
use crate::sheet::{Kind, LABEL, Sheet, Text, VALUE};

/// The app's own sign.
pub const GLYPH: NbglGlyph = NbglGlyph::from_include(include_gif!("icons/ticket_64x64.gif", NBGL));
/// Every sheet has the way out.
pub const SAYS_NO: bool = false;

/// What NBGL gives back for the arrows, the button that is held, and the way out.
#[allow(clippy::cast_possible_truncation, reason = "it is a small number, whatever type the bindings give it")]
const ARROWS: u8 = sys::FIRST_USER_TOKEN as u8;
const HELD: u8 = ARROWS + 1;
const WAY_OUT: u8 = ARROWS + 2;

/// The place of the sheet on the screen; the arrows give the place they lead to.
static PLACE: AtomicU8 = AtomicU8::new(0);

/// What NBGL reads while a sheet is on the screen.
pub struct Canvas {
    icon: sys::nbgl_icon_details_t,
    pair: sys::nbgl_contentTagValue_t,
    held: Text<24>,
    page: *mut sys::nbgl_page_t,
}

impl Canvas {
    pub fn new() -> Self {
        Self {
            icon: (&GLYPH).into(),
            pair: sys::nbgl_contentTagValue_t::default(),
            held: Text::new(),
            page: ptr::null_mut(),
        }
    }

    /// Draws a sheet.
    pub fn draw(&mut self, sheet: &Sheet, label: &Text<LABEL>, value: &Text<VALUE>, _: bool) -> Result<(), Fault> {
        let [place, count] = [sheet.place, sheet.count].map(u8::try_from);
        let (place, count) = (place.map_err(|_| Fault::Failed)?, count.map_err(|_| Fault::Failed)?);
        let mut content = sys::nbgl_pageContent_t::default();
        if sheet.kind == Kind::Read {
            self.pair =
                sys::nbgl_contentTagValue_t { item: label.as_ptr(), value: value.as_ptr(), ..Default::default() };
            content.type_ = sys::TAG_VALUE_LIST;
            content.__bindgen_anon_1.tagValueList =
                sys::nbgl_contentTagValueList_t { pairs: &self.pair, nbPairs: 1, wrapping: true, ..Default::default() };
        } else {
            self.held.set(format_args!("Hold to {}", value.as_str())).map_err(|_| Fault::Failed)?;
            content.type_ = sys::INFO_LONG_PRESS;
            content.__bindgen_anon_1.infoLongPress = sys::nbgl_contentInfoLongPress_t {
                text: label.as_ptr(),
                icon: &self.icon,
                longPressText: self.held.as_ptr(),
                longPressToken: HELD,
                tuneId: sys::TUNE_TAP_CASUAL,
            };
        }
        PLACE.store(place, Ordering::Relaxed);
        self.page(&arrows(place, count), &mut content);
        Ok(())
    }

    fn page(&mut self, arrows: &sys::nbgl_pageNavigationInfo_t, content: &mut sys::nbgl_pageContent_t) {
        // SAFETY: what NBGL keeps - texts with zero bytes at their ends, the icon, the pair - lives in the platform,
        // which is never dropped and never moved once something was drawn; arrows and content are copied. The page
        // that is released is the one drawn before.
        unsafe {
            if !self.page.is_null() {
                sys::nbgl_pageRelease(self.page);
            }
            self.page = sys::nbgl_pageDrawGenericContent(Some(touched), arrows, content);
            sys::nbgl_refresh();
        }
    }
}

fn arrows(place: u8, count: u8) -> sys::nbgl_pageNavigationInfo_t {
    let mut arrows = sys::nbgl_pageNavigationInfo_t {
        activePage: place,
        nbPages: count,
        quitToken: WAY_OUT,
        navType: sys::NAV_WITH_BUTTONS,
        tuneId: sys::TUNE_TAP_CASUAL,
        ..Default::default()
    };
    arrows.__bindgen_anon_1.navWithButtons = sys::nbgl_pageNavWithButtons_s {
        backButton: true,
        visiblePageIndicator: true,
        navToken: ARROWS,
        quitText: c"Decline".as_ptr(),
        ..Default::default()
    };
    arrows
}

/// Called by NBGL when something on the sheet is touched, held or swiped.
unsafe extern "C" fn touched(token: c_int, index: u8) {
    let place = PLACE.load(Ordering::Relaxed);
    match u8::try_from(token) {
        Ok(ARROWS) if index == place.wrapping_add(1) => done(Move::Forward),
        Ok(ARROWS) if index == place.wrapping_sub(1) => done(Move::Back),
        Ok(HELD) => done(Move::Choose),
        Ok(WAY_OUT) => done(Move::Decline),
        _ => {}
    }
}
