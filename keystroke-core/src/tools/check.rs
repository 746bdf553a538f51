//! What a list of actions is checked for when it is built: slugs, descriptions, schemas, keys.

use std::collections::HashMap;

use serde_json::Value;

use super::listed_tool::{ListedTool, ToolFacts};
use super::toolset_error::ToolsetError;
use crate::declare::requirement::Requirement;
use crate::declare::slug::{LONGEST_SLUG, is_slug};
use crate::execute::execution::ActionFacts;

/// All that is wrong with the list, in its order.
pub(super) fn findings(tools: &[ListedTool]) -> Vec<ToolsetError> {
    let mut findings = Vec::new();
    let mut slugs = HashMap::new();
    let mut keys: HashMap<&str, Requirement> = HashMap::new();
    let mut schemas: HashMap<String, (&'static str, Value)> = HashMap::new();
    for tool in tools {
        let ToolFacts { action: ActionFacts { slug, requirements, .. }, input, output, .. } = tool.facts;
        match slugs.insert(slug, ()) {
            Some(()) => findings.push(ToolsetError::SameSlug { slug }),
            None => findings.extend(slug_problem(slug)),
        }
        let (descriptor, flaws) = tool.facts.described();
        if descriptor.description.is_empty() {
            findings.push(ToolsetError::NoDescription { slug });
        }
        findings.extend(flaws.into_iter().map(|flaw| flaw.of(slug)));
        let output = descriptor.output_schema.map(|schema| ((output.name)(), schema));
        for (ty, schema) in [((input.name)(), descriptor.input_schema)].into_iter().chain(output) {
            let Some(name) = schema.get("title").and_then(Value::as_str).map(str::to_owned) else { continue };
            let (first, known) = schemas.entry(name.clone()).or_insert_with(|| (ty, schema.clone()));
            // The same shape under the same name misleads nobody: `Box<T>` beside `T`, say.
            if *first != ty && *known != schema {
                findings.push(ToolsetError::SameSchema { name, types: [*first, ty] });
            }
        }
        for requirement in *requirements {
            let first = *keys.entry(requirement.key()).or_insert(*requirement);
            if first.declared() != requirement.declared() {
                findings.push(ToolsetError::SameKey {
                    key: requirement.key(),
                    types: [first.declared().1, requirement.declared().1],
                });
            }
        }
    }
    findings
}

fn slug_problem(slug: &'static str) -> Option<ToolsetError> {
    let fits = is_slug(slug) && slug.len() <= LONGEST_SLUG;
    (!fits).then_some(ToolsetError::MalformedSlug { slug })
}
