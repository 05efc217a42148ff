//! gzip, bzip2, xz, lzma, lzip and Zstandard: one stream of compressed bytes.
//!
//! What is inside is read as a member named as the file without its ending. A tar inside takes no step of its
//! own: members of `data.tar.gz` are `data.tar.gz!path`.

use crate::error::SourceError;
use crate::format::{Format, Probe, tar};
use crate::input::Input;
use crate::sink::Context;
use std::io::{BufReader, Read};

/// Memory that a decoder may take for its dictionary, in KiB.
const DICTIONARY_KIB: u32 = 256 << 10;

/// How the bytes are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Codec {
    Gzip,
    Bzip2,
    Xz,
    Lzma,
    Lzip,
    Zstd,
}

/// One stream of compressed bytes.
pub(super) struct Compressed {
    name: &'static str,
    codec: Codec,
}

/// gzip, one or several members.
pub(super) static GZIP: Compressed = Compressed { name: "gzip", codec: Codec::Gzip };
/// bzip2, one or several streams.
pub(super) static BZIP2: Compressed = Compressed { name: "bzip2", codec: Codec::Bzip2 };
/// xz, one or several streams.
pub(super) static XZ: Compressed = Compressed { name: "xz", codec: Codec::Xz };
/// The older lzma form, which has no magic number.
pub(super) static LZMA: Compressed = Compressed { name: "lzma", codec: Codec::Lzma };
/// lzip.
pub(super) static LZIP: Compressed = Compressed { name: "lzip", codec: Codec::Lzip };
/// Zstandard, one or several frames.
pub(super) static ZSTD: Compressed = Compressed { name: "zstd", codec: Codec::Zstd };

impl Format for Compressed {
    fn name(&self) -> &'static str {
        self.name
    }

    fn matches(&self, probe: &Probe<'_>) -> bool {
        let head = probe.head;
        match self.codec {
            Codec::Gzip => head.starts_with(&[0x1f, 0x8b, 8]),
            Codec::Bzip2 => {
                head.starts_with(b"BZh")
                    && head.get(3).is_some_and(|level| (b'1'..=b'9').contains(level))
                    && matches!(
                        head.get(4..10),
                        Some([0x31, 0x41, 0x59, 0x26, 0x53, 0x59] | [0x17, 0x72, 0x45, 0x38, 0x50, 0x90])
                            | None
                    )
            }
            Codec::Xz => head.starts_with(&[0xfd, b'7', b'z', b'X', b'Z', 0]),
            // No magic number: properties, a dictionary of 2^n or 2^n + 2^(n-1) bytes, and a sane size.
            Codec::Lzma => {
                let dictionary = head.get(1..5).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes);
                let size = head.get(5..13).and_then(|b| b.try_into().ok()).map(u64::from_le_bytes);
                let is_sane = |d: u32| d >= 1 << 12 && (d.is_power_of_two() || (d / 3).is_power_of_two());
                (head.first() == Some(&0x5d)
                    || probe.has_extension("lzma") && head.first().is_some_and(|p| *p < 225))
                    && dictionary.is_some_and(is_sane)
                    && size.is_some_and(|size| size == u64::MAX || size < 1 << 48)
            }
            Codec::Lzip => head.starts_with(b"LZIP\x01"),
            Codec::Zstd => {
                let magic = head.get(..4).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes);
                // A skippable frame may come first.
                magic == Some(0xfd2f_b528) || magic.is_some_and(|m| m & 0xffff_fff0 == 0x184d_2a50)
            }
        }
    }

    fn read(&self, input: Input<'_>, cx: &mut Context<'_>) -> Result<(), SourceError> {
        let name = inner_name(cx.name(), self.codec);
        let mut inner = Input::from_reader(self.decoder(input)?, None);
        if tar::is_tar(inner.peek(512)?) {
            return tar::read_from(&mut inner, cx);
        }
        cx.nested(&name, inner)
    }
}

impl Compressed {
    fn decoder<'a>(&self, input: Input<'a>) -> Result<Box<dyn Read + 'a>, SourceError> {
        let input = BufReader::with_capacity(64 << 10, input);
        Ok(match self.codec {
            Codec::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(input)),
            Codec::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(input)),
            Codec::Xz => Box::new(lzma_rust2::XzReader::new_mem_limit(input, true, DICTIONARY_KIB)),
            Codec::Lzma => Box::new(lzma_rust2::LzmaReader::new_mem_limit(input, DICTIONARY_KIB, None)?),
            Codec::Lzip => Box::new(lzma_rust2::LzipReader::new(input)),
            Codec::Zstd => {
                let mut decoder = zstd::stream::read::Decoder::with_buffer(input)?;
                // 2^28 bytes: twice what the strongest setting without a long window uses.
                decoder.window_log_max(28)?;
                Box::new(decoder)
            }
        })
    }
}

/// The name of what is inside: the file's name without its ending.
fn inner_name(name: &str, codec: Codec) -> String {
    let endings: &[(&str, &str)] = match codec {
        Codec::Gzip => &[(".tgz", ".tar"), (".gz", ""), (".gzip", "")],
        Codec::Bzip2 => &[(".tbz2", ".tar"), (".tbz", ".tar"), (".bz2", ""), (".bz", "")],
        Codec::Xz => &[(".txz", ".tar"), (".xz", "")],
        Codec::Lzma => &[(".tlz", ".tar"), (".lzma", "")],
        Codec::Lzip => &[(".lz", "")],
        Codec::Zstd => &[(".tzst", ".tar"), (".zst", ""), (".zstd", "")],
    };
    for (ending, instead) in endings {
        let Some((stem, end)) = name.len().checked_sub(ending.len()).and_then(|at| name.split_at_checked(at))
        else {
            continue;
        };
        if !stem.is_empty() && end.eq_ignore_ascii_case(ending) {
            return format!("{stem}{instead}");
        }
    }
    "content".into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inner_name_is_the_name_without_its_ending() {
        assert_eq!(inner_name("客户.csv.GZ", Codec::Gzip), "客户.csv");
        assert_eq!(inner_name("a.tgz", Codec::Gzip), "a.tar");
        assert_eq!(inner_name(".gz", Codec::Gzip), "content");
        assert_eq!(inner_name("户", Codec::Zstd), "content");
    }
}
