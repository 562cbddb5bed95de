//! What devices refuse, and what is not there.

use keras::device::Device;
use keras::layer::{Backward, Call, Cuda};
use keras::optimizers::Step;
use keras::prelude::*;
use keras::{Error, Layer, Result, Rule, Slots, Weights};

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

/// x + bias, of whose gradient in CUDA somebody has not thought.
struct Forgetful;

impl Forgetful {
    const fn new() -> Forgetful {
        Forgetful
    }
}

#[derive(Weights)]
#[repr(C)]
struct Bias {
    bias: [f32; 2],
}

impl Layer<[f32; 2]> for Forgetful {
    type Output = [f32; 2];
    type Weights = Bias;
    type Saved = [f32; 0];

    fn forward(&self, _: &Call, w: &Bias, x: &[[f32; 2]], y: &mut [[f32; 2]], _: &mut [[f32; 0]]) {
        y.iter_mut().zip(x).for_each(|(y, x)| *y = [x[0] + w.bias[0], x[1] + w.bias[1]]);
    }

    fn backward_data(&self, _: &Call, _: &Bias, pass: Backward<'_, [f32; 2], Self>, dx: &mut [[f32; 2]]) {
        dx.as_flattened_mut().iter_mut().zip(pass.dy.as_flattened()).for_each(|(dx, dy)| *dx += dy);
    }

    fn cuda(&self) -> Option<Cuda> {
        Some(Cuda::new("__device__ void forward() {} __device__ void backward_data() {}"))
    }
}

/// The same sum, of a weight that cannot have its name in C++.
struct Reserved;

impl Reserved {
    const fn new() -> Reserved {
        Reserved
    }
}

#[derive(Weights)]
#[repr(C)]
struct Keyword {
    new: [f32; 2],
}

impl Layer<[f32; 2]> for Reserved {
    type Output = [f32; 2];
    type Weights = Keyword;
    type Saved = [f32; 0];

    fn forward(&self, _: &Call, w: &Keyword, x: &[[f32; 2]], y: &mut [[f32; 2]], _: &mut [[f32; 0]]) {
        y.iter_mut().zip(x).for_each(|(y, x)| *y = [x[0] + w.new[0], x[1] + w.new[1]]);
    }

    fn backward_data(&self, _: &Call, _: &Keyword, pass: Backward<'_, [f32; 2], Self>, dx: &mut [[f32; 2]]) {
        dx.as_flattened_mut().iter_mut().zip(pass.dy.as_flattened()).for_each(|(dx, dy)| *dx += dy);
    }

    fn cuda(&self) -> Option<Cuda> {
        Some(Cuda::new("void forward(); void backward_data(); float backward_new();"))
    }
}

sequential! { struct Named< Input(2), self::Reserved::new(), Dense(3, softmax) >; }
sequential! { struct Lacking< Input(2), self::Forgetful::new(), Dense(3, softmax) >; }
sequential! { struct Around< Input(2), self::Lacking >; }

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
    let error = model.train_on_batch(&x, &y).map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("the optimizer `descent`"), "{error}");
}

/// What does not train asks for no optimizer.
#[test]
fn what_does_not_train_takes_any_optimizer() {
    let (x, y) = ([[0.5, -0.25]; 4], [0_u8, 1, 2, 0]);
    let compiled = || {
        let loss = SparseCategoricalCrossentropy::default();
        Plain::seeded(1).compile(Descent(0.1), loss, (Accuracy::default(),)).unwrap()
    };
    let (mut host, mut device) = (compiled(), compiled().on(Device::reference()).unwrap());
    for model in [&mut host, &mut device] {
        model.evaluate(&x, &y, 2).unwrap();
    }
    let scores = [&mut host, &mut device].map(|model| model.test_on_batch(&x, &y).unwrap().clone());
    for ((name, host), (_, device)) in scores[0].iter().zip(scores[1].iter()) {
        assert!((host - device).abs() <= 1e-6, "{name}: {host} and {device}");
    }
}

#[test]
fn a_source_without_a_function_is_one_error() {
    let loss = SparseCategoricalCrossentropy::default();
    let model = Around::seeded(1).compile(Sgd::default(), loss, ()).unwrap();
    let source = refused(model.on(Device::reference()));
    assert_eq!(
        source,
        "the host: the CUDA source of the layer `forgetful` (Forgetful) has no function `backward_bias`; write \
         `__device__ float backward_bias(const Call&, const Weights&, const Pass&, int)`, of which `keras::layer::Cuda` says what it does"
    );
}

#[test]
fn a_weight_that_is_a_keyword_is_one_error() {
    let loss = SparseCategoricalCrossentropy::default();
    let model = Named::seeded(1).compile(Sgd::default(), loss, ()).unwrap();
    let name = refused(model.on(Device::reference()));
    assert_eq!(
        name,
        "the host: the weights of the layer `reserved` (Reserved) have a field `new`, which is a keyword of C++, where `Weights` has the \
         same fields; give it another name"
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
