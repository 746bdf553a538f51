//! What is measured: one small tool, as an action with a credential, and as each peer has its tools.
//!
//! It does next to nothing, so that what is timed is what surrounds it.

use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::SystemTimeSource;
use aws_smithy_runtime::client::identity::IdentityCache;
use aws_smithy_runtime_api::client::identity::http::Token;
use aws_smithy_runtime_api::client::identity::{
    Identity, IdentityFuture, ResolveCachedIdentity as _, ResolveIdentity, SharedIdentityCache,
    SharedIdentityResolver,
};
use aws_smithy_runtime_api::client::runtime_components::{RuntimeComponents, RuntimeComponentsBuilder};
use aws_smithy_types::config_bag::ConfigBag;
use keystroke::prelude::*;
use rig_core::tool::ToolExecutionError;
use rmcp::handler::server::wrapper::{Json, Parameters};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::{Duration, SystemTime};

pub const SECRET: &str = "sk-bench-7d1f0c9a54e34b0e8f21";

/// A credential as most are: one secret.
#[credential(key = "exa")]
pub struct Exa {
    pub api_key: SecretString,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
pub struct AddInput {
    pub a: i64,
    pub b: i64,
}

#[derive(Serialize, Deserialize, JsonSchema)]
pub struct Sum {
    pub sum: i64,
}

/// Adds two integers.
#[action(slug = "add")]
pub async fn add(input: AddInput, exa: &Exa) -> Result<Sum, Failure> {
    std::hint::black_box(exa.api_key.expose_secret());
    Ok(Sum { sum: input.a.wrapping_add(input.b) })
}

/// The input as JSON, as each side takes it.
pub fn json_input(number: u32) -> serde_json::Map<String, serde_json::Value> {
    serde_json::Map::from_iter([("a".to_owned(), number.into()), ("b".to_owned(), 2.into())])
}

/// A store with one instance.
pub fn memory() -> Runtime {
    let exa = Instance::new("exa").in_organization("acme").field("api_key", SECRET);
    Runtime::new(MemoryStore::new().with(exa))
}

/// The same tool on rmcp, without a credential.
pub struct Bare;

#[rmcp::tool_router(server_handler)]
impl Bare {
    /// Adds two integers.
    #[rmcp::tool(name = "add")]
    async fn add(&self, Parameters(input): Parameters<AddInput>) -> Json<Sum> {
        Json(Sum { sum: input.a.wrapping_add(input.b) })
    }
}

impl Bare {
    pub fn router() -> rmcp::handler::server::router::tool::ToolRouter<Self> {
        Self::tool_router()
    }
}

/// The same tool on rig, without a credential.
#[rig_core::rig_tool(description = "Adds two integers")]
pub async fn rig_add(a: i64, b: i64) -> Result<i64, ToolExecutionError> {
    Ok(a.wrapping_add(b))
}

/// The AWS SDK's identity cache, with one identity that stays valid.
pub struct Aws {
    cache: SharedIdentityCache,
    resolver: SharedIdentityResolver,
    components: RuntimeComponents,
    config: ConfigBag,
}

#[derive(Debug)]
struct Always;

impl ResolveIdentity for Always {
    fn resolve_identity<'a>(&'a self, _: &'a RuntimeComponents, _: &'a ConfigBag) -> IdentityFuture<'a> {
        let expiry = SystemTime::now() + Duration::from_secs(24 * 3600);
        IdentityFuture::ready(Ok(Identity::new(Token::new(SECRET, Some(expiry)), Some(expiry))))
    }
}

impl Default for Aws {
    fn default() -> Self {
        let components = RuntimeComponentsBuilder::for_tests()
            .with_time_source(Some(SystemTimeSource::new()))
            .with_sleep_impl(Some(TokioSleep::new()))
            .build()
            .expect("the components of the AWS SDK's tests");
        let cache = IdentityCache::lazy().build();
        let resolver = SharedIdentityResolver::new(Always);
        Self { cache, resolver, components, config: ConfigBag::base() }
    }
}

impl Aws {
    /// A hit, once the first one has filled the cache.
    pub async fn hit(&self) {
        let identity = self
            .cache
            .resolve_cached_identity(self.resolver.clone(), &self.components, &self.config)
            .await
            .expect("an identity that is always there");
        std::hint::black_box(identity.data::<Token>());
    }
}
