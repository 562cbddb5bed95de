//! Arguments, names and schedules of optimizers. What they compute is checked in `golden`.

use keras_runtime::optimizer::schedule::{
    CosineDecay, CosineDecayRestarts, ExponentialDecay, InverseTimeDecay, PiecewiseConstantDecay, PolynomialDecay,
};
use keras_runtime::optimizer::{Adam, Optimizer, Schedule, Sgd, Step};

#[test]
fn schedules_are_those_of_keras() {
    // Printed by Keras 3.15.1, which computes them in float32.
    let expected: [(&dyn Schedule, [f32; 8]); 13] = [
        (
            &ExponentialDecay::new(0.1, 7, 0.6),
            [0.1, 0.0929624, 0.08033817, 0.0746843, 0.05185205, 0.04481058, 0.02892174, 0.01120004],
        ),
        (&ExponentialDecay::new(0.1, 7, 0.6).staircase(true), [0.1, 0.1, 0.1, 0.1, 0.06, 0.06, 0.036, 0.01296]),
        (
            &InverseTimeDecay::new(0.1, 7, 0.6),
            [0.1, 0.09210526, 0.07954545, 0.07446808, 0.05645161, 0.05147059, 0.04069768, 0.028],
        ),
        (
            &InverseTimeDecay::new(0.1, 7, 0.6).staircase(true),
            [0.1, 0.1, 0.1, 0.1, 0.0625, 0.0625, 0.04545455, 0.02941176],
        ),
        (&PiecewiseConstantDecay::new([(0.1, 3), (0.05, 10)], 0.01), [0.1, 0.1, 0.1, 0.05, 0.05, 0.01, 0.01, 0.01]),
        (&PolynomialDecay::new(0.1, 20), [0.1, 0.095005, 0.08501501, 0.08002, 0.055045, 0.045055, 0.015085, 0.0001]),
        (
            &PolynomialDecay::new(0.1, 20).end_learning_rate(0.02).power(2.0),
            [0.09999999, 0.0922, 0.07780001, 0.0712, 0.0442, 0.0362, 0.0218, 0.02],
        ),
        (
            &PolynomialDecay::new(0.1, 8).cycle(true),
            [0.1, 0.0875125, 0.0625375, 0.05005, 0.04380625, 0.03131875, 0.0292375, 0.00634375],
        ),
        (
            &CosineDecay::new(0.1, 20),
            [0.1, 0.09938442, 0.09455033, 0.09045085, 0.05782173, 0.04217827, 0.005449671, 0.0],
        ),
        (
            &CosineDecay::new(0.01, 20).alpha(0.1).warmup(0.1, 4),
            [0.01, 0.0325, 0.0775, 0.1, 0.08681981, 0.07542957, 0.03457043, 0.01],
        ),
        (
            &CosineDecayRestarts::new(0.1, 5),
            [0.1, 0.09045085, 0.03454914, 0.009549147, 0.06545085, 0.03454914, 0.09755283, 0.01464466],
        ),
        (
            &CosineDecayRestarts::new(0.1, 5).t_mul(1.0).m_mul(0.8).alpha(0.1),
            [0.1, 0.09140576, 0.04109422, 0.01859423, 0.01687539, 0.06209969, 0.04015974, 0.03359297],
        ),
        (
            &CosineDecayRestarts::new(0.1, 5).t_mul(1.5).m_mul(0.8),
            [0.1, 0.09045085, 0.03454914, 0.009549147, 0.03581887, 0.007639313, 0.04188854, 0.03573965],
        ),
    ];
    for (case, (schedule, rates)) in expected.iter().enumerate() {
        for (step, rate) in [0, 1, 3, 4, 9, 11, 17, 30].into_iter().zip(rates) {
            let found = schedule.learning_rate(step);
            assert!((found - rate).abs() <= 1e-6, "case {case}, step {step}: {found}, in Keras {rate}");
        }
    }
}

#[test]
fn a_schedule_sees_each_step_and_stays() {
    let mut sgd = Sgd::new(|step: u64| step as f32).gradient_accumulation_steps(2);
    assert_eq!(sgd.learning_rate(), 0.0);
    for step in 0..5 {
        assert!(matches!(sgd.step(step), Step::Tensors(_)));
        assert_eq!(sgd.learning_rate(), (step + 1) as f32);
    }
    sgd.set_learning_rate(9.0);
    assert_eq!(sgd.learning_rate(), 5.0);
    let mut sgd = Sgd::default();
    sgd.set_learning_rate(0.5);
    assert_eq!(sgd.learning_rate(), 0.5);
}

#[test]
fn elementwise_arguments_keep_the_update_in_the_gradient_s_kernel() {
    let fused = |mut optimizer: Adam| matches!(optimizer.step(0), Step::Elementwise(_));
    let adam = Adam::default;
    assert!(fused(adam().weight_decay(0.1).clipvalue(1.0).use_ema(true).amsgrad(true)));
    assert!(!fused(adam().clipnorm(1.0)));
    assert!(!fused(adam().global_clipnorm(1.0)));
    assert!(!fused(adam().gradient_accumulation_steps(2)));
    assert!(fused(adam().exclude_from_weight_decay(["bias"])));
    assert!(!fused(adam().weight_decay(0.1).exclude_from_weight_decay(["bias"])));
    let most = adam().amsgrad(true).use_ema(true).gradient_accumulation_steps(2);
    assert_eq!(most.slot_names(), ["momentum", "velocity", "velocity_hat", "average", "gradient_accumulator"]);
    assert_eq!(most.slots(), 5);
}

#[test]
fn arguments_that_make_no_sense_are_named() {
    let error = |optimizer: &dyn Optimizer| optimizer.check().unwrap_err().to_string();
    let adam = Adam::default;
    assert_eq!(error(&adam().clipnorm(-1.0)), "clipnorm = -1: give a number of at least 0");
    assert_eq!(
        error(&adam().clipvalue(1.0).clipnorm(2.0)),
        "clipvalue = 1: `clipnorm` is given as well; gradients are clipped in one way only"
    );
    assert!(error(&adam().gradient_accumulation_steps(1)).starts_with("gradient_accumulation_steps = 1: "));
    assert!(error(&adam().use_ema(true).ema_momentum(1.5)).starts_with("ema_momentum = 1.5: "));
    assert!(error(&adam().ema_overwrite_frequency(0)).starts_with("ema_overwrite_frequency = 0: "));
    assert!(error(&adam().beta_2(1.0)).starts_with("beta_2 = 1: "));
    assert!(error(&Sgd::new(0.1).momentum(f32::NAN)).starts_with("momentum = NaN: "));
    assert!(adam().check().is_ok() && Sgd::new(0.1).momentum(0.9).clipnorm(1.0).check().is_ok());
}

#[test]
fn names() {
    for (written, name) in [("sgd", "sgd"), ("SGD", "sgd"), ("Adam", "adam")] {
        assert_eq!(written.parse::<Box<dyn Optimizer>>().unwrap().name(), name);
    }
    let error = "adamm".parse::<Box<dyn Optimizer>>().err().unwrap().to_string();
    assert!(error.contains("did you mean `adam`?"), "{error}");
}
