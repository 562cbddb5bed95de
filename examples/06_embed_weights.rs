//! A trained model within the program: its weights lie in the read-only data, checked by the compiler, and a prediction
//! takes no memory but an array of the caller's.
//!
//!     cargo run --release --example 06_embed_weights
//!
//! The weights were made by the same program: `cargo run --release --example 06_embed_weights -- train` writes them anew.

use keras::datasets::digits;
use keras::{include_weights, prelude::*};

sequential! { pub struct Digits< Input(64), Dense(32, relu), Dense(10, softmax) >; }

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/06_digits.safetensors");

fn main() -> keras::Result<()> {
    let data = digits().shuffled(1).split(0.2)?;
    if std::env::args().any(|argument| argument == "train") {
        let train = data.train.categorical::<10>()?;
        let loss = CategoricalCrossentropy::default();
        let mut model = Digits::seeded(1).compile(Adam::new(0.003), loss, (Accuracy::default(),))?.seed(1);
        model.fit(&train.x, &train.y, Fit::epochs(20).batch_size(32).verbose(2))?;
        model.save_weights(FILE)?;
        println!("{FILE} is written; the next build has it in the program");
        return Ok(());
    }

    let model: &'static Digits = include_weights!(Digits, "06_digits.safetensors");
    let mut memory = [0.0; Digits::MEMORY];
    let mut right = 0;
    for (x, &y) in data.test.x.iter().zip(&data.test.y) {
        let classes = model.infer_one(x, &mut memory);
        let best = (0..10).max_by(|&a, &b| classes[a].total_cmp(&classes[b]));
        right += usize::from(best == Some(usize::from(y)));
    }
    println!(
        "{} bytes of weights in the program, {} bytes for a prediction",
        size_of::<Digits>(),
        size_of_val(&memory)
    );
    println!("{right} of {} digits that it has not seen are right", data.test.len());
    Ok(())
}
