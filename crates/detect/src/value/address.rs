//! Addresses, by the grammar province, city, county, street, house.

use super::name::is_han;

/// Parts of an address found in a text: one bit each.
const ADMIN: u8 = 1;
const LOCAL: u8 = 2;
const ROAD: u8 = 4;
const DOOR: u8 = 8;

/// Municipalities, provinces and regions by the form without suffix, for addresses such as 北京朝阳.
const PROVINCES: &[&str] = &[
    "北京",
    "天津",
    "上海",
    "重庆",
    "河北",
    "山西",
    "辽宁",
    "吉林",
    "黑龙江",
    "江苏",
    "浙江",
    "安徽",
    "福建",
    "江西",
    "山东",
    "河南",
    "湖北",
    "湖南",
    "广东",
    "海南",
    "四川",
    "贵州",
    "云南",
    "陕西",
    "甘肃",
    "青海",
    "台湾",
    "内蒙古",
    "广西",
    "西藏",
    "宁夏",
    "新疆",
    "香港",
    "澳门",
];

/// Which parts of an address stand in `text`, as bits; each needs a Han character before its suffix.
pub(crate) fn parts(text: &str) -> u8 {
    let mut found = 0u8;
    let mut before: Option<char> = None;
    let mut run = 0usize;
    for char in text.chars() {
        let named = run >= 1;
        match char {
            '省' | '市' | '县' | '旗' | '盟' if named => found |= ADMIN,
            '区' if named => {
                found |= if before == Some('小') || before == Some('社') { LOCAL } else { ADMIN }
            }
            '州' if before == Some('治') => found |= ADMIN,
            '镇' | '乡' | '村' | '屯' | '庄' | '寨' | '堡' | '苑' | '园' if named => found |= LOCAL,
            '里' if before == Some('福') || before == Some('平') => found |= LOCAL,
            '道' if before == Some('街') => found |= LOCAL,
            '路' | '街' | '巷' | '弄' | '胡' | '道' if named => found |= ROAD,
            '场' | '厦' | '城' if named => found |= LOCAL,
            '号' | '室' | '栋' | '幢' | '楼' | '层' | '组' | '座' | '户' | '单'
                if before.is_some_and(|c| {
                    c.is_ascii_alphanumeric() || is_han_number(c) || ('０'..='９').contains(&c)
                }) =>
            {
                found |= DOOR;
            }
            _ => {}
        }
        run = if is_han(char) { run + 1 } else { 0 };
        before = Some(char);
    }
    // 3-2-501 after a residence is a door as well.
    if found & (LOCAL | ROAD) != 0 && text.ends_with(|c: char| c.is_ascii_digit()) {
        found |= DOOR;
    }
    if PROVINCES.iter().any(|province| text.starts_with(province)) {
        found |= ADMIN;
    }
    found
}

/// Whether the whole of `text` reads as an address: at least two different parts and enough length.
pub(crate) fn is_address(text: &str) -> bool {
    let text = text.trim();
    // Six characters (市人民路1号) at least, a few hundred at most; a sentence is no address.
    (12..=400).contains(&text.len())
        && !text.contains(['。', '！', '？', '；', '='])
        && parts(text).count_ones() >= 2
        && text.chars().next().is_some_and(is_han)
}

/// End (byte offset) of the address that `text` begins with, in running text: up to the first mark that no
/// address holds. `None` when what stands there is no address.
pub(crate) fn address_end(text: &str) -> Option<usize> {
    // No address is longer; the text may be.
    let text = text.get(..text.floor_char_boundary(420)).unwrap_or_default();
    let end = text
        .find([
            '，', ',', '。', '；', ';', '、', '\n', '\r', '\t', '：', ':', '"', '”', '）', ')', '！', '？',
            '<',
        ])
        .unwrap_or(text.len());
    let address = text.get(..end)?.trim_end();
    let address = address.get(..blank_end(address))?;
    is_address(address).then_some(address.len())
}

/// Where the address ends among words parted by blanks: a word goes on with it when it holds a part of an
/// address itself, and neither tells who lives there (联系林娜, 收件人…) nor holds a telephone number.
fn blank_end(text: &str) -> usize {
    let mut end = 0;
    for word in text.split_inclusive([' ', '\u{3000}']) {
        let foreign = ["联系", "收件", "电话", "手机", "姓名"].iter().any(|other| word.contains(other))
            || word.as_bytes().windows(7).any(|run| run.iter().all(u8::is_ascii_digit));
        if end > 0 && (foreign || parts(word) == 0) {
            break;
        }
        end += word.len();
    }
    text.get(..end).map_or(0, |text| text.trim_end().len())
}

fn is_han_number(char: char) -> bool {
    matches!(
        char,
        '一' | '二'
            | '三'
            | '四'
            | '五'
            | '六'
            | '七'
            | '八'
            | '九'
            | '十'
            | '百'
            | '零'
            | '甲'
            | '乙'
            | '丙'
            | '丁'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_other_text() {
        for text in [
            "浙江省杭州市西湖区文三路18号",
            "北京朝阳区建国路甲88号3号楼1201室",
            "新疆维吾尔自治区喀什地区麦盖提县五一林场中山路18号",
            "上海市浦东新区世纪大道100号",
            "湖南省湘潭县易俗河镇金桂村三组",
            "杭州市阳光花园3-2-501",
        ] {
            assert!(is_address(text), "{text}");
        }
        for text in [
            "杭州市",
            "世界文化遗产景区",
            "李明",
            "13800138000",
            "三(2)班",
            "请到一楼大厅领取。",
            "中国建设银行",
            "",
        ] {
            assert!(!is_address(text), "{text}");
        }
    }

    #[test]
    fn an_address_in_a_sentence_ends_at_the_next_mark() {
        let text = "浙江省杭州市西湖区文三路18号，公民身份号码";
        assert_eq!(address_end(text), text.find('，'));
        assert_eq!(address_end("本院认为，被告"), None);
        let with_receiver = "武侯区南京东路162号 联系林娜13367492617";
        assert_eq!(address_end(with_receiver), with_receiver.find(" 联系"));
        let with_name = "朝阳区中关村200号 赵天佑 16307028672";
        assert_eq!(address_end(with_name), with_name.find(" 赵"));
        let parted = "浙江省 杭州市 西湖区文三路18号 2单元301室";
        assert_eq!(address_end(parted), Some(parted.len()));
        assert_eq!(address_end(""), None);
    }
}
