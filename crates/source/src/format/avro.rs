//! Avro object container files: the schema in the head, blocks of records behind it.
//!
//! Fields inside records are named `outer/inner`; elements of arrays and maps in one record stand in one cell, a
//! line each.

use crate::error::SourceError;
use crate::format::member::{self, fill};
use crate::format::rows::Rows;
use crate::format::value::{self, Meaning};
use crate::format::{Format, Probe};
use crate::input::Input;
use crate::sink::Context;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Read;
use zhunsheng_model::ProblemKind;

/// Bytes of the head or of one block, packed or not.
const BLOCK_BYTES_MAX: u64 = 256 << 20;
/// Types within types.
const DEPTH_MAX: u32 = 32;
/// Leaf columns; a schema that names itself stops there.
const COLUMNS_MAX: usize = 2_000;

/// Avro container file.
pub(super) struct Avro;

impl Format for Avro {
    fn name(&self) -> &'static str {
        "avro"
    }

    fn matches(&self, probe: &Probe<'_>) -> bool {
        probe.head.starts_with(b"Obj\x01")
    }

    fn read(&self, mut input: Input<'_>, cx: &mut Context<'_>) -> Result<(), SourceError> {
        let mut magic = [0; 4];
        fill(&mut input, &mut magic)?;
        let head = read_head(&mut input)?;
        let text = |key: &str| head.get(key).map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        let schema =
            text("avro.schema").ok_or_else(|| SourceError::malformed("the file states no schema"))?;
        let schema: Value = serde_json::from_str(&schema)
            .map_err(|_| SourceError::malformed("the schema of the file cannot be read"))?;
        let codec = Codec::of(text("avro.codec").as_deref().unwrap_or("null"))?;
        let mut named = BTreeMap::new();
        let schema = Schema::parse(&schema, "", &mut named, 0)?;
        let mut columns = Vec::new();
        schema.columns(&mut Vec::new(), &named, &mut columns, 0)?;
        let mut mark = [0; 16];
        if fill(&mut input, &mut mark)? < 16 {
            return Err(SourceError::truncated("the file ends within its head"));
        }
        let names = columns
            .iter()
            .map(|path| if path.is_empty() { "value".into() } else { path.join("/") })
            .collect();
        let mut rows = Rows::new(cx, &[], Some(names));
        let mut record = Record {
            slots: columns.into_iter().enumerate().map(|(index, path)| (path, index)).collect(),
            cells: Vec::new(),
        };
        record.cells = vec![String::new(); record.slots.len()];
        let end = read_blocks(&mut input, &schema, &named, codec, mark, &mut record, &mut rows, cx);
        rows.finish(cx)?;
        end
    }
}

#[allow(clippy::too_many_arguments, reason = "one loop over the blocks, and what it needs")]
fn read_blocks(
    input: &mut Input<'_>,
    schema: &Schema,
    named: &Named,
    codec: Codec,
    mark: [u8; 16],
    record: &mut Record,
    rows: &mut Rows,
    cx: &mut Context<'_>,
) -> Result<(), SourceError> {
    let truncated = || SourceError::truncated("the file ends within a block");
    loop {
        let Some(count) = read_long(input)? else { return Ok(()) };
        let size = read_long(input)?.ok_or_else(truncated)?;
        let size = u64::try_from(size).ok().filter(|size| *size <= BLOCK_BYTES_MAX);
        let size = size.ok_or_else(|| SourceError::malformed("a block states a size that cannot be"))?;
        let mut packed = Vec::new();
        input.by_ref().take(size).read_to_end(&mut packed)?;
        let is_cut = (packed.len() as u64) < size;
        let mut found = [0; 16];
        let has_mark = fill(input, &mut found)? == 16;
        let block = match codec.unpack(&packed) {
            Ok(block) => block,
            Err(_) if is_cut => return Err(truncated()),
            Err(error) => return Err(error),
        };
        cx.level.take(block.len() as u64)?;
        let mut bytes = block.as_slice();
        for _ in 0..count {
            record.cells.iter_mut().for_each(String::clear);
            let decoded = schema.decode(&mut bytes, named, &mut Vec::new(), record, 0);
            if decoded.is_none() {
                return Err(if is_cut {
                    truncated()
                } else {
                    SourceError::malformed("a record breaks its schema")
                });
            }
            for cell in &record.cells {
                rows.cell(cell);
            }
            rows.end_row(cx)?;
            // A record of no bytes can be stated any number of times.
            cx.level.take(1)?;
        }
        if !has_mark {
            return Err(truncated());
        }
        if found != mark {
            cx.problem(
                ProblemKind::Malformed,
                "the mark behind a block is wrong; what follows is not read",
                false,
            );
            return Ok(());
        }
    }
}

/// Key and value pairs of the head.
fn read_head(input: &mut Input<'_>) -> Result<BTreeMap<String, Vec<u8>>, SourceError> {
    let truncated = || SourceError::truncated("the file ends within its head");
    let mut head = BTreeMap::new();
    loop {
        let mut count = read_long(input)?.ok_or_else(truncated)?;
        if count == 0 {
            return Ok(head);
        }
        if count < 0 {
            count = count.checked_neg().unwrap_or(i64::MAX);
            read_long(input)?.ok_or_else(truncated)?;
        }
        for _ in 0..count {
            let key = read_sized(input)?.ok_or_else(truncated)?;
            let value = read_sized(input)?.ok_or_else(truncated)?;
            head.insert(String::from_utf8_lossy(&key).into_owned(), value);
            if head.len() > 1000 {
                return Err(SourceError::malformed("the head of the file is damaged"));
            }
        }
    }
}

fn read_sized(input: &mut Input<'_>) -> Result<Option<Vec<u8>>, SourceError> {
    let Some(size) = read_long(input)? else { return Ok(None) };
    let size = u64::try_from(size).ok().filter(|size| *size <= 16 << 20);
    let size = size.ok_or_else(|| SourceError::malformed("the head of the file is damaged"))?;
    let mut bytes = Vec::new();
    input.by_ref().take(size).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 == size).then_some(bytes))
}

/// A number of variable length, or nothing at the end.
fn read_long(input: &mut Input<'_>) -> Result<Option<i64>, SourceError> {
    let (mut number, mut shift) = (0u64, 0);
    loop {
        let mut byte = [0];
        if fill(input, &mut byte)? == 0 {
            return if shift == 0 {
                Ok(None)
            } else {
                Err(SourceError::truncated("the file ends within a number"))
            };
        }
        let [byte] = byte;
        number |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            return Ok(Some(unzigzag(number)));
        }
        if shift > 63 {
            return Err(SourceError::malformed("a number of the file is damaged"));
        }
    }
}

fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

#[derive(Clone, Copy)]
enum Codec {
    Null,
    Deflate,
    Snappy,
    Zstd,
    Bzip2,
    Xz,
}

impl Codec {
    fn of(name: &str) -> Result<Codec, SourceError> {
        Ok(match name {
            "null" => Codec::Null,
            "deflate" => Codec::Deflate,
            "snappy" => Codec::Snappy,
            "zstandard" => Codec::Zstd,
            "bzip2" => Codec::Bzip2,
            "xz" => Codec::Xz,
            _ => return Err(SourceError::unsupported("the file uses a compression that is not known")),
        })
    }

    fn unpack(self, packed: &[u8]) -> Result<Vec<u8>, SourceError> {
        let mut block = Vec::new();
        let mut reader: Box<dyn Read + '_> = match self {
            Codec::Null => return Ok(packed.to_vec()),
            Codec::Snappy => {
                // Four bytes of checksum follow.
                let (packed, _) = packed.split_at(packed.len().saturating_sub(4));
                let damaged = |_| SourceError::malformed("a block of the file is damaged");
                if snap::raw::decompress_len(packed).map_err(damaged)? as u64 > BLOCK_BYTES_MAX {
                    return Err(SourceError::Limit(format!("a block grows beyond {BLOCK_BYTES_MAX} bytes")));
                }
                return snap::raw::Decoder::new().decompress_vec(packed).map_err(damaged);
            }
            Codec::Deflate => Box::new(flate2::bufread::DeflateDecoder::new(packed)),
            Codec::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(packed)?),
            Codec::Bzip2 => Box::new(bzip2::bufread::BzDecoder::new(packed)),
            Codec::Xz => Box::new(lzma_rust2::XzReader::new_mem_limit(packed, false, 256 << 10)),
        };
        let read = reader.by_ref().take(BLOCK_BYTES_MAX + 1).read_to_end(&mut block);
        read.map_err(|error| member::decoder_error(error, "a block of the file"))?;
        if block.len() as u64 > BLOCK_BYTES_MAX {
            return Err(SourceError::Limit(format!("a block grows beyond {BLOCK_BYTES_MAX} bytes")));
        }
        Ok(block)
    }
}

type Named = BTreeMap<String, Schema>;

/// A type of the schema.
#[derive(Clone, Debug)]
enum Schema {
    Null,
    Boolean,
    Int(Meaning),
    Float,
    Double,
    Bytes(Option<u32>),
    Text,
    Fixed(usize, Option<u32>, bool),
    Enum(Vec<String>),
    Array(Box<Schema>),
    Map(Box<Schema>),
    Union(Vec<Schema>),
    Record(Vec<(String, Schema)>),
    /// A type named elsewhere.
    Named(String),
}

/// The record being decoded: the text of each leaf column.
struct Record {
    slots: BTreeMap<Vec<String>, usize>,
    cells: Vec<String>,
}

impl Record {
    /// The cell of a leaf, ready for one more value.
    fn cell(&mut self, path: &[String]) -> Option<&mut String> {
        let cell = self.cells.get_mut(*self.slots.get(path)?)?;
        if !cell.is_empty() {
            cell.push('\n');
        }
        Some(cell)
    }
}

impl Schema {
    fn parse(value: &Value, space: &str, named: &mut Named, depth: u32) -> Result<Schema, SourceError> {
        let broken = || SourceError::malformed("the schema of the file cannot be read");
        if depth > DEPTH_MAX {
            return Err(broken());
        }
        let mut parse = |value: &Value, space: &str| Schema::parse(value, space, named, depth + 1);
        let object = match value {
            Value::String(name) => {
                return Ok(
                    Schema::simple(name, None).unwrap_or_else(|| Schema::Named(full_name(name, space)))
                );
            }
            Value::Array(kinds) => {
                return Ok(Schema::Union(
                    kinds.iter().map(|kind| parse(kind, space)).collect::<Result<_, _>>()?,
                ));
            }
            Value::Object(object) => object,
            _ => return Err(broken()),
        };
        let text = |key: &str| object.get(key).and_then(Value::as_str);
        let kind = match object.get("type") {
            Some(Value::String(kind)) => kind.as_str(),
            Some(inner) => return parse(inner, space),
            None => return Err(broken()),
        };
        let logical = text("logicalType");
        let scale = || object.get("scale").and_then(Value::as_u64).unwrap_or(0).min(64) as u32;
        let decimal = (logical == Some("decimal")).then(scale);
        let space = text("namespace").unwrap_or(space);
        let name = full_name(text("name").unwrap_or_default(), space);
        let space = name.rsplit_once('.').map_or(space, |(space, _)| space).to_owned();
        let schema = match kind {
            "array" => {
                return Ok(Schema::Array(Box::new(parse(object.get("items").ok_or_else(broken)?, &space)?)));
            }
            "map" => {
                return Ok(Schema::Map(Box::new(parse(object.get("values").ok_or_else(broken)?, &space)?)));
            }
            "record" | "error" => {
                let fields = object.get("fields").and_then(Value::as_array).ok_or_else(broken)?;
                let fields = fields.iter().map(|field| {
                    let name = field.get("name").and_then(Value::as_str).ok_or_else(broken)?;
                    Ok((name.to_owned(), parse(field.get("type").ok_or_else(broken)?, &space)?))
                });
                Schema::Record(fields.collect::<Result<_, SourceError>>()?)
            }
            "enum" => {
                let symbols = object.get("symbols").and_then(Value::as_array).ok_or_else(broken)?;
                Schema::Enum(
                    symbols.iter().map(|symbol| symbol.as_str().unwrap_or_default().to_owned()).collect(),
                )
            }
            "fixed" => {
                let size =
                    object.get("size").and_then(Value::as_u64).and_then(|size| usize::try_from(size).ok());
                Schema::Fixed(size.ok_or_else(broken)?, decimal, logical == Some("uuid"))
            }
            "bytes" => return Ok(Schema::Bytes(decimal)),
            kind => {
                return Ok(
                    Schema::simple(kind, logical).unwrap_or_else(|| Schema::Named(full_name(kind, &space)))
                );
            }
        };
        named.insert(name, schema.clone());
        Ok(schema)
    }

    fn simple(name: &str, logical: Option<&str>) -> Option<Schema> {
        Some(match name {
            "null" => Schema::Null,
            "boolean" => Schema::Boolean,
            "int" | "long" => Schema::Int(match logical {
                Some("date") => Meaning::Days,
                Some("time-millis") => Meaning::Time(1_000),
                Some("time-micros") => Meaning::Time(1_000_000),
                Some("timestamp-millis" | "local-timestamp-millis") => Meaning::Moment(1_000),
                Some("timestamp-micros" | "local-timestamp-micros") => Meaning::Moment(1_000_000),
                Some("timestamp-nanos" | "local-timestamp-nanos") => Meaning::Moment(1_000_000_000),
                _ => Meaning::Number,
            }),
            "float" => Schema::Float,
            "double" => Schema::Double,
            "bytes" => Schema::Bytes(None),
            "string" => Schema::Text,
            _ => return None,
        })
    }

    /// The paths of the leaves, in the order of the schema, each once.
    fn columns(
        &self,
        path: &mut Vec<String>,
        named: &Named,
        found: &mut Vec<Vec<String>>,
        depth: u32,
    ) -> Result<(), SourceError> {
        if depth > DEPTH_MAX || found.len() > COLUMNS_MAX {
            return Ok(());
        }
        match self {
            Schema::Null => {}
            Schema::Record(fields) => {
                for (name, schema) in fields {
                    path.push(name.clone());
                    schema.columns(path, named, found, depth + 1)?;
                    path.pop();
                }
            }
            Schema::Array(inner) | Schema::Map(inner) => inner.columns(path, named, found, depth + 1)?,
            Schema::Union(kinds) => {
                for kind in kinds {
                    kind.columns(path, named, found, depth + 1)?;
                }
            }
            Schema::Named(name) => match named.get(name) {
                // A type that holds itself gives columns for a few levels.
                Some(schema) => schema.columns(path, named, found, depth + 8)?,
                None => return Err(SourceError::malformed("the schema names a type that it does not state")),
            },
            _ => {
                if !found.contains(path) {
                    found.push(path.clone());
                }
            }
        }
        Ok(())
    }

    /// Decodes one value; nothing when the bytes break the schema.
    fn decode(
        &self,
        bytes: &mut &[u8],
        named: &Named,
        path: &mut Vec<String>,
        record: &mut Record,
        depth: u32,
    ) -> Option<()> {
        if depth > DEPTH_MAX * 4 {
            return None;
        }
        let mut unseen = String::new();
        match self {
            Schema::Null => {}
            Schema::Boolean => {
                let truth = take(bytes, 1)?.first() == Some(&1);
                record.cell(path).unwrap_or(&mut unseen).push_str(if truth { "true" } else { "false" });
            }
            Schema::Int(meaning) => {
                let number = long(bytes)?;
                value::write_integer(record.cell(path).unwrap_or(&mut unseen), i128::from(number), *meaning);
            }
            Schema::Float => {
                let number = f32::from_le_bytes(take(bytes, 4)?.try_into().ok()?);
                let number = number.to_string().parse().unwrap_or(f64::NAN);
                value::write_float(record.cell(path).unwrap_or(&mut unseen), number);
            }
            Schema::Double => {
                let number = f64::from_le_bytes(take(bytes, 8)?.try_into().ok()?);
                value::write_float(record.cell(path).unwrap_or(&mut unseen), number);
            }
            Schema::Bytes(decimal) => {
                let size = usize::try_from(long(bytes)?).ok()?;
                let field = take(bytes, size)?;
                write_field(record.cell(path).unwrap_or(&mut unseen), field, *decimal);
            }
            Schema::Text => {
                let size = usize::try_from(long(bytes)?).ok()?;
                let field = take(bytes, size)?;
                record.cell(path).unwrap_or(&mut unseen).push_str(&String::from_utf8_lossy(field));
            }
            Schema::Fixed(size, decimal, is_uuid) => {
                let field = take(bytes, *size)?;
                let cell = record.cell(path).unwrap_or(&mut unseen);
                if *is_uuid { value::write_uuid(cell, field) } else { write_field(cell, field, *decimal) }
            }
            Schema::Enum(symbols) => {
                let symbol = symbols.get(usize::try_from(long(bytes)?).ok()?)?;
                record.cell(path).unwrap_or(&mut unseen).push_str(symbol);
            }
            Schema::Array(inner) => {
                blocks(bytes, |bytes| inner.decode(bytes, named, path, record, depth + 1))?
            }
            Schema::Map(inner) => blocks(bytes, |bytes| {
                let size = usize::try_from(long(bytes)?).ok()?;
                take(bytes, size)?;
                inner.decode(bytes, named, path, record, depth + 1)
            })?,
            Schema::Union(kinds) => {
                let kind = kinds.get(usize::try_from(long(bytes)?).ok()?)?;
                kind.decode(bytes, named, path, record, depth + 1)?;
            }
            Schema::Record(fields) => {
                for (name, schema) in fields {
                    path.push(name.clone());
                    let decoded = schema.decode(bytes, named, path, record, depth + 1);
                    path.pop();
                    decoded?;
                }
            }
            Schema::Named(name) => named.get(name)?.decode(bytes, named, path, record, depth + 1)?,
        }
        Some(())
    }
}

fn full_name(name: &str, space: &str) -> String {
    if name.contains('.') || space.is_empty() { name.to_owned() } else { format!("{space}.{name}") }
}

fn write_field(cell: &mut String, field: &[u8], decimal: Option<u32>) {
    match decimal.zip(value::big_endian(field)) {
        Some((scale, number)) => value::write_integer(cell, number, Meaning::Decimal(scale)),
        None => value::write_bytes(cell, field),
    }
}

/// Elements of an array or map, block after block. Elements of no bytes are not repeated without end.
fn blocks<'a>(bytes: &mut &'a [u8], mut each: impl FnMut(&mut &'a [u8]) -> Option<()>) -> Option<()> {
    loop {
        let mut count = long(bytes)?;
        if count == 0 {
            return Some(());
        }
        if count < 0 {
            count = count.checked_neg()?;
            long(bytes)?;
        }
        for _ in 0..count {
            let before = bytes.len();
            each(bytes)?;
            if bytes.len() == before {
                break;
            }
        }
    }
}

fn take<'a>(bytes: &mut &'a [u8], size: usize) -> Option<&'a [u8]> {
    let (field, rest) = bytes.split_at_checked(size)?;
    *bytes = rest;
    Some(field)
}

fn long(bytes: &mut &[u8]) -> Option<i64> {
    let (mut number, mut shift) = (0u64, 0);
    loop {
        let byte = *take(bytes, 1)?.first()?;
        number |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(unzigzag(number));
        }
        shift += 7;
    }
}
