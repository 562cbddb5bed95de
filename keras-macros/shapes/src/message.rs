//! Messages that const code can build, with the numbers in them.

use crate::{Inferred, Shape};

const CAPACITY: usize = 240;

/// A message of at most 240 bytes, built by const code; what does not fit is cut.
///
/// ```
/// use keras_shapes::{Msg, Shape};
/// const M: Msg = Msg::new("Reshape: ").num(784).text(" values do not fill ").shape(&Shape::new(&[28, 27]));
/// assert_eq!(M.as_str(), "Reshape: 784 values do not fill (28, 27)");
/// ```
#[derive(Clone, Copy)]
pub struct Msg {
    bytes: [u8; CAPACITY],
    len: usize,
}

impl Msg {
    /// A message that begins so.
    #[must_use]
    pub const fn new(text: &str) -> Msg {
        Msg { bytes: [0; CAPACITY], len: 0 }.text(text)
    }

    /// Adds text.
    #[must_use]
    pub const fn text(mut self, text: &str) -> Msg {
        let bytes = text.as_bytes();
        // A character is added whole or not at all, so that the buffer stays valid UTF-8.
        let mut i = 0;
        while i < bytes.len() {
            let width = match bytes[i] {
                0x00..=0x7f => 1,
                0xc0..=0xdf => 2,
                0xe0..=0xef => 3,
                _ => 4,
            };
            if self.len + width > CAPACITY {
                return self;
            }
            let mut j = 0;
            while j < width {
                self.bytes[self.len] = bytes[i + j];
                self.len += 1;
                j += 1;
            }
            i += width;
        }
        self
    }

    /// Adds a number.
    #[must_use]
    pub const fn num(mut self, number: usize) -> Msg {
        let mut scale = 1;
        while number / scale >= 10 {
            scale *= 10;
        }
        while scale > 0 && self.len < CAPACITY {
            self.bytes[self.len] = b'0' + (number / scale % 10) as u8;
            self.len += 1;
            scale /= 10;
        }
        self
    }

    /// Adds a shape as Keras writes it: `(28, 28)`.
    #[must_use]
    pub const fn shape(self, shape: &Shape) -> Msg {
        let mut msg = self.text("(");
        let mut i = 0;
        while i < shape.rank() {
            if i > 0 {
                msg = msg.text(", ");
            }
            msg = msg.num(shape.dim(i));
            i += 1;
        }
        msg.text(")")
    }

    /// The text.
    #[must_use]
    pub const fn as_str(&self) -> &str {
        match core::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            Err(_) => "",
        }
    }
}

impl core::fmt::Debug for Msg {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl PartialEq for Msg {
    fn eq(&self, other: &Msg) -> bool {
        self.as_str() == other.as_str()
    }
}

/// Stops compilation with the message of a failed rule; the macro emits it in a const item on the layer's own tokens.
///
/// # Panics
/// On an error.
// So that rustc shows where it is called and not the body of this function.
#[track_caller]
pub const fn check(inferred: Inferred) {
    if let Err(msg) = inferred {
        panic!("{}", msg.as_str());
    }
}
