//! A small transformer that writes letter by letter: decoder blocks with causal attention.
//!
//!     cargo run --release --example 11_transformer -- [folder with tinyshakespeare.txt] [epochs]
//!
//! Without an argument the folder is `$KERAS_TEST_DATA/text`; without that either, the example says so and ends.

mod support;

use std::time::Instant;

use keras::layer::{Backward, Call};
use keras::prelude::*;
use keras::{Layer, Weights};
use support::Random;

/// Letters that the model sees at once.
const STEPS: usize = 64;
const WIDTH: usize = 96;
/// Letters there are: printable ASCII from the space on, and a last one for the end of a line.
const LETTERS: usize = 96;

/// Adds to each step what is learnt of its place.
struct Position;

impl Position {
    const fn new() -> Position {
        Position
    }
}

#[derive(Weights)]
#[repr(C)]
struct Places<const D: usize, const T: usize> {
    #[weight(initializer = RandomNormal(stddev = 0.02))]
    places: [[f32; D]; T],
}

impl<const D: usize, const T: usize> Layer<[[f32; D]; T]> for Position {
    type Output = [[f32; D]; T];
    type Weights = Places<D, T>;
    type Saved = [f32; 0];

    fn forward(&self, _: &Call, w: &Places<D, T>, x: &[[[f32; D]; T]], y: &mut [[[f32; D]; T]], _: &mut [[f32; 0]]) {
        for (y, x) in y.iter_mut().zip(x) {
            *y = *x;
            add(y, &w.places);
        }
    }

    fn backward_data(
        &self,
        _: &Call,
        _: &Places<D, T>,
        pass: Backward<'_, [[f32; D]; T], Self>,
        dx: &mut [[[f32; D]; T]],
    ) {
        for (dx, dy) in dx.iter_mut().zip(pass.dy) {
            add(dx, dy);
        }
    }

    fn backward_params(
        &self,
        _: &Call,
        _: &Places<D, T>,
        pass: Backward<'_, [[f32; D]; T], Self>,
        dw: &mut Places<D, T>,
    ) {
        for dy in pass.dy {
            add(&mut dw.places, dy);
        }
    }
}

fn add<const D: usize, const T: usize>(to: &mut [[f32; D]; T], from: &[[f32; D]; T]) {
    for (to, from) in to.as_flattened_mut().iter_mut().zip(from.as_flattened()) {
        *to += from;
    }
}

layer! {
    /// Attention to what came before, then a network for each step; a way around both.
    struct Decoder(heads, width, hidden, rate = 0.1)(x) {
        let h = LayerNormalization()(x);
        let h = MultiHeadAttention(heads, width / heads)(h, h, use_causal_mask = true);
        let x = x + Dropout(rate)(h);
        let h = LayerNormalization()(x);
        let h = Dense(width)(Dense(hidden, gelu)(h));
        x + Dropout(rate)(h)
    }
}

sequential! {
    struct Writer<
        Input(64, dtype = u8),
        Embedding(LETTERS, WIDTH),
        self::Position::new(output_shape = [STEPS, WIDTH]),
        self::Decoder!(4, WIDTH, 4 * WIDTH),
        self::Decoder!(4, WIDTH, 4 * WIDTH),
        self::Decoder!(4, WIDTH, 4 * WIDTH),
        LayerNormalization,
        Dense(LETTERS, softmax),
    >;
}

fn main() -> keras::Result<()> {
    let Some(text) = support::text("text", "tinyshakespeare.txt") else {
        return Ok(());
    };
    let epochs = std::env::args().nth(2).and_then(|epochs| epochs.parse().ok()).unwrap_or(3);
    let letters: Vec<u8> = text.bytes().map(letter).collect();
    // The last twentieth is kept back to see what was learnt.
    let (train, test) = letters.split_at(letters.len() / 20 * 19);
    let ((x, y), test) = (windows(train), windows(test));

    let loss = SparseCategoricalCrossentropy::default();
    let mut model = Writer::seeded(1).compile(Adam::new(0.002), loss, ())?.seed(1);
    let before = model.evaluate(&test.0, &test.1, 64)?.loss();
    let start = Instant::now();
    model.fit(&x, &y, Fit::epochs(epochs).batch_size(32))?;
    println!("fit: {:.0} s", start.elapsed().as_secs_f64());
    let after = model.evaluate(&test.0, &test.1, 64)?.loss();

    let mut random = Random(1);
    let mut written: Vec<u8> = "ROMEO:\n".bytes().map(letter).collect();
    for _ in 0..400 {
        let seen = &written[written.len().saturating_sub(STEPS)..];
        let mut window = [0; STEPS];
        window[..seen.len()].copy_from_slice(seen);
        written.push(random.among(&model.predict_one(&window)[seen.len() - 1]));
    }
    println!("{}", written.iter().map(|&letter| character(letter)).collect::<String>());
    // As many letters would be a choice of this many, each as likely as the others.
    println!("text not seen before: {:.2} choices for a letter, {:.1} before training", after.exp(), before.exp());
    Ok(())
}

/// The number of a letter.
fn letter(byte: u8) -> u8 {
    if byte.is_ascii_graphic() || byte == b' ' { byte - b' ' } else { LETTERS as u8 - 1 }
}

/// The letter of a number.
fn character(letter: u8) -> char {
    if usize::from(letter) == LETTERS - 1 { '\n' } else { char::from(letter + b' ') }
}

/// Pieces of a text, and for each of their letters the one that follows it.
fn windows(text: &[u8]) -> (Vec<[u8; STEPS]>, Vec<[u8; STEPS]>) {
    let (x, _) = text.as_chunks();
    let (y, _) = text[1..].as_chunks();
    let n = x.len().min(y.len());
    (x[..n].to_vec(), y[..n].to_vec())
}
