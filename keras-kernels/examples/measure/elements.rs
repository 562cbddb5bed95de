//! Kernels that work on elements, on as many as stay in the second-level cache.

use keras_kernels::activation::{self, Act};
use keras_kernels::dropout::{self, Key};
use keras_kernels::penalty::{self, Penalty};
use keras_kernels::{Isa, adam, add, crossentropy, sgd, softmax};

use crate::{Aligned, Timing, time};

const LEN: usize = 1 << 15;

/// Measures them all.
pub(crate) fn measure() {
    let isa = Isa::current();
    let (x, dy) = (Aligned::random(LEN, 4.0), Aligned::random(LEN, 1.0));
    let (mut y, mut w) = (Aligned::random(LEN, 1.0), Aligned::random(LEN, 1.0));
    let (mut m, mut v) = (Aligned::random(LEN, 0.0), Aligned::random(LEN, 0.0));
    let show = |name: &str, t: Timing| println!("{name:<28} {:7.3} ns each", t.fastest * 1e3 / LEN as f64);
    for act in [Act::Linear, Act::Relu, Act::Sigmoid, Act::Tanh, Act::Gelu, Act::GeluTanh] {
        show(&format!("{act:?}"), time(|| activation::forward(isa, &mut y, Some(&x), act)));
        let backward = time(|| activation::backward(isa, &mut y, Some(&dy), &x, act, false));
        show(&format!("{act:?} backward"), backward);
    }
    for n in [8, 64, 1024] {
        show(&format!("softmax of {n}"), time(|| softmax::forward(isa, &mut y, Some(&x), n)));
        let (labels, scale) = (vec![1; LEN / n], vec![1.0; LEN / n]);
        let mut losses = vec![0.0; LEN / n];
        let entropy = time(|| crossentropy::sparse(isa, &mut w, &x, &y, &labels, &scale, &mut losses, n));
        show(&format!("cross-entropy of {n}"), entropy);
        show(&format!("softmax backward of {n}"), time(|| softmax::backward(isa, &mut w, Some(&dy), &y, n, false)));
    }
    show("dropout", time(|| dropout::forward(isa, &mut y, Some(&x), 0.5, Key::default(), 0)));
    show("sum of two", time(|| add::forward(isa, &mut y, &[&x, &dy])));
    let p = Penalty { l1: 0.1, l2: 0.1 };
    show("penalty", time(|| _ = std::hint::black_box(penalty::value(isa, &x, p))));
    show("SGD", time(|| sgd::update(isa, &mut w, &dy, &mut [], 0.01, 0.0, false, 0.0)));
    show("SGD, Nesterov", time(|| sgd::update(isa, &mut w, &dy, &mut m, 0.01, 0.9, true, 0.0)));
    let rates = (0.001, 0.9, 0.999, 1e-7);
    let update = time(|| {
        adam::update(isa, &mut w, &dy, &mut m, &mut v, &mut [], rates.0, rates.1, rates.2, rates.3, 0.0);
    });
    show("Adam", update);
}
