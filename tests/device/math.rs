//! What products multiply, by device and policy.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use keras::Predicting;
use keras::device::{Device, Host, Lens, Program, Watch};
use keras::prelude::*;
use keras_kernels::round::Precision;

use crate::models::Numbers;
use crate::shim::{Gxx, floats};
use crate::source::PRELUDE;

/// The kernels that a program launches, each once.
#[derive(Clone, Default)]
struct Kernels(Arc<Mutex<BTreeSet<String>>>);

impl Watch for Kernels {
    fn load(&mut self, program: &Program, _: &Lens) {
        self.0.lock().unwrap().extend(program.launches.iter().map(keras::device::Launch::expression));
    }
}

impl Kernels {
    /// What a kernel of these constants multiplies, of all that there are.
    fn of(&self, begins: &str) -> Vec<String> {
        let all = self.0.lock().unwrap();
        let tile =
            |kernel: &String| kernel.strip_suffix('>').and_then(|kernel| kernel.rsplit(", ").next()).map(str::to_owned);
        all.iter().filter(|kernel| kernel.starts_with(begins)).filter_map(tile).collect()
    }
}

sequential! {
    #[dtype = "mixed_bfloat16"]
    struct Halves<
        Input((6, 6, 2)),
        Conv2D(17, 3, activation = relu),
        MaxPooling2D(2),
        Flatten(),
        Dense(18, relu),
        Dense(19, tanh),
        Dense(3, softmax, dtype = "float32"),
    >;
}

/// The kernels of a step of training.
fn kernels(way: fn(Device) -> Device) -> Kernels {
    let kernels = Kernels::default();
    let device = way(Device::with_engine(Box::new(Host::new(kernels.clone()))));
    let mut numbers = Numbers(3);
    let x: Vec<[[[f32; 2]; 6]; 6]> = numbers.rows::<72>(4).iter().map(image).collect();
    let model = Halves::seeded(1).compile(Sgd::new(0.1), SparseCategoricalCrossentropy::default(), ()).unwrap();
    model.on(device).unwrap().train_on_batch(&x, &[0_u8, 1, 2, 0]).unwrap();
    kernels
}

fn image(x: &[f32; 72]) -> [[[f32; 2]; 6]; 6] {
    std::array::from_fn(|i| std::array::from_fn(|j| std::array::from_fn(|k| x[12 * i + 2 * j + k])))
}

/// Under a policy both factors are rounded, forward and backward; the head's are not.
#[test]
fn policies_choose_what_is_multiplied() {
    for (way, head) in [((|device| device) as fn(Device) -> Device, "FLOAT32"), (Device::tf32, "TENSOR_FLOAT32")] {
        let kernels = kernels(way);
        let (half, head) = ("Small<BFLOAT16>", format!("Small<{head}>"));
        for rounded in
            ["conv_forward", "conv_kernel", "gemm_forward<68", "gemm_forward<18", "gemm_kernel<68", "gemm_kernel<18"]
        {
            assert_eq!(kernels.of(rounded), [half], "{rounded}");
        }
        for rounded in ["gemm_data<68", "gemm_data<18"] {
            assert_eq!(kernels.of(rounded), [half], "{rounded}");
        }
        for plain in ["gemm_forward<19", "gemm_data<19", "gemm_kernel<19"] {
            assert_eq!(kernels.of(plain), [&head[..]], "{plain}");
        }
    }
}

sequential! { struct Sum< Input(2), Dense(1, use_bias = false, kernel_initializer = Ones) >; }

/// 11 digits of each factor are left, and all of their product.
#[test]
fn tf32_rounds_factors() {
    let x = [[1.0 + 1.0 / 4096.0, 0.0], [1.0 + 3.0 / 2048.0, 1.0 / 4096.0]];
    let outputs = |device: Device| {
        let model = Sum::seeded(1).compile(Sgd::default(), MeanSquaredError::default(), ()).unwrap();
        model.on(device).unwrap().predict_with(&x, Predicting::batch_size(2).verbose(0)).unwrap()
    };
    assert_eq!(outputs(Device::reference()), x.map(|[a, b]| [a + b]));
    assert_eq!(outputs(Device::reference().tf32()), [[1.0], [1.0 + 4.0 / 2048.0 + 1.0 / 4096.0]]);
}

/// Numbers of all sizes, ties, those next to ties, and what is no number.
fn of_all_sizes() -> Vec<f32> {
    let mut all =
        vec![0.0, f32::INFINITY, f32::MAX, f32::MIN_POSITIVE, 1e-40, 65_519.9, 65_520.0, 6e-8, 2.98e-8, 2.9e-8];
    let mut numbers = Numbers(77);
    for exponent in -150..128 {
        let size = f64::from(exponent).exp2();
        all.extend(numbers.rows::<4>(1)[0].map(|x| (f64::from(x) * size) as f32));
        // Halfway between two numbers of each format, and a little off.
        for digits in [8, 11] {
            let tie = 1.0 + 3.0 * f64::from(-digits).exp2();
            all.extend([tie, tie - 1e-7, tie + 1e-7, tie + 2.0 * f64::from(-digits).exp2()].map(|x| (x * size) as f32));
        }
    }
    all.extend(all.clone().iter().map(|x| -x));
    all.push(f32::NAN);
    all
}

/// To 10 digits behind the first, in f64, where nothing else is rounded.
fn tf32(x: f32) -> f32 {
    let x = f64::from(x);
    if x == 0.0 || !x.is_finite() {
        return x as f32;
    }
    let quantum = (x.abs().log2().floor().max(-126.0) - 10.0).exp2();
    ((x / quantum).round() * quantum) as f32
}

/// Words for tensor cores as the shim rounds and packs them, against rounding in Rust.
#[test]
fn words_are_rounded() {
    let Some(gxx) = Gxx::with("") else { return };
    let all = of_all_sizes();
    let n = all.len();
    let program = format!(
        "{PRELUDE}#include \"tensor.cuh\"
int main(int, char** files) {{
    open(files);
    const float* x = load<float>({n});
    for (int i = 0; i < {n}; ++i) {{
        const unsigned int words[] = {{tensor_word(x[i]), tensor_word<BFLOAT16>(x[i], x[0]), tensor_word<BFLOAT16>(x[0], x[i]),
            tensor_word<FLOAT16>(x[i], x[0]), tensor_word<FLOAT16>(x[0], x[i])}};
        const float half[] = {{shim::half_value(words[3], 10, 15), shim::half_value(words[4] >> 16, 10, 15)}};
        const unsigned int floats[] = {{words[0], words[1] << 16, words[2], std::bit_cast<unsigned int>(half[0]),
            std::bit_cast<unsigned int>(half[1])}};
        store(floats, 5);
    }}
    out.close();
}}
"
    );
    let input: Vec<u8> = all.iter().flat_map(|x| x.to_ne_bytes()).collect();
    let output = floats(&gxx.run(&gxx.compile(&program), &input));
    for (x, found) in all.iter().zip(output.as_chunks::<5>().0) {
        let [bfloat16, float16] = [Precision::Bfloat16, Precision::Float16].map(|to| to.rounded(*x));
        for (found, meant) in found.iter().zip([tf32(*x), bfloat16, bfloat16, float16, float16]) {
            assert!(
                found.to_bits() == meant.to_bits() || found.is_nan() && meant.is_nan(),
                "{x:e}: {found:e}, {meant:e}"
            );
        }
    }
}

/// Threads of a warp that are served at once read and write different banks of shared memory, of which there are 32 of a word.
#[test]
fn pieces_lie_in_all_banks() {
    let Some(gxx) = Gxx::with("") else { return };
    let program = format!(
        "{PRELUDE}#include \"gemm.cuh\"
#include <set>
int main(int, char** files) {{
    open(files);
    std::set<int> all, banks;
    const auto add = [&](int i, int w, int count) {{ for (int k = 0; k < count; ++k) banks.insert((word_at(i, w) + k) % 32); }};
    int conflicts = 0;
    const auto end = [&] {{ conflicts += banks.size() != 32; banks.clear(); }};
    for (int i = 0; i < 128; ++i) for (int w = 0; w < PIECE_WORDS; ++w) all.insert(word_at(i, w));
    for (int w = 0; w < PIECE_WORDS; w += 4) {{
        // Rows of a matrix that is loaded.
        for (int i = 0; i < 128; i += 8, end()) for (int row = 0; row < 8; ++row) add(i + row, w, 4);
        // Words of four lines each, by the lanes of a warp.
        for (int i = 0; i < 128; i += 32) for (int q = 0; q < 4; ++q, end())
            for (int lane = 0; lane < 32; ++lane) add(i + lane % 8 * 4 + q, w + lane / 8, 1);
    }}
    // Fours of two lines, by eight lanes.
    for (int i = 0; i < 128; i += 2, end()) for (int lane = 0; lane < 8; ++lane) add(i + lane / 4, lane % 4 * 4, 4);
    const float found[] = {{float(conflicts), float(all.size()), float(*all.rbegin())}};
    store(found, 3);
    out.close();
}}
"
    );
    assert_eq!(floats(&gxx.run(&gxx.compile(&program), &[])), [0.0, 2048.0, 2047.0]);
}
