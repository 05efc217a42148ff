//! The few parts of FlatBuffers that Arrow messages need, read without trust in any offset.

/// A table in a buffer.
#[derive(Clone, Copy)]
pub(super) struct Table<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Table<'a> {
    /// The root table of a buffer.
    pub(super) fn root(bytes: &'a [u8]) -> Option<Table<'a>> {
        let at = u32_at(bytes, 0)? as usize;
        (at < bytes.len()).then_some(Table { bytes, at })
    }

    /// Where field `index` lies, when it is there.
    fn field(&self, index: usize) -> Option<usize> {
        let back = u32_at(self.bytes, self.at)? as i32;
        let table = (self.at as i64).checked_sub(i64::from(back))?;
        let table = usize::try_from(table).ok()?;
        let size = usize::from(u16_at(self.bytes, table)?);
        let slot = 4 + index * 2;
        let offset = if slot + 2 <= size { u16_at(self.bytes, table + slot)? } else { 0 };
        (offset != 0).then(|| self.at + usize::from(offset))
    }

    /// A field of one byte.
    pub(super) fn byte(&self, index: usize) -> Option<u8> {
        self.bytes.get(self.field(index)?).copied()
    }

    /// A field of two bytes.
    pub(super) fn short(&self, index: usize) -> Option<i16> {
        u16_at(self.bytes, self.field(index)?).map(|value| value as i16)
    }

    /// A field of four bytes.
    pub(super) fn int(&self, index: usize) -> Option<i32> {
        u32_at(self.bytes, self.field(index)?).map(|value| value as i32)
    }

    /// A field of eight bytes.
    pub(super) fn long(&self, index: usize) -> Option<i64> {
        i64_at(self.bytes, self.field(index)?)
    }

    /// A table that a field leads to.
    pub(super) fn table(&self, index: usize) -> Option<Table<'a>> {
        Some(Table { bytes: self.bytes, at: follow(self.bytes, self.field(index)?)? })
    }

    /// Where a vector's elements begin, and how many there are.
    fn vector(&self, index: usize) -> Option<(usize, usize)> {
        let at = follow(self.bytes, self.field(index)?)?;
        let count = u32_at(self.bytes, at)? as usize;
        (count <= self.bytes.len()).then_some((at + 4, count))
    }

    /// A string.
    pub(super) fn text(&self, index: usize) -> Option<String> {
        let (at, length) = self.vector(index)?;
        Some(String::from_utf8_lossy(self.bytes.get(at..at.checked_add(length)?)?).into_owned())
    }

    /// The tables of a vector.
    pub(super) fn tables(&self, index: usize) -> Vec<Table<'a>> {
        let Some((at, count)) = self.vector(index) else { return Vec::new() };
        let bytes = self.bytes;
        (0..count).map_while(|i| Some(Table { bytes, at: follow(bytes, at + i * 4)? })).collect()
    }

    /// The pairs of numbers of a vector of pairs.
    pub(super) fn pairs(&self, index: usize) -> Vec<(i64, i64)> {
        let Some((at, count)) = self.vector(index) else { return Vec::new() };
        (0..count)
            .map_while(|i| Some((i64_at(self.bytes, at + i * 16)?, i64_at(self.bytes, at + i * 16 + 8)?)))
            .collect()
    }

    /// The numbers of a vector of numbers.
    pub(super) fn longs(&self, index: usize) -> Vec<i64> {
        let Some((at, count)) = self.vector(index) else { return Vec::new() };
        (0..count).map_while(|i| i64_at(self.bytes, at + i * 8)).collect()
    }
}

fn follow(bytes: &[u8], at: usize) -> Option<usize> {
    let to = at.checked_add(u32_at(bytes, at)? as usize)?;
    (to < bytes.len()).then_some(to)
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

pub(super) fn i64_at(bytes: &[u8], at: usize) -> Option<i64> {
    Some(i64::from_le_bytes(bytes.get(at..at.checked_add(8)?)?.try_into().ok()?))
}
