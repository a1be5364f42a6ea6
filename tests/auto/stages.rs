//! The stages of a round one by one, so that a test can end between any two of them.

use dcrcold::auto::{AutoError, Decision, lapse, prepare, publish, tell, write};
use dcrcold::chain::ChainSource;
use dcrcold::wallet::auto::AutoRequest;
use dcrcold::wallet::purchase::Prepared;
use dcrcold::wallet::{SystemClock, Wallet};

/// How many stages there are.
pub const STAGES: u32 = 5;

/// What the stages that were done came to.
#[derive(Default)]
pub struct Done {
    pub lapsed: Vec<AutoRequest>,
    pub decision: Option<Decision>,
    pub prepared: Option<Prepared>,
    pub told: usize,
}

/// Does the first stages of a round, as the library's own round does them.
pub fn stages(wallet: &mut Wallet, source: &mut dyn ChainSource, count: u32) -> Result<Done, AutoError> {
    let (price, rule) = (source.price()?, wallet.rule()?);
    let mut done = Done::default();
    if count > 0 {
        done.lapsed = lapse(wallet, &price, &SystemClock)?;
    }
    if count > 1 {
        let (decision, prepared) = prepare(wallet, rule.as_ref(), &price, &SystemClock)?;
        (done.decision, done.prepared) = (Some(decision), prepared);
    }
    if count > 2 {
        write(wallet)?;
    }
    if count > 3 {
        done.told = tell(wallet, None)?.0.len();
    }
    if let (true, Some(rule), Some(decision)) = (count > 4, &rule, &done.decision) {
        publish(wallet, rule, &price, decision)?;
    }
    Ok(done)
}
