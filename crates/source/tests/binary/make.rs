//! Makes files byte by byte.

use std::io::Write;

/// Value used all over: a made-up name and number.
pub(crate) const TEXT: &str = "张三丰,13800138000\n李四光,13900139000\n";
/// What must be found where [`TEXT`] was put.
pub(crate) const VALUES: &[&str] = &["张三丰", "13800138000", "李四光", "13900139000"];

/// A member of a zip.
#[derive(Clone, Default)]
pub(crate) struct Member {
    pub(crate) name: Vec<u8>,
    pub(crate) bytes: Vec<u8>,
    pub(crate) flags: u16,
    /// 0 or 8.
    pub(crate) method: u16,
}

impl Member {
    pub(crate) fn new(name: impl AsRef<[u8]>, bytes: impl AsRef<[u8]>) -> Member {
        Member { name: name.as_ref().to_vec(), bytes: bytes.as_ref().to_vec(), flags: 0, method: 8 }
    }

    pub(crate) fn stored(name: impl AsRef<[u8]>, bytes: impl AsRef<[u8]>) -> Member {
        Member { method: 0, ..Member::new(name, bytes) }
    }
}

/// A zip of those members; with flag 8 the sizes follow the data.
pub(crate) fn zip(members: &[Member]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for member in members {
        let packed = if member.method == 8 { deflate(&member.bytes) } else { member.bytes.clone() };
        let mut crc = flate2::Crc::new();
        crc.update(&member.bytes);
        let offset = out.len() as u32;
        let head = |sizes: bool| {
            let mut head = Vec::new();
            head.extend(20u16.to_le_bytes());
            head.extend(member.flags.to_le_bytes());
            head.extend(member.method.to_le_bytes());
            head.extend([0, 0, 0x21, 0x58]);
            for number in [crc.sum(), packed.len() as u32, member.bytes.len() as u32] {
                head.extend(if sizes { number } else { 0 }.to_le_bytes());
            }
            head.extend((member.name.len() as u16).to_le_bytes());
            head.extend(0u16.to_le_bytes());
            head
        };
        out.extend(b"PK\x03\x04");
        out.extend(head(member.flags & 8 == 0));
        out.extend(&member.name);
        out.extend(&packed);
        if member.flags & 8 != 0 {
            out.extend(b"PK\x07\x08");
            for number in [crc.sum(), packed.len() as u32, member.bytes.len() as u32] {
                out.extend(number.to_le_bytes());
            }
        }
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(head(true));
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(&member.name);
    }
    let start = out.len() as u32;
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend((members.len() as u16).to_le_bytes());
    out.extend((members.len() as u16).to_le_bytes());
    out.extend((directory.len() as u32).to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0, 0]);
    out
}

pub(crate) fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::new(9));
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(9));
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

pub(crate) fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut packer = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

pub(crate) fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::stream::encode_all(bytes, 3).unwrap()
}

/// A tar header and its data, padded.
pub(crate) fn tar_member(name: &[u8], kind: u8, bytes: &[u8]) -> Vec<u8> {
    let mut head = vec![0; 512];
    head[..name.len().min(100)].copy_from_slice(&name[..name.len().min(100)]);
    head[100..108].copy_from_slice(b"0000644\0");
    head[124..136].copy_from_slice(format!("{:011o}\0", bytes.len()).as_bytes());
    head[136..148].copy_from_slice(b"00000000000\0");
    head[156] = kind;
    head[257..265].copy_from_slice(b"ustar\x0000");
    head[148..156].fill(b' ');
    let sum: u32 = head.iter().map(|byte| u32::from(*byte)).sum();
    head[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    head.extend(bytes);
    head.resize(head.len().div_ceil(512) * 512, 0);
    head
}

/// A tar of plain members with its end mark.
pub(crate) fn tar(members: &[(&[u8], &[u8])]) -> Vec<u8> {
    let mut out: Vec<u8> = members.iter().flat_map(|(name, bytes)| tar_member(name, b'0', bytes)).collect();
    out.extend([0; 1024]);
    out
}

/// Bytes of text in GBK.
pub(crate) fn gbk(text: &str) -> Vec<u8> {
    encoding_rs::GBK.encode(text).0.into_owned()
}
