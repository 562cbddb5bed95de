//! Layers of the user's: with weights, of another rank, with state, random.

use keras::layer::{Backward, Call};
use keras::prelude::*;
use keras::{Layer, Weights};

use crate::support::layer_test::{allocates_nothing, directions, equal, survives_a_file};

/// x·kernel + bias, as `Dense` without an activation.
struct Linear<const UNITS: usize>;

impl<const UNITS: usize> Linear<UNITS> {
    const fn new() -> Linear<UNITS> {
        Linear
    }
}

#[derive(Weights)]
#[repr(C)]
struct LinearWeights<const N: usize, const UNITS: usize> {
    #[weight(regularizer = L2(0.1))]
    kernel: [[f32; UNITS]; N],
    #[weight(initializer = Zeros)]
    bias: [f32; UNITS],
}

impl<const N: usize, const UNITS: usize> Layer<[f32; N]> for Linear<UNITS> {
    type Output = [f32; UNITS];
    type Weights = LinearWeights<N, UNITS>;
    type Saved = [f32; 0];

    fn forward(&self, _: &Call, w: &Self::Weights, x: &[[f32; N]], y: &mut [Self::Output], _: &mut [[f32; 0]]) {
        for (y, x) in y.iter_mut().zip(x) {
            *y = w.bias;
            for (x, row) in x.iter().zip(&w.kernel) {
                y.iter_mut().zip(row).for_each(|(y, w)| *y += x * w);
            }
        }
    }

    fn backward_data(&self, _: &Call, w: &Self::Weights, pass: Backward<'_, [f32; N], Self>, dx: &mut [[f32; N]]) {
        for (dx, dy) in dx.iter_mut().zip(pass.dy) {
            for (dx, row) in dx.iter_mut().zip(&w.kernel) {
                *dx += dy.iter().zip(row).map(|(dy, w)| dy * w).sum::<f32>();
            }
        }
    }

    fn backward_params(&self, _: &Call, _: &Self::Weights, pass: Backward<'_, [f32; N], Self>, dw: &mut Self::Weights) {
        for (x, dy) in pass.x.iter().zip(pass.dy) {
            for (x, row) in x.iter().zip(&mut dw.kernel) {
                row.iter_mut().zip(dy).for_each(|(dw, dy)| *dw += x * dy);
            }
            dw.bias.iter_mut().zip(dy).for_each(|(db, dy)| *db += dy);
        }
    }
}

/// [x, factor·x²]: one dimension more; the squares are kept.
struct Powers(f32);

impl<const N: usize> Layer<[f32; N]> for Powers {
    type Output = [[f32; N]; 2];
    type Weights = ();
    type Saved = [f32; N];

    fn forward(&self, _: &Call, _: &(), x: &[[f32; N]], y: &mut [Self::Output], saved: &mut [[f32; N]]) {
        for ((y, x), slope) in y.iter_mut().zip(x).zip(saved) {
            *y = [*x, x.map(|x| self.0 * x * x)];
            *slope = x.map(|x| 2.0 * self.0 * x);
        }
    }

    fn backward_data(&self, _: &Call, _: &(), pass: Backward<'_, [f32; N], Self>, dx: &mut [[f32; N]]) {
        for ((dx, slope), dy) in dx.iter_mut().zip(pass.saved).zip(pass.dy) {
            for i in 0..N {
                dx[i] += dy[0][i] + slope[i] * dy[1][i];
            }
        }
    }
}

/// Takes away a moving mean of its inputs.
struct Center {
    momentum: f32,
}

impl Center {
    const fn new(momentum: f32) -> Center {
        Center { momentum }
    }
}

#[derive(Weights)]
#[repr(C)]
struct Mean<const N: usize> {
    #[weight(initializer = Constant(0.5), trainable = false)]
    mean: [f32; N],
}

impl<const N: usize> Layer<[f32; N]> for Center {
    type Output = [f32; N];
    type Weights = Mean<N>;
    type Saved = [f32; 0];

    fn forward(&self, _: &Call, w: &Mean<N>, x: &[[f32; N]], y: &mut [[f32; N]], _: &mut [[f32; 0]]) {
        for (y, x) in y.iter_mut().zip(x) {
            *y = std::array::from_fn(|i| x[i] - w.mean[i]);
        }
    }

    fn backward_data(&self, _: &Call, _: &Mean<N>, pass: Backward<'_, [f32; N], Self>, dx: &mut [[f32; N]]) {
        for (dx, dy) in dx.as_flattened_mut().iter_mut().zip(pass.dy.as_flattened()) {
            *dx += dy;
        }
    }

    fn update_state(&self, _: &Call, pass: Backward<'_, [f32; N], Self>, w: &mut Mean<N>) {
        for (i, mean) in w.mean.iter_mut().enumerate() {
            let batch = pass.x.iter().map(|x| x[i]).sum::<f32>() / pass.x.len() as f32;
            *mean = self.momentum * *mean + (1.0 - self.momentum) * batch;
        }
    }
}

/// Sets numbers to 0 at random while training.
struct Drop(f32);

impl<const N: usize> Layer<[f32; N]> for Drop {
    type Output = [f32; N];
    type Weights = ();
    type Saved = [f32; 0];

    fn forward(&self, call: &Call, _: &(), x: &[[f32; N]], y: &mut [[f32; N]], _: &mut [[f32; 0]]) {
        for (row, (y, x)) in y.iter_mut().zip(x).enumerate() {
            *y = std::array::from_fn(|i| if call.training && call.uniform(row, i) < self.0 { 0.0 } else { x[i] });
        }
    }

    fn backward_data(&self, call: &Call, _: &(), pass: Backward<'_, [f32; N], Self>, dx: &mut [[f32; N]]) {
        for (row, (dx, dy)) in dx.iter_mut().zip(pass.dy).enumerate() {
            for i in 0..N {
                dx[i] += if call.training && call.uniform(row, i) < self.0 { 0.0 } else { dy[i] };
            }
        }
    }
}

sequential! {
    struct Own< Input(5), self::Linear::<4>::new(), Activation(tanh), self::Linear::<3>::new(), Activation(softmax) >;
}
sequential! {
    struct BuiltIn<
        Input(5),
        Dense(4, kernel_regularizer = L2(0.1)), Activation(tanh),
        Dense(3, kernel_regularizer = L2(0.1)), Activation(softmax),
    >;
}
sequential! { struct Ranks< Input(3), self::Powers(0.5), Dense(2, tanh), Flatten, Dense(2) >; }
sequential! { struct Known< Input(3), self::Powers(0.5, output_shape = [2, 3]), Reshape((3, 2)), Dense(2) >; }
sequential! { struct State< Input(3), self::Center::new(0.9), Dense(2) >; }
sequential! { struct Random< Input(64), Dense(64, tanh), self::Drop(0.5), self::Drop(0.5) >; }
model! {
    struct Shared(a: [4], b: [4]) {
        let own = self::Linear::<4>::new();
        Dense(2)(own(own(a)) + own(b))
    }
}
model! {
    struct SharedBuiltIn(a: [4], b: [4]) {
        let own = Dense(4, kernel_regularizer = L2(0.1));
        Dense(2)(own(own(a)) + own(b))
    }
}

#[test]
fn is_what_a_built_in_layer_is() {
    equal(&Own::seeded(1), &BuiltIn::seeded(1));
    equal(&Shared::seeded(1), &SharedBuiltIn::seeded(1));
}

#[test]
fn gradients_are_differences() {
    directions(&Own::seeded(1));
    directions(&Ranks::seeded(1));
    directions(&Known::seeded(1));
    directions(&Random::seeded(1));
    directions(&Shared::seeded(1));
}

#[test]
fn memory_and_files() {
    allocates_nothing(&Own::seeded(1));
    allocates_nothing(&Ranks::seeded(1));
    allocates_nothing(&State::seeded(1));
    survives_a_file(Own::seeded(1), "own");
    survives_a_file(State::seeded(1), "own_state");
}

#[test]
fn state_follows_the_batches() {
    let mut model = State::seeded(1).compile(Sgd::new(0.1), MeanSquaredError::default(), ()).unwrap();
    assert_eq!(model.center.mean, [0.5; 3]);
    let (x, y) = ([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]], [[0.0; 2]; 2]);
    model.evaluate(&x, &y, 2).unwrap();
    assert_eq!(model.center.mean, [0.5; 3]);
    model.train_on_batch(&x, &y).unwrap();
    for mean in model.center.mean {
        assert!((mean - (0.9 * 0.5 + 0.1 * 2.0)).abs() < 1e-6);
    }
}

/// Two layers of one kind draw apart, and as often as they should.
#[test]
fn random_layers_draw_apart() {
    let mut model = Random::seeded(1);
    let mut tape = GradientTape::new().seed(3);
    let x: Vec<[f32; 64]> = (0..64).map(|i| std::array::from_fn(|j| (i * 64 + j + 1) as f32 / 4096.0)).collect();
    let mut zeros = || {
        let pass = tape.forward(&mut model, &x).unwrap();
        pass.output().iter().flatten().filter(|&&y| y == 0.0).count() as f64 / 4096.0
    };
    let (first, second) = (zeros(), zeros());
    for share in [first, second] {
        assert!((share - 0.75).abs() < 0.03, "{share}");
    }
    assert_ne!(first, second);
}

/// A training step with the optimizer in the sink is the same as the tape's with stored gradients.
#[test]
fn fused_updates_are_the_same() {
    let (x, y) = ([[0.3, -0.2, 0.5, 0.1, 0.9]; 4], [[1.0, 0.0, 0.0]; 4]);
    let mut compiled = Own::seeded(1).compile(Adam::new(0.01), CategoricalCrossentropy::default(), ()).unwrap();
    let mut model = Own::seeded(1);
    let mut optimizer = Adam::new(0.01).build(&model).unwrap();
    let mut tape = GradientTape::new();
    for _ in 0..3 {
        compiled.train_on_batch(&x, &y).unwrap();
        let pass = tape.forward(&mut model, &x).unwrap();
        let (_, mut grads) = pass.gradient_of(CategoricalCrossentropy::default(), &y).unwrap();
        optimizer.apply_gradients(&mut model, &mut grads);
    }
    assert_eq!(model.get_weights(), compiled.get_weights());
}

/// Weights of all kinds of shapes.
#[derive(Weights)]
#[cfg_attr(all(), repr(C))]
struct Shapes<const N: usize> {
    number: f32,
    none: [f32; 0],
    r#type: [[f32; N]; 2],
}

#[test]
fn weights_of_all_shapes() {
    use keras::__private::Block;
    assert_eq!((Shapes::<3>::FLOATS, Shapes::<0>::FLOATS), (7, 1));
    let places: Vec<_> = Shapes::<3>::PARAMS.iter().map(|param| (param.name, param.at, param.shape)).collect();
    assert_eq!(places, [("number", 0, &[][..]), ("none", 1, &[0]), ("type", 1, &[2, 3])]);
    let weights = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0];
    let block = Shapes::<3>::from_slice(&weights);
    assert_eq!((block.number, block.none, block.r#type), (1.0, [], [[2.0, 3.0, 4.0], [5.0, 6.0, 7.0]]));
}
