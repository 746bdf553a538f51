//! The values of single flags: scopes, origins, times and durations.

use std::time::{Duration, SystemTime};

use clap::ValueEnum;
use keystroke_core::scope::Scope;
use keystroke_core::{BackgroundOrigin, Origin};

/// A scope's name, as code and core's texts spell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum ScopeName {
    /// Shared by all projects of the organization; `org` for short
    #[value(alias = "org")]
    Organization,
    /// One project's own
    Project,
    /// One user's own
    User,
}

impl From<ScopeName> for Scope {
    fn from(name: ScopeName) -> Self {
        match name {
            ScopeName::Organization => Self::Organization,
            ScopeName::Project => Self::Project,
            ScopeName::User => Self::User,
        }
    }
}

impl From<Scope> for ScopeName {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Organization => Self::Organization,
            Scope::Project => Self::Project,
            Scope::User => Self::User,
        }
    }
}

/// An origin's name.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum OriginName {
    Direct,
    Cli,
    Prompt,
    Workflow,
    Schedule,
    Webhook,
    Poll,
    Gateway,
}

impl OriginName {
    /// The type says whether such a run may have a user.
    pub(crate) const fn origin(self) -> Result<Origin, BackgroundOrigin> {
        match self {
            Self::Direct => Ok(Origin::Direct),
            Self::Cli => Ok(Origin::Cli),
            Self::Prompt => Ok(Origin::Prompt),
            Self::Workflow => Ok(Origin::Workflow),
            Self::Schedule => Err(BackgroundOrigin::Schedule),
            Self::Webhook => Err(BackgroundOrigin::Webhook),
            Self::Poll => Err(BackgroundOrigin::Poll),
            Self::Gateway => Err(BackgroundOrigin::Gateway),
        }
    }
}

/// A moment: RFC 3339 (the `T` may be a space, the time of day may be missing), or a duration before now.
pub(super) fn since(text: &str) -> Result<SystemTime, String> {
    if let Ok(ago) = humantime::parse_duration(text) {
        return SystemTime::now().checked_sub(ago).ok_or_else(|| "that is too long ago".to_owned());
    }
    let (local, offset) = split_offset(text).unwrap_or((text, 0));
    let parsed = humantime::parse_rfc3339_weak(local)
        .or_else(|_| humantime::parse_rfc3339_weak(&format!("{local} 00:00:00")))
        .map_err(|_| {
            "use a time such as `2026-11-23T09:00:00Z`, or an age such as `2h` or `3days`".to_owned()
        })?;
    let distance = Duration::from_secs(offset.unsigned_abs() * 60);
    let at = if offset < 0 { parsed.checked_add(distance) } else { parsed.checked_sub(distance) };
    at.ok_or_else(|| "that is too long ago".to_owned())
}

/// How long from now.
pub(super) fn ahead(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(time) if !time.is_zero() => Ok(time),
        _ => Err("use a time such as `30d`, `12h` or `1year`".to_owned()),
    }
}

/// Splits off `+02:00`, as minutes: `humantime` knows only `Z`.
fn split_offset(text: &str) -> Option<(&str, i64)> {
    let (local, offset) = text.split_at_checked(text.len().checked_sub(6)?)?;
    let (hours, minutes) = offset.get(1..)?.split_once(':')?;
    let minutes =
        hours.parse::<u8>().ok().map(i64::from)? * 60 + minutes.parse::<u8>().ok().map(i64::from)?;
    match offset.as_bytes().first()? {
        b'+' => Some((local, minutes)),
        b'-' if local.contains(':') => Some((local, -minutes)),
        _ => None,
    }
}
