//! `dcrcold doctor`: what is wrong, and what can be done about it.

use dcrcold::chain::ChainSource;
use dcrcold::doctor::{self, Finding, Kind, Report, Severity, Snapshot};
use dcrcold::plural::count;
use dcrcold::wallet::SystemClock;
use dcrcold_signer::cli::{Failure, FailureKind, Stop};
use serde::Serialize;

use crate::cli::DoctorArgs;
use crate::context::Context;
use crate::failure::Explain;
use crate::progress;
use crate::voter::folder;

#[derive(Serialize)]
struct Shown {
    examined: Vec<String>,
    findings: Vec<Found>,
    problems: usize,
    warnings: usize,
    notes: usize,
}

#[derive(Serialize)]
struct Found {
    kind: &'static str,
    severity: Severity,
    sentence: String,
    hint: String,
}

impl From<&Finding> for Found {
    fn from(finding: &Finding) -> Self {
        let (kind, severity) = (finding.kind.name(), finding.kind.severity());
        Self { kind, severity, sentence: finding.sentence.clone(), hint: finding.hint.clone() }
    }
}

pub(crate) fn run(context: &mut Context, args: &DoctorArgs) -> Result<(), Stop> {
    let mut report = Report::default();
    let path = context.wallet_path()?;
    if let Some(snapshot) = doctor::examine_file(&path, &mut report) {
        doctor::examine_caches(&path, snapshot.wallet.network(), args.repair, &mut report);
        let looking = progress::waiting("looking at chain, requests and voters");
        look(context, args, &snapshot, &mut report)?;
        drop(looking);
    }
    show(context, &report)?;
    match report.count(Severity::Problem) {
        0 => Ok(()),
        1 => Err(Failure::new(FailureKind::Failed, "1 problem needs a person").into()),
        problems => Err(Failure::new(FailureKind::Failed, format!("{problems} problems need a person")).into()),
    }
}

fn look(context: &Context, args: &DoctorArgs, snapshot: &Snapshot, report: &mut Report) -> Result<(), Failure> {
    let wallet = &snapshot.wallet;
    if let Some(backup) = &args.backup {
        doctor::examine_backup(wallet, backup, report).explain()?;
    }
    let mut source = None;
    if !args.offline {
        match context.source(wallet.network()) {
            Ok(found) => source = Some(found),
            Err(failure) => {
                let hint = failure.hints().first().map_or("see --source", String::as_str);
                report.found(Kind::SourceUnreachable, format_args!("the chain cannot be asked: {failure}"), hint);
            }
        }
    }
    if let Some(source) = &mut source {
        doctor::examine_chain(wallet, source.as_mut(), &SystemClock, report).explain()?;
    }
    let source: Option<&mut dyn ChainSource> = match &mut source {
        Some(source) => Some(source.as_mut()),
        None => None,
    };
    doctor::examine_requests(wallet, source, report).explain()?;
    doctor::examine_stake(wallet, &folder(context)?, report).explain()
}

fn show(context: &mut Context, report: &Report) -> Result<(), Stop> {
    let mut findings: Vec<_> = report.findings.iter().map(Found::from).collect();
    // What matters most comes first, and otherwise what was looked at first.
    findings.sort_by_key(|found| std::cmp::Reverse(found.severity));
    let shown = Shown {
        examined: report.examined.clone(),
        findings,
        problems: report.count(Severity::Problem),
        warnings: report.count(Severity::Warning),
        notes: report.count(Severity::Note),
    };
    context.facts(&shown, |out, shown| {
        shown.examined.iter().try_for_each(|what| out.line(format_args!("looked at {what}")))?;
        for found in &shown.findings {
            out.line("")?;
            out.line(format_args!("{}: {}", found.severity.name(), found.sentence))?;
            out.line(format_args!("  hint: {}", found.hint))?;
        }
        out.line("")?;
        let counts = [(shown.problems, "problem"), (shown.warnings, "warning"), (shown.notes, "note")];
        out.line(counts.map(|(number, what)| count(number, what)).join(", "))
    })
}
