//! What devices refuse, and what is not there.

use keras::device::Device;
use keras::layer::{Backward, Call};
use keras::optimizers::Step;
use keras::prelude::*;
use keras::{Error, Layer, Result, Rule, Slots};

/// An optimizer of one's own, of which devices know nothing.
struct Descent(f32);

impl Rule for Descent {
    fn update(&self, w: &mut [f32], g: &[f32], _: Slots<'_>) {
        w.iter_mut().zip(g).for_each(|(w, g)| *w -= self.0 * g);
    }
}

impl Optimizer for Descent {
    fn name(&self) -> &str {
        "descent"
    }
    fn learning_rate(&self) -> f32 {
        self.0
    }
    fn set_learning_rate(&mut self, learning_rate: f32) {
        self.0 = learning_rate;
    }
    fn step(&mut self, _: u64) -> Step<'_> {
        Step::Elementwise(self)
    }
}

/// A layer of one's own, of which devices know nothing.
struct Scaled(f32);

impl Layer<[f32; 6]> for Scaled {
    type Output = [f32; 6];
    type Weights = ();
    type Saved = [f32; 0];

    fn forward(&self, _: &Call, _: &(), x: &[[f32; 6]], y: &mut [[f32; 6]], _: &mut [[f32; 0]]) {
        y.as_flattened_mut().iter_mut().zip(x.as_flattened()).for_each(|(y, x)| *y = self.0 * x);
    }

    fn backward_data(&self, _: &Call, _: &(), pass: Backward<'_, [f32; 6], Self>, dx: &mut [[f32; 6]]) {
        dx.as_flattened_mut().iter_mut().zip(pass.dy.as_flattened()).for_each(|(dx, dy)| *dx += self.0 * dy);
    }
}

sequential! { struct Small< Input(6), self::Scaled(0.5), Dense(3, name = told) >; }
sequential! { struct Plain< Input(2), Dense(3, softmax) >; }

fn refused<T>(result: Result<T>) -> String {
    match result {
        Err(Error::Device { device, reason }) => format!("{device}: {reason}"),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was not refused"),
    }
}

#[test]
fn what_has_no_kernels_is_refused_by_name() {
    let help = "docs/cuda.md lists what devices can do, and without `.on(…)` the model runs on the processor";
    let model = Small::seeded(1).compile(Sgd::default(), MeanSquaredError::default(), ()).unwrap();
    let layers = refused(model.on(Device::reference()));
    assert_eq!(layers, format!("the host: no kernels for the layer `scaled` (Scaled); {help}"));

    let (x, y) = ([[0.5; 2]; 4], [0_u8; 4]);
    let loss = SparseCategoricalCrossentropy::default();
    let mut model = Plain::seeded(1).compile(Descent(0.1), loss, ()).unwrap().on(Device::reference()).unwrap();
    let optimizer = refused(model.fit(&x, &y, Fit::epochs(1).verbose(0)));
    assert_eq!(
        optimizer,
        format!("the host: no kernels for the optimizer `descent`, which is not one of keras's own; {help}")
    );
}

#[test]
fn a_gpu_that_is_not_there_is_one_error() {
    match Device::cuda(99) {
        Ok(device) => panic!("there are a hundred GPUs: {device:?}"),
        Err(error) => {
            let text = error.to_string();
            let known = ["libcuda.so cannot be loaded", "libnvrtc.so cannot be loaded", "there is no GPU of number 99"];
            assert!(known.iter().any(|known| text.contains(known)), "{text}");
        }
    }
}
