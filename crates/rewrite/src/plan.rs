//! What would happen to each column or kind, before anything is written: counts of the data, and invented values
//! to show what the operators do.

use crate::receipt::{ColumnReceipt, Receipt};
use zhunsheng_model::{Kind, State};
use zhunsheng_protect::{Context, MentionView, Protector, Roster, Value};

/// What would happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// By file, column and kind.
    pub lines: Vec<PlanLine>,
    /// As the run would give it, without hashes of files.
    pub receipt: Receipt,
}

/// What would happen to the values of one kind in one column or text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanLine {
    /// The file.
    pub file: String,
    /// Head of the column; empty for text.
    pub column: String,
    /// The kind.
    pub kind: &'static str,
    /// The operator.
    pub operator: &'static str,
    /// How many values.
    pub count: u64,
    /// An invented value and what becomes of it.
    pub sample: Option<(&'static str, String)>,
}

impl PlanLine {
    pub(crate) fn of(protector: &Protector, column: ColumnReceipt) -> PlanLine {
        let kind = Kind::from_id(column.kind);
        PlanLine {
            sample: kind.and_then(|kind| sample(protector, kind)),
            file: column.file,
            column: column.column,
            kind: column.kind,
            operator: column.operator,
            count: column.count,
        }
    }
}

/// An invented value of a kind and what the policy makes of it.
///
/// The values belong to nobody: wrong check digits, ranges never given out, names of examples.
pub(crate) fn sample(protector: &Protector, kind: Kind) -> Option<(&'static str, String)> {
    let value = SAMPLES.iter().find(|(of, _)| *of == kind)?.1;
    let mut roster = Roster::new();
    roster.add(kind, value);
    let mention = MentionView { kind, state: State::Valid, confidence: 100, value: Value::new(value, value) };
    let context = Context { roster: Some(&roster), ..Context::default() };
    let replacement = protector.replace(&mention, &context);
    Some((value, replacement.text.unwrap_or_default()))
}

const SAMPLES: &[(Kind, &str)] = &[
    (Kind::Person, "王小明"),
    (Kind::CnId, "110105194912310029"),
    (Kind::Passport, "E00000000"),
    (Kind::DriverLicence, "110105194912310029"),
    (Kind::SocialSecurity, "110105194912310029"),
    (Kind::Phone, "13800138000"),
    (Kind::Landline, "010-88888888"),
    (Kind::Email, "wangxiaoming@example.com"),
    (Kind::Wechat, "wxid_example01"),
    (Kind::Qq, "10000"),
    (Kind::Account, "example01"),
    (Kind::Password, "abc123456"),
    (Kind::Address, "浙江省杭州市西湖区文三路1号1幢101室"),
    (Kind::BirthDate, "1990-01-01"),
    (Kind::Sex, "男"),
    (Kind::Age, "34"),
    (Kind::Ethnicity, "汉族"),
    (Kind::BankCard, "6222020000000000000"),
    (Kind::Salary, "12345"),
    (Kind::GeoLng, "120.123456"),
    (Kind::GeoLat, "30.123456"),
    (Kind::Plate, "浙A00000"),
    (Kind::Imei, "000000000000000"),
    (Kind::Mac, "00:00:5E:00:53:01"),
    (Kind::Ip, "203.0.113.7"),
    (Kind::Org, "某某科技有限公司"),
    (Kind::Waybill, "SF0000000000000"),
];
