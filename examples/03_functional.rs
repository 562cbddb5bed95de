//! A graph of layers: two inputs through one shared encoder, a residual sum, two outputs with a loss each.
//!
//!     cargo run --release --example 03_functional
//!
//! The data are made up: two noisy views of a point on a circle. The model says which quarter of the circle it lies in,
//! and where.

use keras::prelude::*;

model! {
    pub struct TwoViews(a: [8], b: [8]) {
        let encoder = Dense(16, tanh, name = "encoder");
        let u = encoder(a);
        let v = encoder(b);
        let z = Concatenate()(u, v);
        let h = Dense(32, relu)(z) + z;
        let quarter = Dense(4, softmax, name = "quarter")(h);
        let place = Dense(2, name = "place")(h);
        (quarter, place)
    }
}

type View = [f32; 8];

fn main() -> keras::Result<()> {
    let (a, b, quarter, place) = circle(4000);
    let mut model = TwoViews::seeded(7).compile(
        Adam::new(0.003),
        (SparseCategoricalCrossentropy::default(), MeanSquaredError::default()),
        ((Accuracy::default(),), ()),
    )?;
    println!("{}", model.summary());

    let (train, test) = (..3200, 3200..);
    model.fit((&a[train], &b[train]), (&quarter[train], &place[train]), Fit::epochs(15).batch_size(32).verbose(2))?;
    let scores = model.evaluate((&a[test.clone()], &b[test.clone()]), (&quarter[test.clone()], &place[test]), 128)?;
    println!("\non points it has not seen: {scores}");

    let (classes, [x, y]) = model.predict_one(&(a[3999], b[3999]));
    println!("point at {:.2?}: quarters {classes:.2?}, place [{x:.2}, {y:.2}]", place[3999]);
    Ok(())
}

/// Points on a circle, each seen twice through eight noisy sensors.
fn circle(n: usize) -> (Vec<View>, Vec<View>, Vec<u8>, Vec<[f32; 2]>) {
    let mut state = 1u32;
    let mut random = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 24) as f32
    };
    let (mut a, mut b, mut quarter, mut place) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..n {
        let angle = random() * std::f32::consts::TAU;
        let mut view = || {
            let sensor = |i: usize| (angle - i as f32 * std::f32::consts::FRAC_PI_4).cos();
            std::array::from_fn(|i| sensor(i) + 0.3 * (random() - 0.5))
        };
        a.push(view());
        b.push(view());
        quarter.push((angle / std::f32::consts::FRAC_PI_2) as u8 % 4);
        place.push([angle.cos(), angle.sin()]);
    }
    (a, b, quarter, place)
}
