//! The measures are those that a published benchmark was measured with: its labels and runs give its figures.

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use zhunsheng_ask::metric::{average_precision_of_found, mean, ndcg, precision};

/// A measure of one query from its ranking, the judged part of it, its grades and its relevant documents.
type Measure<'a> = &'a dyn Fn(&[u32], &[u32], &BTreeMap<u32, u32>, &[u32]) -> f64;

#[test]
fn published_runs_give_the_published_figures() {
    let Some(pack) = std::env::var_os("ZHUNSHENG_LAW") else {
        eprintln!(
            "SKIPPED: ZHUNSHENG_LAW names no legal data pack, so the measures are not compared with LeCaRD"
        );
        return;
    };
    let folder = Path::new(&pack).join("lecard");
    let read =
        |name: &str| -> Value { serde_json::from_slice(&std::fs::read(folder.join(name)).unwrap()).unwrap() };
    let labels: BTreeMap<String, BTreeMap<u32, u32>> =
        serde_json::from_value(read("labels-dev.json")).unwrap();
    let expected = read("expected-dev.json");
    let mut compared = 0;
    for (name, figures) in expected["metrics"].as_object().unwrap() {
        let run: BTreeMap<String, Vec<u32>> =
            serde_json::from_value(read(&format!("run-{name}-dev.json"))).unwrap();
        let over = |value: Measure<'_>| {
            mean(run.iter().map(|(query, ranked)| {
                let labels = &labels[query];
                let judged: Vec<u32> = ranked.iter().copied().filter(|id| labels.contains_key(id)).collect();
                let relevant: Vec<u32> =
                    labels.iter().filter(|(_, grade)| **grade == 3).map(|(id, _)| *id).collect();
                value(ranked, &judged, labels, &relevant)
            }))
        };
        let mut check = |key: &str, stated: &Value, value: f64| {
            let stated = stated.as_f64().unwrap();
            assert!((value - stated).abs() < 5.1e-5, "{name} {key}: {value} instead of {stated}");
            compared += 1;
        };
        let grade = |labels: &BTreeMap<u32, u32>, id: u32| labels.get(&id).copied().unwrap_or(0);
        let all = |labels: &BTreeMap<u32, u32>| labels.values().copied().collect::<Vec<u32>>();
        for k in [10, 20, 30] {
            let key = format!("ndcg@{k}");
            let plain = over(&|ranked, _, labels, _| ndcg(ranked, |id| grade(labels, id), &all(labels), k));
            check(&key, &figures[&key], plain);
            let pooled = over(&|_, judged, labels, _| ndcg(judged, |id| grade(labels, id), &all(labels), k));
            check(&key, &figures["pooled"][&key], pooled);
        }
        check("p@5", &figures["p@5"], over(&|_, judged, _, relevant| precision(judged, relevant, 5)));
        check("p@10", &figures["p@10"], over(&|_, judged, _, relevant| precision(judged, relevant, 10)));
        let map = over(&|_, judged, _, relevant| average_precision_of_found(judged, relevant));
        check("map", &figures["map"], map);
    }
    assert!(compared >= 5 * 9, "{compared}");
}
