//! The procedural macros of keras, a shim over keras-compiler.
