//! What hosts, person and keys do, read from the fuzzer's bytes.

/// One thing that happens.
pub enum Act<'a> {
    /// Bytes that may be no command.
    Raw(&'a [u8]),
    /// A command whose length is right.
    Data {
        instruction: u8,
        parameter: u8,
        data: &'a [u8],
    },
    /// A request of the fuzzer's, in a container that is right.
    Body {
        kind: u8,
        body: &'a [u8],
        size: u8,
    },
    /// A request that the device takes, or one byte beside it, in at most so many commands.
    Request {
        number: u8,
        change: Option<(u16, u8)>,
        size: u8,
        most: usize,
    },
    /// The voter of these requests is named.
    Voter,
    Register,
    Account,
    /// The request at hand is to be approved.
    Approve,
    Signature(u8),
    Page(u8),
    Abort,
    /// What the person does at the next prompts.
    Turns(&'a [u8]),
    /// A key fails after so many uses.
    Fault(u8),
}

/// The bytes that are left.
pub struct Script<'a>(pub &'a [u8]);

impl<'a> Script<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    fn slice(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        taken
    }

    fn short(&mut self) -> Option<&'a [u8]> {
        let length = self.byte()?;
        Some(self.slice(length.into()))
    }
}

impl<'a> Iterator for Script<'a> {
    type Item = Act<'a>;

    fn next(&mut self) -> Option<Act<'a>> {
        Some(match self.byte()? % 16 {
            0 => Act::Raw(self.short()?),
            1 => Act::Data { instruction: self.byte()?, parameter: self.byte()?, data: self.short()? },
            2 => {
                let (kind, size) = (self.byte()? % 3 + 1, self.byte()?);
                let length = usize::from(u16::from_le_bytes([self.byte()?, self.byte()?]));
                Act::Body { kind, size, body: self.slice(length) }
            }
            3 | 4 => Act::Request { number: self.byte()?, change: None, size: self.byte()?, most: usize::MAX },
            5 => Act::Request { number: self.byte()?, change: None, size: self.byte()?, most: self.byte()?.into() },
            6 => {
                let change = Some((u16::from_le_bytes([self.byte()?, self.byte()?]), self.byte()?));
                Act::Request { number: self.byte()?, change, size: self.byte()?, most: usize::MAX }
            }
            7 => Act::Voter,
            8 => Act::Register,
            9 => Act::Account,
            10 => Act::Approve,
            11 => Act::Signature(self.byte()?),
            12 => Act::Page(self.byte()?),
            13 => Act::Abort,
            14 => Act::Turns(self.short()?),
            _ => Act::Fault(self.byte()?),
        })
    }
}
