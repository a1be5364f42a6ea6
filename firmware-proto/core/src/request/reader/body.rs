//! Reads the body of a request: the grammar is here, what values mean in `draft`, and where they go in a [`Landing`].

use blake256::Blake256;

use super::draft::Draft;
use super::row::Row;
use crate::cbor::{CborError, Head, HeadReader};
use crate::hash::{Sink, TransferId, finish_reset};
use crate::request::MAX_LABEL;
use crate::request::header::{Header, VERSION};
use crate::request::landing::Landing;
use crate::request::shape::{ADDRESS_OUTPUT, Leaf, PURSE_OUTPUT, Shape, shape};
use crate::rule::{Figure, Part, Refusal, Rule};

/// What the next head or byte is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The head of the whole map.
    Map,
    /// A key.
    Key,
    /// The head of a value.
    Value,
    /// The head of an item of the value's outer array.
    Item,
    /// The head of a leaf of a tuple.
    Leaf,
    /// Bytes of a string, so many of them.
    Content(u64),
    /// Nothing.
    End,
}

/// Where in the grammar the reading is.
#[derive(Debug)]
struct Cursor {
    state: State,
    pairs_left: u64,
    next_key: u64,
    key: u64,
    shape: Shape,
    items_left: u64,
    leaves: &'static [Leaf],
    row: Row,
}

/// Reads what follows the header.
pub(super) struct BodyReader<const INPUTS: usize, const TICKETS: usize, L> {
    header: Header,
    left: usize,
    place: u32,
    hasher: Blake256,
    heads: HeadReader,
    cursor: Cursor,
    draft: Draft<INPUTS, TICKETS, L>,
}

impl Cursor {
    const START: Self = Self {
        state: State::Map,
        pairs_left: 0,
        next_key: 0,
        key: 0,
        shape: Shape::Uint,
        items_left: 0,
        leaves: &[],
        row: Row::BLANK,
    };
}

impl<const INPUTS: usize, const TICKETS: usize, L> BodyReader<INPUTS, TICKETS, L> {
    pub(super) const fn new(landing: L) -> Self {
        Self {
            header: Header::BLANK,
            left: 0,
            place: 0,
            hasher: Blake256::new(),
            heads: HeadReader::new(),
            cursor: Cursor::START,
            draft: Draft::new(landing),
        }
    }

    pub(super) const fn landing(&self) -> &L {
        &self.draft.landing
    }

    pub(super) const fn landing_mut(&mut self) -> &mut L {
        &mut self.draft.landing
    }

    pub(super) fn into_landing(self) -> L {
        self.draft.landing
    }

    /// The header, and how many bytes are still to come.
    pub(super) const fn header(&self) -> (&Header, usize) {
        (&self.header, self.left)
    }
}

impl<const INPUTS: usize, const TICKETS: usize, L: Landing<INPUTS, TICKETS>> BodyReader<INPUTS, TICKETS, L> {
    #[inline(never)]
    pub(super) fn start(&mut self, header: Header) {
        self.header = header;
        self.left = usize::try_from(header.length).unwrap_or(usize::MAX);
        self.place = 0;
        self.hasher = Header::start_id(VERSION, header.kind.code(), header.network);
        self.heads = HeadReader::new();
        self.cursor = Cursor::START;
        self.draft.start(&self.header);
    }

    #[inline(never)]
    pub(super) fn close(&mut self) -> Result<(), Refusal> {
        if self.left > 0 || self.cursor.state != State::End {
            let (refusal, length) = (Refusal::new(Rule::NotCanonical), self.header.length);
            let cut = refusal.found(self.place.into()).expected(length.into());
            return Err(if self.left > 0 { cut } else { refusal.at(Part::Byte(length)) });
        }
        let id = TransferId::from_bytes(finish_reset(&mut self.hasher));
        if id != self.header.id {
            let refusal = Refusal::new(Rule::IdMismatch);
            return Err(refusal.found(Figure::Id(self.header.id)).expected(Figure::Id(id)));
        }
        self.draft.close(&self.header)
    }

    /// Reads what belongs to the body before it refuses what is left over, so that the rule is the same however the
    /// bytes are split.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        let (body, surplus) = bytes.split_at_checked(self.left).unwrap_or((bytes, &[]));
        self.left = self.left.saturating_sub(body.len());
        self.hasher.put(body);
        self.read(body).map_err(|refusal| self.located(refusal))?;
        let too_many = Refusal::new(Rule::NotCanonical).at(Part::Byte(self.header.length));
        if surplus.is_empty() { Ok(()) } else { Err(too_many) }
    }

    /// Says where bytes are not canonical, if nothing better is known.
    fn located(&self, refusal: Refusal) -> Refusal {
        let nowhere = refusal.rule == Rule::NotCanonical && refusal.part == Part::Request;
        if nowhere { refusal.at(Part::Byte(self.place.saturating_sub(1))) } else { refusal }
    }

    fn read(&mut self, body: &[u8]) -> Result<(), Refusal> {
        let mut rest = body;
        while let Some((byte, tail)) = rest.split_first() {
            if let State::Content(left) = self.cursor.state {
                rest = self.content(left, rest)?;
                continue;
            }
            self.passed(1);
            rest = tail;
            if self.cursor.state == State::End {
                return Err(Rule::NotCanonical.into());
            }
            if let Some(head) = self.heads.push(*byte).map_err(not_canonical)? {
                self.head(head)?;
            }
        }
        Ok(())
    }

    /// Counts bytes that were read.
    fn passed(&mut self, bytes: usize) {
        self.place = self.place.saturating_add(u32::try_from(bytes).unwrap_or(u32::MAX));
    }

    #[inline(never)]
    fn head(&mut self, head: Head) -> Result<(), Refusal> {
        match (self.cursor.state, head) {
            (State::Map, Head::Map(pairs)) => {
                self.cursor.pairs_left = pairs;
                self.cursor.state = State::Key;
                Ok(())
            }
            (State::Key, Head::Uint(key)) => self.key(key),
            (State::Value, head) => self.value(head),
            (State::Item, head) => self.item(head),
            (State::Leaf, head) => self.leaf(head),
            _ => Err(Rule::NotCanonical.into()),
        }
    }

    fn key(&mut self, key: u64) -> Result<(), Refusal> {
        let cursor = &mut self.cursor;
        if key < cursor.next_key || cursor.pairs_left == 0 {
            return Err(Rule::NotCanonical.into());
        }
        cursor.shape = shape(self.header.kind, key).ok_or(Rule::NotCanonical)?;
        cursor.key = key;
        cursor.next_key = key.saturating_add(1);
        cursor.state = State::Value;
        cursor.row = Row::BLANK;
        self.draft.open(key)
    }

    fn value(&mut self, head: Head) -> Result<(), Refusal> {
        let cursor = &mut self.cursor;
        match (cursor.shape, head) {
            (Shape::Uint, Head::Uint(number)) => {
                cursor.row.number(number)?;
                self.commit()?;
                self.value_done()
            }
            (Shape::Text, Head::Text(length)) => {
                if length > MAX_LABEL as u64 {
                    let refusal = Refusal::new(Rule::LabelUnprintable).found(Figure::Number(length));
                    return Err(refusal.expected(Figure::Number(MAX_LABEL as u64)));
                }
                self.begin_content(length)
            }
            (Shape::Tuple(leaves), Head::Array(length)) if length == leaves.len() as u64 => {
                cursor.leaves = leaves;
                cursor.state = State::Leaf;
                Ok(())
            }
            (Shape::Strings(_) | Shape::Tuples(_) | Shape::Outputs | Shape::Parents, Head::Array(items)) => {
                self.draft.expect_items(cursor.key, items)?;
                cursor.items_left = items;
                self.next_item()
            }
            _ => Err(Rule::NotCanonical.into()),
        }
    }

    fn item(&mut self, head: Head) -> Result<(), Refusal> {
        let cursor = &mut self.cursor;
        cursor.row = Row::BLANK;
        match (cursor.shape, head) {
            (Shape::Strings(wanted), Head::Bytes(length)) if length == u64::from(wanted) => self.begin_content(length),
            (Shape::Parents, Head::Bytes(length)) => {
                self.draft.begin_parent();
                self.begin_content(length)
            }
            (Shape::Tuples(leaves), Head::Array(length)) if length == leaves.len() as u64 => self.begin_tuple(leaves),
            (Shape::Outputs, Head::Array(3)) => self.begin_tuple(ADDRESS_OUTPUT),
            (Shape::Outputs, Head::Array(4)) => self.begin_tuple(PURSE_OUTPUT),
            _ => Err(Rule::NotCanonical.into()),
        }
    }

    fn begin_tuple(&mut self, leaves: &'static [Leaf]) -> Result<(), Refusal> {
        self.cursor.leaves = leaves;
        self.cursor.state = State::Leaf;
        Ok(())
    }

    fn leaf(&mut self, head: Head) -> Result<(), Refusal> {
        let (leaf, rest) = self.cursor.leaves.split_first().ok_or(Rule::NotCanonical)?;
        self.cursor.leaves = rest;
        match (leaf, head) {
            (Leaf::Uint, Head::Uint(number)) => {
                self.cursor.row.number(number)?;
                self.leaf_done()
            }
            (Leaf::Bytes(wanted), Head::Bytes(length)) if length == u64::from(*wanted) => self.begin_content(length),
            _ => Err(Rule::NotCanonical.into()),
        }
    }

    fn leaf_done(&mut self) -> Result<(), Refusal> {
        if !self.cursor.leaves.is_empty() {
            self.cursor.state = State::Leaf;
            return Ok(());
        }
        self.commit()?;
        match self.cursor.shape {
            Shape::Tuple(_) => self.value_done(),
            _ => self.item_done(),
        }
    }

    fn begin_content(&mut self, length: u64) -> Result<(), Refusal> {
        self.cursor.state = State::Content(length);
        if length == 0 { self.content_done() } else { Ok(()) }
    }

    #[inline(never)]
    fn content<'a>(&mut self, left: u64, bytes: &'a [u8]) -> Result<&'a [u8], Refusal> {
        let taken = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
        let (taken, rest) = bytes.split_at_checked(taken).unwrap_or((bytes, &[]));
        // Before any refusal, so that it names the end of the string however that was split.
        self.passed(taken.len());
        if self.cursor.shape == Shape::Parents {
            self.draft.parent_bytes(taken)?;
        } else {
            self.cursor.row.bytes(taken)?;
        }
        let left = left.saturating_sub(taken.len() as u64);
        self.cursor.state = State::Content(left);
        if left == 0 {
            self.content_done()?;
        }
        Ok(rest)
    }

    fn content_done(&mut self) -> Result<(), Refusal> {
        match self.cursor.shape {
            Shape::Parents => {
                self.draft.end_parent()?;
                self.item_done()
            }
            Shape::Strings(_) => {
                self.commit()?;
                self.item_done()
            }
            Shape::Text => {
                self.commit()?;
                self.value_done()
            }
            _ => self.leaf_done(),
        }
    }

    fn item_done(&mut self) -> Result<(), Refusal> {
        self.cursor.items_left = self.cursor.items_left.saturating_sub(1);
        self.next_item()
    }

    fn next_item(&mut self) -> Result<(), Refusal> {
        self.cursor.state = State::Item;
        if self.cursor.items_left == 0 { self.value_done() } else { Ok(()) }
    }

    fn value_done(&mut self) -> Result<(), Refusal> {
        self.cursor.pairs_left = self.cursor.pairs_left.saturating_sub(1);
        self.cursor.state = if self.cursor.pairs_left == 0 { State::End } else { State::Key };
        Ok(())
    }

    fn commit(&mut self) -> Result<(), Refusal> {
        self.draft.commit(self.cursor.key, &self.cursor.row)
    }
}

fn not_canonical(_: CborError) -> Refusal {
    Rule::NotCanonical.into()
}
