//! The plain forms of the commonest kinds, decided without copying: eleven digits, eighteen places, a few
//! Han characters. Everything else takes the general way; a test holds both ways to the same answers.

use crate::Detector;
use zhunsheng_model::{Kind, State};

/// Whether the cell is a valid value in plain form. `false` says nothing: the general way decides.
#[inline]
pub(crate) fn is_plainly_valid(detector: &Detector, kind: Kind, cell: &str) -> bool {
    let bytes = cell.as_bytes();
    let tables = &detector.tables;
    match kind {
        Kind::Phone => bytes.len() == 11 && is_digits(bytes) && tables.phone(bytes) == State::Valid,
        Kind::CnId => {
            bytes.len() == 18
                && !tables.is_test_digits(Kind::CnId, bytes)
                && tables
                    .id18(bytes, detector.scanner.reference)
                    .is_some_and(|parts| parts.state() == State::Valid)
        }
        Kind::Person => is_plain_name(detector, cell),
        Kind::Address => {
            bytes.len() > 24
                && is_han_start(bytes)
                && memchr::memchr2(b'*', 0xBC, bytes).is_none()
                && !cell.contains("某")
        }
        _ => false,
    }
}

/// Two to four common Han characters that begin with a usual surname and mean nothing else here.
fn is_plain_name(detector: &Detector, cell: &str) -> bool {
    if !matches!(cell.len(), 6 | 9 | 12) {
        return false;
    }
    let mut chars = cell.chars();
    let Some(first) = chars.next() else { return false };
    detector.names.rank(first) == 2
        && chars
            .all(|c| matches!(c, '\u{4E00}'..='\u{9FFF}') && !matches!(c, '某' | '先' | '女' | '小' | '同'))
        && !detector.names.is_test(cell)
}

/// Whether a valid value of `kind` is in its normal form as it stands. `false` says nothing.
#[inline]
pub(crate) fn is_plainly_normal(kind: Kind, value: &str) -> bool {
    let bytes = value.as_bytes();
    match kind {
        Kind::Phone => bytes.len() == 11 && is_digits(bytes),
        Kind::CnId => bytes.len() == 18 && bytes.iter().all(|b| b.is_ascii_digit() || *b == b'X'),
        // Blanks, and everything that folding may touch: C2 (no-break blank), E2 (dashes), E3 80 80 (wide
        // blank), EF (full-width letters). E3 is left to the general way as a whole.
        Kind::Person | Kind::Address => {
            is_han_start(bytes)
                && bytes.iter().all(|b| *b > b' ' && !matches!(*b, 0xC2 | 0xE1 | 0xE2 | 0xE3 | 0xEF))
        }
        _ => false,
    }
}

fn is_digits(bytes: &[u8]) -> bool {
    bytes.iter().all(u8::is_ascii_digit)
}

/// Whether the first character is one of the basic Han block.
fn is_han_start(bytes: &[u8]) -> bool {
    matches!(bytes.first(), Some(0xE4..=0xE9))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::cells::{address_state, name_state};
    use crate::tests::detector;

    const CELLS: &[&str] = &[
        "",
        "无",
        "没有",
        "暂无",
        "王",
        "王伟",
        "王建国",
        "王某某",
        "王女士",
        "李先生",
        "张三",
        "欧阳文静",
        "诸葛孔明",
        "未填写",
        "保密",
        "王*",
        "Wang Wei",
        "王 伟",
        "王\u{3000}伟",
        "13912340001",
        "13812345678",
        "14212340001",
        "139 1234 0001",
        "1391234000",
        "11010119900307299X",
        "11010119900307299x",
        "11010519491231002X",
        "110101199003072990",
        "610481920427025",
        "浙江省杭州市西湖区文三路18号",
        "浙江省杭州市西湖区文三路１８号",
        "浙江省 杭州市西湖区文三路18号",
        "浙江省杭州市****某处",
        "浙江省杭州市某某区某某路",
        "阿依古丽·买买提",
        "㐂王建国",
    ];

    #[test]
    fn the_short_way_agrees_with_the_general_way() {
        let detector = detector();
        let mut short = 0;
        for cell in CELLS {
            for kind in [Kind::Phone, Kind::CnId, Kind::Person, Kind::Address] {
                let general = match kind {
                    Kind::Person => name_state(detector, cell),
                    Kind::Address => address_state(cell),
                    _ => detector.scanner.check_cell(kind, cell),
                };
                if is_plainly_valid(detector, kind, cell) {
                    assert_eq!(general, State::Valid, "{kind:?} {cell}");
                    short += 1;
                }
                if general == State::Valid && is_plainly_normal(kind, cell) {
                    let mut normal = String::new();
                    crate::normal(kind, cell, &mut normal);
                    assert_eq!(normal, *cell, "{kind:?}");
                }
            }
        }
        assert!(short >= 6, "{short}");
    }
}
