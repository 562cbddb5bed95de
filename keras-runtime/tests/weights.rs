//! Weights in files.
#![cfg(feature = "safetensors")]

use std::path::Path;

use keras_runtime::model::graph::{Graph, Init, Layer, Param, Precision};
use keras_runtime::optimizer::LossScale;
use keras_runtime::weights::{Load, State, load, load_optimizer, save, save_with_optimizer};

const fn layer(name: &'static str, class: &'static str) -> Layer {
    Layer { parent: None, name, class, calls: &[], trainable: true }
}

const fn param(layer: usize, name: &'static str, at: usize, shape: &'static [usize], trainable: bool) -> Param {
    Param {
        name,
        layer,
        at,
        shape,
        trainable,
        init: Init::Zeros,
        regularizer: None,
        constraint: None,
        precision: Precision::Float32,
    }
}

const fn graph(layers: &'static [Layer], params: &'static [Param]) -> Graph {
    Graph { name: "model", layers, params, ..Graph::EMPTY }
}

static GRAPH: Graph = graph(
    &[layer("dense", "Dense"), layer("normalization", "BatchNormalization")],
    &[param(0, "kernel", 0, &[2, 3], true), param(0, "bias", 6, &[3], true), param(1, "moving_mean", 9, &[3], false)],
);

/// The same layers and another one, another size, and another order.
static OTHER: Graph = graph(
    &[layer("head", "Dense"), layer("dense", "Dense")],
    &[param(0, "kernel", 0, &[1], true), param(1, "bias", 1, &[3], true), param(1, "kernel", 4, &[3, 2], true)],
);

fn weights() -> Vec<f32> {
    (0..12).map(|i| i as f32 * 0.5 - 2.0).collect()
}

fn message<T: core::fmt::Debug>(path: &Path, result: keras_runtime::Result<T>) -> String {
    let text = result.unwrap_err().to_string();
    text.strip_prefix(&format!("{}: ", path.display())).unwrap_or_else(|| panic!("{text}")).to_owned()
}

#[test]
fn there_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    save(&GRAPH, &[9.0; 12], &path).unwrap();
    save(&GRAPH, &weights(), &path).unwrap();
    let mut loaded = vec![0.0; 12];
    assert!(load(&GRAPH, &mut loaded, &path, Load::new()).unwrap().is_empty());
    assert_eq!(loaded, weights());
    let names: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["model.safetensors"], "nothing else is left beside it");

    let bytes = std::fs::read(&path).unwrap();
    save(&GRAPH, &weights(), &path).unwrap();
    assert!(bytes == std::fs::read(&path).unwrap(), "the same weights give the same file");
}

#[test]
fn the_format_is_that_of_safetensors() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    save(&GRAPH, &weights(), &path).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let header = u64::from_le_bytes(*bytes.first_chunk().unwrap()) as usize;
    let header: serde_json::Value = serde_json::from_slice(&bytes[8..8 + header]).unwrap();
    assert_eq!(header["dense/kernel"]["dtype"], "F32");
    assert_eq!(header["dense/kernel"]["shape"], serde_json::json!([2, 3]));
    assert_eq!(header.as_object().unwrap().len(), 3);
}

#[test]
fn training_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let (momentum, velocity) = (vec![0.25; 12], weights());
    let slots = vec![("momentum", &momentum[..]), ("velocity", &velocity[..])];
    let (iteration, learning_rate) = (u64::MAX - 1, 0.125);
    let state = State { iteration, learning_rate, loss_scale: None, slots };
    save_with_optimizer(&GRAPH, &weights(), &state, &path).unwrap();

    let mut loaded = vec![0.0; 12];
    assert!(load(&GRAPH, &mut loaded, &path, Load::new()).unwrap().is_empty());
    assert_eq!(loaded, weights());
    let (mut a, mut b) = (vec![7.0; 12], vec![7.0; 12]);
    let mut slots = [("velocity", &mut a[..]), ("momentum", &mut b[..])];
    assert_eq!(load_optimizer(&GRAPH, &mut slots, None, &path).unwrap(), (u64::MAX - 1, 0.125));
    assert_eq!((&a[..9], &b[..9]), (&velocity[..9], &momentum[..9]));
    assert_eq!((&a[9..], &b[9..]), (&[7.0; 3][..], &[7.0; 3][..]), "state of layers has no slots");

    let text = message(&path, load_optimizer(&GRAPH, &mut [("average", &mut a)], None, &path));
    assert!(text.contains("`optimizer/average/dense/kernel` of shape [2, 3] is not in the file"), "{text}");
    save(&GRAPH, &weights(), &path).unwrap();
    let text = message(&path, load_optimizer(&GRAPH, &mut [], None, &path));
    assert_eq!(text, "the state of an optimizer is missing: there is no tensor `optimizer/iteration`");
}

/// A scale of the loss that follows the gradients is part of the state; one that stays is not.
#[test]
fn a_scale_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let save = |scale: &LossScale| {
        let state = State { iteration: 3, learning_rate: 0.5, loss_scale: Some(scale), slots: vec![] };
        save_with_optimizer(&GRAPH, &weights(), &state, &path).unwrap();
    };
    save(&LossScale::dynamic(1024.0, 5));
    let mut scale = LossScale::default();
    assert_eq!(load_optimizer(&GRAPH, &mut [], Some(&mut scale), &path).unwrap(), (3, 0.5));
    assert_eq!((scale.scale(), scale.dynamic_growth_steps()), (1024.0, Some(2000)));
    let text = message(&path, load_optimizer(&GRAPH, &mut [], None, &path));
    let told = "`optimizer/dynamic_scale` of the file is no state of this optimizer, unless it is put into a `LossScaleOptimizer`";
    assert!(text.contains(told), "{text}");

    save(&LossScale::fixed(8.0));
    assert_eq!(load_optimizer(&GRAPH, &mut [], None, &path).unwrap(), (3, 0.5));
    let text = message(&path, load_optimizer(&GRAPH, &mut [], Some(&mut scale), &path));
    assert!(
        text.starts_with("the state of an optimizer is missing: there is no tensor `optimizer/dynamic_scale`"),
        "{text}"
    );
    assert!(text.ends_with("as `auto_scale_loss(false)` has it here"), "{text}");

    for broken in [0.0, -1.0, f32::INFINITY, f32::NAN] {
        save(&LossScale::dynamic(broken, 5));
        let text = message(&path, load_optimizer(&GRAPH, &mut [], Some(&mut scale), &path));
        assert!(text.starts_with("tensor `optimizer/dynamic_scale`: expected a number above 0, found"), "{text}");
    }
}

#[test]
fn what_does_not_fit_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    save(&GRAPH, &weights(), &path).unwrap();
    let mut loaded = vec![7.0; 10];
    let text = message(&path, load(&OTHER, &mut loaded, &path, Load::new()));
    let lines = [
        "tensor `head/kernel` of shape [1] is not in the file",
        "  tensor `dense/kernel`: the model expects the shape [3, 2], the file has [2, 3]",
        "  tensor `normalization/moving_mean` of the file has no place in the model",
        "to load what fits, use `skip_mismatch`",
    ];
    assert_eq!(text.lines().collect::<Vec<_>>(), lines);
    assert_eq!(loaded, [7.0; 10], "nothing is loaded in part");

    let skipped = load(&OTHER, &mut loaded, &path, Load::new().skip_mismatch(true)).unwrap();
    assert_eq!(skipped, lines[..3].iter().map(|line| line.trim_start()).collect::<Vec<_>>());
    assert_eq!(loaded, [7.0, 1.0, 1.5, 2.0, 7.0, 7.0, 7.0, 7.0, 7.0, 7.0]);
}

#[test]
fn damaged_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let mut loaded = vec![7.0; 12];
    let mut reason = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        message(&path, load(&GRAPH, &mut loaded, &path, Load::new()))
    };
    assert!(reason(b"").starts_with("not a safetensors file"));
    assert!(reason(b"PK\x03\x04 and what else is in an archive").starts_with("not a safetensors file"));
    assert!(reason(b"<html>404 Not Found</html>").starts_with("not a safetensors file"));
    save(&GRAPH, &weights(), &path).unwrap();
    let whole = std::fs::read(&path).unwrap();
    let mut reason = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        message(&path, load(&GRAPH, &mut loaded, &path, Load::new()))
    };
    for len in 8..whole.len() {
        let text = reason(&whole[..len]);
        assert!(text.starts_with("the file is truncated"), "{len} bytes: {text}");
    }
    let mut longer = whole.clone();
    longer.push(0);
    assert!(reason(&longer).starts_with("the file is truncated or damaged"));
    // Any byte may be wrong; nothing panics.
    for i in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[i] ^= 0x15;
        std::fs::write(&path, &damaged).unwrap();
        let _ = load(&GRAPH, &mut [0.0; 12], &path, Load::new());
    }
    assert_eq!(loaded, [7.0; 12]);
}

#[test]
fn what_cannot_be_written_or_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("no such folder").join("model.safetensors");
    let text = save(&GRAPH, &weights(), &path).unwrap_err().to_string();
    assert!(text.starts_with(&path.display().to_string()), "{text}");
    let text = load(&GRAPH, &mut weights(), &path, Load::new()).unwrap_err().to_string();
    assert!(text.starts_with(&path.display().to_string()), "{text}");
}
