//! The closed list of kinds (种类) of personal information.

use serde::{Serialize, Serializer};

/// The group a kind belongs to; the same words as in `rules/lexicon/types.tsv`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "each variant is the English word of its group")]
pub enum Group {
    Id,
    Contact,
    Account,
    Attribute,
    Financial,
    Location,
    Stay,
    Communications,
    Health,
    Biometric,
    Vehicle,
    Device,
    Other,
}

macro_rules! kinds {
    ($($variant:ident $id:literal $zh:literal $en:literal $group:ident;)*) => {
        /// One kind (种类) of personal information, or of a thing that is told apart from it.
        ///
        /// The order is the order of reports and never changes within a schema version.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        #[allow(missing_docs, reason = "each variant has its names in Chinese and English as data")]
        pub enum Kind { $($variant,)* }

        impl Kind {
            /// Every kind, in order.
            pub const ALL: &'static [Kind] = &[$(Kind::$variant,)*];

            /// The name used in files and schemas, such as `CN_ID`.
            pub const fn id(self) -> &'static str { match self { $(Kind::$variant => $id,)* } }
            /// The Chinese name, such as 公民身份号码.
            pub const fn name_zh(self) -> &'static str { match self { $(Kind::$variant => $zh,)* } }
            /// The English name.
            pub const fn name_en(self) -> &'static str { match self { $(Kind::$variant => $en,)* } }
            /// The group the kind belongs to.
            pub const fn group(self) -> Group { match self { $(Kind::$variant => Group::$group,)* } }
        }
    };
}

kinds! {
    Person "PERSON" "姓名" "person name" Id;
    CnId "CN_ID" "公民身份号码" "citizen identity number" Id;
    HmtResidence "HMT_RESIDENCE" "港澳台居民居住证号" "residence permit of Hong Kong, Macau, Taiwan residents" Id;
    ForeignPr "FOREIGN_PR" "外国人永久居留身份证号" "foreigner permanent residence card" Id;
    Passport "PASSPORT" "护照号" "passport number" Id;
    HkmPermit "HKM_PERMIT" "往来港澳通行证" "permit to Hong Kong and Macau" Id;
    TwPermit "TW_PERMIT" "往来台湾通行证" "permit to Taiwan" Id;
    HomeReturn "HOME_RETURN" "回乡证" "mainland travel permit of Hong Kong and Macau residents" Id;
    TaiwanCompatriot "TAIWAN_COMPATRIOT" "台胞证" "mainland travel permit of Taiwan residents" Id;
    Hkid "HKID" "香港身份证" "Hong Kong identity card" Id;
    MacauId "MACAU_ID" "澳门身份证" "Macau identity card" Id;
    TwId "TW_ID" "台湾身份证" "Taiwan identity card" Id;
    MilitaryId "MILITARY_ID" "军人证件号" "military identity document" Id;
    PoliceId "POLICE_ID" "警号" "police officer number" Id;
    DriverLicence "DRIVER_LICENCE" "驾驶证号、档案编号" "driving licence" Id;
    SocialSecurity "SOCIAL_SECURITY" "社会保障号" "social security number" Id;
    MedicalInsurance "MEDICAL_INSURANCE" "医保号、病历号" "medical insurance or record number" Id;
    DisabilityCert "DISABILITY_CERT" "残疾人证号" "disability certificate number" Id;
    BirthCert "BIRTH_CERT" "出生医学证明编号" "birth certificate number" Id;
    DoctorLicence "DOCTOR_LICENCE" "医师执业证书编码" "physician licence number" Id;
    StudentId "STUDENT_ID" "学籍号、学号" "student number" Id;
    Phone "PHONE" "手机号码" "mobile telephone number" Contact;
    Landline "LANDLINE" "固定电话" "landline number" Contact;
    Email "EMAIL" "电子邮箱" "e-mail address" Contact;
    Wechat "WECHAT" "微信号" "WeChat id" Contact;
    Qq "QQ" "QQ号" "QQ number" Contact;
    Account "ACCOUNT" "账号、用户名" "account name" Account;
    Password "PASSWORD" "密码" "password" Account;
    SmsCode "SMS_CODE" "短信验证码" "SMS verification code" Account;
    Address "ADDRESS" "住址" "address" Contact;
    BirthDate "BIRTH_DATE" "出生日期" "birth date" Attribute;
    Sex "SEX" "性别" "sex" Attribute;
    Age "AGE" "年龄" "age" Attribute;
    Ethnicity "ETHNICITY" "民族" "ethnic group" Attribute;
    Nationality "NATIONALITY" "国籍" "nationality" Attribute;
    Religion "RELIGION" "宗教信仰" "religious belief" Attribute;
    Political "POLITICAL" "政治面貌" "political affiliation" Attribute;
    Marital "MARITAL" "婚姻状况" "marital status" Attribute;
    Education "EDUCATION" "学历" "education" Attribute;
    Profession "PROFESSION" "专业" "field of study" Attribute;
    Occupation "OCCUPATION" "职业、单位" "occupation" Attribute;
    Position "POSITION" "职务" "position" Attribute;
    BankCard "BANK_CARD" "银行卡号" "bank card number" Financial;
    BankAccount "BANK_ACCOUNT" "银行账号" "bank account number" Financial;
    CardSecurity "CARD_SECURITY" "卡有效期、CVV、支付密码" "card security data" Financial;
    Salary "SALARY" "工资、收入" "income" Financial;
    Property "PROPERTY" "财产" "property" Financial;
    PropertyCert "PROPERTY_CERT" "不动产权证号" "real property certificate number" Financial;
    Credit "CREDIT" "征信信息" "credit information" Financial;
    Transaction "TRANSACTION" "交易信息" "transaction" Financial;
    GeoLng "GEO_LNG" "经度" "longitude" Location;
    GeoLat "GEO_LAT" "纬度" "latitude" Location;
    Travel "TRAVEL" "行程" "travel" Location;
    HotelRoom "HOTEL_ROOM" "房号" "hotel room" Stay;
    HotelTime "HOTEL_TIME" "入住、退房时间" "hotel stay" Stay;
    Comms "COMMS" "通信内容" "content of communications" Communications;
    CallRecord "CALL_RECORD" "通信记录" "communication record" Communications;
    Health "HEALTH" "健康生理信息" "health" Health;
    Drug "DRUG" "用药" "medication" Health;
    Biometric "BIOMETRIC" "生物识别信息" "biometric" Biometric;
    Plate "PLATE" "车牌号" "licence plate" Vehicle;
    Vin "VIN" "车辆识别代号" "VIN" Vehicle;
    Imei "IMEI" "设备识别码" "IMEI" Device;
    Meid "MEID" "移动设备识别码" "MEID" Device;
    Imsi "IMSI" "国际移动用户识别码" "IMSI" Device;
    Iccid "ICCID" "SIM卡号" "ICCID" Device;
    Mac "MAC" "MAC地址" "MAC address" Device;
    Ip "IP" "IP地址" "IP address of a client" Device;
    Waybill "WAYBILL" "运单号" "waybill number" Other;
    Org "ORG" "组织机构" "organisation" Other;
    Uscc "USCC" "统一社会信用代码" "unified social credit code" Other;
    OrgCode "ORG_CODE" "组织机构代码" "organisation code" Other;
    BusinessReg "BUSINESS_REG" "工商注册号" "business registration number" Other;
    CaseNo "CASE_NO" "案号" "case number" Other;
    Location "LOCATION" "地名" "place name" Other;
}

impl Kind {
    /// The kind of that id, as in `rules/kinds/`.
    pub fn from_id(id: &str) -> Option<Kind> {
        Kind::ALL.iter().copied().find(|kind| kind.id() == id)
    }

    /// Position in [`Kind::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Whether rule R1 may identify a person by this kind (a strong key).
    pub const fn is_strong_key(self) -> bool {
        matches!(
            self,
            Kind::CnId
                | Kind::Phone
                | Kind::Email
                | Kind::BankCard
                | Kind::Wechat
                | Kind::Qq
                | Kind::Passport
        )
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

/// A set of kinds, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KindSet(pub u128);

impl KindSet {
    /// The set that holds nothing.
    pub const EMPTY: KindSet = KindSet(0);

    /// Adds `kind`.
    pub fn insert(&mut self, kind: Kind) {
        self.0 |= 1 << kind.index();
    }

    /// Whether `kind` is in the set.
    pub const fn contains(self, kind: Kind) -> bool {
        self.0 >> kind.index() & 1 == 1
    }

    /// The kinds of both sets.
    pub const fn union(self, other: KindSet) -> KindSet {
        KindSet(self.0 | other.0)
    }

    /// Number of kinds in the set.
    pub const fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// Whether no kind is in the set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The kinds in the set, in the order of [`Kind::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Kind> {
        Kind::ALL.iter().copied().filter(move |kind| self.contains(*kind))
    }
}

impl FromIterator<Kind> for KindSet {
    fn from_iter<I: IntoIterator<Item = Kind>>(kinds: I) -> KindSet {
        let mut set = KindSet::EMPTY;
        kinds.into_iter().for_each(|kind| set.insert(kind));
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_by_its_id_and_fits_a_set() {
        assert!(Kind::ALL.len() <= 128);
        for (index, kind) in Kind::ALL.iter().enumerate() {
            assert_eq!(kind.index(), index);
            assert_eq!(Kind::from_id(kind.id()), Some(*kind));
        }
        assert_eq!(Kind::from_id("NO_SUCH_KIND"), None);
    }

    #[test]
    fn a_set_gives_its_kinds_in_order() {
        let set: KindSet = [Kind::Location, Kind::Person, Kind::Phone].into_iter().collect();
        assert_eq!(set.len(), 3);
        assert_eq!(set.iter().collect::<Vec<_>>(), [Kind::Person, Kind::Phone, Kind::Location]);
    }
}
