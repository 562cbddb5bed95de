//! Weights within the program, and predictions without a heap.

use keras::__private::kernels::memory::Embedded;
use keras::include_weights;
use keras::prelude::*;

use crate::support::count::allocations;

sequential! { struct Digits< Input(64), Dense(32, relu), Dense(10, softmax) >; }
sequential! { struct Inner< Input(3), Dense(2, tanh) >; }
sequential! { struct Outer< Input(3), self::Inner, Dense(3), self::Inner, Dense(2) >; }
model! { struct Two(a: [2], b: [3]) { (Dense(2, tanh)(b), Concatenate()(a, b)) } }

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/06_digits.safetensors");

#[test]
fn is_what_the_file_holds() {
    let embedded: &'static Digits = include_weights!(Digits, "../../examples/06_digits.safetensors");
    let mut loaded = Digits::seeded(1);
    loaded.load_weights(FILE).unwrap();
    assert_eq!(embedded.get_weights(), loaded.get_weights());
    assert_eq!(std::ptr::from_ref(embedded).align_offset(64), 0);

    let mut memory = [f32::NAN; Digits::MEMORY];
    let x = std::array::from_fn(|i| i as f32 / 64.0);
    let mut y = [0.0; 10];
    assert_eq!(allocations(|| y = embedded.infer_one(&x, &mut memory)), 0);
    assert_eq!(y, loaded.predict_one(&x));
}

/// Weights of models within models are found by their paths, in whatever order they lie in the file.
#[test]
fn paths() {
    let model = Outer::seeded(3);
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("paths.safetensors");
    model.save_weights(&path).unwrap();
    let file = std::fs::read(&path).unwrap();
    const BYTES: usize = size_of::<Outer>();
    let embedded: Box<Embedded<BYTES>> = Box::new(keras::__private::embed(&file, Outer::GRAPH));
    assert_eq!(embedded.get::<Outer>().get_weights(), model.get_weights());
}

#[test]
fn several_inputs_and_outputs() {
    let model = Two::seeded(1);
    let mut memory = [0.0; Two::MEMORY];
    let x = ([0.1, 0.2], [0.3, 0.4, 0.5]);
    assert_eq!(model.infer_one(&x, &mut memory), model.predict_one(&x));
}

/// Whatever is written in a file, it is refused or read, in bounds.
#[test]
fn damaged_files() {
    const BYTES: usize = size_of::<Digits>();
    let whole = std::fs::read(FILE).unwrap();
    let refused = |file: &[u8]| {
        let made = std::panic::catch_unwind(|| {
            let _ = keras::__private::embed::<BYTES>(file, Digits::GRAPH);
        });
        made.err().map(|told| told.downcast_ref::<String>().cloned().unwrap_or_default())
    };
    assert_eq!(refused(&whole), None);
    for len in [0, 7, 8, 100, whole.len() - 1] {
        assert!(refused(&whole[..len]).is_some(), "{len} bytes");
    }
    let header = 8 + u64::from_le_bytes(whole[..8].try_into().unwrap()) as usize;
    for (at, byte) in (0..header).flat_map(|at| [b'9', b'"', b'{', b'[', 0xFF].map(|byte| (at, byte))) {
        let mut file = whole.clone();
        file[at] = byte;
        let _ = refused(&file);
    }
    let text = String::from_utf8(whole[8..header].to_vec()).unwrap();
    let with = |from: &str, to: &str| {
        assert!(text.contains(from), "{text}");
        let text = text.replace(from, to);
        let mut file = (text.len() as u64).to_le_bytes().to_vec();
        file.extend(text.bytes());
        file.extend(&whole[header..]);
        refused(&file).unwrap_or_default()
    };
    assert_eq!(with("\"dense/bias\"", "\"dense/bia\""), "`dense/bias`: the file has no weight of this name");
    assert_eq!(with("[64,32]", "[32,64]"), "`dense/kernel`: the model has it of shape (64, 32), the file of (32, 64)");
    assert_eq!(with("F32", "F16"), "`dense/kernel`: the numbers in the file are not F32");
    assert_eq!(with("\"data_offsets\"", "\"offsets\""), "`dense/kernel`: its place in the file makes no sense");
}
