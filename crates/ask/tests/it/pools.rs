//! Ranking in a pool that is handed in.

use std::io::Write as _;
use zhunsheng_ask::bench::{PoolRow, QuestionRow, measure, read_lines};
use zhunsheng_ask::{AskError, Corpus, Known, Lexicon, Memory, Ranker, Weights, learnt};
use zhunsheng_rules::Rules;

const POOL: &str = r#"{"id": 10, "name": "甲法第一条", "text": "饲养的动物造成他人损害的，动物饲养人或者管理人应当承担侵权责任。"}
{"id": 20, "name": "甲法第二条", "text": "从建筑物中抛掷物品造成他人损害的，由侵权人依法承担侵权责任。"}
{"id": 30, "name": "乙法第三条", "text": "劳动者提前三十日以书面形式通知用人单位，可以解除劳动合同。"}
{"id": 40, "name": "乙法第四条之一", "text": "用人单位拖欠劳动报酬的，劳动者可以申请支付令。"}"#;

fn pool() -> Corpus {
    let rows: Vec<PoolRow> = read_lines("pool", POOL.as_bytes()).unwrap();
    Corpus::new(rows.iter().map(PoolRow::doc).collect())
}

fn ranked(known: &[Known], question: &str, but_itself: bool) -> Vec<u32> {
    let corpus = pool();
    let (memory, lexicon) = (Memory::new(&corpus, known), learnt::lexicon(Rules::embedded()).unwrap());
    let weights = learnt::weights().unwrap();
    let ranker =
        Ranker { corpus: &corpus, memory: &memory, lexicon: &lexicon, weights: &weights, but_itself };
    ranker.rank(question).into_iter().map(|(doc, _)| doc).collect()
}

#[test]
fn lay_words_reach_the_words_of_the_law() {
    assert_eq!(ranked(&[], "被狗咬伤了找谁赔", false)[0], 0);
    assert_eq!(ranked(&[], "高空抛物砸到人", false)[0], 1);
    assert_eq!(ranked(&[], "我想辞职", false)[0], 2);
}

#[test]
fn a_known_question_brings_its_article_but_not_to_itself() {
    let known = |question: &str, label: &str| Known {
        question: question.to_owned(),
        articles: vec![("乙法".to_owned(), label.to_owned())],
    };
    let all = [known("讨要血汗钱的办法", "第四条之一"), known("别的问题", "第九十九条")];
    assert_eq!(ranked(&all, "讨要血汗钱有什么办法", false)[0], 3);
    assert_eq!(ranked(&all, "讨要血汗钱的办法", false)[0], 3);
    // Asked of itself, it must rank as if it had never been known.
    assert_eq!(ranked(&all, "讨要血汗钱的办法", true), ranked(&all[1..], "讨要血汗钱的办法", false));
}

#[test]
fn packed_and_plain_lines_are_read_and_broken_ones_named() {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(POOL.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    assert_eq!(read_lines::<PoolRow>("pool", &packed).unwrap().len(), 4);
    assert!(matches!(read_lines::<PoolRow>("pool", &packed[..20]), Err(AskError::Packed { .. })));
    let broken = "{\"id\": 1, \"question\": \"?\", \"relevant\": [1]}\n{\"id\":";
    match read_lines::<QuestionRow>("questions", broken.as_bytes()) {
        Err(AskError::Line { line, .. }) => assert_eq!(line, 2),
        other => panic!("{other:?}"),
    }
}

#[test]
fn measures_are_means_over_questions() {
    let relevant: [&[u32]; 2] = [&[1], &[7, 8]];
    let rankings = [(vec![1, 2, 3], relevant[0]), (vec![1, 2, 3, 4, 5, 7], relevant[1])];
    let m = measure(&rankings);
    assert_eq!((m.questions, m.recall_5, m.recall_10), (2, 0.5, 0.75));
    assert!((m.mrr_10 - (1.0 + 1.0 / 6.0) / 2.0).abs() < 1e-12);
}

#[test]
fn weights_are_written_as_they_are_read() {
    let text = "[first]\npairs = 1.5000\n[second]\nadded = -0.2500\n";
    assert_eq!(Weights::read(text).unwrap().write(), text);
    for wrong in ["", "[first]\n", "[first]\nno_such = 1\n[second]\n", "[first]\npairs = \"x\"\n[second]\n"] {
        assert!(Weights::read(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_lexicon_without_words_or_terms_is_refused() {
    assert!(Lexicon::read("words\tterms\tlaws\n甲\t乙\t\n", "words\n").is_ok());
    for wrong in ["words\tterms\tlaws\n\t乙\t\n", "words\tterms\tlaws\n甲\t\t\n"] {
        assert!(Lexicon::read(wrong, "words\n").is_err(), "{wrong}");
    }
}
