//! Columns of a record batch as text.

use super::flat::{Table, i64_at, u16_at, u32_at};
use super::unpack;
use crate::error::SourceError;
use crate::format::value::{self, Meaning};
use crate::sink::Context;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

/// Types within types.
const DEPTH_MAX: u32 = 32;

/// A column of the schema.
#[derive(Clone, Debug)]
pub(super) struct Field {
    name: String,
    kind: Kind,
    /// Number and index type of the dictionary that the column's values stand in.
    dictionary: Option<(i64, Integer)>,
    children: Vec<Field>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Integer {
    bytes: usize,
    is_signed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Null,
    Bool,
    Integer(Integer, Meaning),
    Float(usize),
    Decimal(usize, u32),
    /// Bytes or text, with the width of an offset.
    Bytes(usize),
    View,
    Fixed(usize),
    List(usize),
    FixedList(usize),
    Struct,
    /// Read past, not shown.
    Opaque(usize),
}

impl Field {
    pub(super) fn list(tables: Vec<Table<'_>>, depth: u32) -> Option<Vec<Field>> {
        if depth > DEPTH_MAX {
            return None;
        }
        tables.into_iter().map(|table| Field::of(table, depth)).collect()
    }

    fn of(table: Table<'_>, depth: u32) -> Option<Field> {
        let kind = kind_of(table)?;
        let dictionary = table.table(4).map(|dictionary| {
            let index = dictionary.table(1).and_then(integer_of);
            (dictionary.long(0).unwrap_or(0), index.unwrap_or(Integer { bytes: 4, is_signed: true }))
        });
        let children = Field::list(table.tables(5), depth + 1)?;
        let wants_child = matches!(kind, Kind::List(_) | Kind::FixedList(_));
        (!wants_child || children.len() == 1).then(|| Field {
            name: table.text(0).unwrap_or_default(),
            kind,
            dictionary,
            children,
        })
    }
}

fn integer_of(table: Table<'_>) -> Option<Integer> {
    let bytes = match table.int(0)? {
        8 => 1,
        16 => 2,
        32 => 4,
        64 => 8,
        _ => return None,
    };
    Some(Integer { bytes, is_signed: table.byte(1).unwrap_or(0) != 0 })
}

fn kind_of(field: Table<'_>) -> Option<Kind> {
    let table = field.table(3);
    let short = |index: usize, default: i16| table.and_then(|table| table.short(index)).unwrap_or(default);
    let int = |index: usize, default: i32| table.and_then(|table| table.int(index)).unwrap_or(default);
    let per_second =
        |unit: i16| [1, 1_000, 1_000_000, 1_000_000_000].get(unit.clamp(0, 3) as usize).copied().unwrap_or(1);
    let signed = |bytes: usize, meaning: Meaning| Kind::Integer(Integer { bytes, is_signed: true }, meaning);
    Some(match field.byte(2)? {
        1 => Kind::Null,
        2 => {
            let integer = integer_of(table?)?;
            let meaning = if integer.is_signed { Meaning::Number } else { Meaning::Unsigned };
            Kind::Integer(integer, meaning)
        }
        3 => Kind::Float(match short(0, 0) {
            0 => 2,
            1 => 4,
            _ => 8,
        }),
        4 | 5 => Kind::Bytes(4),
        6 => Kind::Bool,
        7 => Kind::Decimal(usize::try_from(int(2, 128)).ok()? / 8, int(1, 0).max(0) as u32),
        8 if short(0, 1) == 0 => signed(4, Meaning::Days),
        8 => signed(8, Meaning::Moment(1_000)),
        9 => signed(usize::try_from(int(1, 32)).ok()? / 8, Meaning::Time(per_second(short(0, 1)))),
        10 => signed(8, Meaning::Moment(per_second(short(0, 0)))),
        // Intervals: months, days and milliseconds, or all three.
        11 => Kind::Opaque([4, 8, 16].get(short(0, 0).clamp(0, 2) as usize).copied().unwrap_or(4)),
        12 | 17 => Kind::List(4),
        13 => Kind::Struct,
        15 => Kind::Fixed(usize::try_from(int(0, 0)).ok()?),
        16 => Kind::FixedList(usize::try_from(int(0, 0)).ok()?),
        18 => signed(8, Meaning::Number),
        19 | 20 => Kind::Bytes(8),
        21 => Kind::List(8),
        23 | 24 => Kind::View,
        _ => return None,
    })
}

/// Names of the leaves, in the order in which [`Batch::columns`] gives them.
pub(super) fn names(fields: &[Field]) -> Vec<String> {
    fn collect(field: &Field, name: String, names: &mut Vec<String>) {
        match field.kind {
            _ if field.dictionary.is_some() => names.push(name),
            // The element of a list has a name of the format's own.
            Kind::List(_) | Kind::FixedList(_) => {
                field.children.iter().for_each(|child| collect(child, name.clone(), names));
            }
            Kind::Struct => {
                field
                    .children
                    .iter()
                    .for_each(|child| collect(child, format!("{name}/{}", child.name), names));
            }
            _ => names.push(name),
        }
    }
    let mut found = Vec::new();
    fields.iter().for_each(|field| collect(field, field.name.clone(), &mut found));
    found
}

/// Cells of one leaf.
#[derive(Clone, Debug, Default)]
pub(super) struct Cells {
    text: String,
    ends: Vec<u32>,
}

impl Cells {
    /// The cell of a row.
    pub(super) fn cell(&self, row: usize) -> &str {
        let start = row.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let end = self.ends.get(row).copied().unwrap_or(start);
        self.text.get(start as usize..end as usize).unwrap_or_default()
    }

    fn end_cell(&mut self) {
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
    }
}

/// The values of each dictionary, by its number.
pub(super) type Dictionaries = BTreeMap<i64, Rc<Cells>>;

/// Reads a dictionary batch.
pub(super) fn read_dictionary(
    fields: &[Field],
    content: Table<'_>,
    body: &[u8],
    dictionaries: &mut Dictionaries,
    cx: &mut Context<'_>,
) -> Result<(), SourceError> {
    fn find(fields: &[Field], id: i64) -> Option<&Field> {
        fields.iter().find_map(|field| match field.dictionary {
            Some((own, _)) if own == id => Some(field),
            _ => find(&field.children, id),
        })
    }
    let id = content.long(0).unwrap_or(0);
    let Some((field, data)) = find(fields, id).zip(content.table(1)) else { return Ok(()) };
    let mut batch = Batch::new(data, body)?;
    let count = batch.rows();
    cx.level.take(count as u64)?;
    let plain = Field { dictionary: None, ..field.clone() };
    let found = batch.columns(std::slice::from_ref(&plain), dictionaries, cx)?;
    let mut values = Cells::default();
    if content.byte(2).unwrap_or(0) != 0
        && let Some(before) = dictionaries.get(&id)
    {
        values = Cells::clone(before);
    }
    // A dictionary of structures: its leaves side by side in one value.
    for row in 0..count {
        for (index, cells) in found.iter().enumerate() {
            if index > 0 {
                values.text.push('\n');
            }
            values.text.push_str(cells.cell(row));
        }
        values.end_cell();
    }
    dictionaries.insert(id, Rc::new(values));
    Ok(())
}

/// A record batch whose nodes and buffers are used up one after the other.
pub(super) struct Batch<'a> {
    rows: usize,
    nodes: std::vec::IntoIter<(i64, i64)>,
    buffers: std::vec::IntoIter<(i64, i64)>,
    variadic: std::vec::IntoIter<i64>,
    codec: Option<u8>,
    body: &'a [u8],
}

fn damaged() -> SourceError {
    SourceError::malformed("a record batch is damaged")
}

impl<'a> Batch<'a> {
    pub(super) fn new(table: Table<'a>, body: &'a [u8]) -> Result<Batch<'a>, SourceError> {
        Ok(Batch {
            rows: usize::try_from(table.long(0).unwrap_or(0)).map_err(|_| damaged())?,
            nodes: table.pairs(1).into_iter(),
            buffers: table.pairs(2).into_iter(),
            variadic: table.longs(4).into_iter(),
            codec: table.table(3).map(|compression| compression.byte(0).unwrap_or(0)),
            body,
        })
    }

    /// Rows that the batch states.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// The leaves of `fields`, in order.
    pub(super) fn columns(
        &mut self,
        fields: &[Field],
        dictionaries: &Dictionaries,
        cx: &Context<'_>,
    ) -> Result<Vec<Cells>, SourceError> {
        let rows: Vec<Range<usize>> = (0..self.rows).map(|row| row..row + 1).collect();
        let mut columns = Vec::new();
        for field in fields {
            self.column(field, &rows, dictionaries, cx, &mut columns)?;
        }
        Ok(columns)
    }

    fn buffer(&mut self, cx: &Context<'_>) -> Result<Cow<'a, [u8]>, SourceError> {
        let (offset, length) = self.buffers.next().ok_or_else(damaged)?;
        let range = usize::try_from(offset).ok().zip(usize::try_from(length).ok());
        let (offset, length) = range.ok_or_else(damaged)?;
        let bytes =
            self.body.get(offset..offset.checked_add(length).ok_or_else(damaged)?).ok_or_else(damaged)?;
        match self.codec {
            Some(codec) if !bytes.is_empty() => Ok(Cow::Owned(unpack(bytes, codec, cx)?)),
            _ => Ok(Cow::Borrowed(bytes)),
        }
    }

    /// Reads a column; `rows` tells for each row of the batch which of its elements belong to it.
    fn column(
        &mut self,
        field: &Field,
        rows: &[Range<usize>],
        dictionaries: &Dictionaries,
        cx: &Context<'_>,
        columns: &mut Vec<Cells>,
    ) -> Result<(), SourceError> {
        self.nodes.next().ok_or_else(damaged)?;
        if field.kind == Kind::Null {
            columns.push(leaf(rows, &[], cx, |_, _| None)?);
            return Ok(());
        }
        let validity = self.buffer(cx)?;
        if let Some((id, index)) = field.dictionary {
            let indices = self.buffer(cx)?;
            let values = dictionaries.get(&id).cloned().unwrap_or_default();
            columns.push(leaf(rows, &validity, cx, |text, row| {
                let at = usize::try_from(integer_at(&indices, row, index)?).ok()?;
                text.push_str(values.cell(at));
                Some(())
            })?);
            return Ok(());
        }
        let cells = match field.kind {
            Kind::Null => return Ok(()),
            Kind::Bool => {
                let bits = self.buffer(cx)?;
                leaf(rows, &validity, cx, |text, row| {
                    text.push_str(if bit(&bits, row)? { "true" } else { "false" });
                    Some(())
                })?
            }
            Kind::Integer(integer, meaning) => {
                let values = self.buffer(cx)?;
                leaf(rows, &validity, cx, |text, row| {
                    value::write_integer(text, integer_at(&values, row, integer)?, meaning);
                    Some(())
                })?
            }
            Kind::Float(width) => {
                let values = self.buffer(cx)?;
                leaf(rows, &validity, cx, |text, row| {
                    let bytes = element(&values, row, width)?;
                    match width {
                        4 => {
                            let number = f32::from_le_bytes(bytes.try_into().ok()?);
                            value::write_float(text, number.to_string().parse().ok()?);
                        }
                        8 => value::write_float(text, f64::from_le_bytes(bytes.try_into().ok()?)),
                        _ => {}
                    }
                    Some(())
                })?
            }
            Kind::Decimal(width, scale) => {
                let values = self.buffer(cx)?;
                leaf(rows, &validity, cx, |text, row| {
                    let mut bytes = element(&values, row, width)?.to_vec();
                    bytes.reverse();
                    // 256 bits: the upper half only extends the sign in numbers that people use.
                    let low = bytes.get(bytes.len().saturating_sub(16)..)?;
                    value::write_integer(text, value::big_endian(low)?, Meaning::Decimal(scale));
                    Some(())
                })?
            }
            Kind::Bytes(width) => {
                let (offsets, values) = (self.buffer(cx)?, self.buffer(cx)?);
                leaf(rows, &validity, cx, |text, row| {
                    let range = offset_at(&offsets, row, width)?..offset_at(&offsets, row + 1, width)?;
                    value::write_bytes(text, values.get(range)?);
                    Some(())
                })?
            }
            Kind::View => {
                let views = self.buffer(cx)?;
                let count = self.variadic.next().unwrap_or(0);
                let data = (0..count).map(|_| self.buffer(cx)).collect::<Result<Vec<_>, _>>()?;
                leaf(rows, &validity, cx, |text, row| {
                    let view = element(&views, row, 16)?;
                    let length = u32_at(view, 0)? as usize;
                    let bytes = if length <= 12 {
                        view.get(4..4 + length)?
                    } else {
                        let offset = u32_at(view, 12)? as usize;
                        data.get(u32_at(view, 8)? as usize)?.get(offset..offset.checked_add(length)?)?
                    };
                    value::write_bytes(text, bytes);
                    Some(())
                })?
            }
            Kind::Fixed(width) => {
                let values = self.buffer(cx)?;
                leaf(rows, &validity, cx, |text, row| {
                    value::write_bytes(text, element(&values, row, width)?);
                    Some(())
                })?
            }
            Kind::Opaque(_) => {
                self.buffer(cx)?;
                leaf(rows, &validity, cx, |_, _| None)?
            }
            Kind::List(width) => {
                let offsets = self.buffer(cx)?;
                let inner = rows.iter().map(|row| {
                    let range =
                        offset_at(&offsets, row.start, width).zip(offset_at(&offsets, row.end, width));
                    if is_null(&validity, row) { 0..0 } else { range.map_or(0..0, |(start, end)| start..end) }
                });
                let inner: Vec<_> = inner.collect();
                return self.children(field, &inner, dictionaries, cx, columns);
            }
            Kind::FixedList(size) => {
                let inner = rows.iter().map(|row| {
                    let range = row.start.saturating_mul(size)..row.end.saturating_mul(size);
                    if is_null(&validity, row) { 0..0 } else { range }
                });
                let inner: Vec<_> = inner.collect();
                return self.children(field, &inner, dictionaries, cx, columns);
            }
            Kind::Struct => {
                let inner: Vec<_> =
                    rows.iter().map(|row| if is_null(&validity, row) { 0..0 } else { row.clone() }).collect();
                return self.children(field, &inner, dictionaries, cx, columns);
            }
        };
        columns.push(cells);
        Ok(())
    }

    fn children(
        &mut self,
        field: &Field,
        rows: &[Range<usize>],
        dictionaries: &Dictionaries,
        cx: &Context<'_>,
        columns: &mut Vec<Cells>,
    ) -> Result<(), SourceError> {
        field.children.iter().try_for_each(|child| self.column(child, rows, dictionaries, cx, columns))
    }
}

/// Writes the elements of each row into one cell; null elements and those that lie outside give nothing.
fn leaf(
    rows: &[Range<usize>],
    validity: &[u8],
    cx: &Context<'_>,
    mut write: impl FnMut(&mut String, usize) -> Option<()>,
) -> Result<Cells, SourceError> {
    let mut cells = Cells::default();
    let mut counted = 0;
    for row in rows {
        let start = cells.text.len();
        for at in row.clone() {
            if !validity.is_empty() && bit(validity, at) != Some(true) {
                // Ranges can be stated that lie far outside; they end here.
                if at / 8 >= validity.len() {
                    break;
                }
                continue;
            }
            let before = cells.text.len();
            if before > start {
                cells.text.push('\n');
            }
            if write(&mut cells.text, at).is_none() {
                cells.text.truncate(before);
                break;
            }
        }
        cells.end_cell();
        // Views and lists can name the same bytes again and again.
        if cells.text.len() - counted > 1 << 20 {
            cx.level.take((cells.text.len() - counted) as u64)?;
            counted = cells.text.len();
        }
    }
    cx.level.take((cells.text.len() - counted) as u64)?;
    Ok(cells)
}

fn is_null(validity: &[u8], row: &Range<usize>) -> bool {
    row.is_empty() || !validity.is_empty() && row.len() == 1 && bit(validity, row.start) != Some(true)
}

fn bit(bits: &[u8], at: usize) -> Option<bool> {
    Some(bits.get(at / 8)? >> (at % 8) & 1 == 1)
}

fn element(values: &[u8], at: usize, width: usize) -> Option<&[u8]> {
    let start = at.checked_mul(width)?;
    values.get(start..start.checked_add(width)?).filter(|bytes| !bytes.is_empty())
}

fn integer_at(values: &[u8], at: usize, kind: Integer) -> Option<i128> {
    let bytes = element(values, at, kind.bytes)?;
    let unsigned = match kind.bytes {
        1 => u64::from(*bytes.first()?),
        2 => u64::from(u16_at(bytes, 0)?),
        4 => u64::from(u32_at(bytes, 0)?),
        _ => i64_at(bytes, 0)? as u64,
    };
    let shift = 64 - 8 * kind.bytes as u32;
    Some(if kind.is_signed {
        i128::from(((unsigned << shift) as i64) >> shift)
    } else {
        i128::from(unsigned)
    })
}

fn offset_at(offsets: &[u8], at: usize, width: usize) -> Option<usize> {
    match width {
        4 => usize::try_from(u32_at(offsets, at.checked_mul(4)?)? as i32).ok(),
        _ => usize::try_from(i64_at(offsets, at.checked_mul(8)?)?).ok(),
    }
}
