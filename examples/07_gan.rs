//! Two models against each other: a generator of points, and a discriminator that is to tell them from real ones.
//!
//!     cargo run --release --example 07_gan
//!
//! Both are layers of one model, so that each of the two losses works on the same weights: the discriminator's on the
//! discriminator alone, the generator's on the whole, in which the discriminator is frozen. Real points lie on a circle.

use keras::prelude::*;

sequential! { struct Generator< Input(4), Dense(32, tanh), Dense(32, tanh), Dense(2) >; }
sequential! {
    struct Discriminator<
        Input(2),
        Dense(64, leaky_relu(negative_slope = 0.2)), Dense(64, leaky_relu(negative_slope = 0.2)), Dense(1, sigmoid),
    >;
}
sequential! { struct Gan< Input(4), self::Generator, self::Discriminator(trainable = false) >; }

const BATCH: usize = 64;

fn main() -> keras::Result<()> {
    let mut random = Random(1);
    let mut gan = Gan::seeded(1);
    let (mut judge, mut forge) = (GradientTape::new(), GradientTape::new());
    let mut judge_adam = Adam::new(0.001).beta_1(0.5).build_part(&gan.discriminator)?;
    let mut forge_adam = Adam::new(0.001).beta_1(0.5).build(&gan)?;

    let (real, forged) = (vec![[0.9f32]; BATCH], vec![[0.0f32]; BATCH]);
    let wanted = vec![[1.0f32]; BATCH];
    for step in 1..=6000 {
        let points: Vec<[f32; 2]> = (0..BATCH).map(|_| circle(random.uniform())).collect();
        let made = gan.generator.predict(&random.noise(), BATCH)?;
        let mut of_judge = 0.0;
        for (x, y) in [(&points, &real), (&made, &forged)] {
            let pass = judge.forward_part(&mut gan.discriminator, x)?;
            let (loss, mut grads) = pass.gradient_of(BinaryCrossentropy::default(), y)?;
            judge_adam.apply_gradients_part(&mut gan.discriminator, &mut grads);
            of_judge += loss / 2.0;
        }

        let noise = random.noise();
        let pass = forge.forward(&mut gan, &noise)?;
        let (of_forger, mut grads) = pass.gradient_of(BinaryCrossentropy::default(), &wanted)?;
        forge_adam.apply_gradients(&mut gan, &mut grads);
        if step % 1000 == 0 {
            println!("step {step}: loss of the discriminator {of_judge:.3}, of the generator {of_forger:.3}");
        }
    }

    let noise: Vec<[f32; 4]> = (0..16).flat_map(|_| random.noise()).collect();
    let points = gan.generator.predict(&noise, 128)?;
    let far = points.iter().map(|[x, y]| (x.hypot(*y) - 1.0).abs()).sum::<f32>() / points.len() as f32;
    let mut sectors = [0; 8];
    for [x, y] in &points {
        let turn = y.atan2(*x) / std::f32::consts::TAU + 0.5;
        sectors[(turn * 8.0) as usize % 8] += 1;
    }
    println!("{} points lie {far:.3} off the circle on average; by eighths of it: {sectors:?}", points.len());
    Ok(())
}

/// The point of the unit circle at a share of its length.
fn circle(share: f32) -> [f32; 2] {
    let angle = share * std::f32::consts::TAU;
    [angle.cos(), angle.sin()]
}

/// A linear congruential generator, enough for an example.
struct Random(u32);

impl Random {
    fn uniform(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) as f32 / (1 << 24) as f32
    }

    fn noise(&mut self) -> Vec<[f32; 4]> {
        (0..BATCH).map(|_| std::array::from_fn(|_| 2.0 * self.uniform() - 1.0)).collect()
    }
}
