//! Every sentence and heading of the reports, in both languages, in one place.
//!
//! Legal terms stay Chinese in the English text with the English beside them, so that a reader can find them
//! in the law. `{}` stands for a value that the caller puts in.

use crate::Language;

macro_rules! texts {
    ($($name:ident $zh:literal $en:literal;)*) => {
        /// The key of a text.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) enum Text { $($name,)* }

        impl Text {
            /// Every key.
            #[cfg(test)]
            pub(crate) const ALL: &'static [Text] = &[$(Text::$name,)*];

            /// The text in `language`.
            pub(crate) const fn of(self, language: Language) -> &'static str {
                match (self, language) {
                    $((Text::$name, Language::Zh) => $zh,)*
                    $((Text::$name, Language::En) => $en,)*
                }
            }
        }
    };
}

texts! {
    // The whole report.
    Title "公民个人信息清点报告" "Inventory of personal information 公民个人信息清点报告";
    Product "准绳" "Zhunsheng 准绳";
    Unreviewed
        "本报告是按规则得出的计数，不是法律结论。所用规则尚未经律师审核；数量是否达到标准，最终由司法机关认定。"
        "This report counts by rules; it is no legal conclusion. No lawyer has reviewed the rules yet, and whether a line is reached is for the court to find.";
    Reviewed
        "本报告是按规则得出的计数，不是法律结论。所用规则的审核状态：{}。"
        "This report counts by rules; it is no legal conclusion. Review status of the rules: {}.";
    NoRawValue
        "本报告不含任何原始个人信息；样本均已脱敏。"
        "This report holds no raw personal information; every sample is masked.";
    InputLine "输入" "Input";
    InputFiles "{} 个文件，{}；内含文件 {} 个" "{} files, {}; {} files inside them";
    ManifestHash "输入清单 SHA-256" "SHA-256 of the input manifest";
    RulesHash "规则集 SHA-256" "SHA-256 of the rule set";
    ReferenceDate "年龄计算基准日" "Reference date for ages";
    ToolVersion "程序版本" "Program version";
    CommandLine "命令行" "Command line";
    SchemaVersion "数据格式版本" "Version of the data format";
    NotGiven "未提供" "not given";

    // Headings.
    KeyFigures "主要数字" "Key figures";
    Kinds "种类" "Kinds 种类";
    KindsCharted "各种类的出现次数：有效与未计入" "Mentions by kind: valid and left out";
    Rejected "未计入及原因" "Left out, and why";
    BasesTitle "计数口径对照" "Items 条 by each counting basis";
    TiersTitle "法释〔2017〕10号第五条：数量与标准" "法释〔2017〕10号 第五条 (art. 5): counts and lines";
    TiersCharted "各档数量占标准的百分比（对数刻度）" "Count of each tier 档 as a share of its line (logarithmic)";
    TiersByBasis "各档数量：四种口径对照" "Counts of each tier 档 by each basis";
    VerdictsTitle "数量对应的情节" "What the counts amount to";
    PiplTitle "个人信息保护法：敏感个人信息与未成年人" "PIPL 个人信息保护法: sensitive information and minors";
    MergesTitle "人员合并（规则 R1）" "Merging of persons (rule R1)";
    ProblemsTitle "未能读取或者读取有异常" "What could not be read, or only in part";
    FilesTitle "文件" "Files";
    HeatTitle "文件 × 种类：有效出现次数" "Files × kinds: valid mentions";
    RecordsAndPersons "记录与人" "Records and persons";
    HistogramTitle "每人涉及的信息种类数" "Persons by number of kinds known about them";
    ActsTitle "行为" "Acts";
    SamplesTitle "脱敏样本" "Masked samples";
    RulesTitle "所用计数规则与依据" "Counting rules used, and what they rest on";
    PracticeTitle "条文未规定处所循的案例" "Cases followed where no article says how to count";
    RecordsTitle "记录（组）" "Records 组";
    SensitiveByKind "按种类" "Sensitive kinds";

    // Columns.
    Kind "种类" "kind";
    KindId "代码" "id";
    Mentions "出现次数" "mentions";
    Valid "有效" "valid";
    Distinct "去重后" "distinct";
    Invalid "无效" "invalid";
    Masked "已遮盖" "masked";
    Placeholder "占位值" "placeholder";
    Records "记录数（组）" "records 组";
    Persons "人数" "persons 人";
    Tier "档" "tier 档";
    Reason "原因" "reason";
    Basis "口径" "basis";
    OneItemIs "一条指" "one item 条 is";
    Items "条数" "items 条";
    RestsOn "依据" "rests on";
    Category "信息类型" "information";
    Line "标准" "line";
    Count "数量" "count";
    Share "与标准之比" "of the line";
    ReachedColumn "是否达到" "reached";
    VeryLine "十倍标准" "ten times";
    Lenient "从宽口径" "if lenient";
    KindsFound "所含种类" "kinds found";
    File "文件" "file";
    Format "格式" "format";
    ValidMentions "有效出现次数" "valid mentions";
    KindsKnown "种类数" "kinds";
    Act "行为" "act";
    DataSet "数据集" "data set";
    Recipient "提供对象" "recipient";
    Date "日期" "date";
    Keys "号码数" "keys";
    RecordsMax "单个号码最多涉及记录数" "records of the widest key";
    Place "位置" "place";
    What "问题" "problem";
    Detail "说明" "detail";
    Lost "读取情况" "outcome";
    Sample "脱敏后的值" "masked value";
    Figure "项目" "figure";
    Value "数值" "value";
    Question "问题" "question";
    Answer "结论" "answer";
    Remark "备注" "remark";

    // Bases.
    BasisSeized "查获" "as seized 查获";
    BasisRecord "组" "record 组";
    BasisItem "项" "value 项";
    BasisPerson "人" "person 人";
    BasisSeizedIs
        "查获的每条记录，不真实或者重复的除外"
        "each record as it stands, less those shown untrue or repeated";
    BasisRecordIs
        "一人的一组信息，合并、去重后"
        "one person's set of information, merged and repeats removed";
    BasisItemIs "一人的一项信息（人、种类、值各不相同）" "one distinct (person, kind, value)";
    BasisPersonIs "一个人（规则 R1）" "one distinct person (rule R1)";
    BasisSeizedOn "法释〔2017〕10号第十一条第三款" "法释〔2017〕10号 第十一条第三款 (art. 11 ¶3)";
    BasisRecordOn "指导性案例192号、193号的做法" "practice in 指导性案例 (guiding cases) 192 and 193";
    BasisItemOn "从严解读，供对照" "stricter reading, for comparison";
    BasisPersonOn "个人信息保护法的人数标准" "thresholds in persons under 个人信息保护法 (PIPL)";
    BasisChosen "本报告采用" "used here";

    // Tiers.
    TierNone "—" "—";
    Tier3 "第三项" "第三项 (item 3)";
    Tier4 "第四项" "第四项 (item 4)";
    Tier5 "第五项" "第五项 (item 5)";
    Tier3Is "行踪轨迹、通信内容、征信、财产" "location traces, content of communications, credit, property";
    Tier4Is "住宿、通信记录、健康生理、交易等" "lodging, communication records, health, transactions and the like";
    Tier5Is "其他公民个人信息" "all other personal information";
    Reached "已达到" "reached";
    NotReached "未达到" "not reached";
    ReachedTen "已达到十倍" "ten times";
    Proportion "第六项（按比例合计）" "第六项 (item 6), proportions added";
    ProportionReached "{} = {}，已达到 1" "{} = {}: 1 is reached";
    ProportionNotReached "{} = {}，未达到 1" "{} = {}: 1 is not reached";
    HalfApplied
        "已适用第八项：在履行职责或者提供服务过程中获得后出售或者提供，标准减半。"
        "第八项 (item 8) applied: obtained in duty or service and then sold or provided; the lines are halved.";
    Income "违法所得 {} 元（第七项，标准 {} 元）" "违法所得 (income): {} yuan (第七项, item 7; line {} yuan)";
    HalfTitle
        "第八项：履行职责或者提供服务过程中获得后出售、提供的部分（标准减半）"
        "第八项 (item 8): the part obtained in duty or service and then sold or provided (half the lines)";
    HalfLine "减半标准" "half line";
    HalfProportion "第六项按减半标准合计：{}" "第六项 (item 6) against half the lines: {}";
    HalfIncome "该部分违法所得 {} 元（标准 {} 元）" "违法所得 (income) of that part: {} yuan (line {} yuan)";
    Article6
        "第六条：为合法经营活动而非法购买、收受的第五项信息 {} 条，不计入以上各档；获利 {}，标准 {} 元，{}。"
        "第六条 (art. 6): {} items 条 of 第五项 bought or taken over for lawful business, not counted above; profit {}, line {} yuan: {}.";
    Yuan "{} 元" "{} yuan";
    Strictly
        "一条记录只计一次，归入其中最严的一档；“从宽口径”指可以归入第五项的种类均按第五项计算的数量。"
        "A record counts once, in its strictest tier; \"if lenient\" is the count when kinds that may be read as 第五项 (item 5) are read so.";
    Serious "情节严重" "情节严重 (serious)";
    VerySerious "情节特别严重" "情节特别严重 (very serious)";
    AnswerYes "数量已达到标准" "reached by the counts";
    AnswerNo "数量未达到标准" "not reached by the counts";
    AnswerOpen "尚不能认定" "open";
    ItemsByActs "按行为合计（第十一条）" "All acts together (第十一条, art. 11)";
    Everything "全部" "everything";

    // Figures.
    RecordsAll "记录总数（组）" "records 组";
    RecordsValid "有效记录" "valid records";
    RecordsInvalid "无效记录" "invalid records";
    RecordsMasked "仅含已遮盖信息的记录" "records masked throughout";
    RecordsRepeatedExactly "完全相同的重复记录" "repeated value for value";
    RecordsRepeated "未增加信息的重复记录（含前项）" "repeats that add nothing";
    RecordsWithoutPerson "未能对应到人的记录" "records tied to no person";
    PersonsAll "人数（规则 R1）" "persons 人 (rule R1)";
    Under14 "不满十四周岁的人" "under 14 不满十四周岁";
    SensitivePersons "涉敏感个人信息的人" "persons with sensitive information";
    SensitiveKind "涉任何情形下均敏感的信息" "kinds sensitive in every context";
    ContextKind "涉视情形可能敏感的信息" "kinds sensitive in some contexts";
    Under14Note
        "以 {} 为基准日，按公民身份号码或者出生日期计算；不满十四周岁的人的全部个人信息均属敏感个人信息（第二十八条）。"
        "On {}, by identity number or birth date; all information of persons under 14 is sensitive (第二十八条, art. 28).";
    ItemsBy "条数（{}）" "items 条 ({})";
    HistogramKey "横轴：每人涉及的信息种类数；柱顶：人数" "across: kinds known about a person; on the bars: persons";
    KindsKnownAxis "种类数" "kinds known";
    PersonsAxis "人数" "persons";

    // Merges.
    MergesDone "据以合并为同一人的号码（含账号，规则 R1）" "Keys that joined records (rule R1)";
    MergesBlocked "相同但未据以合并的号码（含账号，规则 R1）" "Keys kept from joining records (rule R1)";
    MergesShared "多人共用的号码（含账号）" "Keys shared by many";
    SeveralNames "姓名不同" "several names";
    SeveralIds "公民身份号码不同" "several identity numbers";
    SeveralBoth "姓名和公民身份号码均不同" "several names and identity numbers";

    // Acts.
    ActObtained "获取" "obtained 获取";
    ActSold "出售" "sold 出售";
    ActProvided "提供" "provided 提供";

    // Reasons.
    WrongCheck "校验码错误" "wrong check digit";
    ImpossibleDate "日期不存在" "no such date";
    FutureDate "日期晚于基准日" "date in the future";
    UnknownPlace "行政区划代码不存在" "no such administrative division";
    UnallocatedSegment "号段未启用" "number range never allocated";
    NotPersonal "非个人号段" "number range no person holds";
    WrongLength "长度不符" "wrong length";
    WrongForm "与列的格式不符" "not in the form of its column";
    TestValue "测试或示例值" "test or example value";
    ReservedAddress "保留或内网地址" "reserved address";
    RecordUntrue "所在记录的号码均不真实" "every identifier of its record is untrue";
    ReasonMasked "已遮盖" "masked";
    ReasonPlaceholder "占位值" "placeholder";

    // Steps of a place.
    StepSheet "工作表 {}" "sheet {}";
    StepTable "表 {}" "table {}";
    StepPage "第 {} 页" "page {}";
    StepSlide "第 {} 张幻灯片" "slide {}";
    StepParagraph "第 {} 段" "paragraph {}";
    StepLine "第 {} 行" "line {}";
    StepMessage "第 {} 封邮件" "message {}";
    StepHeader "邮件头 {}" "header {}";
    StepPart "正文 {}" "part {}";
    StepAttachment "附件 {}" "attachment {}";
    StepJson "JSON 路径 {}" "json {}";
    StepSection "部分 {}" "section {}";

    // Problems.
    Encrypted "已加密" "encrypted";
    Truncated "内容不完整" "ends too early";
    Malformed "格式损坏" "breaks the rules of its format";
    LimitExceeded "超出限制" "beyond a limit";
    PermissionDenied "无权读取" "permission denied";
    ReadFailed "读取失败" "reading failed";
    LinkLoop "循环链接" "link leads back";
    Unsupported "尚不能读取" "no reader for the format yet";
    SpecialFile "特殊文件" "special file";
    BadCharacters "字符编码错误" "bytes that are no character";
    RaggedRows "各行列数不一" "rows of unequal length";
    OverlongPiece "过长，已分段" "too long, cut in two";
    LostAll "未读取" "not read";
    LostSome "读取有异常" "with losses";
    NoProblems "全部内容均已读取。" "Everything was read.";
    MoreProblems "另有 {} 项，见 report.html" "{} more, see report.html";
    MoreRowsInWorkbook "另有 {} 行，见 report.xlsx" "{} more, see report.xlsx";
    MoreRows "另有 {} 行，见 report.html" "{} more, see report.html";

    // Tables and charts.
    Nothing "无" "none";
    LeftOut "未计入" "left out";
    OtherFiles "其余 {} 个文件" "{} other files";
    OtherKinds "其他" "other";
    FilterHint "输入文字筛选行" "type to filter the rows";
    SortHint "点击列名排序" "Click a column to sort";
    ShadeHint
        "颜色深浅按每种类在各文件间的数量级划分；k 为千，M 为百万。"
        "Shade by order of magnitude; k thousand, M million.";
    VerbatimHint "以下条文逐字引自规则集。" "The articles below are quoted word for word from the rule set.";
    InForceFrom "自 {} 起施行" "in force from {}";
    SheetSummary "摘要" "Summary";
    SheetKinds "种类" "Kinds";
    SheetRejected "未计入" "Left out";
    SheetBases "计数口径" "Bases";
    SheetTiers "各档数量" "Tiers";
    SheetActs "行为" "Acts";
    SheetPipl "敏感信息" "PIPL";
    SheetHistogram "每人种类数" "Kinds per person";
    SheetMerges "合并" "Merges";
    SheetFiles "文件" "Files";
    SheetFileKinds "文件×种类" "Files x kinds";
    SheetProblems "未读取" "Problems";
    SheetSamples "样本" "Samples";
}

/// Puts `values` in the places of `{}`, one after another.
pub(crate) fn fill(text: &str, values: &[&str]) -> String {
    let mut out = String::with_capacity(text.len() + values.iter().map(|value| value.len()).sum::<usize>());
    let mut values = values.iter();
    for (index, part) in text.split("{}").enumerate() {
        if index > 0 {
            out.push_str(values.next().copied().unwrap_or_default());
        }
        out.push_str(part);
    }
    out
}

/// `label` and `value` behind a colon, as each language writes it.
pub(crate) fn labelled(label: &str, value: &str, language: Language) -> String {
    match language {
        Language::Zh => format!("{label}：{value}"),
        Language::En => format!("{label}: {value}"),
    }
}

/// What stands between the parts of a list whose parts may hold commas.
pub(crate) const fn semicolon(language: Language) -> &'static str {
    match language {
        Language::Zh => "；",
        Language::En => "; ",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_stands_in_both_languages_with_the_same_values() {
        for text in Text::ALL {
            let (zh, en) = (text.of(Language::Zh), text.of(Language::En));
            assert!(!zh.trim().is_empty() && !en.trim().is_empty(), "{text:?}");
            assert_eq!(zh.matches("{}").count(), en.matches("{}").count(), "{text:?}");
            let is_han = |letter: char| ('\u{4e00}'..='\u{9fff}').contains(&letter);
            let symbol = zh == en;
            assert!(symbol || zh.contains(is_han), "{text:?} has no Chinese");
            assert!(
                symbol || en.contains(|letter: char| letter.is_ascii_alphabetic()),
                "{text:?} has no English"
            );
        }
    }

    #[test]
    fn values_go_to_their_places() {
        assert_eq!(fill("{} = {}.", &["a", "b"]), "a = b.");
        assert_eq!(fill("{} and {}", &["{}"]), "{} and ");
    }
}
