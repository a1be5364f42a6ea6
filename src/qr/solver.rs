//! The receiver's linear algebra: symbols in any order to source symbols.
//!
//! Combinations are kept as rows in reduced row echelon form over the *columns*, the source symbols that were missing
//! when the first combination came. So each symbol is known to be of use or not at once, the number of independent
//! symbols is exact, and the work is spread over the frames.

use super::field::{Doublings, Sum, add, inverse, product};
use super::stream::coefficients;
use super::{SYMBOL_LENGTH, StreamId, Symbol, SymbolId};

/// What a symbol was good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// It is independent of those before.
    New,
    /// It follows from those before.
    Known,
    /// It contradicts those before.
    Contradiction,
}

/// A combination: a coefficient for each column, then 80 bytes; the pivot's coefficient is one.
struct Row {
    pivot: usize,
    values: Vec<u8>,
}

/// The symbols of a stream so far.
pub(super) struct Solver {
    stream: StreamId,
    source: Vec<Option<Symbol>>,
    columns: Vec<usize>,
    rows: Vec<Row>,
    rank: usize,
}

impl Solver {
    /// Expects a stream of this many source symbols, at most [`MAX_SYMBOLS`](super::MAX_SYMBOLS).
    pub(super) fn new(stream: StreamId, symbols: usize) -> Self {
        Self { stream, source: vec![None; symbols], columns: Vec::new(), rows: Vec::new(), rank: 0 }
    }

    /// How many independent symbols there are.
    pub(super) const fn rank(&self) -> usize {
        self.rank
    }

    /// How many are needed.
    pub(super) const fn needed(&self) -> usize {
        self.source.len()
    }

    /// Takes a symbol.
    pub(super) fn take(&mut self, id: SymbolId, symbol: &Symbol) -> Use {
        let used = match self.source.get(id.index()) {
            Some(Some(known)) if known == symbol => Use::Known,
            Some(Some(_)) => Use::Contradiction,
            Some(None) => self.take_source(id.index(), symbol),
            None if self.rank == self.needed() => Use::Known,
            None => self.take_combination(id, symbol),
        };
        if used == Use::New {
            self.rank += 1;
            if self.rank == self.needed() {
                self.read_rows();
            }
        }
        used
    }

    /// The source symbols, once all are known.
    pub(super) fn symbols(&self) -> Option<Vec<Symbol>> {
        self.source.iter().copied().collect()
    }

    fn take_source(&mut self, index: usize, symbol: &Symbol) -> Use {
        if let Ok(column) = self.columns.binary_search(&index) {
            // The equation "column = symbol" is reduced by the only row that may have the column as its pivot.
            let mut values = self.empty_row();
            values[column] = 1;
            values[self.columns.len()..].copy_from_slice(symbol);
            if let Some(row) = self.rows.iter().find(|row| row.pivot == column) {
                add(&mut values, &row.values);
                let used = self.insert(values);
                if used != Use::New {
                    return used;
                }
            }
            self.remove_column(column, symbol);
        }
        self.source[index] = Some(*symbol);
        Use::New
    }

    fn take_combination(&mut self, id: SymbolId, symbol: &Symbol) -> Use {
        if self.rows.is_empty() {
            self.columns = (0..self.source.len()).filter(|index| self.source[*index].is_none()).collect();
        }
        let mut values = self.empty_row();
        let (unknown, constant) = values.split_at_mut(self.columns.len());
        let mut known = Sum::new(SYMBOL_LENGTH);
        let mut columns = self.columns.iter().enumerate().peekable();
        for ((index, source), coefficient) in self.source.iter().enumerate().zip(coefficients(self.stream, id)) {
            let column = columns.next_if(|(_, of)| **of == index).map(|(column, _)| column);
            match (source, column) {
                (Some(source), _) => known.add(source, coefficient),
                (None, Some(column)) => unknown[column] = coefficient,
                (None, None) => unreachable!("what is unknown has a column"),
            }
        }
        constant.copy_from_slice(symbol);
        known.add_to(constant);
        let mut sum = Sum::new(values.len());
        for row in &self.rows {
            sum.add(&row.values, values[row.pivot]);
        }
        sum.add_to(&mut values);
        self.insert(values)
    }

    /// Makes a row that no pivot of others is left in a row of the form, and takes its own pivot out of the others.
    fn insert(&mut self, mut values: Vec<u8>) -> Use {
        let (unknown, constant) = values.split_at(self.columns.len());
        let Some(pivot) = unknown.iter().position(|value| *value != 0) else {
            return if constant.iter().all(|value| *value == 0) { Use::Known } else { Use::Contradiction };
        };
        let factor = inverse(values[pivot]);
        for value in &mut values {
            *value = product(*value, factor);
        }
        let doublings = Doublings::of(&values);
        for row in &mut self.rows {
            let coefficient = row.values[pivot];
            doublings.add_to(&mut row.values, coefficient);
        }
        self.rows.push(Row { pivot, values });
        Use::New
    }

    /// Puts a symbol that is known now into all rows.
    fn remove_column(&mut self, column: usize, symbol: &Symbol) {
        let doublings = Doublings::of(symbol);
        let constant = self.columns.len();
        self.rows.retain(|row| row.pivot != column);
        for row in &mut self.rows {
            let coefficient = std::mem::take(&mut row.values[column]);
            doublings.add_to(&mut row.values[constant..], coefficient);
        }
    }

    /// With as many independent symbols as unknown ones, each row is one unknown symbol.
    fn read_rows(&mut self) {
        for row in std::mem::take(&mut self.rows) {
            let constant = row.values.last_chunk::<SYMBOL_LENGTH>().expect("a row ends in a symbol");
            self.source[self.columns[row.pivot]] = Some(*constant);
        }
    }

    fn empty_row(&self) -> Vec<u8> {
        vec![0; self.columns.len() + SYMBOL_LENGTH]
    }
}
