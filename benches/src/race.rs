use std::hint::black_box;
use std::time::{Duration, Instant};

/// How long one round of one contender should take.
const ROUND: Duration = Duration::from_millis(2);

/// Measures `iterations` calls and returns the time of one.
pub fn time<T>(iterations: u32, mut work: impl FnMut() -> T) -> Duration {
    let start = Instant::now();
    for _ in 0..iterations {
        black_box(work());
    }
    start.elapsed() / iterations
}

/// Something that can do its work a number of times and say how long one took.
type Contender<'a> = Box<dyn FnMut(u32) -> Duration + 'a>;

/// Several ways to do the same work, measured in turns.
#[derive(Default)]
pub struct Race<'a> {
    contenders: Vec<(&'a str, Contender<'a>)>,
}

impl<'a> Race<'a> {
    /// Adds a contender that works in this process.
    #[must_use]
    pub fn with<T>(self, name: &'a str, mut work: impl FnMut() -> T + 'a) -> Self {
        self.with_measured(name, move |iterations| time(iterations, &mut work))
    }

    /// Adds a contender that measures itself: it is told how often to work and returns the time of once.
    #[must_use]
    pub fn with_measured(mut self, name: &'a str, work: impl FnMut(u32) -> Duration + 'a) -> Self {
        self.contenders.push((name, Box::new(work)));
        self
    }

    /// Lets all take turns for `rounds` rounds, and returns the best time of each in their order.
    #[must_use]
    pub fn run(mut self, rounds: u32) -> Vec<(&'a str, Duration)> {
        let iterations: Vec<u32> = self.contenders.iter_mut().map(|(_, work)| iterations_for(work)).collect();
        let mut best = vec![Duration::MAX; self.contenders.len()];
        for _ in 0..rounds {
            for (((_, work), &iterations), best) in self.contenders.iter_mut().zip(&iterations).zip(&mut best) {
                *best = (*best).min(work(iterations));
            }
        }
        self.contenders.into_iter().map(|(name, _)| name).zip(best).collect()
    }
}

fn iterations_for(work: &mut Contender<'_>) -> u32 {
    let once = work(3).max(Duration::from_nanos(1));
    u32::try_from(ROUND.as_nanos() / once.as_nanos()).unwrap_or(u32::MAX).clamp(1, 1_000_000)
}
