//! Columns without a head: names of people of several nations, addresses, and what only looks like them.

use super::tests::read;
use crate::tests::phone;
use zhunsheng_model::{Kind, State};

/// Number of valid mentions of `kind` in the first of two columns without heads; the second holds telephone
/// numbers, or serial numbers when `people` is false.
fn found(kind: Kind, cells: &[&str], people: bool) -> usize {
    let rows: Vec<[String; 2]> = cells
        .iter()
        .cycle()
        .take(cells.len().max(6))
        .enumerate()
        .map(|(i, cell)| [(*cell).to_owned(), if people { phone(i as u32) } else { (i * 3).to_string() }])
        .collect();
    let rows: Vec<Vec<&str>> = rows.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
    let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
    let findings = read(None, &rows);
    let own = findings.mentions.iter().filter(|m| m.locus.column == 1 && m.kind == kind);
    own.filter(|mention| mention.state == State::Valid).count()
}

#[test]
fn names_of_several_nations_are_told_by_their_values() {
    for names in [
        ["王建国", "李晓梅", "欧阳文静", "赵敏", "高明", "孙丽"],
        [
            "阿依古丽·买买提",
            "买买提·艾力",
            "努尔兰·哈力克",
            "古丽娜尔·阿不都拉",
            "迪丽努尔·艾合买提",
            "热娜·吐尔逊",
        ],
        ["扎西顿珠", "次仁央宗", "格桑卓玛", "洛桑平措", "旦增罗布", "白玛多吉"],
        ["Wang Wei", "Li Xiaomei", "ZHANG Min", "Chen Jie", "Zhao Yun", "Liu Yang"],
        ["王建国", "阿依古丽·买买提", "扎西顿珠", "李晓梅", "赵敏", "孙丽"],
    ] {
        // Capitals throughout are not the form of the word list; the rest decides.
        assert_eq!(found(Kind::Person, &names, true), names.len(), "{names:?}");
    }
}

#[test]
fn addresses_of_several_forms_are_told_by_their_values() {
    for addresses in [
        [
            "浙江省杭州市西湖区文三路18号2幢301室",
            "上海市浦东新区世纪大道100号",
            "北京市朝阳区建国路甲88号3号楼",
        ],
        ["朝阳区建国路2号院2号楼", "海淀区中关村大街27号", "西湖区文三路90号"],
        ["幸福村4组7号", "前进村12号", "易俗河镇金桂村三组"],
    ] {
        assert_eq!(found(Kind::Address, &addresses, true), 6, "{addresses:?}");
        assert_eq!(found(Kind::Person, &addresses, true), 0, "{addresses:?}");
    }
}

#[test]
fn what_only_looks_like_names_or_addresses_is_neither() {
    for cells in [
        [
            "杭州飞鸟网络科技有限公司",
            "浙江正衡律师事务所",
            "阳光小学",
            "方圆集团",
            "万科企业股份有限公司",
            "安利（中国）",
        ],
        ["苹果", "黄瓜", "白菜", "高压锅", "毛巾", "龙井茶"],
        ["杭州", "石家庄", "张家口", "马鞍山", "高雄", "常州"],
        [
            "秋冬新款加绒加厚女士打底裤",
            "不锈钢保温杯500ml",
            "金龙鱼食用油5L",
            "安踏男鞋跑步鞋",
            "张小泉剪刀",
            "王老吉凉茶310ml*24",
        ],
        ["待发货", "已完成", "方案变更", "高级", "安全", "成功"],
    ] {
        assert_eq!(found(Kind::Person, &cells, false), 0, "{cells:?}");
        assert_eq!(found(Kind::Address, &cells, false), 0, "{cells:?}");
    }
}
