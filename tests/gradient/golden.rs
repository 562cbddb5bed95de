//! First and second derivatives against those that JAX computes for Keras's activations and for functions of arrays
//! (`tests/golden/gradients.json`).

use serde_json::Value;

use super::*;

struct Case(Value);

fn case(name: &str) -> Case {
    let path = format!("{}/tests/golden/gradients.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    let mut file: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}"));
    Case(file["cases"][name].take())
}

impl Case {
    fn numbers(&self, field: &str) -> Vec<f64> {
        let field = &self.0[field];
        let list = field.get("data").and_then(Value::as_array).unwrap_or_else(|| panic!("{field} is no tensor"));
        list.iter().map(|x| x.as_f64().expect("a number")).collect()
    }

    fn row<const N: usize>(&self, field: &str) -> [f64; N] {
        self.numbers(field).try_into().expect("the size")
    }

    fn rows<const M: usize, const N: usize>(&self, field: &str) -> [[f64; N]; M] {
        let numbers = self.numbers(field);
        assert_eq!(numbers.len(), M * N);
        rows(&numbers)
    }

    /// The file has ten digits.
    #[track_caller]
    fn same(&self, field: &str, found: &[f64]) {
        let expected = match &self.0[field] {
            Value::Number(number) => vec![number.as_f64().expect("a number")],
            _ => self.numbers(field),
        };
        assert_eq!(found.len(), expected.len(), "{field}");
        for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
            assert!(
                (found - expected).abs() <= 1e-9 * expected.abs().max(1.0),
                "{field}[{i}]: {found}, not {expected}"
            );
        }
    }
}

macro_rules! elementwise {
    ($($name:ident, $python:literal: $x:ident => $f:expr;)*) => {
        $(
            mod $name {
                keras::gradient! {
                    pub(super) fn f($x: f64) -> f64 { $f }
                    pub(super) fn slope($x: f64) -> f64 { f_grad($x).1 }
                }
            }
        )*

        #[test]
        fn activations() {
            $({
                let case = case($python);
                let x = case.numbers("x");
                let of = |f: fn(&f64) -> f64| -> Vec<f64> { x.iter().map(f).collect() };
                case.same("y", &of(|x| $name::f(*x)));
                case.same("dy", &of(|x| $name::f_grad(x).1));
                case.same("ddy", &of(|x| $name::slope_grad(x).1));
            })*
        }
    };
}

elementwise! {
    relu, "relu(x)": x => relu(x);
    relu6, "relu6(x)": x => relu6(x);
    leaky_relu, "leaky_relu(x)": x => leaky_relu(x);
    leaky_relu_of, "leaky_relu(x, 0.1)": x => leaky_relu(x, 0.1);
    elu, "elu(x)": x => elu(x);
    elu_of, "elu(x, 2.0)": x => elu(x, 2.0);
    celu_of, "celu(x, 2.0)": x => celu(x, 2.0);
    selu, "selu(x)": x => selu(x);
    gelu, "gelu(x)": x => gelu(x);
    gelu_tanh, "gelu(x, approximate=True)": x => gelu_tanh(x);
    silu, "silu(x)": x => silu(x);
    hard_silu, "hard_silu(x)": x => hard_silu(x);
    sigmoid, "sigmoid(x)": x => sigmoid(x);
    hard_sigmoid, "hard_sigmoid(x)": x => hard_sigmoid(x);
    log_sigmoid, "log_sigmoid(x)": x => log_sigmoid(x);
    tanh, "tanh(x)": x => tanh(x);
    hard_tanh, "hard_tanh(x)": x => hard_tanh(x);
    tanh_shrink, "tanh_shrink(x)": x => tanh_shrink(x);
    hard_shrink, "hard_shrink(x)": x => hard_shrink(x);
    soft_shrink, "soft_shrink(x)": x => soft_shrink(x);
    threshold, "threshold(x, 1.0, -7.0)": x => threshold(x, 1.0, -7.0);
    softplus, "softplus(x)": x => softplus(x);
    softsign, "softsign(x)": x => softsign(x);
    squareplus, "squareplus(x)": x => squareplus(x);
    squareplus_of, "squareplus(x, 1.0)": x => squareplus(x, 1.0);
    mish, "mish(x)": x => mish(x);
    sparse_plus, "sparse_plus(x)": x => sparse_plus(x);
    sparse_sigmoid, "sparse_sigmoid(x)": x => sparse_sigmoid(x);
    exponential, "exponential(x)": x => exponential(x);
    linear, "linear(x)": x => linear(x);
}

macro_rules! of_rows {
    ($($name:ident: $n:literal;)*) => {
        $(
            mod $name {
                keras::gradient! {
                    pub(super) fn f(x: [[f64; 4]; 3]; t: [[f64; $n]; 3]) -> f64 { ($name(x).square() * t).sum() }
                    pub(super) fn along(x: [[f64; 4]; 3]; t: [[f64; $n]; 3], v: [[f64; 4]; 3]) -> f64 {
                        (f_grad(x, t).1 * v).sum()
                    }
                }
            }
        )*

        #[test]
        fn functions_of_rows() {
            $({
                let case = case(stringify!($name));
                let (x, t, v) = (case.rows("x"), case.rows("t"), case.rows("vx"));
                let (y, dx) = $name::f_grad(&x, &t);
                case.same("y", &[y]);
                case.same("dx", dx.as_flattened());
                let (_, hx) = $name::along_grad(&x, &t, &v);
                case.same("hx", hx.as_flattened());
            })*
        }
    };
}

of_rows! {
    softmax: 4;
    log_softmax: 4;
    sparsemax: 4;
    glu: 2;
}

mod mlp {
    use super::*;

    gradient! {
        fn loss(w: [[f64; 3]; 2], b: [f64; 3], u: [[f64; 2]; 3]; x: [[f64; 2]; 4], t: [[f64; 2]; 4]) -> f64 {
            let logits = dot(gelu(dot(x, w) + b), u);
            -(logits.log_softmax() * t).sum() / 4.0
        }

        fn along(
            w: [[f64; 3]; 2], b: [f64; 3], u: [[f64; 2]; 3];
            x: [[f64; 2]; 4], t: [[f64; 2]; 4], vw: [[f64; 3]; 2], vb: [f64; 3], vu: [[f64; 2]; 3]
        ) -> f64 {
            let (_, (dw, db, du)) = loss_grad(w, b, u, x, t);
            (dw * vw).sum() + (db * vb).sum() + (du * vu).sum()
        }
    }

    #[test]
    fn a_network() {
        let case = case("mlp");
        let (w, b, u) = (case.rows("w"), case.row("b"), case.rows("u"));
        let (x, t) = (case.rows("x"), case.rows("t"));
        let (y, (dw, db, du)) = loss_grad(&w, &b, &u, &x, &t);
        case.same("y", &[y]);
        case.same("dw", dw.as_flattened());
        case.same("db", &db);
        case.same("du", du.as_flattened());
        let (_, (hw, hb, hu)) = along_grad(&w, &b, &u, &x, &t, &case.rows("vw"), &case.row("vb"), &case.rows("vu"));
        case.same("hw", hw.as_flattened());
        case.same("hb", &hb);
        case.same("hu", hu.as_flattened());
    }
}

mod recurrent {
    use super::*;

    gradient! {
        fn last(w: [[f64; 2]; 2], u: [f64; 2]; x: [f64; 5]) -> f64 {
            let mut h = [0.0; 2];
            for i in 0..5 {
                h = tanh(h.matmul(w) + u * x[i]);
            }
            h.sum()
        }

        fn along(w: [[f64; 2]; 2], u: [f64; 2]; x: [f64; 5], vw: [[f64; 2]; 2], vu: [f64; 2]) -> f64 {
            let (_, (dw, du)) = last_grad(w, u, x);
            (dw * vw).sum() + (du * vu).sum()
        }
    }

    #[test]
    fn a_loop() {
        let case = case("recurrent");
        let (w, u, x) = (case.rows("w"), case.row("u"), case.row("x"));
        let (y, (dw, du)) = last_grad(&w, &u, &x);
        case.same("y", &[y]);
        case.same("dw", dw.as_flattened());
        case.same("du", &du);
        let (_, (hw, hu)) = along_grad(&w, &u, &x, &case.rows("vw"), &case.row("vu"));
        case.same("hw", hw.as_flattened());
        case.same("hu", &hu);
    }
}

mod quotient {
    use super::*;

    gradient! {
        fn f(m: [[f64; 3]; 2], r: [f64; 3]) -> f64 {
            let a = (sin(m * r) / (1.5 + m.powi(2))).exp();
            (a + sqrt(1.0 + r.square()) * ln(2.0 + m.cos())).sum()
        }

        fn along(m: [[f64; 3]; 2], r: [f64; 3]; vm: [[f64; 3]; 2], vr: [f64; 3]) -> f64 {
            let (_, (dm, dr)) = f_grad(m, r);
            (dm * vm).sum() + (dr * vr).sum()
        }
    }

    #[test]
    fn a_formula() {
        let case = case("quotient");
        let (m, r) = (case.rows("m"), case.row("r"));
        let (y, (dm, dr)) = f_grad(&m, &r);
        case.same("y", &[y]);
        case.same("dm", dm.as_flattened());
        case.same("dr", &dr);
        let (_, (hm, hr)) = along_grad(&m, &r, &case.rows("vm"), &case.row("vr"));
        case.same("hm", hm.as_flattened());
        case.same("hr", &hr);
    }
}

mod logistic {
    use super::*;

    gradient! {
        fn loss(w: [f64; 3]; x: [[f64; 3]; 6], t: [f64; 6]) -> f64 {
            let z = x.matmul(w);
            (softplus(z) - t * z).mean() + 0.05 * w.square().sum()
        }

        fn along(w: [f64; 3]; x: [[f64; 3]; 6], t: [f64; 6], v: [f64; 3]) -> f64 {
            let (_, dw) = loss_grad(w, x, t);
            dw.dot(v)
        }
    }

    #[test]
    fn all_second_derivatives() {
        let case = case("logistic");
        let (w, x, t) = (case.row("w"), case.rows("x"), case.row("t"));
        let along = |v: &[f64; 3]| along_grad(&w, &x, &t, v).1;
        case.same("hw", &along(&case.row("vw")));
        let h = [along(&[1.0, 0.0, 0.0]), along(&[0.0, 1.0, 0.0]), along(&[0.0, 0.0, 1.0])];
        case.same("hessian", h.as_flattened());
        // The step that Newton's method takes solves H (w - step) = dw.
        let (_, dw) = loss_grad(&w, &x, &t);
        let step: [f64; 3] = case.row("step");
        let moved: [f64; 3] = core::array::from_fn(|i| (0..3).map(|j| h[i][j] * (w[j] - step[j])).sum());
        for i in 0..3 {
            assert!((moved[i] - dw[i]).abs() < 1e-9, "{i}: {} instead of {}", moved[i], dw[i]);
        }
    }
}
