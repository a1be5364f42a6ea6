//! How Ledger's own Decred app reads bytes: some fields have to come whole, and scripts need not.

/// A field that does not come whole.
pub struct Cut;

/// BLAKE-256 of pieces.
#[derive(Default)]
pub struct Hash(Vec<u8>);

impl Hash {
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    pub fn finalize(self) -> [u8; 32] {
        blake256::blake256(&self.0)
    }
}

/// Fields that have to be whole.
pub struct Pieces<'a>(pub &'a [u8]);

impl<'a> Pieces<'a> {
    pub fn take<const N: usize>(&mut self) -> Result<[u8; N], Cut> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or(Cut)?;
        self.0 = rest;
        Ok(*taken)
    }

    pub fn up_to(&mut self, length: u64) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(self.0.len().min(usize::try_from(length).unwrap()));
        self.0 = rest;
        taken
    }

    pub fn varint(&mut self) -> Result<(u64, Vec<u8>), Cut> {
        match self.take::<1>()? {
            [0xfd] => {
                let number = self.take::<2>()?;
                Ok((u16::from_le_bytes(number).into(), [&[0xfd][..], &number].concat()))
            }
            [small] if small < 0xfd => Ok((small.into(), vec![small])),
            _ => Err(Cut),
        }
    }
}

/// A parent: its id and the values of its outputs.
pub struct Parent {
    pub id: [u8; 32],
    pub values: Vec<u64>,
}

impl Parent {
    /// Reads it; nothing when more is to come. A field that begins before the newest piece and ends in it was cut.
    pub fn read(bytes: &[u8], newest: usize) -> Result<Option<Self>, Cut> {
        let mut reader = Whole { bytes, at: 0, newest };
        match Self::fields(&mut reader) {
            Ok(parent) if reader.at == bytes.len() => Ok(Some(parent)),
            Ok(_) | Err(Stop::Cut) => Err(Cut),
            Err(Stop::More) => Ok(None),
        }
    }

    fn fields(reader: &mut Whole<'_>) -> Result<Self, Stop> {
        let mut prefix = Hash::default();
        let mut version = reader.field(4)?.to_vec();
        version[2] |= 1;
        prefix.update(&version);
        let (inputs, raw) = reader.varint()?;
        prefix.update(raw);
        for _ in 0..inputs {
            prefix.update(reader.field(37)?);
            let (script, _) = reader.varint()?;
            reader.script(script)?;
            prefix.update(reader.field(4)?);
        }
        let (outputs, raw) = reader.varint()?;
        prefix.update(raw);
        let mut values = Vec::new();
        for _ in 0..outputs {
            let value = reader.field(8)?;
            values.push(u64::from_le_bytes(value.try_into().unwrap()));
            prefix.update(value);
            prefix.update(reader.field(2)?);
            let (script, raw) = reader.varint()?;
            prefix.update(raw);
            prefix.update(reader.script(script)?);
        }
        prefix.update(reader.field(8)?);
        Ok(Self { id: prefix.finalize(), values })
    }
}

/// Why reading ends.
enum Stop {
    More,
    Cut,
}

struct Whole<'a> {
    bytes: &'a [u8],
    at: usize,
    newest: usize,
}

impl<'a> Whole<'a> {
    fn script(&mut self, length: u64) -> Result<&'a [u8], Stop> {
        let end = self.at + usize::try_from(length).unwrap();
        let taken = self.bytes.get(self.at..end).ok_or(Stop::More)?;
        self.at = end;
        Ok(taken)
    }

    fn field(&mut self, length: usize) -> Result<&'a [u8], Stop> {
        let begins = self.at;
        if begins < self.bytes.len() && begins + length > self.bytes.len() {
            return Err(Stop::Cut);
        }
        let taken = self.script(length as u64)?;
        if begins < self.newest && self.at > self.newest { Err(Stop::Cut) } else { Ok(taken) }
    }

    fn varint(&mut self) -> Result<(u64, &'a [u8]), Stop> {
        let begins = self.at;
        let [first] = self.field(1)? else { return Err(Stop::More) };
        let number = match first {
            0xfd => {
                let number = self.field(2)?;
                u64::from(u16::from_le_bytes(number.try_into().unwrap()))
            }
            small => u64::from(*small),
        };
        Ok((number, &self.bytes[begins..self.at]))
    }
}
