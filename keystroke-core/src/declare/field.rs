//! Fields as a credential declares them: name, whether secret, whether required, and what their text is read as.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One field of a credential, as declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldSpec {
    /// Its name in the store.
    pub name: &'static str,
    /// Whether its value must not be shown.
    pub secret: bool,
    /// Whether an instance without it is `invalid`.
    pub required: bool,
    /// What its text is read as.
    pub ty: FieldType,
    /// The text that is read where an instance lacks it; never of a secret.
    pub default: Option<&'static str>,
    /// What it is, for the person who fills it in; may be empty.
    pub docs: &'static str,
}

impl FieldSpec {
    /// A secret that an instance must have.
    pub const fn secret(name: &'static str) -> Self {
        Self { name, secret: true, required: true, ty: FieldType::Text, default: None, docs: "" }
    }

    /// A field that may be shown and that an instance must have.
    pub const fn plain(name: &'static str, ty: FieldType) -> Self {
        Self { name, secret: false, required: true, ty, default: None, docs: "" }
    }

    /// The same, of a field that an instance may lack.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.required = false;
        self
    }
}

macro_rules! field_types {
    ($($name:ident = $type:ty),* $(,)?) => {
        /// What a field's text is read as. Whoever stores a value can check it by this before an action does.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "lowercase")]
        pub enum FieldType {
            /// Any text; every secret is.
            Text,
            $(
                #[doc = concat!("A `", stringify!($type), "`, as Rust writes one.")]
                $name,
            )*
            /// A type of the application's own, which alone can tell.
            Other,
        }

        impl FieldType {
            /// Checks a value.
            ///
            /// # Errors
            /// In what way it is wrong, such as `is not a valid u16`; never the value.
            pub fn check(self, text: &str) -> Result<(), String> {
                let fits = match self {
                    Self::Text | Self::Other => true,
                    $(Self::$name => text.parse::<$type>().is_ok(),)*
                };
                if fits { Ok(()) } else { Err(format!("is not a valid {}", self.as_str())) }
            }

            /// As manifests write it: `text`, `other`, or the name of a Rust type.
            pub const fn as_str(self) -> &'static str {
                match self {
                    Self::Text => "text",
                    $(Self::$name => stringify!($type),)*
                    Self::Other => "other",
                }
            }
        }

        $(
            impl crate::private::FieldProbe<$type> {
                #[doc(hidden)]
                pub const TYPE: FieldType = FieldType::$name;
            }
            impl crate::private::FieldProbe<Option<$type>> {
                #[doc(hidden)]
                pub const TYPE: FieldType = FieldType::$name;
            }
        )*
    };
}

field_types! {
    Bool = bool,
    Char = char,
    U8 = u8,
    U16 = u16,
    U32 = u32,
    U64 = u64,
    U128 = u128,
    Usize = usize,
    I8 = i8,
    I16 = i16,
    I32 = i32,
    I64 = i64,
    I128 = i128,
    Isize = isize,
    F32 = f32,
    F64 = f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_takes_what_the_application_would_read_and_never_repeats_it() {
        for (ty, fits, wrong) in [
            (FieldType::U16, "443", "70000"),
            (FieldType::Bool, "true", "yes"),
            (FieldType::I8, "-128", "128"),
            (FieldType::F64, "1e3", "1,5"),
            (FieldType::Char, "é", "no"),
        ] {
            assert_eq!(ty.check(fits), Ok(()));
            assert_eq!(ty.check(wrong), Err(format!("is not a valid {}", ty.as_str())));
        }
        assert!(FieldType::Text.check("").is_ok() && FieldType::Other.check("anything").is_ok());
    }

    #[test]
    fn a_manifest_writes_it_as_its_text_says() {
        for ty in [FieldType::Text, FieldType::U128, FieldType::Isize, FieldType::Bool, FieldType::Other] {
            assert_eq!(serde_json::to_value(ty).unwrap(), ty.as_str());
        }
    }
}
