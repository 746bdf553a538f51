use super::*;

#[test]
fn t() {
    let all = Providers::built_in();
    let mut bad = 0;
    for name in all.names() {
        match all.get(name) {
            Ok(p) => assert_eq!(Provider::parse(name, &p.to_toml()).unwrap(), p),
            Err(e) => {
                bad += 1;
                println!("{e}")
            }
        }
    }
    println!(
        "{}",
        all.get("slack").unwrap().client_missing(Some("https://localhost/callback"), &["chat:write".into()])
    );
    assert_eq!(bad, 0);
}
