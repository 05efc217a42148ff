//! Columns as numbers: each distinct value once, and one small number a row.

use super::TableError;

/// Most rows of a table: row numbers are `u32`.
const ROWS_MAX: u64 = u32::MAX as u64;
/// Most bytes of distinct values of one column.
const VALUE_BYTES_MAX: usize = 1 << 30;

/// Strings in one buffer, numbered from 0.
#[derive(Clone, Debug, Default)]
pub struct Values {
    text: String,
    ends: Vec<usize>,
}

impl Values {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Value `index`, empty beyond the end.
    pub fn at(&self, index: usize) -> &str {
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.ends.get(index).and_then(|end| self.text.get(start..*end)).unwrap_or_default()
    }

    /// All in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|index| self.at(index))
    }

    fn push(&mut self, value: &str) {
        self.text.push_str(value);
        self.ends.push(self.text.len());
    }
}

/// Gives equal byte strings equal numbers, in the order in which they are first seen.
#[derive(Default)]
pub(super) struct Interner {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// Number of the value plus one, or 0; the size is a power of two.
    slots: Vec<u32>,
}

impl Interner {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    fn at(&self, index: usize) -> &[u8] {
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.ends.get(index).and_then(|end| self.bytes.get(start..*end)).unwrap_or_default()
    }

    pub(super) fn code(&mut self, value: &[u8]) -> u32 {
        if (self.ends.len() + 1) * 2 > self.slots.len() {
            self.grow();
        }
        let mask = self.slots.len() - 1;
        let mut at = hash(value) as usize & mask;
        loop {
            match self.slots.get(at).copied().unwrap_or(0) {
                0 => break,
                found if self.at(found as usize - 1) == value => return found - 1,
                _ => at = (at + 1) & mask,
            }
        }
        self.bytes.extend_from_slice(value);
        self.ends.push(self.bytes.len());
        let code = self.ends.len() as u32;
        if let Some(slot) = self.slots.get_mut(at) {
            *slot = code;
        }
        code - 1
    }

    fn grow(&mut self) {
        let size = (self.slots.len() * 2).max(64);
        self.slots = vec![0; size];
        for index in 0..self.ends.len() {
            let mut at = hash(self.at(index)) as usize & (size - 1);
            while self.slots.get(at).is_some_and(|slot| *slot != 0) {
                at = (at + 1) & (size - 1);
            }
            if let Some(slot) = self.slots.get_mut(at) {
                *slot = index as u32 + 1;
            }
        }
    }

    fn into_values(self, decode: &dyn Fn(&[u8]) -> String) -> Values {
        let Interner { bytes, ends, .. } = self;
        match String::from_utf8(bytes) {
            // Only whole values of UTF-8 end at the ends of characters.
            Ok(text) if ends.iter().all(|end| text.is_char_boundary(*end)) => {
                // Text in an encoding of two bytes may look like UTF-8 as a whole; ASCII is the same in all.
                if text.is_ascii() {
                    return Values { text, ends };
                }
                decode_all(text.as_bytes(), &ends, decode)
            }
            Ok(text) => decode_all(text.as_bytes(), &ends, decode),
            Err(error) => decode_all(error.as_bytes(), &ends, decode),
        }
    }
}

fn decode_all(bytes: &[u8], ends: &[usize], decode: &dyn Fn(&[u8]) -> String) -> Values {
    let mut values =
        Values { text: String::with_capacity(bytes.len()), ends: Vec::with_capacity(ends.len()) };
    let mut start = 0;
    for end in ends {
        values.push(&decode(bytes.get(start..*end).unwrap_or_default()));
        start = *end;
    }
    values
}

/// Eight bytes at a time; the same on every machine.
fn hash(value: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut sum = value.len() as u64;
    let mut chunks = value.chunks_exact(8);
    for chunk in &mut chunks {
        let word = chunk.try_into().map_or(0, u64::from_le_bytes);
        sum = (sum ^ word).wrapping_mul(FACTOR);
        sum ^= sum >> 29;
    }
    let mut last = [0; 8];
    for (to, from) in last.iter_mut().zip(chunks.remainder()) {
        *to = *from;
    }
    super::classes::mix(sum ^ u64::from_le_bytes(last))
}

/// One number a row, as wide as needed.
#[derive(Debug)]
pub(super) enum Codes {
    U8(Vec<u8>),
    U16(Vec<u16>),
    U32(Vec<u32>),
}

impl Codes {
    fn push(&mut self, code: u32) {
        match self {
            Codes::U8(codes) => match u8::try_from(code) {
                Ok(code) => return codes.push(code),
                Err(_) => *self = Codes::U16(widen(codes)),
            },
            Codes::U16(codes) => match u16::try_from(code) {
                Ok(code) => return codes.push(code),
                Err(_) => *self = Codes::U32(widen(codes)),
            },
            Codes::U32(codes) => return codes.push(code),
        }
        self.push(code);
    }

    pub(super) fn at(&self, row: usize) -> u32 {
        match self {
            Codes::U8(codes) => codes.get(row).copied().map_or(0, u32::from),
            Codes::U16(codes) => codes.get(row).copied().map_or(0, u32::from),
            Codes::U32(codes) => codes.get(row).copied().unwrap_or(0),
        }
    }

    fn shrink(&mut self) {
        match self {
            Codes::U8(codes) => codes.shrink_to_fit(),
            Codes::U16(codes) => codes.shrink_to_fit(),
            Codes::U32(codes) => codes.shrink_to_fit(),
        }
    }

    pub(super) fn of(codes: impl Iterator<Item = u32>) -> Codes {
        let mut all = Codes::U8(Vec::new());
        codes.for_each(|code| all.push(code));
        all
    }
}

fn widen<A: Copy, B: From<A>>(codes: &mut Vec<A>) -> Vec<B> {
    let mut wide = Vec::with_capacity(codes.capacity().max(codes.len() + 1));
    wide.extend(std::mem::take(codes).iter().map(|code| B::from(*code)));
    wide
}

/// One column of a table.
#[derive(Debug)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its distinct values, in the order in which they are first seen.
    pub values: Values,
    pub(super) codes: Codes,
}

impl Column {
    /// Number of the value (in [`Column::values`]) that stands in `row`.
    pub fn code(&self, row: usize) -> usize {
        self.codes.at(row) as usize
    }

    /// How often each value stands in the column.
    pub(super) fn counts(&self, rows: usize) -> Vec<u64> {
        let mut counts = vec![0; self.values.len()];
        for row in 0..rows {
            if let Some(count) = counts.get_mut(self.codes.at(row) as usize) {
                *count += 1;
            }
        }
        counts
    }
}

/// Quasi-identifiers and perhaps a sensitive column.
#[derive(Debug)]
pub struct Table {
    /// Number of rows.
    pub rows: usize,
    /// What a person could be told by.
    pub quasi: Vec<Column>,
    /// What must not be learnt of a person.
    pub sensitive: Option<Column>,
}

struct Growing {
    name: String,
    interner: Interner,
    codes: Codes,
}

impl Growing {
    fn new(name: String) -> Growing {
        Growing { name, interner: Interner::default(), codes: Codes::U8(Vec::new()) }
    }

    fn push(&mut self, value: &[u8]) -> Result<(), TableError> {
        let code = self.interner.code(value);
        if self.interner.bytes.len() > VALUE_BYTES_MAX {
            return Err(TableError::TooManyValues { column: self.name.clone() });
        }
        self.codes.push(code);
        Ok(())
    }

    fn finish(self, decode: &dyn Fn(&[u8]) -> String) -> Column {
        let Growing { name, interner, mut codes } = self;
        codes.shrink();
        Column { name, values: interner.into_values(decode), codes }
    }
}

/// Takes the rows one by one.
pub struct TableBuilder {
    quasi: Vec<Growing>,
    sensitive: Option<Growing>,
    rows: u64,
}

impl TableBuilder {
    /// A table without rows.
    pub fn new(quasi: Vec<String>, sensitive: Option<String>) -> TableBuilder {
        let quasi = quasi.into_iter().map(Growing::new).collect();
        TableBuilder { quasi, sensitive: sensitive.map(Growing::new), rows: 0 }
    }

    /// Adds a row: a cell for each quasi-identifier, then the sensitive one. Cells that are missing are empty.
    ///
    /// # Errors
    /// When there are too many rows, or too many long distinct values in a column.
    pub fn push<'a>(&mut self, mut cells: impl Iterator<Item = &'a [u8]>) -> Result<(), TableError> {
        if self.rows >= ROWS_MAX {
            return Err(TableError::TooManyRows { max: ROWS_MAX });
        }
        self.rows += 1;
        for column in self.quasi.iter_mut().chain(self.sensitive.as_mut()) {
            column.push(cells.next().unwrap_or_default())?;
        }
        Ok(())
    }

    /// The table; `decode` reads the bytes of a value.
    pub fn finish(self, decode: &dyn Fn(&[u8]) -> String) -> Table {
        Table {
            rows: self.rows as usize,
            quasi: self.quasi.into_iter().map(|column| column.finish(decode)).collect(),
            sensitive: self.sensitive.map(|column| column.finish(decode)),
        }
    }
}

impl Interner {
    /// The values as text that was put in as text.
    pub(super) fn into_text(self) -> Values {
        let ends = self.ends;
        Values { text: String::from_utf8(self.bytes).unwrap_or_default(), ends }
    }
}
