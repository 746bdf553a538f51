//! Arguments that several commands share: the application's manifest, and what calls an action.

use std::path::PathBuf;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use keystroke_core::Consumer;

/// The application that a credential is for.
#[derive(Args, Debug)]
pub(crate) struct ManifestArg {
    /// The application's manifest: fields, pins, actions [default: `manifest` in keystroke.toml]
    #[arg(long = "manifest", value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
}

/// What calls the actions; by default they are called directly.
#[derive(Args, Debug)]
#[group(multiple = false)]
pub(crate) struct ContainerArgs {
    /// As steps of this workflow
    #[arg(long, value_name = "WORKFLOW", value_parser = NonEmptyStringValueParser::new())]
    step: Option<String>,
    /// As tools of this agent
    #[arg(long, value_name = "AGENT", value_parser = NonEmptyStringValueParser::new())]
    tool: Option<String>,
    /// As actions of this poll
    #[arg(long, value_name = "POLL", value_parser = NonEmptyStringValueParser::new())]
    poll: Option<String>,
}

impl ContainerArgs {
    /// The consumer.
    pub(crate) fn consumer(self) -> Consumer {
        consumer(self.step, self.tool, self.poll)
    }
}

/// What calls the action.
#[derive(Args, Debug)]
#[group(multiple = false)]
pub(crate) struct ConsumerArgs {
    /// Called directly
    #[arg(long, requires = "action")]
    direct: bool,
    /// As a step of this workflow
    #[arg(long, value_name = "WORKFLOW", requires = "action", value_parser = NonEmptyStringValueParser::new())]
    step: Option<String>,
    /// As a tool of this agent
    #[arg(long, value_name = "AGENT", requires = "action", value_parser = NonEmptyStringValueParser::new())]
    tool: Option<String>,
    /// As the action of this poll
    #[arg(long, value_name = "POLL", requires = "action", value_parser = NonEmptyStringValueParser::new())]
    poll: Option<String>,
}

impl ConsumerArgs {
    /// The consumer; by default `direct`.
    pub(crate) fn consumer(self) -> Consumer {
        consumer(self.step, self.tool, self.poll)
    }
}

fn consumer(step: Option<String>, tool: Option<String>, poll: Option<String>) -> Consumer {
    let step = step.map(Consumer::Workflow);
    let tool = tool.map(Consumer::Agent);
    let poll = poll.map(Consumer::Poll);
    step.or(tool).or(poll).unwrap_or_default()
}
