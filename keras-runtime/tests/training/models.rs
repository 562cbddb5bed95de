//! Models as the compiler makes them, written by hand.

use keras_kernels::activation::{self, Act};
use keras_kernels::memory::{Block, Buf, Layout, Rows, Sink, Use, Whole};
use keras_kernels::penalty::{self, Penalty};
use keras_kernels::{dense, softmax};
use keras_runtime::initializer::GLOROT_UNIFORM;
use keras_runtime::model::graph::{Head, Init, Input, Layer, Output, Param, Plan, Precision, Value};
use keras_runtime::{Context, Graph, Model};

pub(crate) const LINEAR: u8 = 0;
pub(crate) const SOFTMAX: u8 = 1;
pub(crate) const SIGMOID: u8 = 2;

#[repr(C)]
pub(crate) struct Dense<const K: usize, const N: usize> {
    pub kernel: [[f32; N]; K],
    pub bias: [f32; N],
}

const LAYOUT: Layout = Layout { kept: 80, temp: 0, scratch: 512 };
/// Values 1 to 3: the hidden layer, the logits, the output.
const VALUES: [Buf; 3] = [Buf::kept(0, 4), Buf::kept(16, 0), Buf::kept(32, 0)];
const GRADS: [Buf; 2] = [Buf::kept(48, 4), Buf::kept(64, 0)];

const fn len(buf: Buf, len: usize) -> Buf {
    Buf::kept(buf.at(), len)
}

const fn param(name: &'static str, layer: usize, at: usize, shape: &'static [usize], init: Init) -> Param {
    Param {
        name,
        layer,
        at,
        shape,
        trainable: true,
        init,
        regularizer: None,
        constraint: None,
        precision: Precision::Float32,
    }
}

const fn layer(name: &'static str) -> Layer {
    Layer { parent: None, name, class: "Dense", calls: &[], trainable: true }
}

const X: Input = Input { name: "x", shape: &[6], dtype: "float32" };

/// `Dense(4, relu), Dense(N)` on six features, with a head and perhaps `kernel_regularizer = L2(0.05)` on the second.
#[repr(C)]
pub(crate) struct Mlp<const N: usize, const HEAD: u8, const L2: bool> {
    pub dense: Dense<6, 4>,
    pub dense_1: Dense<4, N>,
}

// SAFETY: the struct and its fields are repr(C) and made of arrays of f32.
unsafe impl<const N: usize, const HEAD: u8, const L2: bool> Block for Mlp<N, HEAD, L2> {}

impl<const N: usize, const HEAD: u8, const L2: bool> Mlp<N, HEAD, L2> {
    const PENALTY: Option<Penalty> = if L2 { Some(Penalty { l1: 0.0, l2: 0.05 }) } else { None };
    const ACT: Act = if HEAD == SIGMOID { Act::Sigmoid } else { Act::Linear };
    const H: Buf = VALUES[0];
    const Z: Buf = len(VALUES[1], N);
    const Y: Buf = if HEAD == LINEAR { Self::Z } else { len(VALUES[2], N) };
    const DH: Buf = GRADS[0];
    const DZ: Buf = len(GRADS[1], N);
    const PLAN: Plan = Plan {
        layout: LAYOUT,
        layout_with_inputs: LAYOUT,
        values: &[None, Some(Self::H), Some(Self::Z), if HEAD == LINEAR { None } else { Some(Self::Y) }],
        grads: &[None, Some(Self::DH), Some(Self::DZ), if HEAD == LINEAR { None } else { Some(Self::DZ) }],
    };
}

impl<const N: usize, const HEAD: u8, const L2: bool> Model for Mlp<N, HEAD, L2> {
    type Input = [f32; 6];
    type Output = [f32; N];
    const GRAPH: &'static Graph = &Graph {
        name: "mlp",
        sequential: true,
        inputs: &[X],
        layers: &[layer("dense"), layer("dense_1")],
        params: &[
            param("kernel", 0, 0, &[6, 4], GLOROT_UNIFORM),
            param("bias", 0, 24, &[4], Init::Zeros),
            Param { regularizer: Self::PENALTY, ..param("kernel", 1, 28, &[4, N], GLOROT_UNIFORM) },
            param("bias", 1, 28 + 4 * N, &[N], Init::Zeros),
        ],
        values: &[
            Value { shape: &[6], alias: None },
            Value { shape: &[4], alias: None },
            Value { shape: &[N], alias: None },
            Value { shape: &[N], alias: if HEAD == LINEAR { Some(2) } else { None } },
        ],
        ops: &[],
        backward: &[],
        outputs: &[Output {
            name: "dense_1",
            value: 3,
            logits: if HEAD == LINEAR { 3 } else { 2 },
            head: match HEAD {
                SOFTMAX => Head::Softmax,
                SIGMOID => Head::Sigmoid,
                _ => Head::Linear,
            },
            mask: None,
        }],
        activity: &[],
        carried: 0,
        train: Self::PLAN,
        infer: Self::PLAN,
    };

    fn infer(&self, cx: &Context, x: &[[f32; 6]], ws: &mut Rows<'_>) {
        self.forward(cx, x, ws);
    }

    fn forward(&self, cx: &Context, x: &[[f32; 6]], ws: &mut Rows<'_>) {
        let (isa, m) = (cx.isa, ws.count());
        let ([h], [], tmp) = ws.step([Self::H], []);
        let kernel = self.dense.kernel.as_flattened();
        dense::forward(isa, h, x.as_flattened(), kernel, Some(&self.dense.bias), Act::Relu, m, 6, 4, tmp);
        let ([z], [h], tmp) = ws.step([Self::Z], [Self::H]);
        let kernel = self.dense_1.kernel.as_flattened();
        dense::forward(isa, z, h, kernel, Some(&self.dense_1.bias), Act::Linear, m, 4, N, tmp);
        match HEAD {
            SOFTMAX => {
                let ([y], [z], _) = ws.step([Self::Y], [Self::Z]);
                softmax::forward(isa, y, Some(z), N);
            }
            SIGMOID => {
                let ([y], [z], _) = ws.step([Self::Y], [Self::Z]);
                activation::forward(isa, y, Some(z), Self::ACT);
            }
            _ => {}
        }
    }

    fn backward_data(&self, cx: &Context, _: &[[f32; 6]], ws: &mut Rows<'_>) {
        let (isa, m) = (cx.isa, ws.count());
        if HEAD != LINEAR && !cx.fused_head(0) {
            let ([dz], [y], _) = ws.step([Self::DZ], [Self::Y]);
            match HEAD {
                SOFTMAX => softmax::backward(isa, dz, None, y, N, false),
                _ => activation::backward(isa, dz, None, y, Self::ACT, false),
            }
        }
        let ([dh], [dz, h], tmp) = ws.step([Self::DH], [Self::DZ, Self::H]);
        dense::backward_data(isa, dh, dz, self.dense_1.kernel.as_flattened(), m, 4, N, false, tmp);
        activation::backward(isa, dh, None, h, Act::Relu, false);
    }

    fn backward_params(cx: &Context, x: &[[f32; 6]], ws: &mut Whole<'_>, sink: &mut Sink<'_>) {
        let (isa, m) = (cx.isa, ws.n());
        let ([h, dh, dz], tmp) = ws.step([Self::H, Self::DH, Self::DZ]);
        if let Some(out) = sink.param(0, 0, 24, Use::Only) {
            dense::backward_kernel(isa, out, x.as_flattened(), dh, m, 6, 4, tmp);
        }
        if let Some(out) = sink.param(1, 24, 4, Use::Only) {
            dense::backward_bias(isa, out, dh, m, 4);
        }
        if let Some(penalty) = Self::PENALTY
            && let Some(out) = sink.param(2, 28, 4 * N, Use::First)
        {
            penalty::backward(isa, out, penalty);
        }
        let uses = if L2 { Use::Last } else { Use::Only };
        if let Some(out) = sink.param(2, 28, 4 * N, uses) {
            dense::backward_kernel(isa, out, h, dz, m, 4, N, tmp);
        }
        if let Some(out) = sink.param(3, 28 + 4 * N, N, Use::Only) {
            dense::backward_bias(isa, out, dz, m, N);
        }
    }
}

/// Two outputs on one hidden layer: `first`, a softmax of three, and `second`, two linear units.
#[repr(C)]
pub(crate) struct TwoHeads {
    pub dense: Dense<6, 4>,
    pub first: Dense<4, 3>,
    pub second: Dense<4, 2>,
}

// SAFETY: the struct and its fields are repr(C) and made of arrays of f32.
unsafe impl Block for TwoHeads {}

const H: Buf = Buf::kept(0, 4);
const Z: Buf = Buf::kept(16, 3);
const Y: Buf = Buf::kept(32, 3);
const S: Buf = Buf::kept(48, 2);
const DH: Buf = Buf::kept(64, 4);
const DZ: Buf = Buf::kept(80, 3);
const DS: Buf = Buf::kept(96, 2);
const TWO_LAYOUT: Layout = Layout { kept: 112, temp: 0, scratch: 512 };
const TWO: Plan = Plan {
    layout: TWO_LAYOUT,
    layout_with_inputs: TWO_LAYOUT,
    values: &[None, Some(H), Some(Z), Some(Y), Some(S)],
    grads: &[None, Some(DH), Some(DZ), Some(DZ), Some(DS)],
};

impl Model for TwoHeads {
    type Input = [f32; 6];
    type Output = ([f32; 3], [f32; 2]);
    const GRAPH: &'static Graph = &Graph {
        name: "two_heads",
        sequential: false,
        inputs: &[X],
        layers: &[layer("dense"), layer("first"), layer("second")],
        params: &[
            param("kernel", 0, 0, &[6, 4], GLOROT_UNIFORM),
            param("bias", 0, 24, &[4], Init::Zeros),
            param("kernel", 1, 28, &[4, 3], GLOROT_UNIFORM),
            param("bias", 1, 40, &[3], Init::Zeros),
            param("kernel", 2, 43, &[4, 2], GLOROT_UNIFORM),
            param("bias", 2, 51, &[2], Init::Zeros),
        ],
        values: &[
            Value { shape: &[6], alias: None },
            Value { shape: &[4], alias: None },
            Value { shape: &[3], alias: None },
            Value { shape: &[3], alias: None },
            Value { shape: &[2], alias: None },
        ],
        ops: &[],
        backward: &[],
        outputs: &[
            Output { name: "first", value: 3, logits: 2, head: Head::Softmax, mask: None },
            Output { name: "second", value: 4, logits: 4, head: Head::Linear, mask: None },
        ],
        activity: &[],
        carried: 0,
        train: TWO,
        infer: TWO,
    };

    fn infer(&self, cx: &Context, x: &[[f32; 6]], ws: &mut Rows<'_>) {
        self.forward(cx, x, ws);
    }

    fn forward(&self, cx: &Context, x: &[[f32; 6]], ws: &mut Rows<'_>) {
        let (isa, m) = (cx.isa, ws.count());
        let ([h], [], tmp) = ws.step([H], []);
        let Dense { kernel, bias } = &self.dense;
        dense::forward(isa, h, x.as_flattened(), kernel.as_flattened(), Some(bias), Act::Relu, m, 6, 4, tmp);
        let ([z, s], [h], tmp) = ws.step([Z, S], [H]);
        let Dense { kernel, bias } = &self.first;
        dense::forward(isa, z, h, kernel.as_flattened(), Some(bias), Act::Linear, m, 4, 3, tmp);
        let Dense { kernel, bias } = &self.second;
        dense::forward(isa, s, h, kernel.as_flattened(), Some(bias), Act::Linear, m, 4, 2, tmp);
        let ([y], [z], _) = ws.step([Y], [Z]);
        softmax::forward(isa, y, Some(z), 3);
    }

    fn backward_data(&self, cx: &Context, _: &[[f32; 6]], ws: &mut Rows<'_>) {
        let (isa, m) = (cx.isa, ws.count());
        if !cx.fused_head(0) {
            let ([dz], [y], _) = ws.step([DZ], [Y]);
            softmax::backward(isa, dz, None, y, 3, false);
        }
        let ([dh], [dz, ds, h], tmp) = ws.step([DH], [DZ, DS, H]);
        dense::backward_data(isa, dh, dz, self.first.kernel.as_flattened(), m, 4, 3, false, tmp);
        dense::backward_data(isa, dh, ds, self.second.kernel.as_flattened(), m, 4, 2, true, tmp);
        activation::backward(isa, dh, None, h, Act::Relu, false);
    }

    fn backward_params(cx: &Context, x: &[[f32; 6]], ws: &mut Whole<'_>, sink: &mut Sink<'_>) {
        let (isa, m) = (cx.isa, ws.n());
        let ([h, dh, dz, ds], tmp) = ws.step([H, DH, DZ, DS]);
        if let Some(out) = sink.param(0, 0, 24, Use::Only) {
            dense::backward_kernel(isa, out, x.as_flattened(), dh, m, 6, 4, tmp);
        }
        if let Some(out) = sink.param(1, 24, 4, Use::Only) {
            dense::backward_bias(isa, out, dh, m, 4);
        }
        if let Some(out) = sink.param(2, 28, 12, Use::Only) {
            dense::backward_kernel(isa, out, h, dz, m, 4, 3, tmp);
        }
        if let Some(out) = sink.param(3, 40, 3, Use::Only) {
            dense::backward_bias(isa, out, dz, m, 3);
        }
        if let Some(out) = sink.param(4, 43, 8, Use::Only) {
            dense::backward_kernel(isa, out, h, ds, m, 4, 2, tmp);
        }
        if let Some(out) = sink.param(5, 51, 2, Use::Only) {
            dense::backward_bias(isa, out, ds, m, 2);
        }
    }
}
