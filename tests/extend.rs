//! What a new layer and a new optimizer touch: a copy of the workspace gets both, is built, and trains with them. The
//! files that this test writes are the list of what had to change.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A layer made of existing ops: dense, then the sum with its own input scaled by repetition.
const LAYER: &str = r#"//! `Bottleneck(units, activation)`: x + Dense(features)(act(Dense(units)(x))).

use std::rc::Rc;

use super::kinds::Arity;
use super::{Args, Kind, Layer, Lower, Spec};
use crate::graph::{ValueId, ops};

pub(super) struct Bottleneck;

impl Layer for Bottleneck {
    fn spec(&self) -> &'static Spec {
        &Spec {
            name: "Bottleneck",
            inputs: Arity::One,
            args: &[
                ("units", Kind::Size),
                ("activation", Kind::Activation),
                ("down_initializer", Kind::Initializer("GlorotUniform")),
            ],
        }
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let x = inputs[0];
        let shape = cx.shape(x);
        let (units, n, outer) = (args.size("units")?, shape.last(), shape.outer());
        let inner = shape.with_last(units.clone());
        let down = cx.weight(args, "down", vec![n.clone(), units.clone()], "GlorotUniform");
        let up = cx.weight(args, "up", vec![units.clone(), n.clone()], "GlorotUniform");
        let dense = |k, n| ops::Dense { outer: outer.clone(), k, n, bias: false, act: ops::Act::Linear };
        let h = cx.op(Rc::new(dense(n.clone(), units.clone())), vec![x], vec![down], inner);
        let h = cx.activate(h, args, "activation")?;
        let h = cx.op(Rc::new(dense(units, n)), vec![h], vec![up], shape.clone());
        Some(vec![cx.op(Rc::new(ops::Add(2)), vec![x, h], vec![], shape)])
    }
}
"#;

const OPTIMIZER: &str = r#"//! Sign descent.

use keras_kernels::Isa;
use keras_kernels::memory::Slots;

use super::base::base_arguments;
use super::{Base, Elementwise, LearningRate};

/// w ← w − lr · sign(g)
#[derive(Clone, Debug)]
pub struct SignDescent {
    base: Base,
    rate: f32,
}

impl SignDescent {
    /// With this learning rate.
    #[must_use]
    pub fn new(learning_rate: impl Into<LearningRate>) -> SignDescent {
        SignDescent { base: Base::new(learning_rate), rate: 0.0 }
    }
}

impl Default for SignDescent {
    fn default() -> SignDescent {
        SignDescent::new(0.001)
    }
}

base_arguments!(SignDescent);

impl Elementwise for SignDescent {
    fn name(&self) -> &str {
        "sign_descent"
    }
    fn base(&self) -> &Base {
        &self.base
    }
    fn base_mut(&mut self) -> &mut Base {
        &mut self.base
    }
    fn own_slots(&self) -> &'static [&'static str] {
        &[]
    }
    fn prepare(&mut self, learning_rate: f32, _: u64) {
        self.rate = learning_rate;
    }
    fn rule(&self, _: Isa, w: &mut [f32], g: &[f32], _: Slots<'_>, decay: f32) {
        for (w, g) in w.iter_mut().zip(g) {
            *w -= *w * decay + self.rate * g.signum();
        }
    }
}
"#;

const TRAINING: &str = r#"//! Trains with the new layer and the new optimizer.

use keras::datasets::digits;
use keras::optimizers::SignDescent;
use keras::prelude::*;

sequential! { struct Net< Input(64), Bottleneck(16, relu), Dense(10, softmax) >; }

#[test]
fn learns() -> keras::Result<()> {
    let data = digits();
    assert!("sign_descent".parse::<Box<dyn Optimizer>>().is_ok());
    let mut model =
        Net::seeded(1).compile(SignDescent::new(0.001), SparseCategoricalCrossentropy::default(), (Accuracy::default(),))?;
    let history = model.fit(&data.x, &data.y, Fit::epochs(15).verbose(0))?;
    assert!(history.last("accuracy") > Some(0.9), "{history:?}");
    assert_eq!(model.bottleneck.down.len(), 64);
    Ok(())
}
"#;

const USER: &str = r#"[package]
name = "user"
edition = "2024"

[dependencies]
keras = { path = "../workspace" }

[profile.dev.package.keras-kernels]
opt-level = 3

[workspace]
"#;

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let name = entry.file_name();
        if ["target", ".git"].iter().any(|skip| name == *skip) {
            continue;
        }
        let to = to.join(&name);
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir_all(&to).unwrap();
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// The files that are new or different in `tree`.
fn changed(root: &Path, tree: &Path, folder: &Path, list: &mut Vec<String>) {
    for entry in fs::read_dir(tree.join(folder)).unwrap().map(Result::unwrap) {
        let path = folder.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            changed(root, tree, &path, list);
        } else if fs::read(root.join(&path)).ok() != Some(fs::read(tree.join(&path)).unwrap()) {
            list.push(path.display().to_string().replace('\\', "/"));
        }
    }
}

/// Adds a line after the one that is `after`, where a list of that kind is.
fn add_line(file: &Path, after: &str, line: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert_eq!(text.matches(after).count(), 1, "{after:?} once in {}", file.display());
    fs::write(file, text.replace(after, &format!("{after}{line}"))).unwrap();
}

#[test]
fn a_layer_and_an_optimizer() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("extend");
    let tree = target.join("workspace");
    if tree.exists() {
        fs::remove_dir_all(&tree).unwrap();
    }
    fs::create_dir_all(&tree).unwrap();
    copy(root, &tree);

    // All that has to change: two new files and two lines.
    let layers = tree.join("keras-macros/compiler/src/layers");
    fs::write(layers.join("bottleneck.rs"), LAYER).unwrap();
    add_line(&layers.join("mod.rs"), "    add::Add,\n", "    bottleneck::Bottleneck,\n");
    let optimizers = tree.join("keras-runtime/src/optimizer");
    fs::write(optimizers.join("sign_descent.rs"), OPTIMIZER).unwrap();
    add_line(
        &optimizers.join("mod.rs"),
        "    adam::Adam \"adam\";\n",
        "    sign_descent::SignDescent \"sign_descent\";\n",
    );

    let mut list = Vec::new();
    changed(root, &tree, Path::new(""), &mut list);
    list.sort();
    let expected = [
        "keras-macros/compiler/src/layers/bottleneck.rs",
        "keras-macros/compiler/src/layers/mod.rs",
        "keras-runtime/src/optimizer/mod.rs",
        "keras-runtime/src/optimizer/sign_descent.rs",
    ];
    assert_eq!(list, expected);

    // A crate of a user's, which depends on the copy.
    let user = target.join("user");
    fs::create_dir_all(user.join("tests")).unwrap();
    fs::create_dir_all(user.join("src")).unwrap();
    fs::write(user.join("src/lib.rs"), "").unwrap();
    fs::write(user.join("tests/new.rs"), TRAINING).unwrap();
    fs::write(user.join("Cargo.toml"), USER).unwrap();
    fs::copy(tree.join("Cargo.lock"), user.join("Cargo.lock")).unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["test", "--quiet", "--offline"])
        .current_dir(&user)
        .env("CARGO_TARGET_DIR", target.join("target"))
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}\n{}", text(&output.stdout), text(&output.stderr));
}
