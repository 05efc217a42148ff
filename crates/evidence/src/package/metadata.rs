//! `bag-info.txt` and the RO-Crate metadata.

use super::{Case, Digest, Package, Run};
use serde_json::{Value, json};
use zhunsheng_verify::text::hex;

/// `bag-info.txt`: one line a fact. Line breaks in a fact become spaces.
pub(super) fn bag_info(case: &Case, run: &Run, inputs: usize, oxum: &str) -> String {
    let inputs = inputs.to_string();
    let command = run.command_line.join(" ");
    let tool = format!("{} {}", run.tool, run.version);
    let facts = [
        ("Source-Organization", case.unit.as_str()),
        ("External-Identifier", &case.case),
        (
            "External-Description",
            "电子数据检验结果及其证明 / result of an examination of electronic data, with proof",
        ),
        ("Bagging-Date", run.time.get(..10).unwrap_or_default()),
        ("Payload-Oxum", oxum),
        ("Bag-Software-Agent", &tool),
        ("Zhunsheng-Time", &run.time),
        ("Zhunsheng-Who", &run.who),
        ("Zhunsheng-Inputs", &inputs),
        ("Zhunsheng-Rules-SHA256", &run.rules_sha256),
        ("Zhunsheng-Inventory-SHA256", &run.inventory_sha256),
        ("Zhunsheng-Command-Line", &command),
        ("Zhunsheng-Seed", &run.seed),
    ];
    let facts = facts.iter().filter(|(_, value)| !value.is_empty());
    facts.map(|(name, value)| format!("{name}: {}\n", value.replace(char::is_control, " "))).collect()
}

/// RO-Crate 1.1: what the files are and how they came about.
pub(super) fn ro_crate(package: &Package, run: &Run, files: &[(String, Digest)]) -> Value {
    let described: Vec<Value> = files
        .iter()
        .map(|(name, digest)| {
            let name = name.strip_prefix("data/").unwrap_or(name);
            let part = package.parts.iter().find(|part| part.name == name);
            let (zh, en) = part.map_or_else(|| own(name), |part| (part.what.0.clone(), part.what.1.clone()));
            let media_type = part.map_or_else(|| own_type(name).to_owned(), |part| part.media_type.clone());
            json!({
                "@id": identifier(name), "@type": "File", "name": format!("{zh} / {en}"), "encodingFormat": media_type,
                "contentSize": digest.size.to_string(), "sha256": hex(&digest.sha256),
            })
        })
        .collect();
    let parts: Vec<Value> = files
        .iter()
        .map(|(name, _)| json!({"@id": identifier(name.strip_prefix("data/").unwrap_or(name))}))
        .collect();
    let mut graph = vec![
        json!({
            "@id": "ro-crate-metadata.json", "@type": "CreativeWork",
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"}, "about": {"@id": "./"},
        }),
        json!({
            "@id": "./", "@type": "Dataset", "name": "电子数据检验结果 / result of an examination of electronic data",
            "description": "清单、记录、报告与来源说明 / inventory, records, report and provenance",
            "datePublished": run.time, "hasPart": parts, "mentions": {"@id": "#run"},
        }),
        json!({
            "@id": "#tool", "@type": "SoftwareApplication", "name": run.tool, "softwareVersion": run.version,
            "identifier": run.rules_sha256,
        }),
        json!({
            "@id": "#run", "@type": "CreateAction", "name": run.command_line.join(" "), "instrument": {"@id": "#tool"},
            "agent": {"@id": "#who"}, "endTime": run.time, "object": {"@id": "inputs.json"}, "result": parts,
        }),
        json!({"@id": "#who", "@type": "Person", "name": run.who}),
    ];
    graph.extend(described);
    json!({"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph})
}

/// A file name as a URI reference: everything but unreserved characters and `/` is percent-encoded.
fn identifier(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let coded = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    name.bytes().map(coded).collect()
}

/// What the files made here are.
fn own(name: &str) -> (String, String) {
    let (zh, en) = match name {
        "inputs.json" => ("检材清单", "list of inputs"),
        "run.json" => ("运行说明", "description of the run"),
        "case.json" => ("案件信息", "facts of the case"),
        _ => ("电子数据提取固定清单", "list of extracted electronic data, to be signed"),
    };
    (zh.to_owned(), en.to_owned())
}

fn own_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html",
        Some("docx") => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        _ => "application/json",
    }
}
