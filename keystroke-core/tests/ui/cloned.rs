fn main() {
    let secret = keystroke_core::SecretString::from("sk-123");
    let _ = secret.clone();
}
