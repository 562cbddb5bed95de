use keras_runtime::constraint;
use keras_runtime::model::graph::{Constraint, Init, Param, Precision};
use keras_runtime::optimizer::{Adam, Optimizer, Sgd, Step};

use crate::file::{Call, Case, each_case};

/// Applies the arguments that both optimizers have.
macro_rules! shared {
    ($optimizer:expr, $call:expr, $case:expr) => {{
        let (mut optimizer, call) = ($optimizer, $call);
        for (name, value) in &call.arguments {
            optimizer = match name.as_str() {
                "weight_decay" => optimizer.weight_decay(value.parse().unwrap()),
                "clipnorm" => optimizer.clipnorm(value.parse().unwrap()),
                "global_clipnorm" => optimizer.global_clipnorm(value.parse().unwrap()),
                "clipvalue" => optimizer.clipvalue(value.parse().unwrap()),
                "use_ema" => optimizer.use_ema(value == "True"),
                "ema_momentum" => optimizer.ema_momentum(value.parse().unwrap()),
                "ema_overwrite_frequency" => optimizer.ema_overwrite_frequency(value.parse().unwrap()),
                "gradient_accumulation_steps" => optimizer.gradient_accumulation_steps(value.parse().unwrap()),
                "0" | "momentum" | "nesterov" | "amsgrad" | "beta_1" | "beta_2" | "epsilon" => optimizer,
                other => panic!("no argument {other}"),
            };
        }
        if $case.python().contains("exclude_from_weight_decay") {
            optimizer = optimizer.exclude_from_weight_decay(["bias"]);
        }
        Box::new(optimizer)
    }};
}

fn optimizer(call: &Call, case: &Case) -> Box<dyn Optimizer> {
    match call.class.as_str() {
        name if call.arguments.is_empty() => name.parse().unwrap(),
        "SGD" => {
            let sgd = Sgd::new(call.float("0").unwrap())
                .momentum(call.float("momentum").unwrap_or(0.0))
                .nesterov(call.truth("nesterov"));
            shared!(sgd, call, case)
        }
        "Adam" => {
            let mut adam = Adam::new(call.float("0").unwrap()).amsgrad(call.truth("amsgrad"));
            if let Some(beta) = call.float("beta_1") {
                adam = adam.beta_1(beta).beta_2(call.float("beta_2").unwrap()).epsilon(call.float("epsilon").unwrap());
            }
            shared!(adam, call, case)
        }
        other => panic!("no optimizer {other}"),
    }
}

fn param(name: &'static str, at: usize, shape: &'static [usize], trainable: bool) -> Param {
    Param {
        name,
        layer: 0,
        at,
        shape,
        trainable,
        init: Init::Zeros,
        regularizer: None,
        constraint: None,
        precision: Precision::Float32,
    }
}

/// Kernel and bias as in Keras; around them a state, and a frozen parameter, which must not change.
const LEN: usize = 2 + 12 + 4 + 3;
const KERNEL: core::ops::Range<usize> = 2..14;
const BIAS: core::ops::Range<usize> = 14..18;
const FROZEN: [bool; 4] = [false, false, false, true];

fn params() -> [Param; 4] {
    [
        param("moving_mean", 0, &[2], false),
        param("kernel", KERNEL.start, &[3, 4], true),
        param("bias", BIAS.start, &[4], true),
        param("kernel", BIAS.end, &[3], true),
    ]
}

#[test]
fn ten_steps() {
    each_case("optimizers", |case| {
        let mut optimizer = optimizer(&case.call("keras.optimizers."), case);
        optimizer.check().unwrap();
        assert_eq!(optimizer.slot_names().len(), optimizer.slots());
        let params = params();
        let mut weights = [5.0; LEN];
        weights[KERNEL].copy_from_slice(&case.floats("w0"));
        weights[BIAS].copy_from_slice(&case.floats("w1"));
        let (g0, g1) = (case.floats("g0"), case.floats("g1"));
        let (mut v0, mut v1) = (Vec::new(), Vec::new());
        let mut memory = vec![[0.0; LEN]; optimizer.slots()];
        let mut slots: Vec<&mut [f32]> = memory.iter_mut().map(|slot| &mut slot[..]).collect();
        for i in 0..10 {
            let mut grads = [f32::NAN; LEN];
            grads[KERNEL].copy_from_slice(&g0[i * 12..][..12]);
            grads[BIAS].copy_from_slice(&g1[i * 4..][..4]);
            match optimizer.step(i as u64) {
                Step::Elementwise(rule) => {
                    // In pieces, in any order, as a fused kernel does it.
                    for range in [16..18, 2..7, 14..16, 7..14] {
                        let mut slots = slots.iter_mut();
                        let slots =
                            core::array::from_fn(|_| slots.next().map_or(&mut [][..], |s| &mut s[range.clone()]));
                        rule.update(&mut weights[range.clone()], &grads[range], slots);
                    }
                }
                Step::Tensors(rule) => rule.update(&params, &FROZEN, &mut weights, &mut grads, &mut slots),
            }
            let kernel = &mut weights[KERNEL];
            if case.python().contains("NonNeg") {
                constraint::project(&Constraint::NonNeg, &[3, 4], kernel);
            } else if case.python().contains("MaxNorm") {
                constraint::project(&Constraint::MaxNorm { max_value: 1.0, axis: &[0] }, &[3, 4], kernel);
            }
            v0.extend_from_slice(&weights[KERNEL]);
            v1.extend_from_slice(&weights[BIAS]);
        }
        case.check("the kernel after each step", "v0", &v0);
        case.check("the bias after each step", "v1", &v1);
        optimizer.finalize(&params, &FROZEN, &mut weights, &mut slots);
        if case.has("final0") {
            case.check("the final kernel", "final0", &weights[KERNEL]);
            case.check("the final bias", "final1", &weights[BIAS]);
        } else {
            assert_eq!(weights[KERNEL], v0[9 * 12..]);
        }
        assert_eq!((&weights[..2], &weights[18..]), (&[5.0; 2][..], &[5.0; 3][..]), "{}", case.name);
    });
}
