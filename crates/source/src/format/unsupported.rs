//! Content that is known and not read yet: pictures, sound, video, programs, fonts, disk images.

use super::{Format, Probe};
use crate::{Context, Input, SourceError};

/// Matches by magic numbers; reading it is a problem that names the format.
pub(super) struct Unsupported;

/// Offset, magic number, name.
const MAGIC: &[(usize, &[u8], &str)] = &[
    (0, b"\x89PNG\r\n\x1a\n", "PNG picture"),
    (0, b"\xFF\xD8\xFF", "JPEG picture"),
    (0, b"GIF87a", "GIF picture"),
    (0, b"GIF89a", "GIF picture"),
    (0, b"II*\0", "TIFF picture"),
    (0, b"MM\0*", "TIFF picture"),
    (8, b"WEBP", "WebP picture"),
    (0, b"8BPS", "Photoshop picture"),
    (0, b"\0\0\x01\0", "icon"),
    (0, b"AT&TFORM", "DjVu document"),
    (4, b"ftypheic", "HEIC picture"),
    (4, b"ftypmif1", "HEIF picture"),
    (4, b"ftypavif", "AVIF picture"),
    (4, b"ftyp", "MP4 video"),
    (8, b"AVI ", "AVI video"),
    (8, b"WAVE", "WAVE sound"),
    (0, b"\x1A\x45\xDF\xA3", "Matroska video"),
    (0, b"FLV\x01", "Flash video"),
    (0, b"\0\0\x01\xBA", "MPEG video"),
    (0, b"\x30\x26\xB2\x75\x8E\x66\xCF\x11", "Windows Media file"),
    (0, b"ID3", "MP3 sound"),
    (0, b"OggS", "Ogg sound or video"),
    (0, b"fLaC", "FLAC sound"),
    (0, b"#!AMR", "AMR sound"),
    (0, b"\x02#!SILK", "SILK sound"),
    (0, b"#!SILK", "SILK sound"),
    (0, b"\x7FELF", "ELF program"),
    (0, b"\xCA\xFE\xBA\xBE", "Java class or Mach-O program"),
    (0, b"\xCF\xFA\xED\xFE", "Mach-O program"),
    (0, b"\0asm", "WebAssembly program"),
    (0, b"dex\n03", "Android program"),
    (0, b"Rar!\x1A\x07", "RAR archive"),
    (0, b"MSCF\0\0\0\0", "cabinet archive"),
    (0, b"!<arch>\n", "ar archive"),
    (0, b"wOFF", "font"),
    (0, b"wOF2", "font"),
    (0, b"OTTO\0", "font"),
    (0, b"\0\x01\0\0\0", "font"),
    (0, b"QFI\xFB", "disk image"),
    (0, b"KDMV", "disk image"),
    (32769, b"CD001", "disk image"),
    (0, b"regf", "Windows registry hive"),
    (0, b"ElfFile\0", "Windows event log"),
    (0, b"!BDN", "Outlook mailbox (PST)"),
    (4, b"Standard Jet DB", "Access database"),
    (4, b"Standard ACE DB", "Access database"),
    (0, b"{\\rtf", "RTF document"),
    (0, b"%!PS", "PostScript document"),
    (0, b"-----BEGIN PGP MESSAGE", "PGP message"),
];

/// What the content is, when it is known.
fn name_of(head: &[u8]) -> Option<&'static str> {
    let found = MAGIC
        .iter()
        .find(|(at, magic, _)| head.get(*at..).is_some_and(|rest| rest.starts_with(magic)))
        .map(|(_, _, name)| *name);
    // Two letters are too few to be sure: the header of a bitmap or a program says more.
    found.or_else(|| match head {
        [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => Some("bitmap picture"),
        [b'M', b'Z', ..] => {
            let offset = head.get(60..64)?;
            let offset = u32::from_le_bytes(offset.try_into().ok()?) as usize;
            let has_header = head.get(offset..).is_some_and(|rest| rest.starts_with(b"PE\0\0"));
            let is_binary = head.iter().take(64).filter(|byte| **byte == 0).count() > 8;
            (has_header || is_binary).then_some("Windows program")
        }
        [0xFF, 0xFB | 0xF3 | 0xF2, ..] if !head.starts_with(&[0xFF, 0xFE]) => Some("MP3 sound"),
        _ => None,
    })
}

impl Format for Unsupported {
    fn name(&self) -> &'static str {
        "unsupported"
    }

    fn matches(&self, probe: &Probe<'_>) -> bool {
        name_of(probe.head).is_some()
    }

    fn read(&self, mut input: Input<'_>, _: &mut Context<'_>) -> Result<(), SourceError> {
        let head = input.peek(super::HEAD_BYTES)?;
        let name = name_of(head).unwrap_or("unknown content");
        Err(SourceError::unsupported(format!("{name}: no reader for this format yet")))
    }
}

#[cfg(test)]
mod tests {
    use super::name_of;

    #[test]
    fn known_content_is_named_and_text_is_not() {
        assert_eq!(name_of(b"\x89PNG\r\n\x1a\nxxxx"), Some("PNG picture"));
        assert_eq!(name_of(b"RIFF....WEBP"), Some("WebP picture"));
        assert_eq!(name_of("BM,王小明,138".as_bytes()), None);
        assert_eq!(name_of(b"MZ,1,2\n"), None);
        assert_eq!(name_of(b""), None);
    }
}
