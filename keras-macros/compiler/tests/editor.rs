//! What editors are given: an item for every word that the compiler reads, and the same code as rustc.

use keras_compiler::layers::kinds::COMMON;
use keras_compiler::layers::objects::{self, Object};
use keras_compiler::layers::{LAYERS, activations};
use quote::quote;
use syn::Item;

fn module(items: &[Item], name: &str) -> Vec<Item> {
    let found = items.iter().find_map(|item| match item {
        Item::Mod(module) if module.ident == name => module.content.as_ref().map(|(_, items)| items.clone()),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("no module `{name}`"))
}

fn items() -> Vec<Item> {
    syn::parse2::<syn::File>(keras_compiler::editor::items()).expect("items").items
}

fn text(attrs: &[syn::Attribute]) -> String {
    quote!(#(#attrs)*).to_string()
}

#[test]
fn every_layer_is_a_struct_of_its_arguments() {
    let layers = module(&items(), "layers");
    for spec in LAYERS.iter().map(|layer| layer.spec()) {
        let item = layers.iter().find_map(|item| match item {
            Item::Struct(item) if item.ident == spec.name => Some(item),
            _ => None,
        });
        let item = item.unwrap_or_else(|| panic!("no struct `{}`", spec.name));
        let fields: Vec<String> =
            item.fields.iter().filter_map(|field| field.ident.as_ref()).map(ToString::to_string).collect();
        let args: Vec<&str> = spec.args.iter().chain(COMMON).map(|(name, _)| *name).collect();
        assert_eq!(fields, args, "{}", spec.name);
        let begins = format!("`{}(", spec.name);
        assert!(text(&item.attrs).contains(&begins), "the file of `{}` does not begin with //! {begins}…)`", spec.name);
        for field in &item.fields {
            let said = text(&field.attrs);
            assert!(said.contains('.') && !said.contains("this if not given"), "{}: {said}", spec.name);
        }
    }
}

#[test]
fn every_word_is_a_const() {
    let items = items();
    let families = [
        ("activations", activations::all().collect::<Vec<_>>()),
        ("initializers", objects::all(Object::Initializer).collect()),
        ("regularizers", objects::all(Object::Regularizer).collect()),
        ("constraints", objects::all(Object::Constraint).collect()),
    ];
    for (name, members) in families {
        let consts = module(&items, name);
        for word in members.iter().flat_map(|named| [named.name.to_owned()].into_iter().chain(named.alias.clone())) {
            let found = consts.iter().any(|item| matches!(item, Item::Const(item) if item.ident == word));
            assert!(found, "{name}: no const `{word}`");
        }
    }
}

#[test]
fn the_code_is_the_same_behind_the_words() {
    let item = quote!([::keras] pub struct Mlp< Input(784), Dense(64, relu), Dense(units = 10) >;);
    let (code, editor) = (keras_compiler::sequential(item.clone()), keras_compiler::editor::sequential(item));
    assert!(editor.to_string().ends_with(&code.to_string()), "{editor}");
    let item = quote!([::keras] struct Net(x: [8]) { let h = Dense(8, relu)(x); h + x });
    let (code, editor) = (keras_compiler::model(item.clone()), keras_compiler::editor::model(item));
    assert!(editor.to_string().ends_with(&code.to_string()), "{editor}");
    let item = quote!([::keras] struct Block(units)(x) { Dense(units)(x) });
    let (code, editor) = (keras_compiler::layer(item.clone()), keras_compiler::editor::layer(item));
    // Each expansion gives the macro behind a block a number of its own.
    let text = |code: &proc_macro2::TokenStream| -> String {
        let code = code.to_string();
        code.split("__keras_Block_").map(|part| part.trim_start_matches(char::is_numeric)).collect()
    };
    assert!(text(&editor).ends_with(&text(&code)), "{editor}");
}
