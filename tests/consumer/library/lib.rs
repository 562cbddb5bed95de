//! A crate of blocks, models and layers for other crates; it has no name for keras but its own.
#![no_std]
#![forbid(unsafe_code, missing_docs, unreachable_pub)]
#![deny(warnings)]

/// The same names as in the crate that uses this one.
pub mod blocks {
    kk::layer! {
        /// A block within a block of this crate.
        pub struct Outer(units)(x) {
            let h = crate::blocks::Inner!(units)(x);
            h + x
        }
    }

    kk::layer! {
        /// Of this crate.
        pub struct Inner(units) < Dense(units, tanh) >;
    }

    kk::sequential! {
        /// A model that is a layer of another one.
        pub struct Backbone< Input(4), self::Outer!(4), crate::blocks::more::Inner!(4) >;
    }

    /// A block of the same name at another place.
    pub mod more {
        kk::layer! {
            /// Of this crate.
            pub struct Inner(units) < Dense(units, gelu) >;
        }
    }
}
