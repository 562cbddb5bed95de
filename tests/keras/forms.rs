use keras::__private::{
    Sink,
    kernels::{Isa, memory::Workspace},
};
use keras::{Context, Model, sequential};

sequential! { pub(crate) struct Mlp< Input(784), Dense(64, relu), Dense(10, softmax) >; }

const HIDDEN: usize = 7;
sequential! { pub(crate) struct Consts< Input((4, HIDDEN)), Dense(HIDDEN * 2, tanh), Flatten, Dropout(0.5), Dense(10, gelu), Dense(HIDDEN) >; }

#[test]
fn runs() {
    let mut m = Mlp::new();
    m.dense.kernel[3][4] = 1.0;
    m.dense_1.bias[3] = 2.0;
    let cx = Context::inference(Isa::SCALAR);
    let mut ws = Workspace::new();
    let x = vec![[0.5f32; 784]; 3];
    {
        let mut v = ws.batch(Mlp::GRAPH.infer.layout, 3, 1);
        let mut r = v.rows();
        m.infer(&cx, &x, &mut r);
        let ([], [y], _) = r.step([], [Mlp::GRAPH.infer.values[Mlp::GRAPH.outputs[0].value].unwrap()]);
        println!("{y:?}");
        assert!((y.iter().sum::<f32>() - 3.0).abs() < 1e-5);
    }
    let mut g = Mlp::new();
    let mut v = ws.batch(Mlp::GRAPH.train.layout, 3, 1);
    m.forward(&cx, &x, &mut v.rows());
    v.get_mut(Mlp::GRAPH.train.grads[Mlp::GRAPH.outputs[0].logits].unwrap()).fill(1.0);
    m.backward_data(&cx, &x, &mut v.rows());
    use keras::__private::Block;
    Mlp::backward_params(&cx, &x, &mut v.whole(), &mut Sink::store(m.as_mut_slice(), g.as_mut_slice(), &[]));
    let m = sequential!(Input(4), Dense(3, relu), Dense(2));
    assert_eq!(m.dense.kernel, [[0.0; 3]; 4]);
    let c = Consts::new();
    assert_eq!(c.dense.kernel[0].len(), 14);
    let d = sequential!(< Dense(64, relu), Dense(10, softmax) >);
    let mut v = ws.batch(Mlp::GRAPH.train.layout, 3, 1);
    d.forward(&cx, &x, &mut v.rows());
}

keras::model! { pub(crate) struct TwoTower(a: [8], b: [8]) {
    let enc = Dense(6, relu);
    let u = enc(a); let v = enc(b);
    let z = Concatenate()(u, v);
    let h = Dense(12, relu)(z);
    let h = h + z;
    let main = Dense(1, sigmoid)(h);
    let aux = Dense(3, tanh, name = "aux")(u);
    (main, aux)
} }

#[test]
fn two() {
    println!("{:#?}", TwoTower::GRAPH);
    let m = keras::model!(|x: [4]| Dense(3)(x));
    assert_eq!(m.dense.bias, [0.0; 3]);
    keras::keras! { let m = sequential!< Input(784), Dense(64, relu), Dense(10, softmax) >; }
    let _ = m.dense.bias;
}
mod k {
    keras::keras! { pub type Card = sequential!< Input(784), Dense(64, relu), Dense(10, softmax) >; }
}
#[test]
fn card() {
    let _ = k::Card::new().dense.kernel;
}
