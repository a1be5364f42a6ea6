//! A camera in software: screens as a camera sees them, turned, blurred, noisy, with glare and between two frames.
//!
//! No lens, shutter or display is modelled; conditions are given as numbers, and all chance comes from a seed. The set
//! [`Conditions::NAMED`] is what the reader of codes has to cope with.

mod lens;
mod random;
mod screen;

use dcrcold_signer::scan::image::{Luma, Size};

use self::lens::Projection;
pub use self::random::Random;
pub use self::screen::{Cell, Screen};

/// What stands between a screen and a picture of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conditions {
    /// How far the camera is turned, in degrees.
    pub rotation: f32,
    /// By which share of its length the farthest edge of the screen looks shorter.
    pub perspective: f32,
    /// Standard deviation of the blur, in pixels.
    pub blur: f32,
    /// Standard deviation of the noise of each pixel, in steps of 255.
    pub noise: f32,
    /// Which share of the picture is the frame that was shown before.
    pub ghost: f32,
    /// Over how many pixels the camera moves sideways.
    pub motion: usize,
    /// Whether a lamp is reflected.
    pub glare: bool,
    /// Brightness of what is black on the screen, and of what is white.
    pub contrast: (u8, u8),
    /// Which share of the picture's height the screen takes.
    pub fill: f32,
    /// Brightness of what is around the screen.
    pub surround: u8,
}

impl Conditions {
    /// Nothing in the way: a screen in a dark room that fills 85 % of the picture's height.
    pub const CLEAN: Self = Self {
        rotation: 0.0,
        perspective: 0.0,
        blur: 0.0,
        noise: 0.0,
        ghost: 0.0,
        motion: 0,
        glare: false,
        contrast: (20, 230),
        fill: 0.85,
        surround: 30,
    };
    const HAND: Self = Self { rotation: 5.0, blur: 0.7, noise: 6.0, ..Self::CLEAN };
    const SKEWED: Self = Self { rotation: 10.0, perspective: 0.06, blur: 1.0, noise: 10.0, ..Self::CLEAN };
    const POOR: Self = Self { perspective: 0.12, blur: 1.4, noise: 16.0, contrast: (70, 165), ..Self::SKEWED };

    /// The set: from a clean picture to one of everything at once.
    pub const NAMED: [(&'static str, Self); 8] = [
        ("clean", Self::CLEAN),
        ("in a hand", Self::HAND),
        ("from the side", Self::SKEWED),
        ("in poor light", Self::POOR),
        ("between frames", Self { ghost: 0.25, ..Self::HAND }),
        ("moving", Self { motion: 3, ..Self::CLEAN }),
        ("terminal's line gaps", Self::CLEAN),
        ("glare", Self { glare: true, ..Self::HAND }),
    ];
    /// Which of the set are of screens with gaps between rows of characters.
    #[must_use]
    pub fn has_gaps(name: &str) -> bool {
        name == Self::NAMED[6].0
    }
}

/// A camera on a tripod that shakes a little.
pub struct Camera {
    size: Size,
    random: Random,
}

impl Camera {
    /// A camera of this many pixels; the seed decides what comes by chance.
    #[must_use]
    pub const fn new(size: Size, seed: u64) -> Self {
        Self { size, random: Random::new(seed) }
    }

    /// Takes a picture of a screen, which showed another one just `before`.
    ///
    /// # Panics
    /// When the two screens are not of one size.
    pub fn photograph(&mut self, screen: &Screen, before: Option<&Screen>, conditions: &Conditions) -> Luma {
        let mixed = before.map(|before| screen.mixed_with(before, conditions.ghost));
        let screen = mixed.as_ref().unwrap_or(screen);
        let projection = Projection::of(self.size, screen, conditions, &mut self.random);
        let mut picture = lens::project(self.size, screen, conditions, &projection);
        if conditions.glare {
            lens::reflect_lamp(self.size, &mut picture, &mut self.random);
        }
        if conditions.motion > 1 {
            lens::smear(self.size, &mut picture, conditions.motion);
        }
        if conditions.blur > 0.0 {
            lens::blur(self.size, &mut picture, conditions.blur);
        }
        let pixels = lens::expose(&picture, conditions.noise, &mut self.random);
        Luma::with_size(self.size, pixels).expect("the lens projects every pixel")
    }
}
