//! Trains a network on the handwritten digits that come with keras, and draws some of them with what it takes them for.
//!
//!     cargo run --release --example 01_quickstart

use keras::datasets::digits;
use keras::prelude::*;

sequential! { pub struct Digits< Input(64), Dense(64, relu), Dense(10, softmax) >; }

fn main() -> keras::Result<()> {
    let data = digits().shuffled(1).split(0.2)?;
    let (train, test) = (data.train, data.test);

    let optimizer = Sgd::new(0.1).momentum(0.9).nesterov(true);
    let loss = SparseCategoricalCrossentropy::default();
    let mut model = Digits::seeded(1).compile(optimizer, loss, (Accuracy::default(),))?.seed(1);
    println!("{}", model.summary());
    model.fit(&train.x, &train.y, Fit::epochs(20).batch_size(32).validation_split(0.1))?;

    let scores = model.evaluate(&test.x, &test.y, 128)?;
    println!("\non {} digits it has not seen: {scores}\n", test.x.len());

    let classes = model.predict(&test.x[..6], 128)?;
    draw(&test.x[..6], &classes, &test.y);
    Ok(())
}

/// Draws digits side by side, each over the class that the model finds likeliest.
fn draw(x: &[[f32; 64]], classes: &[[f32; 10]], y: &[u8]) {
    const SHADES: [char; 5] = [' ', '░', '▒', '▓', '█'];
    for row in 0..8 {
        let line = x.iter().map(|digit| {
            let shade = |pixel: &f32| SHADES[(pixel * 4.0).round() as usize];
            digit[row * 8..][..8].iter().map(shade).flat_map(|shade| [shade; 2]).collect::<String>()
        });
        println!("{}", line.collect::<Vec<_>>().join("  "));
    }
    let names = classes.iter().zip(y).map(|(p, label)| {
        let best = (0..10).max_by(|&a, &b| p[a].total_cmp(&p[b])).unwrap_or(0);
        format!("{:<16}", format!("a {best} ({:.0} %), is {label}", 100.0 * p[best]))
    });
    println!("{}", names.collect::<Vec<_>>().join("  "));
}
