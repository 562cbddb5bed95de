//! Learns how first names are spelt, letter by letter, and makes up new ones.
//!
//!     cargo run --release --example 10_text -- [folder with names.txt: a name on each line]
//!
//! Without an argument the folder is `$KERAS_TEST_DATA/text`; without that either, the example says so and ends.

mod support;

use keras::prelude::*;
use support::Random;

/// The start of a name and its letters; the longest in the file has 15.
const STEPS: usize = 16;
/// Letters are 1 to 26. 0 is the end of a name, and all that comes behind it.
const START: u8 = 27;

sequential! {
    struct Speller<
        Input(16, dtype = u8),
        Embedding(28, 16, mask_zero = true),
        GRU(96, return_sequences = true),
        Dense(27, softmax),
    >;
}

fn main() -> keras::Result<()> {
    let Some(text) = support::text("text", "names.txt") else {
        return Ok(());
    };
    let names: Vec<&str> = text.lines().filter(|name| fits(name)).collect();
    // What is to come after each letter is the next one.
    let (x, y): (Vec<[u8; STEPS]>, Vec<[u8; STEPS]>) = names.iter().map(|name| spelt(name)).unzip();
    // Every tenth name is kept back to see what was learnt.
    let part = |of: &[[u8; STEPS]], held: bool| -> Vec<[u8; STEPS]> {
        of.iter().enumerate().filter(|(i, _)| (i % 10 == 0) == held).map(|(_, name)| *name).collect()
    };
    let (train, test) = ((part(&x, false), part(&y, false)), (part(&x, true), part(&y, true)));

    let loss = SparseCategoricalCrossentropy::default();
    let mut model = Speller::seeded(1).compile(Adam::new(0.003), loss, ())?.seed(1);
    let before = model.evaluate(&test.0, &test.1, 256)?.loss();
    model.fit(&train.0, &train.1, Fit::epochs(8).batch_size(128))?;
    let after = model.evaluate(&test.0, &test.1, 256)?.loss();

    let mut random = Random(1);
    let mut made = Vec::new();
    while made.len() < 12 {
        let mut word = [0; STEPS];
        word[0] = START;
        for step in 0..STEPS - 1 {
            let next = random.among(&model.predict_one(&word)[step]);
            if next == 0 {
                break;
            }
            word[step + 1] = next;
        }
        let name: String = word[1..].iter().take_while(|&&c| c > 0).map(|&c| char::from(b'a' + c - 1)).collect();
        if !names.contains(&&*name) {
            made.push(name);
        }
    }
    println!("new names: {}", made.join(" "));
    // As many letters would be a choice of this many, each as likely as the others.
    println!("names not seen before: {:.1} choices for a letter, {:.1} before training", after.exp(), before.exp());
    Ok(())
}

/// Whether a name is one of small letters, and not too long.
fn fits(name: &str) -> bool {
    (1..STEPS).contains(&name.len()) && name.bytes().all(|letter| letter.is_ascii_lowercase())
}

/// A name as the model sees it, and what is to come after each of its letters.
fn spelt(name: &str) -> ([u8; STEPS], [u8; STEPS]) {
    let (mut x, mut y) = ([0; STEPS], [0; STEPS]);
    x[0] = START;
    for (i, letter) in name.bytes().enumerate() {
        y[i] = letter - b'a' + 1;
        x[i + 1] = y[i];
    }
    (x, y)
}
