//! `fit`, `evaluate` and their like on the reference device, beside the same on the processor.

use keras::__private::Block;
use keras::device::Device;
use keras::prelude::*;

sequential! { struct Mlp< Input(12), Dense(16, relu), Dropout(0.25), Dense(5, softmax) >; }

/// Samples that have something to be learnt.
fn data(rows: usize) -> (Vec<[f32; 12]>, Vec<u8>) {
    let mut state = 7u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / 8_388_608.0 - 1.0
    };
    let x: Vec<[f32; 12]> = (0..rows).map(|_| std::array::from_fn(|_| next())).collect();
    let class = |x: &[f32; 12]| ((x[0] + x[1] + 2.0) * 1.24) as u8;
    let y = x.iter().map(class).collect();
    (x, y)
}

/// Whether all numbers are within so much of each other, relative to the largest.
fn assert_close(a: &[f32], b: &[f32], tolerance: f32) {
    let largest = a.iter().fold(0.0f32, |most, a| most.max(a.abs()));
    for (i, (a, b)) in a.iter().zip(b).enumerate() {
        assert!((a - b).abs() <= tolerance * largest, "number {i}: {a} and {b}, the largest is {largest}");
    }
}

#[test]
fn fit_is_the_same() {
    let (x, y) = data(205);
    let fit = |device: Option<Device>| {
        let model = Mlp::seeded(3);
        let loss = SparseCategoricalCrossentropy::default();
        let mut model = model.compile(Adam::new(0.01), loss, (Accuracy::default(),)).unwrap().seed(5);
        if let Some(device) = device {
            model = model.on(device).unwrap();
        }
        let history = model.fit(&x, &y, Fit::epochs(3).batch_size(32).validation_split(0.2).verbose(0)).unwrap();
        let scores = model.evaluate(&x, &y, 50).unwrap();
        (history, scores, model.as_slice().to_vec())
    };
    let (host, device) = (fit(None), fit(Some(Device::reference())));
    assert_close(&host.2, &device.2, 1e-5);
    assert_eq!(host.1.get("accuracy"), device.1.get("accuracy"));
    for name in ["loss", "accuracy", "val_loss", "val_accuracy"] {
        for (a, b) in host.0.get(name).iter().zip(device.0.get(name)) {
            assert!((a - b).abs() <= 1e-5 * a.abs(), "{name}: {a} and {b}");
        }
    }
}
