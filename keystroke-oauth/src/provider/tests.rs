use super::*;

#[test]
fn t() {
    let slack = Provider::parse("slack", include_str!("../../providers/slack.toml")).unwrap();
    println!("{}", slack.to_toml());
    assert_eq!(Provider::parse("slack", &slack.to_toml()).unwrap(), slack);
    println!("{:?}", Provider::parse("slack", "title = 3\nendpoint = 1\n[endpoints]\ntoken = 'http://x.y/{a}'\nclient_secret = 'x'\n[token]\nauthentication=['bsic']\n[refresh]\ntokens = { grac = 1 }"));
    println!("{:?}", Provider::parse("slack", "title = 3\nendpoint = "));
}
