fn main() {
    let secret = keystroke_core::SecretString::from("sk-123");
    let _ = serde_json::to_string(&secret);
}
