//! Cells that stand for nothing, and values partly covered.

/// Whether the cell stands for "nothing" (无, N/A, -). An empty cell is not a mention at all and is not asked.
pub(crate) fn is_placeholder(cell: &str) -> bool {
    let cell = cell.trim();
    if cell.len() > 18 {
        return false;
    }
    match cell {
        "无" | "没有" | "暂无" | "未知" | "不详" | "空" | "未填" | "未填写" | "未提供" | "无数据" | "略"
        | "保密" | "待补" | "待补充" | "未登记" | "不明" | "未知号码" | "无号码" | "无电话" | "无手机"
        | "暂缺" | "缺" | "—" | "——" | "／" | "－" | "\\N" | "#N/A" | "(null)" | "<null>" | "(空)"
        | "（空）" | "/" | "\\" | "." | "?" | "？" => true,
        _ if cell.bytes().all(|byte| byte == b'-' || byte == b'_') => !cell.is_empty(),
        _ => ["n/a", "na", "null", "none", "nil", "undefined", "nan", "unknown", "empty"]
            .iter()
            .any(|word| cell.eq_ignore_ascii_case(word)),
    }
}

/// Whether part of the value is covered: 138****5678, 张*, 某某.
pub(crate) fn is_masked(cell: &str) -> bool {
    cell.contains('*')
        || (!cell.is_ascii() && (cell.contains(['＊', '●', '█', '×', '•', '○']) || cell.contains('某')))
        || {
            // xxx or XXX among digits: 138xxxx5678. A single x is the check digit of an identity number.
            let bytes = cell.as_bytes();
            bytes.windows(3).any(|three| three == b"xxx" || three == b"XXX")
                && bytes.iter().any(u8::is_ascii_digit)
        }
}

/// Whether part of the name is covered: 张*, 王某某, 李先生.
pub(crate) fn is_masked_name(cell: &str) -> bool {
    if cell.is_ascii() {
        return cell.contains('*');
    }
    // The dot belongs to names of minorities and covers nothing.
    cell.contains(['*', '＊', '●', '█', '×', '某', '○'])
        || ["先生", "女士", "小姐", "同学"]
            .iter()
            .any(|title| cell.strip_suffix(title).is_some_and(|rest| (1..=2).contains(&rest.chars().count())))
}

/// Forms of address that stand behind a surname.
pub(crate) const TITLES: &[&str] = &[
    "警官",
    "医生",
    "医师",
    "大夫",
    "老师",
    "法官",
    "检察官",
    "律师",
    "经理",
    "主任",
    "护士",
    "师傅",
    "同志",
    "教授",
    "主席",
    "总理",
    "总统",
    "部长",
    "省长",
    "市长",
    "县长",
    "镇长",
    "村长",
    "局长",
    "处长",
    "科长",
    "院长",
    "校长",
    "厂长",
    "行长",
    "所长",
    "队长",
    "团长",
    "教练",
    "书记",
    "先生",
    "女士",
    "小姐",
    "太太",
    "同学",
    "董事长",
];

/// Whether the word is one character and a form of address (李警官): it says which surname, not who.
pub(crate) fn is_titled(word: &str) -> bool {
    TITLES.iter().any(|title| word.strip_suffix(title).is_some_and(|rest| rest.chars().count() == 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_told_from_something() {
        for cell in ["无", "N/A", "-", "---", "null", "NULL", "\\N", "没有", " 无 ", "/"] {
            assert!(is_placeholder(cell), "{cell}");
        }
        for cell in ["", "无锡市", "0", "王无", "Nancy", "-1", "青霉素过敏"] {
            assert!(!is_placeholder(cell), "{cell}");
        }
    }

    #[test]
    fn covered_values_are_told_from_open_ones() {
        for cell in ["138****5678", "138xxxx5678", "110101********1234", "王某"] {
            assert!(is_masked(cell), "{cell}");
        }
        for cell in ["11010119900101123X", "xxx", "李明"] {
            assert!(!is_masked(cell), "{cell}");
        }
        for name in ["张*", "王某某", "李先生", "欧阳女士"] {
            assert!(is_masked_name(name), "{name}");
        }
        for (name, titled) in [("李警官", true), ("王老师", true), ("欧阳老师", false), ("老师", false)]
        {
            assert_eq!(is_titled(name), titled, "{name}");
        }
        for name in ["李明", "阿依古丽·买买提", "女士", "张小姐姐"] {
            assert!(!is_masked_name(name), "{name}");
        }
    }
}
