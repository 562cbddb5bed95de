//! Activations and their slopes, number by number, at NaN, infinity and the ends of what floats can hold.

use std::fmt::Write;

use keras::device::activation;
use keras_kernels::activation::{Saves, scalar};

use self::acts::ACTS;
use crate::shim::{Gxx, floats};
use crate::source::PRELUDE;

#[path = "../../keras-kernels/tests/common/acts.rs"]
mod acts;

/// Limits, numbers about which an activation changes its mind, and what lies between.
fn inputs() -> Vec<f32> {
    let mut x =
        vec![f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 0.0, -0.0, f32::MAX, f32::MIN, f32::MIN_POSITIVE, 1e-30];
    x.extend((-600..=600).map(|i| i as f32 / 32.0));
    x.extend([88.0, 90.0, 104.0, 1e3, 2e3, 1e10, 2e18, 1e30, 3e38].into_iter().flat_map(|x: f32| [x, -x]));
    x
}

/// The launch of a chain of steps that reads two arrays and writes one.
fn launch(count: usize, steps: &str, [y, x0, x1]: [&str; 3]) -> String {
    let (blocks, nothing) = (count.div_ceil(64 * 16), "nullptr, ");
    let arrays = format!("{y}, {}{x0}, {x1}, {}", nothing.repeat(3), nothing.repeat(8));
    let launch = format!("shim::launch({{{blocks}}}, 256, [=]");
    format!("    {launch} {{ elementwise<{steps}>({arrays}0, 0, 0, 0, 0, 0, nullptr, len); }});\n")
}

/// A `main` that writes the activation of each number and, from what it saves, its slope times `dy`.
fn program(count: usize) -> String {
    let mut text =
        PRELUDE.to_owned() + "#include \"elementwise.cu\"\nint main(int, char** files) {\n    open(files);\n";
    let _ = writeln!(text, "    const int len = {count};");
    text +=
        "    float *x = load<float>(len), *dy = load<float>(len), *saved, *y = new float[len], *dx = new float[len];\n";
    let [first, second] = [0, 1].map(|i| format!("step::Read<{i}, step::Same>"));
    for act in ACTS {
        let (name, numbers) = activation(act);
        let [a, b, c, d] = numbers.map(|x| format!("{:#x}u", x.to_bits()));
        let forward = format!("{first}, step::Activate<{name}, 0, {a}, {b}, {c}, {d}>, step::Write<0, 1>");
        text += &launch(count, &forward, ["y", "x", "nullptr"]);
        let _ = writeln!(text, "    saved = {};", if act.saves() == Saves::Input { "x" } else { "y" });
        let slope = format!("step::ActivateBackward<{name}, 0, 1, {a}, {b}, {c}, {d}>");
        text += &launch(count, &format!("{first}, {second}, {slope}, step::Write<0, 2>"), ["dx", "dy", "saved"]);
        text += "    store(y, len);\n    store(dx, len);\n";
    }
    text + "    out.close();\n}\n"
}

/// Whether two numbers are the same but for roundings of `scale`.
fn is_close(found: f32, meant: f32, scale: f32) -> bool {
    found == meant || found.is_nan() && meant.is_nan() || (found - meant).abs() <= 2e-6 * scale.max(meant.abs())
}

#[test]
fn at_all_numbers() {
    let Some(gxx) = Gxx::with("") else { return };
    let x = inputs();
    let dy: Vec<f32> = (0..x.len()).map(|i| if i % 97 == 96 { f32::INFINITY } else { (i % 7) as f32 - 2.5 }).collect();
    let bytes: Vec<u8> = x.iter().chain(&dy).flat_map(|x| x.to_ne_bytes()).collect();
    let found = floats(&gxx.run(&gxx.compile(&program(x.len())), &bytes));
    assert_eq!(found.len(), 2 * x.len() * ACTS.len());
    for (act, found) in ACTS.into_iter().zip(found.chunks_exact(2 * x.len())) {
        let (name, _) = activation(act);
        let (y, dx) = found.split_at(x.len());
        let mut meant = vec![0.0; x.len()];
        scalar::forward(&mut meant, Some(&x), act);
        for i in 0..x.len() {
            // A difference such as x − tanh x, or a tail below the smallest normal number, has the error of what it is made of.
            let scale = if x[i].abs() < 20.0 { 1.0f32.min(x[i].abs()) } else { 1e-30 };
            let (x, y, meant) = (x[i], y[i], meant[i]);
            assert!(is_close(y, meant, scale), "{name} of {x:?} is {y:?} instead of {meant:?}");
        }
        let saved = if act.saves() == Saves::Input { &x[..] } else { y };
        scalar::backward(&mut meant, Some(&dy), saved, act, false);
        for i in 0..x.len() {
            let (x, dy, dx, meant) = (x[i], dy[i], dx[i], meant[i]);
            assert!(
                is_close(dx, meant, dy.abs().min(10.0)),
                "the slope of {name} at {x:?}, {dy:?} times: {dx:?}, not {meant:?}"
            );
        }
    }
}
