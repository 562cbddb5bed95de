//! burn with its Flex backend, the successor of burn-ndarray.

use std::hint::black_box;

use burn::module::Module;
use burn::nn::loss::{CrossEntropyLoss, CrossEntropyLossConfig};
use burn::nn::{Linear, LinearConfig};
use burn::optim::momentum::MomentumConfig;
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer, SgdConfig};
use burn::tensor::activation::{relu, softmax};
use burn::tensor::{Device, Int, Tensor, TensorData};

use crate::clock::Clock;
use crate::works::{self, ADAM, PREDICT, PREDICT_TINY, PRODUCTS, SGD, STEP_32, STEP_128, STEP_WIDE};

const NAME: &str = "burn";

#[derive(Module, Debug)]
struct Chain {
    layers: Vec<Linear>,
}

impl Chain {
    fn new(widths: &[usize], device: &Device) -> Chain {
        let layer = |pair: &[usize]| LinearConfig::new(pair[0], pair[1]).init(device);
        Chain { layers: widths.windows(2).map(layer).collect() }
    }

    /// Without the activation of the last layer.
    fn logits(&self, x: Tensor<2>) -> Tensor<2> {
        let (last, layers) = self.layers.split_last().expect("a layer");
        last.forward(layers.iter().fold(x, |x, layer| relu(layer.forward(x))))
    }
}

fn pixels(n: usize, device: &Device) -> Tensor<2> {
    Tensor::from_data(TensorData::new(works::pixels(n), [n, 784]), device)
}

fn step(clock: &Clock, work: &str, widths: &[usize], n: usize, mut optimizer: ModuleOptimizer, rate: f32) {
    let device = Device::flex().autodiff();
    let x = pixels(n, &device);
    let classes: Vec<i64> = works::classes(n).into_iter().map(|class| class as i64).collect();
    let y: Tensor<1, Int> = Tensor::from_data(TensorData::new(classes, [n]), &device);
    let loss: CrossEntropyLoss = CrossEntropyLossConfig::new().init(&device);
    let mut model = Some(Chain::new(widths, &device));
    clock.show(NAME, work, || {
        let chain = model.take().expect("put back below");
        let loss = loss.forward(chain.logits(x.clone()), y.clone());
        let grads = GradientsParams::from_grads(loss.backward(), &chain);
        model = Some(optimizer.step(f64::from(rate), chain, grads));
        black_box(loss.into_scalar::<f32>());
    });
}

pub fn run(clock: &Clock) {
    for (work, n) in [(STEP_32, 32), (STEP_128, 128)] {
        let momentum = MomentumConfig::new().with_momentum(0.9).with_dampening(0.0).with_nesterov(true);
        step(clock, work, &[784, 64, 10], n, SgdConfig::new().with_momentum(Some(momentum)).init(), SGD);
    }
    let adam = AdamConfig::new().with_epsilon(1e-7).init();
    step(clock, STEP_WIDE, &[784, 512, 512, 10], 128, adam, ADAM);

    if clock.threads > 1 {
        return;
    }
    let device = Device::flex();
    let (model, x) = (Chain::new(&[784, 64, 10], &device), pixels(1, &device));
    clock.show(NAME, PREDICT, || _ = black_box(softmax(model.logits(black_box(&x).clone()), 1).into_data()));
    let model = Chain::new(&[4, 16, 16, 1], &device);
    let x: Tensor<2> = Tensor::from_data(TensorData::new(vec![0.1f32, 0.2, 0.3, 0.4], [1, 4]), &device);
    clock.show(NAME, PREDICT_TINY, || _ = black_box(model.logits(black_box(&x).clone()).into_data()));
    for (n, work) in PRODUCTS {
        let matrix = || Tensor::<2>::from_data(TensorData::new(works::matrix(n), [n, n]), &device);
        let (x, w) = (matrix(), matrix());
        clock.show(NAME, work, || _ = black_box(x.clone().matmul(w.clone())));
    }
}
