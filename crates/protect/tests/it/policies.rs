//! The policies that come with the program, and what is said of wrong ones.

use crate::support::ring;
use zhunsheng_model::{Date, Kind, Reason, State};
use zhunsheng_protect::policy::READY;
use zhunsheng_protect::{
    Context, KeyTable, Ledger, MentionView, Person, Policy, ProtectError, Protector, Roster, Slot, Standing,
    Suite, Tally, Value,
};
use zhunsheng_rules::Rules;

fn ready(name: &str) -> Protector {
    let policy = Policy::ready(name).unwrap().unwrap();
    Protector::new(policy, Some(&ring(Suite::Aes, 1)), Rules::embedded(), None).unwrap()
}

fn view(kind: Kind, text: &str) -> MentionView<'_> {
    MentionView { kind, state: State::Valid, confidence: 90, value: Value::new(text, text) }
}

fn written(protector: &Protector, kind: Kind, text: &str, context: &Context<'_>) -> String {
    protector.replace(&view(kind, text), context).as_str().to_owned()
}

#[test]
fn every_ready_policy_treats_every_kind_in_both_suites() {
    for (name, _) in READY {
        for suite in Suite::ALL {
            let policy = Policy::ready(name).unwrap().unwrap();
            assert_eq!(policy.name, *name);
            assert!(!policy.title.is_empty() && policy.title != policy.title_en);
            let protector = Protector::new(policy, Some(&ring(*suite, 1)), Rules::embedded(), None).unwrap();
            for kind in Kind::ALL {
                let replacement = protector.replace(&view(*kind, "1380013800"), &Context::default());
                assert!(replacement.text.is_some(), "{name} {}", kind.id());
            }
        }
    }
}

#[test]
fn policies_without_keyed_operators_need_no_key_and_others_say_so() {
    for name in ["share", "court-judgment", "waybill", "children"] {
        let policy = Policy::ready(name).unwrap().unwrap();
        assert!(Protector::new(policy, None, Rules::embedded(), None).is_ok(), "{name}");
    }
    for name in ["test-data", "training-data"] {
        let policy = Policy::ready(name).unwrap().unwrap();
        let error = Protector::new(policy, None, Rules::embedded(), None).err().unwrap();
        assert!(error.to_string().contains("needs a key"), "{error}");
    }
}

#[test]
fn a_waybill_shows_what_the_delivery_needs() {
    let protector = ready("waybill");
    let context = Context::default();
    assert_eq!(written(&protector, Kind::Person, "张三丰", &context), "张**");
    assert_eq!(written(&protector, Kind::Person, "张三", &context), "张**");
    assert_eq!(written(&protector, Kind::Phone, "13812345678", &context), "138****5678");
    let address = written(&protector, Kind::Address, "广东省深圳市南山区科技路1号3栋502室", &context);
    assert_eq!(address, "广东省深圳市南山区***");
}

#[test]
fn a_judgment_tells_its_parties_apart_and_gives_back_a_key_table() {
    let protector = ready("court-judgment");
    assert!(protector.needs_roster());
    let mut roster = Roster::new();
    for (kind, name) in [
        (Kind::Person, "张三"),
        (Kind::Person, "李四"),
        (Kind::Person, "张小五"),
        (Kind::Person, "张三"),
        (Kind::Person, "欧阳小六"),
        (Kind::Person, "买买提·吐尔逊"),
        (Kind::Org, "深圳市安博网络科技有限公司"),
        (Kind::Org, "上海诚达网络科技股份有限公司"),
        (Kind::Org, "某市第一人民医院"),
    ] {
        roster.add(kind, name);
    }
    let child = Person { birth: Date::new(2015, 5, 1), ..Person::default() };
    let context = Context { roster: Some(&roster), ..Context::default() };
    let of = |kind, name| written(&protector, kind, name, &context);
    assert_eq!(of(Kind::Person, "张三"), "张某甲");
    assert_eq!(of(Kind::Person, "张小五"), "张某乙");
    assert_eq!(of(Kind::Person, "李四"), "李某");
    assert_eq!(of(Kind::Person, "欧阳小六"), "欧阳某");
    assert_eq!(of(Kind::Person, "买买提·吐尔逊"), "买某");
    assert_eq!(of(Kind::Org, "深圳市安博网络科技有限公司"), "某甲网络科技公司");
    assert_eq!(of(Kind::Org, "上海诚达网络科技股份有限公司"), "某乙网络科技公司");
    assert_eq!(of(Kind::Org, "某市第一人民医院"), "某医院");
    assert_eq!(of(Kind::CnId, "11010519491231002X"), "×××");
    assert_eq!(of(Kind::BirthDate, "1990年3月7日"), "××××年×月×日");
    assert_eq!(of(Kind::Address, "北京市海淀区中关村大街1号"), "北京市海淀区");
    assert_eq!(of(Kind::Sex, "男"), "男");
    let minor = Context { person: Some(&child), ..context };
    assert_eq!(written(&protector, Kind::Person, "李四", &minor), "某乙");

    let keys = ring(Suite::Sm, 5);
    let sealed = roster.key_table(&protector).seal(&keys, Suite::Sm, Rules::embedded()).unwrap();
    assert!(!sealed.contains("张三") && sealed.contains("张某甲\t"));
    let table = KeyTable::open(&sealed, &keys).unwrap();
    let named = |alias: &str| {
        table.rows().filter(|row| row.0 == alias).map(|row| row.2.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(named("张某甲"), ["张三"]);
    assert_eq!(named("某乙"), ["李四"]);
    assert_eq!(named("某乙网络科技公司"), ["上海诚达网络科技股份有限公司"]);
    assert!(KeyTable::open(&sealed, &ring(Suite::Sm, 6)).is_err());
    // Nobody shares an alias with somebody else.
    let mut aliases: Vec<&str> = table.rows().map(|row| row.0).collect();
    let count = aliases.len();
    aliases.sort_unstable();
    aliases.dedup();
    assert_eq!(aliases.len(), count);
}

#[test]
fn a_name_that_is_in_no_roster_is_not_let_through() {
    let protector = ready("court-judgment");
    let replacement = protector.replace(&view(Kind::Person, "张三"), &Context::default());
    assert_eq!((replacement.as_str(), replacement.stood_in), ("[姓名]", true));
}

#[test]
fn of_children_under_fourteen_nothing_stays() {
    let protector = ready("children");
    let day = Rules::embedded().as_of();
    let born = |years: u16, day_after: bool| {
        let date = day.years_before(years).unwrap();
        let other =
            if day_after { date } else { Date::new(date.year() - 1, date.month(), date.day()).unwrap() };
        Person { birth: Some(other), ..Person::default() }
    };
    // On the fourteenth birthday one is not yet fourteen; a year later one is.
    let (child, youth) = (born(14, true), born(14, false));
    let with = |person| Context { person: Some(person), ..Context::default() };
    assert_eq!(written(&protector, Kind::Phone, "13812345678", &with(&child)), "[手机号码]");
    assert_eq!(written(&protector, Kind::Sex, "女", &with(&child)), "[性别]");
    assert_eq!(written(&protector, Kind::Phone, "13812345678", &with(&youth)), "138****5678");
    assert_eq!(written(&protector, Kind::Sex, "女", &with(&youth)), "女");
}

#[test]
fn invalid_values_are_replaced_and_masked_ones_stay() {
    let protector = ready("share");
    let mut mention = view(Kind::CnId, "110105194912310021");
    mention.state = State::Invalid(Reason::WrongCheck);
    let context = Context::default();
    assert_eq!(protector.replace(&mention, &context).as_str(), "**************0021");
    mention.state = State::Masked;
    assert!(protector.replace(&mention, &context).kept);
    mention.state = State::Placeholder;
    assert!(protector.replace(&mention, &context).kept);
    // An address of a network is nobody's; a number of a machine may be somebody's car.
    for (kind, text, reason, kept) in [
        (Kind::Ip, "127.0.0.1", Reason::ReservedAddress, true),
        (Kind::Ip, "114.5.6.7", Reason::NotPersonal, true),
        (Kind::Phone, "1064812345678", Reason::NotPersonal, false),
        (Kind::Phone, "16868462586", Reason::UnallocatedSegment, false),
        (Kind::Email, "test@example.com", Reason::TestValue, false),
    ] {
        let mention = MentionView { state: State::Invalid(reason), ..view(kind, text) };
        assert_eq!(protector.replace(&mention, &context).kept, kept, "{text}");
    }
}

#[test]
fn a_slot_that_holds_numbers_gets_a_number_or_nothing() {
    let context = Context { slot: Slot::Integer, ..Context::default() };
    let share = ready("share").replace(&view(Kind::Phone, "13812345678"), &context);
    assert_eq!(share.text, None);
    let test = ready("test-data").replace(&view(Kind::Phone, "13812345678"), &context);
    let number = test.text.unwrap();
    assert!(number.len() == 11 && number.bytes().all(|b| b.is_ascii_digit()), "{number}");
}

#[test]
fn counts_of_several_threads_add_up() {
    let protector = ready("share");
    let (mut one, mut two) = (Tally::default(), Tally::default());
    let context = Context::default();
    for _ in 0..3 {
        one.note(Kind::Phone, &protector.replace(&view(Kind::Phone, "13812345678"), &context));
    }
    two.note(Kind::Phone, &protector.replace(&view(Kind::Phone, "13812345678"), &context));
    two.note(Kind::Address, &protector.replace(&view(Kind::Address, "某小区"), &context));
    one.add(&two);
    assert_eq!(one.counts.get(&(Kind::Phone, "mask", false)), Some(&4));
    assert_eq!(one.counts.get(&(Kind::Address, "redact", true)), Some(&1));
}

#[test]
fn columns_go_before_what_is_found_in_them() {
    let text = "name = \"x\"\n[default]\noperator = \"redact\"\n\
                [[column]]\nname = \"备注*\"\nfile = \"*.csv\"\noperator = \"drop\"\n\
                [[column]]\nname = \"Uid\"\nkind = \"ACCOUNT\"\noperator = \"pseudonym\"\nprefix = \"u-\"\n";
    let policy = Policy::parse("x.toml", text).unwrap();
    let protector = Protector::new(policy, Some(&ring(Suite::Aes, 1)), Rules::embedded(), None).unwrap();
    let context = Context::default();
    let rule = protector.column("a/b.csv", "备注（可空）").unwrap();
    assert_eq!(protector.replace_cell(rule, Value::new("他说的话", ""), &context).as_str(), "");
    assert!(protector.column("a/b.xlsx", "备注").is_none());
    let rule = protector.column("a/b.xlsx", " UID ").unwrap();
    let code = protector.replace_cell(rule, Value::new("a77", ""), &context);
    assert!(code.as_str().starts_with("u-") && code.as_str().len() == 22, "{}", code.as_str());
    assert!(protector.replace_cell(rule, Value::new("  ", ""), &context).kept);
}

#[test]
fn a_wrong_policy_is_refused_with_line_and_hint() {
    const GOOD: &str = "name = \"x\"\n[default]\noperator = \"redact\"\n";
    let rule = |rest: &str| format!("{GOOD}[[rule]]\n{rest}");
    for (text, line, says) in [
        ("name = \"x\"\n".to_owned(), 1, "no `[default]`"),
        ("[default]\noperator = \"redact\"\n".to_owned(), 1, "no `name`"),
        ("name = \"x\"\nnmae = 1\n[default]\noperator = \"redact\"\n".to_owned(), 2, "did you mean `name`?"),
        ("name = \"x\"\nsuite = \"des\"\n[default]\noperator = \"redact\"\n".to_owned(), 2, "`aes` or `sm`"),
        ("name = \"x\n".to_owned(), 1, ""),
        ("name = \"x\"\n[default]\noperator = \"redcat\"\n".to_owned(), 3, "did you mean `redact`?"),
        ("name = \"x\"\n[default]\noperator = \"sha256\"\n".to_owned(), 3, "unkeyed hash"),
        (rule("kinds = [\"PHON\"]\noperator = \"mask\"\n"), 5, "did you mean `PHONE`?"),
        (rule("groups = [\"Contacts\"]\noperator = \"mask\"\n"), 5, "did you mean `Contact`?"),
        (rule("operator = \"mask\"\n"), 4, "names no kind"),
        (rule("kinds = [\"PHONE\"]\n"), 4, "no operator is named"),
        (rule("kinds = [\"PHONE\"]\noperator = \"mask\"\nhaed = 3\n"), 7, "did you mean `head`?"),
        (rule("kinds = [\"PHONE\"]\noperator = \"mask\"\nhead = 3.5\n"), 7, "neither text"),
        (rule("kinds = [\"PHONE\", \"HEALTH\"]\noperator = \"fpe\"\n"), 4, "cannot treat HEALTH"),
        (rule("kinds = [\"PHONE\"]\noperator = \"fpe\"\notherwise = \"keep\"\n"), 7, "cannot stand in"),
        (rule("kinds = [\"PHONE\"]\noperator = \"mask\"\nwhen = \"child\"\n"), 7, "`under_14`"),
        (format!("{GOOD}[rule]\nkinds = [\"PHONE\"]\noperator = \"mask\"\n"), 4, "two brackets"),
        (format!("{GOOD}[[column]]\nname = \"a\"\noperator = \"mask\"\n"), 4, "no `kind`"),
        (format!("{GOOD}[[column]]\noperator = \"drop\"\n"), 4, "no `name`"),
    ] {
        let error = Policy::parse("p.toml", &text).expect_err(&text);
        assert_eq!(error.line, line, "{text}\n{error}");
        let told = error.to_string();
        assert!(told.starts_with(&format!("p.toml:{line}: ")) && told.contains(says), "{text}\n{told}");
    }
    // What only shows when the operator is set up names the line of its rule.
    for (rest, says) in [
        ("kinds = [\"PHONE\"]\noperator = \"mask\"\nhead = 99\n", "0 to 32"),
        ("kinds = [\"BIRTH_DATE\"]\noperator = \"fpe\"\n", "73050 possible values"),
        ("kinds = [\"AGE\"]\noperator = \"generalise\"\nbounds = [10, 5]\n", "rising"),
        ("kinds = [\"ADDRESS\"]\noperator = \"generalise\"\nto = \"street\"\n", "`county`"),
    ] {
        let policy = Policy::parse("p.toml", &rule(rest)).unwrap();
        let error =
            Protector::new(policy, Some(&ring(Suite::Aes, 1)), Rules::embedded(), None).err().unwrap();
        assert!(matches!(error, ProtectError::Operator { line: 4, .. }), "{error}");
        assert!(error.to_string().contains(says), "{error}");
    }
}

#[test]
fn a_second_scan_tells_its_own_from_what_was_left() {
    let protector = ready("test-data");
    let context = Context::default();
    let (mut ledger, mut other) = (Ledger::new(&[1; 32]), Ledger::new(&[1; 32]));
    let mut made = Vec::new();
    for (kind, text) in [
        (Kind::Phone, "13812345678"),
        (Kind::Person, "张小明"),
        (Kind::Org, "深圳市安博网络科技有限公司"),
        (Kind::Age, "45"),
        (Kind::Sex, "男"),
    ] {
        let replacement = protector.replace(&view(kind, text), &context);
        ledger.note(&view(kind, text), &replacement);
        made.push(replacement.as_str().to_owned());
    }
    let address = "广东省深圳市南山区科技路1号";
    let replacement = protector.replace(&view(Kind::Address, address), &context);
    other.note(&view(Kind::Address, address), &replacement);
    ledger.add(other);
    let standing = |kind, text: &str| ledger.standing(&protector, &view(kind, text));
    // Whole, in part, and under another kind.
    assert_eq!(standing(Kind::Phone, &made[0]), Standing::Written);
    assert_eq!(standing(Kind::Person, &made[1]), Standing::Written);
    let brand: String = made[2].chars().skip(2).collect();
    assert_eq!(standing(Kind::Org, &brand), Standing::Written);
    let county: String = replacement.as_str().chars().take(6).collect();
    assert_eq!(standing(Kind::Location, &county), Standing::Written);
    assert_eq!(standing(Kind::Age, &made[3]), Standing::Written);
    // A short value of another kind is there by chance.
    assert_eq!(standing(Kind::Salary, &made[3]), Standing::New);
    // What the policy keeps, what was replaced elsewhere, what was never seen.
    assert_eq!(standing(Kind::Sex, "女"), Standing::Allowed);
    assert_eq!(standing(Kind::Phone, "13812345678"), Standing::Left);
    assert_eq!(standing(Kind::Address, address), Standing::Left);
    assert_eq!(standing(Kind::Phone, "13987654321"), Standing::New);
    let mut masked = view(Kind::Phone, "139****4321");
    masked.state = State::Masked;
    assert_eq!(ledger.standing(&protector, &masked), Standing::Allowed);
    assert!(Standing::Left.fails() && Standing::New.fails());
    assert!(!Standing::Written.fails() && !Standing::Allowed.fails());
    // The ledger of another session knows nothing.
    let strange = Ledger::new(&[2; 32]);
    assert_eq!(strange.standing(&protector, &view(Kind::Phone, "13812345678")), Standing::New);
}

#[test]
fn half_a_policy_is_refused_or_read_but_never_breaks() {
    for (name, text) in READY {
        let cuts = text.char_indices().map(|(at, _)| at).step_by(29);
        let mut refused = 0;
        for at in cuts {
            if let Err(error) = Policy::parse("half.toml", &text[..at]) {
                assert!(error.line <= text.lines().count() + 1 && !error.message.is_empty());
                refused += 1;
            }
        }
        assert!(refused > 5, "{name}");
    }
}
