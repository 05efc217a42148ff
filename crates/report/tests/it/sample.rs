//! An inventory with every part filled, for tests and for looking at the reports. Everything is made up.

use std::collections::BTreeMap;
use zhunsheng_model::{
    ActCount, Answer, Article6, Bases, Basis, BlockedMerge, Criminal, FileCounts, HalfReading, Input,
    Inventory, InventoryCounts, Kind, KindCounts, Merges, Pipl, Place, Problem, ProblemKind, Proportion,
    Rejected, SCHEMA_VERSION, Sensitivity, SharedKey, Step, TierCount, Verdict,
};
use zhunsheng_report::{ArticleText, PracticeText, ReportRules, Sample, View};

/// Kind, mentions, and how many in a thousand of them are valid.
const KINDS: &[(Kind, u64, u64)] = &[
    (Kind::Person, 61_204, 981),
    (Kind::CnId, 58_911, 957),
    (Kind::Passport, 312, 990),
    (Kind::HkmPermit, 41, 1_000),
    (Kind::HomeReturn, 17, 1_000),
    (Kind::DriverLicence, 1_204, 930),
    (Kind::SocialSecurity, 3_320, 1_000),
    (Kind::StudentId, 890, 1_000),
    (Kind::Phone, 88_137, 972),
    (Kind::Landline, 1_975, 881),
    (Kind::Email, 9_310, 996),
    (Kind::Wechat, 2_044, 1_000),
    (Kind::Qq, 3_508, 1_000),
    (Kind::Account, 1_177, 1_000),
    (Kind::Password, 1_177, 870),
    (Kind::Address, 22_640, 940),
    (Kind::BirthDate, 19_450, 988),
    (Kind::Sex, 19_402, 1_000),
    (Kind::Occupation, 6_031, 1_000),
    (Kind::BankCard, 4_996, 912),
    (Kind::CardSecurity, 12, 1_000),
    (Kind::Salary, 26, 1_000),
    (Kind::Transaction, 470, 1_000),
    (Kind::GeoLng, 23, 1_000),
    (Kind::GeoLat, 23, 1_000),
    (Kind::HotelTime, 455, 1_000),
    (Kind::Health, 118, 1_000),
    (Kind::Plate, 2_212, 905),
    (Kind::Imei, 640, 700),
    (Kind::Ip, 5_121, 411),
    (Kind::Waybill, 7_300, 1_000),
];

/// The inventory.
pub(crate) fn inventory() -> Inventory {
    let by_kind: BTreeMap<Kind, KindCounts> = KINDS.iter().map(|row| (row.0, kind_counts(*row))).collect();
    Inventory {
        schema_version: SCHEMA_VERSION.to_owned(),
        rules_sha256: "3b7e1f0c9a5d2846e0f1b2c3d4a5968778695a4b3c2d1e0f9e8d7c6b5a493827".to_owned(),
        input: Input {
            files: 4_196,
            bytes: 19_134_772_310,
            files_inside: 388,
            sha256_of_manifest: "9f2c4e6a8b0d1f3527496b8dadcfe1023a5c7e9fb1d3f5072947698badcfe123".to_owned(),
        },
        counts: counts(by_kind),
        bases: Bases { seized: 61_877, record: 58_204, item: 243_910, person: 52_391 },
        criminal: criminal(),
        pipl: pipl(),
        rejected: rejected(),
        merges: merges(),
        files: files(),
        problems: problems(),
    }
}

fn kind_counts((_, mentions, valid): (Kind, u64, u64)) -> KindCounts {
    let valid = mentions * valid / 1_000;
    let out = mentions - valid;
    KindCounts {
        mentions,
        valid,
        distinct: valid * 9 / 10,
        invalid: out - out / 3 - out / 7,
        masked: out / 3,
        placeholder: out / 7,
        records: valid * 19 / 20,
        persons: valid * 4 / 5,
    }
}

fn counts(by_kind: BTreeMap<Kind, KindCounts>) -> InventoryCounts {
    InventoryCounts {
        records: 63_018,
        records_valid: 61_877,
        records_invalid: 902,
        records_masked: 239,
        records_repeated_exactly: 2_950,
        records_repeated: 3_673,
        records_without_person: 1_204,
        persons: 52_391,
        under_14: 417,
        sensitive_persons: 1_932,
        persons_by_kinds_known: [
            (1, 3_021),
            (2, 7_718),
            (3, 18_204),
            (4, 12_760),
            (5, 6_003),
            (6, 3_120),
            (7, 1_004),
            (8, 402),
            (9, 121),
            (12, 38),
        ]
        .into(),
        by_kind,
    }
}

fn criminal() -> Criminal {
    let tier = |item, threshold, count, lenient, kinds: &[Kind]| TierCount {
        item,
        threshold,
        count,
        reached: count >= threshold,
        by_basis: Bases {
            seized: count + count / 20,
            record: count,
            item: count * 4,
            person: count * 9 / 10,
        },
        count_if_lenient: lenient,
        kinds: kinds.to_vec(),
    };
    let tiers = vec![
        tier(3, 50, 49, 12, &[Kind::Salary, Kind::GeoLng, Kind::GeoLat]),
        tier(4, 500, 1_043, 588, &[Kind::Transaction, Kind::HotelTime, Kind::Health]),
        tier(5, 5_000, 57_112, 57_567, &[Kind::Person, Kind::CnId, Kind::Phone, Kind::Email, Kind::Address]),
    ];
    Criminal {
        basis: Basis::Record,
        tiers,
        proportion: "36122/2500".to_owned(),
        proportion_detail: Proportion {
            fraction: "36122/2500".to_owned(),
            arithmetic: "49/50 + 1043/500 + 57112/5000".to_owned(),
            reached: true,
        },
        half_applied: false,
        half: Some(HalfReading {
            thresholds: [25, 250, 2_500],
            counts: [3, 20, 2_499],
            proportion: Proportion {
                fraction: "29990/25000".to_owned(),
                arithmetic: "3/25 + 20/250 + 2499/2500".to_owned(),
                reached: true,
            },
            income_yuan: Some(1_200),
        }),
        article_6: Some(Article6 {
            items: 310,
            profit_yuan: Some(49_999),
            profit_line_yuan: 50_000,
            reached: false,
        }),
        income_yuan: Some(4_800),
        serious: Verdict {
            answer: Answer::Yes,
            reasons: vec!["item_4".to_owned(), "item_5".to_owned()],
            reason_zh: "第四项 1,043 条，达到 500 条；第五项 57,112 条，达到 5,000 条。".to_owned(),
            reason_en: "Item 4: 1,043 of 500; item 5: 57,112 of 5,000.".to_owned(),
        },
        very_serious: Verdict {
            answer: Answer::Open,
            reasons: vec!["ten_times".to_owned(), "needs_acts".to_owned()],
            reason_zh: "第五项达到标准十倍（50,000 条）；是否另有第二款第一、二项情形，须查明行为与后果。".to_owned(),
            reason_en: "Item 5 reaches ten times its line (50,000); the acts and their consequences are to be found out."
                .to_owned(),
        },
        acts: vec![
            ActCount {
                act: "obtained".to_owned(),
                data_set: String::new(),
                recipient: None,
                date: Some("2026-03-02".to_owned()),
                items: 58_204,
            },
            ActCount {
                act: "sold".to_owned(),
                data_set: "客户/2025".to_owned(),
                recipient: Some("买家甲".to_owned()),
                date: Some("2026-05-17".to_owned()),
                items: 12_000,
            },
        ],
        items_by_acts: Bases { seized: 61_877, record: 58_204, item: 243_910, person: 52_391 },
        review: "unreviewed".to_owned(),
    }
}

fn pipl() -> Pipl {
    Pipl {
        reference_date: "2026-11-01".to_owned(),
        persons: 52_391,
        sensitive: Sensitivity {
            persons_sensitive_kind: 1_515,
            persons_context_kind: 3_208,
            persons_under_14: 417,
            by_kind: [(Kind::BankCard, 4_120), (Kind::Health, 109), (Kind::GeoLng, 21)].into(),
        },
    }
}

fn rejected() -> Vec<Rejected> {
    let rejected = |kind, reason: &str, mentions| Rejected { kind, reason: reason.to_owned(), mentions };
    vec![
        rejected(Kind::CnId, "impossible_date", 311),
        rejected(Kind::CnId, "masked", 844),
        rejected(Kind::CnId, "unknown_place", 98),
        rejected(Kind::CnId, "wrong_check", 1_281),
        rejected(Kind::Phone, "masked", 822),
        rejected(Kind::Phone, "not_personal", 407),
        rejected(Kind::Phone, "placeholder", 352),
        rejected(Kind::Phone, "test_value", 512),
        rejected(Kind::Phone, "unallocated_segment", 375),
        rejected(Kind::BankCard, "wrong_check", 439),
        rejected(Kind::Ip, "reserved_address", 3_016),
    ]
}

fn merges() -> Merges {
    let blocked =
        |kind, reason: &str, keys, records| BlockedMerge { kind, reason: reason.to_owned(), keys, records };
    Merges {
        done: [(Kind::CnId, 4_410), (Kind::Phone, 3_902), (Kind::Email, 120), (Kind::BankCard, 77)].into(),
        blocked: vec![
            blocked(Kind::Phone, "several_names", 66, 143),
            blocked(Kind::Phone, "several_identity_numbers", 12, 25),
            blocked(Kind::BankCard, "both", 1, 2),
        ],
        shared: vec![SharedKey { kind: Kind::Phone, keys: 3, records_max: 1_208 }],
    }
}

fn files() -> Vec<FileCounts> {
    let folders = [
        "客户/2025/华东区客户名单",
        "backup.zip!订单/orders",
        "邮件/inbox.mbox!附件",
        "hr/员工花名册",
        "dump/members",
    ];
    let formats = ["xlsx", "csv", "docx", "xlsx", "sql"];
    let mut files: Vec<FileCounts> = (0..63_u64)
        .map(|number| {
            let which = (number % 5) as usize;
            let valid_by_kind: BTreeMap<Kind, u64> = KINDS
                .iter()
                .enumerate()
                .filter(|(index, _)| (number * 7 + *index as u64 * 3) % 5 < 3)
                .map(|(_, (kind, mentions, _))| (*kind, mentions * (number * number % 37 + 1) / 2_000))
                .filter(|(_, mentions)| *mentions > 0)
                .collect();
            FileCounts {
                file: format!("{}-{number:03}.{}", folders[which], formats[which]),
                format: formats[which].to_owned(),
                records: 40 + number * 31 % 977,
                valid_by_kind,
            }
        })
        .collect();
    files.sort_by(|a, b| a.file.cmp(&b.file));
    files
}

fn problems() -> Vec<Problem> {
    let problem = |file: &str, step: Option<Step>, kind, detail: &str, lost| {
        let place = Place::file(file);
        Problem {
            place: step.map_or(place.clone(), |step| place.step(step)),
            kind,
            detail: detail.to_owned(),
            lost,
        }
    };
    let mut problems = vec![
        problem(
            "backup.zip!合同/2024.7z",
            None,
            ProblemKind::Encrypted,
            "the archive, its list of members included, is encrypted",
            true,
        ),
        problem(
            "dump/members-004.sql",
            Some(Step::Line(88_120)),
            ProblemKind::Truncated,
            "the content ends too early",
            false,
        ),
        problem(
            "扫描件/身份证正面.jpg",
            None,
            ProblemKind::Unsupported,
            "JPEG picture: no reader for this format yet",
            true,
        ),
    ];
    problems.extend((0..25).map(|number| {
        let file = format!("客户/2025/旧版/名单{number:02}.csv");
        problem(
            &file,
            Some(Step::Line(number + 2)),
            ProblemKind::RaggedRows,
            "3 of 512 rows do not have 8 cells",
            false,
        )
    }));
    problems.sort();
    problems
}

/// What stands around it.
pub(crate) fn view() -> View {
    let sample =
        |kind, masked: &str, place: &str| Sample { kind, masked: masked.to_owned(), place: place.to_owned() };
    let mut samples = vec![
        sample(Kind::Person, "张*", "hr/员工花名册-003.xlsx · sheet 员工花名册 · row 3"),
        sample(Kind::Person, "欧阳**", "hr/员工花名册-003.xlsx · sheet 员工花名册 · row 4"),
        sample(Kind::CnId, "110101********123*", "客户/2025/华东区客户名单-000.xlsx · row 18"),
        sample(Kind::Phone, "138****0000", "backup.zip!订单/orders-001.csv · row 7"),
        sample(Kind::Email, "z***@example.com", "邮件/inbox.mbox!附件-002.docx · paragraph 12"),
    ];
    samples.extend((0..7).map(|row| {
        sample(Kind::BankCard, "622202*********0000", &format!("dump/members-004.sql · row {row}"))
    }));
    View {
        tool_version: "0.1.0".to_owned(),
        command: "zhunsheng scan 检材01 --date 2026-11-01 --out 报告".to_owned(),
        inputs: vec!["检材01".to_owned()],
        samples,
    }
}

/// The law behind it.
pub(crate) fn rules() -> ReportRules {
    let title = "最高人民法院、最高人民检察院关于办理侵犯公民个人信息刑事案件适用法律若干问题的解释（法释〔2017〕10号）";
    let article = |number: &str, text: &str| ArticleText {
        title: title.to_owned(),
        number: number.to_owned(),
        text: text.to_owned(),
        effective: "2017-06-01".to_owned(),
    };
    let practice = |case: &str, rule: &str| PracticeText { case: case.to_owned(), rule: rule.to_owned() };
    ReportRules {
        articles: vec![
            article(
                "第五条",
                "非法获取、出售或者提供公民个人信息，具有下列情形之一的，应当认定为刑法第二百五十三条之一规定的“情节严重”：\n\
                 （三）非法获取、出售或者提供行踪轨迹信息、通信内容、征信信息、财产信息五十条以上的；\n\
                 （四）非法获取、出售或者提供住宿信息、通信记录、健康生理信息、交易信息等其他可能影响人身、财产安全的公民个人信息五百条以上的；\n\
                 （五）非法获取、出售或者提供第三项、第四项规定以外的公民个人信息五千条以上的；\n\
                 （六）数量未达到第三项至第五项规定标准，但是按相应比例合计达到有关数量标准的；",
            ),
            article(
                "第十一条",
                "非法获取公民个人信息后又出售或者提供的，公民个人信息的条数不重复计算。\n\
                 向不同单位或者个人分别出售、提供同一公民个人信息的，公民个人信息的条数累计计算。\n\
                 对批量公民个人信息的条数，根据查获的数量直接认定，但是有证据证明信息不真实或者重复的除外。",
            ),
        ],
        practice: vec![
            practice("最高人民法院指导性案例192号", "批量数据去除无效、合并去重后计数，并抽样验证真实性"),
            practice("最高人民法院指导性案例193号", "居民身份证信息整体归第四项（五百条）"),
        ],
    }
}
