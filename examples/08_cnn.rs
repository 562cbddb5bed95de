//! A convolutional network on MNIST: test accuracy, and seconds of `fit`.
//!
//!     cargo run --release --example 08_cnn -- [folder with the four IDX files] [seed]
//!
//! Without a folder the files are looked for in `~/.keras/datasets/mnist`, and downloaded if the feature `download` is on.

use std::time::Instant;

use keras::datasets::mnist;
use keras::prelude::*;

sequential! {
    pub struct Cnn<
        Input((28, 28, 1)),
        Conv2D(32, 3, activation = relu),
        MaxPooling2D(2),
        Conv2D(64, 3, activation = relu),
        MaxPooling2D(2),
        Flatten,
        Dense(10, softmax),
    >;
}

fn main() -> keras::Result<()> {
    let mut args = std::env::args().skip(1);
    let data = match args.next() {
        Some(folder) => mnist::load_data_from(folder)?,
        None => mnist::load_data()?,
    };
    let seed = args.next().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let train = data.train.scaled().reshaped::<[[[f32; 1]; 28]; 28]>();
    let test = data.test.scaled().reshaped::<[[[f32; 1]; 28]; 28]>();

    let loss = SparseCategoricalCrossentropy::default();
    let mut model = Cnn::seeded(seed).compile(Adam::default(), loss, (Accuracy::default(),))?.seed(seed);
    let start = Instant::now();
    model.fit(&train.x, &train.y, Fit::epochs(3).batch_size(64))?;
    let seconds = start.elapsed().as_secs_f64();

    let scores = model.evaluate(&test.x, &test.y, 128)?;
    println!("test: {scores}");
    println!("fit: {seconds:.2} s");
    Ok(())
}
