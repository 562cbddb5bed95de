//! Inputs merged, tables, masks.

use keras::device::Device;
use keras::prelude::*;

use super::Numbers;

model! {
    struct Merged(a: [6], b: [6]) {
        let p = Dense(6, tanh)(a);
        let q = Dense(6)(b);
        let r = Dense(6)(a);
        let means = Concatenate()(Average()([p, q, r]), Subtract()(p, q));
        let h = Concatenate()(Multiply()([p, q, r]), Maximum()([p, q, p]), Minimum()([q, p, r]), means);
        Dense(3, softmax)(UnitNormalization()(Activation(glu)(h)))
    }
}

/// Inputs merged in all ways, gated linear units, and rows divided by their norm.
pub(crate) fn merged(device: Device) {
    let n = 7;
    let mut numbers = Numbers(7);
    let (a, b, y) = (numbers.rows::<6>(n), numbers.rows::<6>(n), numbers.classes(n, 3));
    let loss = SparseCategoricalCrossentropy::default();
    let mut model = Merged::seeded(2).compile(Sgd::new(0.1), loss, ()).unwrap().seed(1).on(device).unwrap();
    model.fit((&a, &b), &y, Fit::epochs(2).batch_size(n).shuffle(false).verbose(0)).unwrap();
}

sequential! { struct Words< Input(5, dtype = u32), Embedding(6, 4, mask_zero = true), Dense(3, softmax) >; }

/// Numbers that stand for rows of a table, of which 0 does not count.
pub(crate) fn words(device: Device) {
    let (n, mut numbers) = (7, Numbers(8));
    let x: Vec<[u32; 5]> =
        (0..n).map(|_| numbers.classes(5, 6)).map(|row| std::array::from_fn(|i| row[i].into())).collect();
    let y: Vec<[u8; 5]> = (0..n).map(|_| numbers.classes(5, 3).try_into().unwrap()).collect();
    let loss = SparseCategoricalCrossentropy::default();
    let model = Words::seeded(3).compile(Sgd::new(0.1), loss, (Accuracy::default(),)).unwrap();
    let mut model = model.seed(1).on(device).unwrap();
    model.fit(&x, &y, Fit::epochs(2).batch_size(n).shuffle(false).verbose(0)).unwrap();
}

model! {
    struct Tables(x: [8], other: [4]) {
        let table = Embedding(20_000, 3);
        let h = Cropping1D((1, 0))(table(x));
        let wide = Embedding(1800, 130)(other);
        Dense(2)(Concatenate()(Flatten()(h), Flatten()(table(other)), Flatten()(wide)))
    }
}

/// Tables so large that numbers are sorted for their gradients, one of them used twice: rows that come often, once, and not at all,
/// numbers that stand for no row, and batches of two sizes.
pub(crate) fn tables(device: Device) {
    let (n, mut numbers) = (190, Numbers(8));
    let of = |x: f32, rows: f32| if x < 0.0 { (8.0 * x).abs() } else { x * rows };
    // The first number of each stands for no row, and what is taken for it is left out, but for a few which stand for row 0.
    let first = [20_000.0, -1.0, f32::NAN, -0.5, 1e30];
    let mut x: Vec<[f32; 8]> = numbers.rows::<8>(n).iter().map(|row| row.map(|x| of(x, 20_000.0))).collect();
    x.iter_mut().enumerate().for_each(|(i, row)| row[0] = first[i % 5]);
    let other: Vec<[f32; 4]> = numbers.rows::<4>(n).iter().map(|row| row.map(|x| of(x, 1800.0))).collect();
    let y = numbers.rows::<2>(n);
    let model = Tables::seeded(3).compile(Sgd::new(0.1), MeanSquaredError::default(), ()).unwrap();
    let mut model = model.seed(1).on(device).unwrap();
    model.fit((&x, &other), &y, Fit::epochs(1).batch_size(150).shuffle(false).verbose(0)).unwrap();
}

sequential! { struct Table< Input(4), Embedding(4000, 1), Flatten(), Dense(2) >; }

/// One that is just large enough.
pub(crate) fn table(device: Device) {
    let mut numbers = Numbers(8);
    let x: Vec<[f32; 4]> = numbers.rows::<4>(75).iter().map(|row| row.map(|x| (40.0 * x).abs())).collect();
    let y = numbers.rows::<2>(75);
    let model = Table::seeded(3).compile(Sgd::new(0.1), MeanSquaredError::default(), ()).unwrap();
    let mut model = model.seed(1).on(device).unwrap();
    model.fit(&x, &y, Fit::epochs(1).batch_size(75).shuffle(false).verbose(0)).unwrap();
}

model! {
    struct Masked(a: [4, 3], b: [4, 3]) {
        let p = Dense(3)(Masking()(a));
        let q = Dense(3, tanh)(Masking()(b));
        Dense(2, softmax)(Maximum()(p, q) + Multiply()(p, q))
    }
}

/// Rows that masks leave out.
pub(crate) fn masked(device: Device) {
    let n = 7;
    let mut numbers = Numbers(9);
    let mut sequences = || -> Vec<[[f32; 3]; 4]> {
        let step = |row: [f32; 3]| if row[0] < -0.2 { [0.0; 3] } else { row };
        (0..n).map(|_| std::array::from_fn(|_| step(numbers.rows::<3>(1)[0]))).collect()
    };
    let (a, b) = (sequences(), sequences());
    let y: Vec<[u8; 4]> = (0..n).map(|_| numbers.classes(4, 2).try_into().unwrap()).collect();
    let loss = SparseCategoricalCrossentropy::default();
    let model = Masked::seeded(4).compile(Sgd::new(0.1), loss, (Accuracy::default(),)).unwrap();
    let mut model = model.seed(1).on(device).unwrap();
    model.fit((&a, &b), &y, Fit::epochs(2).batch_size(n).shuffle(false).verbose(0)).unwrap();
}
