#!/usr/bin/env bash
# What a model costs to compile: seconds of CPU time for the user's own crate, keras itself being built; what of that is
# the macro; and how large programs are. Writes docs/build-cost.md.
#
# Crates are chains of Dense layers of different widths, given as numbers or as const expressions, a residual network and
# an encoder. "model" calls its phases and a prediction; "with fit" compiles it with Sgd, a loss and a metric, and trains,
# evaluates and predicts. The least of three builds is taken.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
work=$root/target/build-cost
export CARGO_TARGET_DIR=$work/target

crate() { # name, features of keras: makes the crate and goes there
    mkdir -p "$work/$1/src"
    cd "$work/$1"
    cat > Cargo.toml <<END
[package]
name = "$1"
version = "0.0.0"
edition = "2024"

[dependencies]
keras = { path = "$root", default-features = false, features = [$2] }

[profile.small]
inherits = "release"
lto = true
codegen-units = 1
panic = "abort"
strip = true
opt-level = "s"

[profile.small.package.keras-kernels]
opt-level = 3

[workspace]
END
    cp "$root/Cargo.lock" Cargo.lock
}

layers() { # how many, literals or consts
    case $2 in
        literals) seq -f 'Dense(%g, relu),' 100 $((99 + $1)) ;;
        consts) seq -f 'Dense(WIDTH + %g, relu),' 0 $(($1 - 1)) ;;
    esac | tr '\n' ' '
}

# The networks: each sets what declares it, and one sample.
dense() { # how many layers, literals or consts
    declaration="sequential! { struct Net< Input(784), $(layers "$1" "$2") Dense(10, softmax) >; }"
    sample='[0.5f32; 784]'
}

resnet() {
    declaration='
layer! { struct Normalized(filters, size, strides = 1) <
    Conv2D(filters, size, strides = strides, padding = same, use_bias = false), BatchNormalization,
>; }
layer! { struct Same(filters)(x) {
    let h = Activation(relu)(crate::Normalized!(filters, 3)(x));
    Activation(relu)(crate::Normalized!(filters, 3)(h) + x)
} }
layer! { struct Half(filters)(x) {
    let h = Activation(relu)(crate::Normalized!(filters, 3, 2)(x));
    Activation(relu)(crate::Normalized!(filters, 3)(h) + crate::Normalized!(filters, 1, 2)(x))
} }
sequential! { struct Net<
    Input(224, 224, 3), self::Normalized!(64, 7, 2), Activation(relu), MaxPooling2D(3, strides = 2, padding = same),
    self::Same!(64), self::Same!(64), self::Half!(128), self::Same!(128), self::Half!(256), self::Same!(256),
    self::Half!(512), self::Same!(512), GlobalAveragePooling2D, Dense(1000, softmax),
>; }'
    sample='[[[0.5f32; 3]; 224]; 224]'
}

encoder() {
    declaration='
layer! { struct Block(heads, width)(x) {
    let x = LayerNormalization()(x + Dropout(0.1)(MultiHeadAttention(heads, width / heads)(x, x)));
    LayerNormalization()(x + Dropout(0.1)(Dense(width)(Dense(4 * width, gelu)(x))))
} }
sequential! { struct Net<
    Input(64, 128), self::Block!(4, 128), self::Block!(4, 128), self::Block!(4, 128), self::Block!(4, 128),
    self::Block!(4, 128), self::Block!(4, 128), GlobalAveragePooling1D, Dense(10, softmax),
>; }'
    sample='[[0.5f32; 128]; 64]'
}

model() {
    cat > src/main.rs <<END
#![allow(dead_code)]
use keras::__private::kernels::{Isa, memory::Workspace};
use keras::__private::{Block, Context, Sink};
use keras::prelude::*;
const WIDTH: usize = 100;
$declaration
fn main() {
    let (x, model) = (vec![$sample; 8], Net::new());
    let cx = Context::inference(Isa::current());
    let mut workspace = Workspace::new();
    let mut values = workspace.batch(Net::GRAPH.train.layout, 8, 1);
    model.forward(&cx, &x, &mut values.rows());
    model.backward_data(&cx, &x, &mut values.rows());
    let (mut weights, mut grads) = (model.as_slice().to_vec(), vec![0.0; Net::FLOATS]);
    Net::backward_params(&cx, &x, &mut values.whole(), &mut Sink::store(&mut weights, &mut grads, &[]));
    println!("{:?} {}", model.predict_one(&x[0]), grads[0]);
}
END
}

fit() {
    cat > src/main.rs <<END
#![allow(dead_code)]
use keras::prelude::*;
const WIDTH: usize = 100;
$declaration
fn main() -> keras::Result<()> {
    let (x, y) = (vec![$sample; 8], vec![3u8; 8]);
    let mut model =
        Net::new().compile(Sgd::default(), SparseCategoricalCrossentropy::default(), (Accuracy::default(),))?;
    model.fit(&x, &y, Fit::epochs(1).verbose(0))?;
    println!("{}", model.evaluate(&x, &y, Evaluate::batch_size(8).verbose(0))?);
    println!("{:?}", model.predict(&x, 8)?);
    println!("{:?}", model.predict_one(&x[0]));
    Ok(())
}
END
}

row() { # what stands first in it: seconds for the network that was set
    local row=$1
    for kind in model fit; do
        $kind
        row="$row | $(seconds) | $(seconds --release)"
    done
    echo "$row | $(size release/leaf) |"
}

# A trained model in the smallest program: its weights are in the binary, or in a file, which a program of its own writes.
declared='sequential! { struct Mlp< Input(784), Dense(64, relu), Dense(10, softmax) >; }'

trained() {
    cat > src/main.rs <<END
use keras::prelude::*;
$declared
fn main() -> keras::Result<()> {
    Mlp::seeded(1).save_weights("$work/weights.safetensors")
}
END
}

embedded() {
    cp "$work/weights.safetensors" src/
    cat > src/main.rs <<END
use keras::{include_weights, prelude::*};
$declared
fn main() {
    let model: &'static Mlp = include_weights!(Mlp, "weights.safetensors");
    let mut memory = [0.0; Mlp::MEMORY];
    println!("{:?}", model.infer_one(&[0.5; 784], &mut memory));
}
END
}

file() {
    cat > src/main.rs <<END
use keras::prelude::*;
$declared
fn main() -> keras::Result<()> {
    let mut model = Mlp::seeded(0);
    model.load_weights("weights.safetensors")?;
    println!("{:?}", model.predict_one(&[0.5; 784]));
    Ok(())
}
END
}

seconds() { # least CPU seconds of three builds with these arguments of cargo
    for _ in 1 2 3; do
        touch src/main.rs
        ( TIMEFORMAT='%U'; time cargo build --quiet "$@" ) 2>&1
    done | sort -n | head -n 1
}

size() { # KB of a binary without its symbols
    strip -o "$work/stripped" "$CARGO_TARGET_DIR/$1"
    echo $(($(stat -c %s "$work/stripped") / 1000))
}

expansion() { cargo bench --quiet --manifest-path "$root/Cargo.toml" -p keras-compiler --bench expansion "$@"; }

mkdir -p "$work"
page=$root/docs/build-cost.md
{
    echo "# What a model costs to compile"
    echo
    echo "Made by \`benches/build_cost.sh\` with $(rustc --version | cut -d' ' -f1,2) on $(nproc) cores of" \
        "$(grep -m1 'model name' /proc/cpuinfo | cut -d: -f2 | xargs)."
    echo
    echo "## The user's crate"
    echo
    echo "CPU seconds in cargo's default profiles, keras itself being built. \"model\": forward pass, gradients and a"
    echo "prediction. \"with fit\": \`compile\`, \`fit\`, \`evaluate\` and \`predict\`. KB are those of the release binary with fit,"
    echo "stripped."
    echo
    echo "| distinct Dense layers | sizes | model, debug | model, release | with fit, debug | with fit, release | KB |"
    echo "|---|---|---|---|---|---|---|"
    crate leaf '"std", "safetensors"'
    dense 1 literals
    model
    cargo build --quiet
    cargo build --quiet --release
    for n in 5 20 100; do
        for sizes in literals consts; do
            dense "$n" "$sizes"
            row "| $n | $sizes"
        done
    done
    echo
    echo "| network | model, debug | model, release | with fit, debug | with fit, release | KB |"
    echo "|---|---|---|---|---|---|"
    resnet
    row "| ResNet-18, 224 × 224 × 3, 1000 classes"
    encoder
    row "| encoder of 6 blocks, 64 steps of 128, 4 heads"
    echo
    echo "The training loop, losses, metrics and optimizers are compiled with keras: the loop knows the model and its data as"
    echo "trait objects that it calls a few times for each batch. The user's crate has the model's own code and what"
    echo "passes a batch on to it."
    echo
    echo "## The macro"
    echo
    echo "Time within the compiler of \`sequential!\`, which is part of the above, without optimisation as users' procedural"
    echo "macros are built by default:"
    echo
    expansion --profile dev --config 'profile.dev.package."*".opt-level=0'
    echo
    echo "and optimised:"
    echo
    expansion
    echo
    echo "## The smallest program"
    echo
    echo "A trained 784-64-10 that answers one question: link-time optimisation, one codegen unit, \`panic = \"abort\"\`,"
    echo "\`opt-level = \"s\"\` but for keras-kernels, stripped."
    echo
    echo "| weights (204 KB) | KB |"
    echo "|---|---|"
    crate file '"std", "safetensors"'
    trained
    cargo run --quiet
    crate embedded '"std"'
    embedded
    cargo build --quiet --profile small
    echo "| in the binary, by \`include_weights!\` | $(size small/embedded) |"
    crate file '"std", "safetensors"'
    file
    cargo build --quiet --profile small
    echo "| in a safetensors file | $(size small/file) |"
} > "$work/page.md"
mv "$work/page.md" "$page"
cat "$page"
