//! Nothing: what is counted is in `benches/warm.rs`.
