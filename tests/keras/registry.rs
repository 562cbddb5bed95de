//! Declared means tested: every layer of the compiler's registry has a file in `tests/<group>/layers`.

use std::path::Path;

#[test]
fn every_layer_has_its_tests() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let groups = std::fs::read_dir(tests).unwrap().map(|group| group.unwrap().path().join("layers"));
    let groups: Vec<_> = groups.filter(|folder| folder.is_dir()).collect();
    for layer in keras_compiler::layers::LAYERS {
        let name = layer.spec().name;
        let file = keras_compiler::layers::objects::snake(name);
        let folder = groups.iter().find(|folder| folder.join(format!("{file}.rs")).is_file());
        let folder = folder.unwrap_or_else(|| panic!("`{name}` has no tests: tests/<group>/layers/{file}.rs"));
        let read = |file: String| std::fs::read_to_string(folder.join(file)).unwrap();
        let (text, list) = (read(format!("{file}.rs")), read("mod.rs".to_owned()));
        assert!(text.contains("layer_test!") && text.contains(name), "{file}.rs has no `layer_test!` with `{name}`");
        assert!(list.contains(&format!("mod {file};")), "{} does not list {file}", folder.display());
    }
}
