//! Reads which characters the glyphs of an embedded TrueType font draw.
//!
//! Needed where a document numbers glyphs (`Identity-H`) and does not say which text they are.

use std::collections::BTreeMap;

/// Glyphs kept of one font.
const GLYPHS_MAX: usize = 1 << 17;

/// For each glyph number, the character that the font's `cmap` table draws with it; the smallest when
/// several share one glyph. Nothing when the font has no Unicode table.
pub(super) fn characters_of_glyphs(font: &[u8]) -> BTreeMap<u16, char> {
    characters(font).unwrap_or_default()
}

fn characters(font: &[u8]) -> Option<BTreeMap<u16, char>> {
    let count = u16_at(font, 4)?;
    let table = (0..usize::from(count)).find_map(|index| {
        let at = 12 + index * 16;
        (font.get(at..at + 4)? == b"cmap").then(|| u32_at(font, at + 8))?
    })? as usize;
    let subtables = usize::from(u16_at(font, table + 2)?);
    // The widest Unicode table first: full range (3,10 or 0,4), then the first plane (3,1 or 0,3).
    let (_, offset) = (0..subtables)
        .filter_map(|index| {
            let at = table + 4 + index * 8;
            let rank = match (u16_at(font, at)?, u16_at(font, at + 2)?) {
                (3, 10) => 0,
                (0, 4 | 6) => 1,
                (3, 1) => 2,
                (0, 0..=3) => 3,
                _ => return None,
            };
            Some((rank, u32_at(font, at + 4)? as usize))
        })
        .min()?;
    let at = table.checked_add(offset)?;
    let mut glyphs = BTreeMap::new();
    match u16_at(font, at)? {
        4 => read_segments(font, at, &mut glyphs),
        12 => read_groups(font, at, &mut glyphs),
        _ => return None,
    };
    Some(glyphs)
}

/// Format 4: segments of the first plane.
fn read_segments(font: &[u8], at: usize, glyphs: &mut BTreeMap<u16, char>) -> Option<()> {
    let segments = usize::from(u16_at(font, at + 6)? / 2);
    let (ends, starts) = (at + 14, at + 16 + segments * 2);
    let (deltas, offsets) = (starts + segments * 2, starts + segments * 4);
    for index in 0..segments {
        let (start, end) = (u16_at(font, starts + index * 2)?, u16_at(font, ends + index * 2)?);
        let delta = u16_at(font, deltas + index * 2)?;
        let offset = usize::from(u16_at(font, offsets + index * 2)?);
        for code in start..=end {
            let glyph = if offset == 0 {
                code.wrapping_add(delta)
            } else {
                let slot = offsets + index * 2 + offset + usize::from(code - start) * 2;
                match u16_at(font, slot) {
                    Some(0) | None => continue,
                    Some(glyph) => glyph.wrapping_add(delta),
                }
            };
            insert(glyphs, glyph, u32::from(code));
        }
    }
    Some(())
}

/// Format 12: groups over the whole of Unicode.
fn read_groups(font: &[u8], at: usize, glyphs: &mut BTreeMap<u16, char>) -> Option<()> {
    let groups = (u32_at(font, at + 12)? as usize).min(GLYPHS_MAX);
    for index in 0..groups {
        let group = at + 16 + index * 12;
        let (start, end, glyph) = (u32_at(font, group)?, u32_at(font, group + 4)?, u32_at(font, group + 8)?);
        for code in start..=end.min(start.saturating_add(0xffff)) {
            let Ok(glyph) = u16::try_from(glyph.saturating_add(code - start)) else { break };
            insert(glyphs, glyph, code);
        }
    }
    Some(())
}

fn insert(glyphs: &mut BTreeMap<u16, char>, glyph: u16, code: u32) {
    if let Some(character) = char::from_u32(code).filter(|_| glyph != 0) {
        glyphs.entry(glyph).or_insert(character);
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A font that holds nothing but a format 4 table with 张 (U+5F20) as glyph 7.
    fn font() -> Vec<u8> {
        let mut font = vec![0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        font.extend(b"cmap\0\0\0\0\0\0\0\x1c\0\0\0\x28");
        font.extend([0, 0, 0, 1, 0, 3, 0, 1, 0, 0, 0, 12]);
        let delta = 7u16.wrapping_sub(0x5f20).to_be_bytes();
        font.extend([0, 4, 0, 32, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0x5f, 0x20, 0xff, 0xff, 0, 0]);
        font.extend([0x5f, 0x20, 0xff, 0xff, delta[0], delta[1], 0, 1, 0, 0, 0, 0]);
        font
    }

    #[test]
    fn a_glyph_gives_its_character() {
        assert_eq!(characters_of_glyphs(&font()).get(&7), Some(&'张'));
    }

    #[test]
    fn a_font_cut_short_gives_what_it_holds() {
        let font = font();
        for length in 0..font.len() {
            characters_of_glyphs(&font[..length]);
        }
        assert!(characters_of_glyphs(b"OTTO").is_empty());
    }
}
