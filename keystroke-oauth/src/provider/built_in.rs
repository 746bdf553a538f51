//! The providers that come with keystroke. A test compares the list with the folder.

macro_rules! built_in {
    ($($name:literal),+ $(,)?) => {
        /// Each with its file.
        pub(crate) const BUILT_IN: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../providers/", $name, ".toml")))),+];
    };
}

built_in!("slack");
