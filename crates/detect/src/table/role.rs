//! Whose information a column holds, where a row holds several people.

use super::header::{plain, tokens};

/// Somebody whom heads name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Role {
    /// Same number: same person.
    pub(crate) id: u8,
    /// How the person stands to the one the row is about.
    pub(crate) bond: Bond,
}

/// How a person stands to the one the row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Bond {
    /// May be the one the row is about (学生, buyer); without a name of its own it is.
    Party,
    /// Somebody else whenever he is named, and the row's own person when he is not (联系人).
    Contact,
    /// Somebody else, named or not (监护人).
    Relative,
}

/// Words for roles; a longer word stands before the shorter ones that it ends with.
const ROLES: &[(Bond, &[&str])] = &[
    (Bond::Relative, &["监护人", "家长", "guardian", "parent", "jhr", "jianhuren", "jiazhang"]),
    (Bond::Relative, &["父亲", "父", "father", "dad", "fq", "fuqin"]),
    (Bond::Relative, &["母亲", "母", "mother", "mom", "mq", "muqin"]),
    (Bond::Relative, &["配偶", "妻子", "丈夫", "spouse", "wife", "husband"]),
    (Bond::Relative, &["子女", "儿子", "女儿", "child", "children"]),
    (Bond::Relative, &["紧急联系人", "紧急联络人", "紧急", "emergency", "jjlxr", "jinjilianxiren"]),
    (Bond::Relative, &["担保人", "保证人", "guarantor"]),
    (Bond::Relative, &["推荐人", "介绍人", "referrer", "inviter"]),
    (Bond::Relative, &["医生", "医师", "主治医师", "doctor", "physician"]),
    (Bond::Relative, &["老师", "教师", "班主任", "teacher"]),
    (Bond::Relative, &["经办人", "客户经理", "业务员", "操作员", "agent", "operator", "salesman"]),
    (
        Bond::Party,
        &[
            "寄件人",
            "寄件",
            "发件人",
            "发件",
            "寄方",
            "sender",
            "shipper",
            "consignor",
            "jjr",
            "fjr",
            "jijianren",
        ],
    ),
    (
        Bond::Party,
        &[
            "收件人",
            "收件",
            "收货人",
            "收货",
            "送货",
            "收方",
            "receiver",
            "recipient",
            "consignee",
            "delivery",
            "shipping",
            "ship",
            "sjr",
            "shr",
            "shouhuoren",
            "shoujianren",
        ],
    ),
    (Bond::Party, &["买家", "买方", "buyer", "purchaser"]),
    (Bond::Party, &["卖家", "卖方", "seller"]),
    (Bond::Party, &["付款人", "付款", "付款方", "汇款人", "payer", "fk"]),
    (Bond::Party, &["收款人", "收款", "收款方", "payee", "sk"]),
    (Bond::Party, &["主叫", "caller", "calling"]),
    (Bond::Party, &["被叫", "对方", "callee", "called"]),
    (Bond::Party, &["被保险人", "被保人", "insured"]),
    (Bond::Party, &["投保人", "policyholder"]),
    (Bond::Party, &["受益人", "beneficiary"]),
    (Bond::Party, &["法定代表人", "法人", "legal"]),
    (Bond::Party, &["户主", "householder"]),
    (Bond::Party, &["车主", "业主", "房东", "出租人", "owner", "landlord"]),
    (Bond::Party, &["租客", "承租人", "tenant"]),
    (Bond::Party, &["驾驶人", "驾驶员", "司机", "driver"]),
    (Bond::Party, &["学生", "学员", "考生", "student", "pupil", "xs", "xuesheng"]),
    (Bond::Party, &["员工", "职工", "雇员", "employee", "emp", "staff", "yg", "zg"]),
    (Bond::Party, &["患者", "病人", "就诊人", "patient", "hz", "br", "huanzhe"]),
    (Bond::Party, &["原告", "plaintiff"]),
    (Bond::Party, &["被告人", "被告", "defendant"]),
    (Bond::Party, &["申请人", "applicant"]),
    (Bond::Contact, &["联系人", "联络人", "contact", "lxr", "lianxiren"]),
];

/// The role that `head` names, the nearest to its end when it names several (学生监护人电话 → 监护人).
pub(crate) fn role_of(head: &str) -> Option<Role> {
    let han = plain(head);
    let words = tokens(head);
    let mut best: Option<(usize, usize, Role)> = None;
    for (id, (bond, names)) in ROLES.iter().enumerate() {
        let role = Role { id: id as u8, bond: *bond };
        for name in *names {
            let end = if name.is_ascii() {
                // Latin words as words; pinyin also as the beginning of a head (jhrdh, jhrxm).
                let as_word = words.iter().rposition(|word| word == name).map(|at| at + 1);
                let as_pinyin = (is_pinyin(name) && words.len() == 1 && han.starts_with(name)).then_some(1);
                as_word.or(as_pinyin)
            } else {
                han.rfind(name).map(|at| at + name.len())
            };
            if let Some(end) = end {
                let found = (end, name.len(), role);
                if best.is_none_or(|known| (known.0, known.1) < (found.0, found.1)) {
                    best = Some(found);
                }
            }
        }
    }
    // 与户主关系 speaks of a bond, not of the person.
    (!han.contains("关系") && !han.contains("relation")).then_some(best?.2)
}

/// Initials and syllables that begin a head without a joint.
fn is_pinyin(name: &str) -> bool {
    matches!(
        name,
        "jhr"
            | "jianhuren"
            | "jiazhang"
            | "fq"
            | "fuqin"
            | "mq"
            | "muqin"
            | "jjlxr"
            | "jinjilianxiren"
            | "jjr"
            | "fjr"
            | "jijianren"
            | "sjr"
            | "shr"
            | "shouhuoren"
            | "shoujianren"
            | "xs"
            | "xuesheng"
            | "yg"
            | "zg"
            | "hz"
            | "br"
            | "huanzhe"
            | "lxr"
            | "lianxiren"
            | "fk"
            | "sk"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(a: &str, b: &str) -> bool {
        role_of(a).is_some() && role_of(a) == role_of(b)
    }

    #[test]
    fn heads_of_one_person_have_one_role() {
        assert!(same("监护人", "监护人电话"));
        assert!(same("jhr", "jhrdh"));
        assert!(same("receiver", "receiver_mobile"));
        assert!(same("receiver", "receiverAddr"));
        assert!(same("sender/name", "sender/phone"));
        assert!(same("紧急联系人", "紧急联系电话"));
        assert!(same("学生监护人电话", "监护人"));
        assert!(same("buyer_name", "buyer"));
    }

    #[test]
    fn other_heads_have_none() {
        for head in ["姓名", "联系电话", "手机号", "与户主关系", "家庭住址", "real_name", "name", "sjh", "k"]
        {
            assert_eq!(role_of(head), None, "{head}");
        }
        assert!(!same("sender", "receiver"));
        assert!(!same("联系人", "紧急联系人"));
    }
}
