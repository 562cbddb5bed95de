//! Declared means tested: every layer of the compiler's registry has its file here.

use std::path::Path;

#[test]
fn every_layer_has_its_tests() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/keras/layers");
    let list = std::fs::read_to_string(folder.join("mod.rs")).unwrap();
    for layer in keras_compiler::layers::LAYERS {
        let name = layer.spec().name;
        let file = keras_compiler::layers::objects::snake(name);
        let text = std::fs::read_to_string(folder.join(format!("{file}.rs")));
        let text = text.unwrap_or_else(|_| panic!("`{name}` has no tests: tests/keras/layers/{file}.rs"));
        assert!(text.contains("layer_test!") && text.contains(name), "{file}.rs has no `layer_test!` with `{name}`");
        assert!(list.contains(&format!("mod {file};")), "tests/keras/layers/mod.rs does not list {file}");
    }
}
