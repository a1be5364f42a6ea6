//! Cameras that miss frames.

use dcrcold_simulator::camera::Random;

/// The chance of one run.
pub(crate) fn seeded(run: u64) -> Random {
    let mut random = Random::new(run);
    // The figures of docs/performance.md begin with the second number.
    random.bits();
    random
}

/// A way to miss frames.
#[derive(Clone, Copy)]
pub(crate) enum Camera {
    /// Each frame is missed with a chance of this many in a hundred.
    Misses(u64),
    /// As many, but four in a row on average.
    Bursts(u64),
    /// As [`Camera::Misses`], and the first hundred frames were not looked at.
    Late(u64),
    /// Sees every second frame, which is what a phase lock of screen and camera does.
    EverySecond,
}

impl Camera {
    /// All that are measured.
    pub(crate) const ALL: [Self; 8] = [
        Self::Misses(0),
        Self::Misses(10),
        Self::Misses(30),
        Self::Misses(50),
        Self::Bursts(30),
        Self::Bursts(50),
        Self::Late(30),
        Self::EverySecond,
    ];

    pub(crate) fn name(self) -> String {
        match self {
            Self::Misses(percent) => format!("{percent} % lost"),
            Self::Bursts(percent) => format!("{percent} % lost in bursts"),
            Self::Late(percent) => format!("{percent} % lost, 100 frames late"),
            Self::EverySecond => "every second frame".to_owned(),
        }
    }

    /// The share of frames that it sees.
    pub(crate) fn seen(self) -> f64 {
        match self {
            Self::Misses(percent) | Self::Bursts(percent) | Self::Late(percent) => (100 - percent) as f64 / 100.0,
            Self::EverySecond => 0.5,
        }
    }

    /// The first frame that it looks at.
    pub(crate) const fn first(self) -> usize {
        if matches!(self, Self::Late(_)) { 100 } else { 0 }
    }

    /// What it sees of one run.
    pub(crate) fn start(self, random: &mut Random) -> Sight {
        let blind = match self {
            Self::Bursts(percent) => random.below(100) < percent,
            _ => false,
        };
        Sight { camera: self, blind, turn: 0 }
    }
}

/// A camera during one run.
pub(crate) struct Sight {
    camera: Camera,
    blind: bool,
    turn: u64,
}

impl Sight {
    /// Whether the next frame is seen.
    pub(crate) fn sees(&mut self, random: &mut Random) -> bool {
        match self.camera {
            Camera::Misses(percent) | Camera::Late(percent) => random.below(100) >= percent,
            Camera::EverySecond => {
                self.turn += 1;
                self.turn.is_multiple_of(2)
            }
            Camera::Bursts(percent) => {
                let seen = !self.blind;
                // Two states: blindness ends with a chance of 1/4 and begins as often as the share asks for.
                self.blind = if self.blind { random.below(4) != 0 } else { random.below(400 - 4 * percent) < percent };
                seen
            }
        }
    }
}
