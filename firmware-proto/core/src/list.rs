//! A list with a fixed capacity, for code that must not allocate.

/// At most `N` values in order.
#[derive(Clone, Debug)]
pub struct List<T, const N: usize> {
    items: [T; N],
    length: usize,
}

/// The list has no room for another value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

impl<T: Copy, const N: usize> List<T, N> {
    /// An empty list; `filler` fills the places that are not in use.
    #[must_use]
    pub const fn new(filler: T) -> Self {
        Self { items: [filler; N], length: 0 }
    }

    /// Appends a value.
    ///
    /// # Errors
    /// [`Full`] when `N` values are in the list.
    pub fn push(&mut self, item: T) -> Result<(), Full> {
        let place = self.items.get_mut(self.length).ok_or(Full)?;
        *place = item;
        self.length = self.length.saturating_add(1);
        Ok(())
    }
}

impl<T, const N: usize> List<T, N> {
    /// The values.
    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        self.items.get(..self.length).unwrap_or(&[])
    }

    /// The values, to be changed.
    #[must_use]
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        self.items.get_mut(..self.length).unwrap_or(&mut [])
    }

    /// How many values there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.length
    }

    /// Whether there is no value.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// How many values there are, as the wire counts them.
    #[must_use]
    pub fn count(&self) -> u32 {
        u32::try_from(self.length).unwrap_or(u32::MAX)
    }
}
