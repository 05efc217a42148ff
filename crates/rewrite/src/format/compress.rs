//! gzip, bzip2, xz and Zstandard: the one file inside is protected and packed again in the same way.

use super::{Hands, Place, Rewriter};
use crate::content::{Content, Spooling};
use crate::error::RewriteError;
use std::io::{self, BufReader, Read, Write};

/// Streams of compressed bytes.
pub(super) struct Compressed;

/// Memory of a decoder, in KiB.
const DICTIONARY_KIB: u32 = 256 << 10;
/// Bytes that may come out for each byte in, once more than [`FREE_BYTES`] came out.
const RATIO_MAX: u64 = 200;
const FREE_BYTES: u64 = 64 << 20;

impl Rewriter for Compressed {
    fn formats(&self) -> &'static [&'static str] {
        &["gzip", "bzip2", "xz", "zstd"]
    }

    fn rewrite(
        &self,
        content: &Content,
        place: &Place<'_>,
        hands: &mut dyn Hands,
        out: &mut dyn Write,
    ) -> Result<(), RewriteError> {
        let read = |error| RewriteError::read(place.name, error);
        let damaged = |_| RewriteError::unreadable(place.name, "the packed bytes are damaged");
        let size = content.size_bytes().map_err(read)?;
        let input = BufReader::with_capacity(64 << 10, content.open().map_err(read)?);
        let mut held = Spooling::new(place.temp);
        let limit = FREE_BYTES.max(size.saturating_mul(RATIO_MAX));
        let mut header = None;
        let mut reader: Box<dyn Read + '_> = match place.format {
            "gzip" => {
                let mut first =
                    flate2::bufread::GzDecoder::new(BufReader::new(content.open().map_err(read)?));
                let _ = first.read(&mut [0; 1]);
                header = first.header().cloned();
                Box::new(flate2::bufread::MultiGzDecoder::new(input))
            }
            "bzip2" => Box::new(bzip2::bufread::MultiBzDecoder::new(input)),
            "xz" => Box::new(lzma_rust2::XzReader::new_mem_limit(input, true, DICTIONARY_KIB)),
            _ => Box::new(zstd::stream::read::Decoder::with_buffer(input).map_err(damaged)?),
        };
        let got = io::copy(&mut (&mut reader).take(limit + 1), &mut held).map_err(damaged)?;
        if got > limit {
            return Err(RewriteError::unreadable(place.name, "far more bytes come out than go in"));
        }
        drop(reader);
        let inner = held.finish().map_err(RewriteError::sink)?;
        let Some(inner) = hands.member(&inner_name(place.name), inner)? else {
            return Err(RewriteError::Unsupported {
                place: place.name.to_owned(),
                format: place.format.to_owned(),
            });
        };
        let mut plain = inner.open().map_err(read)?;
        let packed = match place.format {
            "gzip" => gzip(&mut plain, header.as_ref(), out),
            "bzip2" => {
                let mut packer = bzip2::write::BzEncoder::new(out, bzip2::Compression::default());
                io::copy(&mut plain, &mut packer).and_then(|_| packer.finish().map(drop))
            }
            "xz" => xz(&mut plain, out),
            _ => zstd::stream::copy_encode(&mut plain, out, 0),
        };
        packed.map_err(RewriteError::sink)
    }
}

fn gzip(plain: &mut dyn Read, header: Option<&flate2::GzHeader>, out: &mut dyn Write) -> io::Result<()> {
    let mut builder = flate2::GzBuilder::new();
    if let Some(header) = header {
        builder = builder.mtime(header.mtime()).operating_system(header.operating_system());
        if let Some(name) = header.filename() {
            builder = builder.filename(name);
        }
    }
    let mut packer = builder.write(out, flate2::Compression::default());
    io::copy(plain, &mut packer)?;
    packer.finish().map(drop)
}

fn xz(plain: &mut dyn Read, out: &mut dyn Write) -> io::Result<()> {
    let mut packer = lzma_rust2::XzWriter::new(out, lzma_rust2::XzOptions::with_preset(6))?;
    io::copy(plain, &mut packer)?;
    packer.finish().map(drop)
}

/// The name of what is inside: the file's name without its ending.
fn inner_name(name: &str) -> String {
    let name = name.rsplit(['/', '!']).next().unwrap_or(name);
    let endings = [
        (".tgz", ".tar"),
        (".tbz2", ".tar"),
        (".tbz", ".tar"),
        (".txz", ".tar"),
        (".tzst", ".tar"),
        (".gz", ""),
        (".bz2", ""),
        (".xz", ""),
        (".zst", ""),
    ];
    for (ending, instead) in endings {
        let split = name.len().checked_sub(ending.len()).and_then(|at| name.split_at_checked(at));
        if let Some((stem, end)) = split
            && !stem.is_empty()
            && end.eq_ignore_ascii_case(ending)
        {
            return format!("{stem}{instead}");
        }
    }
    "content".to_owned()
}
