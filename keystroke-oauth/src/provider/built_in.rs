//! The providers that come with keystroke. A test compares the list with the folder.

macro_rules! built_in {
    ($($name:literal),+ $(,)?) => {
        /// Each with its file.
        pub(crate) const BUILT_IN: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../providers/", $name, ".toml")))),+];
    };
}

built_in!(
    "airtable",
    "asana",
    "atlassian",
    "box",
    "dropbox",
    "figma",
    "github",
    "github-app",
    "github-installation",
    "gitlab",
    "google",
    "google-service-account",
    "hubspot",
    "linear",
    "microsoft",
    "notion",
    "quickbooks",
    "salesforce",
    "shopify",
    "slack",
    "slack-user",
    "spotify",
    "xero",
    "zoho",
    "zoom",
);
