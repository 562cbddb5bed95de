//! The network of Keras's own introduction on MNIST: test accuracy, and seconds of `fit`.
//!
//!     cargo run --release --example 02_mnist -- [folder with the four IDX files] [seed]
//!
//! Without a folder the files are looked for in `~/.keras/datasets/mnist`, and downloaded if the feature `download` is on.

use std::time::Instant;

use keras::datasets::mnist;
use keras::prelude::*;

sequential! { pub struct Mlp< Input(784), Dense(64, relu), Dense(10, softmax) >; }

fn main() -> keras::Result<()> {
    let mut args = std::env::args().skip(1);
    let data = match args.next() {
        Some(folder) => mnist::load_data_from(folder)?,
        None => mnist::load_data()?,
    };
    let seed = args.next().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let train = data.train.scaled().flattened::<784>().categorical::<10>()?;
    let test = data.test.scaled().flattened::<784>().categorical::<10>()?;

    let optimizer = Sgd::new(0.01).momentum(0.9).nesterov(true);
    let loss = CategoricalCrossentropy::default();
    let mut model = Mlp::seeded(seed).compile(optimizer, loss, (Accuracy::default(),))?.seed(seed);
    let start = Instant::now();
    model.fit(&train.x, &train.y, Fit::epochs(5).batch_size(32))?;
    let seconds = start.elapsed().as_secs_f64();

    let scores = model.evaluate(&test.x, &test.y, 128)?;
    println!("test: {scores}");
    println!("fit: {seconds:.2} s");
    Ok(())
}
