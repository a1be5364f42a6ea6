//! The receiver's linear algebra: symbols in any order to source symbols.
//!
//! Each source symbol is known, or *free*, or it is the *pivot* of a row, which says what it is once the free ones are
//! known. So each symbol that comes is known to be of use or not at once, the number of independent symbols is exact,
//! and the work is spread over the frames. Every row has a coefficient for each free symbol alone: with the last free one
//! gone, all rows are solutions.

use super::field::{LANE, Lane, Multiples, Sum, add, inverse, lanes, multiply};
use super::stream::coefficients;
use super::{SYMBOL_LENGTH, StreamId, Symbol, SymbolId};

/// Lanes of a symbol, which fills them.
const SYMBOL_LANES: usize = SYMBOL_LENGTH / LANE;

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

/// What is known of a source symbol.
#[derive(Clone, Copy)]
enum Place {
    Known,
    /// Nothing; its column.
    Free(usize),
    /// How it follows from the free ones; its row.
    Pivot(usize),
}

/// A source symbol as 80 bytes plus the free symbols with coefficients.
struct Row {
    source: usize,
    /// The bytes, a coefficient for each column, and zeros up to whole lanes.
    values: Vec<Lane>,
}

/// The symbols of a stream so far.
pub(super) struct Solver {
    stream: StreamId,
    source: Vec<Symbol>,
    places: Vec<Place>,
    /// The source symbol of each column.
    columns: Vec<usize>,
    rows: Vec<Row>,
    rank: usize,
}

impl Solver {
    /// Expects a stream of this many source symbols, at most [`MAX_SYMBOLS`](super::MAX_SYMBOLS).
    pub(super) fn new(stream: StreamId, symbols: usize) -> Self {
        let (places, columns) = ((0..symbols).map(Place::Free).collect(), (0..symbols).collect());
        Self { stream, source: vec![[0; SYMBOL_LENGTH]; symbols], places, columns, rows: Vec::new(), rank: 0 }
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
        let used = match self.places.get(id.index()) {
            Some(Place::Known) if self.source[id.index()] == *symbol => Use::Known,
            Some(Place::Known) => Use::Contradiction,
            Some(Place::Free(column)) => self.take_free(*column, symbol),
            Some(Place::Pivot(row)) => self.take_pivot(*row, symbol),
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
        (self.rank == self.needed()).then(|| self.source.clone())
    }

    fn take_free(&mut self, column: usize, symbol: &Symbol) -> Use {
        if !self.rows.is_empty() {
            let multiples = Multiples::of(lanes(symbol));
            for row in &mut self.rows {
                let coefficient = row.values.as_flattened()[SYMBOL_LENGTH + column];
                multiples.add_to(&mut row.values[..SYMBOL_LANES], coefficient);
            }
        }
        let source = self.remove_column(column);
        self.know(source, symbol);
        Use::New
    }

    /// A pivot that is known leaves an equation over the free symbols.
    fn take_pivot(&mut self, row: usize, symbol: &Symbol) -> Use {
        let mut values = self.rows[row].values.clone();
        add(&mut values, lanes(symbol));
        let used = self.insert(values);
        if used == Use::New {
            let Row { source, .. } = self.rows.swap_remove(row);
            if let Some(moved) = self.rows.get(row) {
                self.places[moved.source] = Place::Pivot(row);
            }
            self.know(source, symbol);
        }
        used
    }

    fn take_combination(&mut self, id: SymbolId, symbol: &Symbol) -> Use {
        let mut values = vec![[0; LANE]; self.width()];
        let (constant, unknown) = values.split_at_mut(SYMBOL_LANES);
        constant.copy_from_slice(lanes(symbol));
        let unknown = unknown.as_flattened_mut();
        let (mut known, mut reduced) = (Sum::new(SYMBOL_LANES), Sum::new(self.width()));
        for ((place, source), coefficient) in self.places.iter().zip(&self.source).zip(coefficients(self.stream, id)) {
            match *place {
                Place::Known => known.add(lanes(source), coefficient),
                Place::Free(column) => unknown[column] = coefficient,
                Place::Pivot(row) => reduced.add(&self.rows[row].values, coefficient),
            }
        }
        known.add_to(constant);
        reduced.add_to(&mut values);
        self.insert(values)
    }

    /// Takes the equation that bytes plus free symbols with coefficients are zero: makes one of them a pivot.
    fn insert(&mut self, mut values: Vec<Lane>) -> Use {
        let (constant, coefficients) = values.as_flattened().split_at(SYMBOL_LENGTH);
        let Some(pivot) = coefficients.iter().position(|value| *value != 0) else {
            return if constant.iter().all(|value| *value == 0) { Use::Known } else { Use::Contradiction };
        };
        let factor = inverse(coefficients[pivot]);
        multiply(&mut values, factor);
        let multiples = Multiples::of(&values);
        for row in &mut self.rows {
            let coefficient = row.values.as_flattened()[SYMBOL_LENGTH + pivot];
            multiples.add_to(&mut row.values, coefficient);
        }
        let source = self.columns[pivot];
        self.rows.push(Row { source, values });
        self.remove_column(pivot);
        self.places[source] = Place::Pivot(self.rows.len() - 1);
        Use::New
    }

    /// Takes a source symbol out of the free ones, and says which it is; the last one takes its column.
    fn remove_column(&mut self, column: usize) -> usize {
        let source = self.columns.swap_remove(column);
        if let Some(moved) = self.columns.get(column) {
            self.places[*moved] = Place::Free(column);
        }
        let (removed, last, width) = (SYMBOL_LENGTH + column, SYMBOL_LENGTH + self.columns.len(), self.width());
        for Row { values, .. } in &mut self.rows {
            let bytes = values.as_flattened_mut();
            bytes[removed] = bytes[last];
            bytes[last] = 0;
            values.truncate(width);
        }
        source
    }

    fn know(&mut self, source: usize, symbol: &Symbol) {
        self.source[source] = *symbol;
        self.places[source] = Place::Known;
    }

    /// With as many independent symbols as are needed none is free, and each row is a source symbol.
    fn read_rows(&mut self) {
        for Row { source, values } in std::mem::take(&mut self.rows) {
            let symbol = *values.as_flattened().first_chunk().expect("a row begins with a symbol");
            self.know(source, &symbol);
        }
    }

    /// Lanes in a row.
    fn width(&self) -> usize {
        SYMBOL_LANES + self.columns.len().div_ceil(LANE)
    }
}

#[cfg(test)]
mod tests {
    use super::super::field::product;
    use super::*;

    const STREAM: StreamId = StreamId::from_bytes([1, 2, 3, 4]);

    /// How many rows are independent, by elimination as in a textbook.
    fn rank(mut rows: Vec<Vec<u8>>) -> usize {
        let mut rank = 0;
        for column in 0..rows[0].len() {
            let Some(found) = (rank..rows.len()).find(|row| rows[*row][column] != 0) else { continue };
            rows.swap(rank, found);
            let pivot = rows[rank].clone();
            for row in &mut rows[rank + 1..] {
                let factor = product(row[column], inverse(pivot[column]));
                row.iter_mut().zip(&pivot).for_each(|(value, pivot)| *value ^= product(*pivot, factor));
            }
            rank += 1;
        }
        rank
    }

    /// A symbol as an equation: a coefficient for each source symbol, then its first byte.
    fn equation(number: usize, needed: usize, byte: u8) -> Vec<u8> {
        let id = SymbolId::new(u32::try_from(number).unwrap()).unwrap();
        let source = (0..needed).map(|index| u8::from(index == number)).collect();
        let of = if number < needed { source } else { coefficients(STREAM, id).take(needed).collect::<Vec<u8>>() };
        [of, vec![byte]].concat()
    }

    /// What the last of these equations is good for.
    fn use_of_last(equations: &[Vec<u8>], needed: usize) -> Use {
        let before = equations.len() - 1;
        let coefficients = equations.iter().map(|row| row[..needed].to_vec()).collect();
        match (rank(coefficients) > before, rank(equations.to_vec()) > before) {
            (true, _) => Use::New,
            (false, true) => Use::Contradiction,
            (false, false) => Use::Known,
        }
    }

    #[test]
    fn what_a_symbol_is_good_for_is_what_elimination_from_the_start_says() {
        let mut state = 1_u64;
        let mut below = |bound: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).unwrap() % bound
        };
        let mut found = [0; 3];
        for _ in 0..300 {
            let needed = 1 + below(20);
            let mut solver = Solver::new(STREAM, needed);
            let mut taken: Vec<Vec<u8>> = Vec::new();
            while solver.rank() < needed {
                // Few numbers, so that many come again; a byte that is made up contradicts what is known of it.
                let (number, byte) = (below(2 * needed), u8::try_from(below(2)).unwrap());
                let with = [&taken[..], &[equation(number, needed, byte)]].concat();
                let expected = use_of_last(&with, needed);
                let mut symbol = [0; SYMBOL_LENGTH];
                symbol[0] = byte;
                let id = SymbolId::new(u32::try_from(number).unwrap()).unwrap();
                assert_eq!(solver.take(id, &symbol), expected);
                if expected == Use::New {
                    taken = with;
                }
                assert_eq!(solver.rank(), taken.len());
                found[expected as usize] += 1;
            }
            // Whatever was made up, the solution solves it.
            let solution = solver.symbols().unwrap();
            for row in &taken {
                let sum =
                    row.iter().zip(&solution).fold(row[needed], |sum, (of, symbol)| sum ^ product(*of, symbol[0]));
                assert_eq!(sum, 0);
            }
        }
        println!("symbols: {found:?} new, known, contradictions");
        assert_eq!(found, [3_312, 570, 532]);
    }
}
