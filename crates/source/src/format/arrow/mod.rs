//! Arrow IPC, files and streams: record batches with their dictionaries.
//!
//! Read here and not by a library: the format is small, and the library would cost more to build than all other
//! readers of tables together. A leaf inside structures is named `outer/inner`; the values of a list in one row
//! stand in one cell, a line each.

mod column;
mod flat;

use crate::error::SourceError;
use crate::format::member::{self, fill};
use crate::format::rows::Rows;
use crate::format::{Format, Probe};
use crate::input::Input;
use crate::sink::Context;
use column::{Batch, Dictionaries, Field};
use flat::Table;
use std::io::Read;

/// Bytes of the description of one message.
const HEAD_BYTES_MAX: usize = 64 << 20;
/// Bytes of the body of one message.
const BODY_BYTES_MAX: u64 = 1 << 30;
const CONTINUES: u32 = 0xffff_ffff;

/// Arrow IPC file or stream.
pub(super) struct Arrow;

impl Format for Arrow {
    fn name(&self) -> &'static str {
        "arrow"
    }

    fn matches(&self, probe: &Probe<'_>) -> bool {
        let head = probe.head;
        if head.starts_with(b"ARROW1\0\0") {
            return true;
        }
        // A stream begins with the message that holds the schema.
        let length = match (flat::u32_at(head, 0), flat::u32_at(head, 4)) {
            (Some(CONTINUES), Some(length)) => length as usize,
            _ => return false,
        };
        let message = head.get(8..head.len().min(8usize.saturating_add(length))).and_then(Table::root);
        message.is_some_and(|message| message.byte(1) == Some(1))
    }

    fn read(&self, mut input: Input<'_>, cx: &mut Context<'_>) -> Result<(), SourceError> {
        if input.peek(6)?.starts_with(b"ARROW1") {
            fill(&mut input, &mut [0; 8])?;
        }
        let damaged = || SourceError::malformed("a message of the file is damaged");
        let mut schema: Option<(Vec<Field>, Rows)> = None;
        let mut dictionaries = Dictionaries::new();
        let end = loop {
            let message = match read_message(&mut input) {
                Ok(Some(message)) => message,
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            };
            let Some(table) = Table::root(&message.head) else { break Err(damaged()) };
            let (kind, content) = (table.byte(1).unwrap_or_default(), table.table(2));
            let body = match read_body(&mut input, table.long(3).unwrap_or(0)) {
                Ok(body) => body,
                Err(error) => break Err(error),
            };
            let Some(content) = content else { break Err(damaged()) };
            let outcome = match (kind, &mut schema) {
                (1, schema @ None) => {
                    // Big-endian files are written by no machine in use.
                    if content.short(0).unwrap_or(0) != 0 {
                        break Err(SourceError::unsupported("the file is big-endian"));
                    }
                    match Field::list(content.tables(1), 0) {
                        Some(fields) => {
                            let rows = Rows::new(cx, &[], Some(column::names(&fields)));
                            *schema = Some((fields, rows));
                            Ok(())
                        }
                        None => Err(damaged()),
                    }
                }
                (2, Some((fields, _))) => {
                    column::read_dictionary(fields, content, &body, &mut dictionaries, cx)
                }
                (3, Some((fields, rows))) => read_batch(fields, content, &body, &dictionaries, rows, cx),
                (1, Some(_)) => Err(damaged()),
                // Tensors hold no text.
                _ => Ok(()),
            };
            if let Err(error) = outcome {
                break Err(error);
            }
        };
        match schema {
            Some((_, rows)) => rows.finish(cx)?,
            None if end.is_ok() => return Err(SourceError::truncated("the file ends before its schema")),
            None => {}
        }
        end
    }
}

fn read_batch(
    fields: &[Field],
    content: Table<'_>,
    body: &[u8],
    dictionaries: &Dictionaries,
    rows: &mut Rows,
    cx: &mut Context<'_>,
) -> Result<(), SourceError> {
    let mut batch = Batch::new(content, body)?;
    let count = batch.rows();
    cx.level.take(count as u64)?;
    let columns = batch.columns(fields, dictionaries, cx)?;
    for row in 0..count {
        for column in &columns {
            rows.cell(column.cell(row));
        }
        rows.end_row(cx)?;
    }
    Ok(())
}

struct Message {
    head: Vec<u8>,
}

/// The next message's description, or nothing at the end of the stream.
fn read_message(input: &mut Input<'_>) -> Result<Option<Message>, SourceError> {
    let mut word = [0; 4];
    let truncated = || SourceError::truncated("the file ends within a message or before its end mark");
    if fill(input, &mut word)? < 4 {
        return Err(truncated());
    }
    // Before version 0.15 the length came first.
    let mut length = u32::from_le_bytes(word);
    if length == CONTINUES {
        if fill(input, &mut word)? < 4 {
            return Err(truncated());
        }
        length = u32::from_le_bytes(word);
    }
    if length == 0 {
        return Ok(None);
    }
    let length = length as usize;
    if length > HEAD_BYTES_MAX {
        return Err(SourceError::malformed("a message of the file states a size that cannot be"));
    }
    let mut head = Vec::new();
    input.by_ref().take(length as u64).read_to_end(&mut head)?;
    if head.len() < length { Err(truncated()) } else { Ok(Some(Message { head })) }
}

fn read_body(input: &mut Input<'_>, length: i64) -> Result<Vec<u8>, SourceError> {
    let length = u64::try_from(length).ok().filter(|length| *length <= BODY_BYTES_MAX);
    let length =
        length.ok_or_else(|| SourceError::malformed("a message of the file states a size that cannot be"))?;
    let mut body = Vec::new();
    input.by_ref().take(length).read_to_end(&mut body)?;
    if (body.len() as u64) < length {
        return Err(SourceError::truncated("the file ends within a message"));
    }
    Ok(body)
}

/// Unpacks a buffer: eight bytes of size, then one frame; size -1 means that it is not packed.
fn unpack(packed: &[u8], codec: u8, cx: &Context<'_>) -> Result<Vec<u8>, SourceError> {
    let Some((size, frame)) = flat::i64_at(packed, 0).zip(packed.get(8..)) else { return Ok(Vec::new()) };
    if size == -1 {
        return Ok(frame.to_vec());
    }
    let size = u64::try_from(size).ok().filter(|size| *size <= BODY_BYTES_MAX);
    let size =
        size.ok_or_else(|| SourceError::malformed("a buffer of the file states a size that cannot be"))?;
    cx.level.take(size)?;
    let mut bytes = Vec::new();
    let read = match codec {
        0 => lz4_flex::frame::FrameDecoder::new(frame).take(size).read_to_end(&mut bytes),
        1 => zstd::stream::read::Decoder::with_buffer(frame)?.take(size).read_to_end(&mut bytes),
        _ => return Err(SourceError::unsupported("the file uses a compression that is not known")),
    };
    match read {
        // A frame whose kind the decoder does not tell.
        Err(error) => Err(member::decoder_error(std::io::Error::from(error.kind()), "a buffer of the file")),
        Ok(_) => Ok(bytes),
    }
}
