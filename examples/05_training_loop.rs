//! A training loop of one's own: forward, loss, gradient, update, as Keras's introduction does with `GradientTape`.
//!
//!     cargo run --release --example 05_training_loop

use keras::datasets::digits;
use keras::prelude::*;

sequential! { pub struct Digits< Input(64), Dense(64, relu), Dense(10, softmax) >; }

fn main() -> keras::Result<()> {
    let data = digits().shuffled(1).split(0.2)?;
    let (train, test) = (data.train.categorical::<10>()?, data.test.categorical::<10>()?);

    let mut model = Digits::seeded(1);
    let mut optimizer = Adam::new(0.003).build(&model)?;
    let mut tape = GradientTape::new();
    for epoch in 1..=15 {
        let mut total = 0.0;
        for (x, y) in train.x.chunks(32).zip(train.y.chunks(32)) {
            let pass = tape.forward(&mut model, x)?;
            let (loss, mut grads) = pass.gradient_of(KLDivergence::default(), y)?;
            optimizer.apply_gradients(&mut model, &mut grads);
            total += loss * x.len() as f64;
        }
        println!("epoch {epoch}: loss {:.4}", total / train.len() as f64);
    }

    let best = |p: &[f32; 10]| (0..10).max_by(|&a, &b| p[a].total_cmp(&p[b]));
    let right = model.predict(&test.x, 128)?.iter().zip(&test.y).filter(|(p, y)| best(p) == best(y)).count();
    println!("{right} of {} digits that it has not seen are right", test.len());
    Ok(())
}
