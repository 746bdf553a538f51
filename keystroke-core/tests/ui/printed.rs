fn main() {
    let secret = keystroke_core::SecretString::from("sk-123");
    println!("{secret}");
}
