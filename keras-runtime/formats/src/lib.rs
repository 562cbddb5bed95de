//! File formats of keras.
