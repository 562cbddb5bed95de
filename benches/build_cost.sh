#!/usr/bin/env bash
# What a model costs to compile: seconds of CPU time for the user's own crate, keras itself being built. Writes
# docs/build-cost.md.
#
# Each crate is a chain of Dense layers of different widths. "model" calls its forward pass, its gradients and a
# prediction; "with fit" trains it with Sgd, a loss and a metric. The least of three builds is taken.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
work=$root/target/build-cost
mkdir -p "$work/src"
cat > "$work/Cargo.toml" <<EOF
[package]
name = "leaf"
version = "0.0.0"
edition = "2024"

[dependencies]
keras = { path = "$root" }

[profile.dev.package."*"]
opt-level = 3

[workspace]
EOF
cp "$root/Cargo.lock" "$work/Cargo.lock"
export CARGO_TARGET_DIR=$work/target
cd "$work"

layers() { seq -f 'Dense(%g, relu),' 100 $((98 + $1)) | tr '\n' ' '; }

model() {
    cat > src/main.rs <<EOF
use keras::__private::kernels::{Isa, memory::Workspace};
use keras::__private::{Block, Context, Sink};
use keras::prelude::*;
sequential! { struct Net< Input(784), $(layers "$1") Dense(10, softmax) >; }
fn main() {
    let (x, model) = (vec![[0.5f32; 784]; 8], Net::new());
    let cx = Context::inference(Isa::current());
    let mut workspace = Workspace::new();
    let mut values = workspace.batch(Net::GRAPH.train.layout, 8, 1);
    model.forward(&cx, &x, &mut values.rows());
    model.backward_data(&cx, &x, &mut values.rows());
    let (mut weights, mut grads) = (model.as_slice().to_vec(), vec![0.0; Net::FLOATS]);
    Net::backward_params(&cx, &x, &mut values.whole(), &mut Sink::store(&mut weights, &mut grads, &[]));
    println!("{:?} {}", model.predict_one(&x[0]), grads[0]);
}
EOF
}

fit() {
    cat > src/main.rs <<EOF
use keras::prelude::*;
sequential! { struct Net< Input(784), $(layers "$1") Dense(10, softmax) >; }
fn main() -> keras::Result<()> {
    let (x, y) = (vec![[0.5f32; 784]; 8], vec![3u8; 8]);
    let mut model =
        Net::new().compile(Sgd::default(), SparseCategoricalCrossentropy::default(), (Accuracy::default(),))?;
    model.fit(&x, &y, Fit::epochs(1).verbose(0))?;
    println!("{:?}", model.predict_one(&x[0]));
    Ok(())
}
EOF
}

seconds() { # least CPU seconds of three builds with these arguments of cargo
    cargo build --quiet "$@"
    for _ in 1 2 3; do
        touch src/main.rs
        ( TIMEFORMAT='%U'; time cargo build --quiet "$@" ) 2>&1
    done | sort -n | head -n 1
}

page=$root/docs/build-cost.md
{
    echo "# What a model costs to compile"
    echo
    echo "CPU seconds for the user's own crate, keras itself being built; made by \`benches/build_cost.sh\` with"
    echo "$(rustc --version | cut -d' ' -f1,2) on $(nproc) cores of $(grep -m1 'model name' /proc/cpuinfo | cut -d: -f2 | xargs)."
    echo
    echo "| distinct Dense layers | model, debug | model, release | with fit, debug | with fit, release |"
    echo "|---|---|---|---|---|"
    for n in 5 20 100; do
        row="| $n"
        for kind in model fit; do
            $kind "$n"
            row="$row | $(seconds) | $(seconds --release)"
        done
        echo "$row |"
    done
    echo
    echo "\"model\": forward pass, gradients and a prediction. \"with fit\": the training loop as well, which is compiled"
    echo "for each model, optimizer and loss."
} > "$work/page.md"
mv "$work/page.md" "$page"
cat "$page"
