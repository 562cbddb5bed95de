//! candle. It has no momentum, so that is written here with its tensors.

use std::hint::black_box;

use candle_core::{DType, Device, Result, Tensor, Var};
use candle_nn::{AdamW, Linear, Module, Optimizer, ParamsAdamW, VarBuilder, VarMap, linear, loss, ops};

use crate::clock::Clock;
use crate::works::{self, ADAM, PREDICT, PREDICT_TINY, PRODUCTS, SGD, STEP_32, STEP_128, STEP_WIDE};

const NAME: &str = "candle";

struct Chain {
    layers: Vec<Linear>,
    weights: VarMap,
}

impl Chain {
    fn new(widths: &[usize]) -> Result<Chain> {
        let weights = VarMap::new();
        let names = VarBuilder::from_varmap(&weights, DType::F32, &Device::Cpu);
        let pairs = widths.windows(2).enumerate();
        let layers = pairs.map(|(i, pair)| linear(pair[0], pair[1], names.pp(i))).collect::<Result<_>>()?;
        Ok(Chain { layers, weights })
    }

    /// The same with weights that are not watched for gradients.
    fn frozen(widths: &[usize]) -> Result<Chain> {
        let Chain { layers, weights } = Chain::new(widths)?;
        let freeze = |layer: Linear| Linear::new(layer.weight().detach(), layer.bias().map(Tensor::detach));
        Ok(Chain { layers: layers.into_iter().map(freeze).collect(), weights })
    }

    /// Without the activation of the last layer.
    fn logits(&self, x: &Tensor) -> Result<Tensor> {
        let (last, layers) = self.layers.split_last().expect("a layer");
        let mut x = x.clone();
        for layer in layers {
            x = layer.forward(&x)?.relu()?;
        }
        last.forward(&x)
    }
}

/// Nesterov's momentum: v = μ v + g, w −= lr (g + μ v).
struct Nesterov {
    weights: Vec<(Var, Tensor)>,
}

impl Optimizer for Nesterov {
    type Config = ();

    fn new(weights: Vec<Var>, (): ()) -> Result<Nesterov> {
        let weights = weights.into_iter().map(|w| Ok((w.clone(), w.zeros_like()?))).collect::<Result<_>>()?;
        Ok(Nesterov { weights })
    }

    fn learning_rate(&self) -> f64 {
        f64::from(SGD)
    }

    fn set_learning_rate(&mut self, _: f64) {}

    fn step(&mut self, grads: &candle_core::backprop::GradStore) -> Result<()> {
        for (w, v) in &mut self.weights {
            if let Some(g) = grads.get(w) {
                // `a · x + b` in one pass each.
                *v = (v.affine(0.9, 0.0)? + g)?;
                let change = (v.affine(0.9, 0.0)? + g)?.affine(f64::from(SGD), 0.0)?;
                w.set(&(w.as_tensor() - change)?)?;
            }
        }
        Ok(())
    }
}

fn pixels(n: usize) -> Result<Tensor> {
    Tensor::from_vec(works::pixels(n), (n, 784), &Device::Cpu)
}

fn step<O: Optimizer>(clock: &Clock, work: &str, widths: &[usize], n: usize, config: O::Config) -> Result<()> {
    let chain = Chain::new(widths)?;
    let mut optimizer = O::new(chain.weights.all_vars(), config)?;
    let classes: Vec<u32> = works::classes(n).into_iter().map(|class| class as u32).collect();
    let (x, y) = (pixels(n)?, Tensor::from_vec(classes, n, &Device::Cpu)?);
    let mut train = || {
        let loss = loss::cross_entropy(&chain.logits(&x)?, &y)?;
        optimizer.backward_step(&loss)?;
        loss.to_scalar::<f32>()
    };
    train()?;
    clock.show(NAME, work, || _ = black_box(train()));
    Ok(())
}

pub fn run(clock: &Clock) -> super::Outcome {
    for (work, n) in [(STEP_32, 32), (STEP_128, 128)] {
        step::<Nesterov>(clock, work, &[784, 64, 10], n, ())?;
    }
    let adam = ParamsAdamW { lr: f64::from(ADAM), eps: 1e-7, weight_decay: 0.0, ..ParamsAdamW::default() };
    step::<AdamW>(clock, STEP_WIDE, &[784, 512, 512, 10], 128, adam)?;

    if clock.threads > 1 {
        return Ok(());
    }
    let (chain, x) = (Chain::frozen(&[784, 64, 10])?, pixels(1)?);
    let predict = |x| ops::softmax(&chain.logits(x)?, 1)?.flatten_all()?.to_vec1::<f32>();
    predict(&x)?;
    clock.show(NAME, PREDICT, || _ = black_box(predict(black_box(&x))));
    let chain = Chain::frozen(&[4, 16, 16, 1])?;
    let x = Tensor::new(&[[0.1f32, 0.2, 0.3, 0.4]], &Device::Cpu)?;
    let predict = |x| chain.logits(x)?.flatten_all()?.to_vec1::<f32>();
    predict(&x)?;
    clock.show(NAME, PREDICT_TINY, || _ = black_box(predict(black_box(&x))));
    for (n, work) in PRODUCTS {
        let matrix = || Tensor::from_vec(works::matrix(n), (n, n), &Device::Cpu);
        let (x, w) = (matrix()?, matrix()?);
        clock.show(NAME, work, || _ = black_box(x.matmul(&w)));
    }
    Ok(())
}
