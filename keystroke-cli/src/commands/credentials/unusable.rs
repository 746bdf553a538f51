//! A warning after changes: owners that have a usable credential, but whose runs are refused all the same.

use std::collections::BTreeSet;

use keystroke_core::{Candidate, Status};
use keystroke_vault::{Filter, Vault};

use crate::error::CliError;
use crate::output::{Output, view};

/// Warns if runs are refused although the owner of a changed instance has a usable one: several are left and none is the
/// default, or the default is revoked. Without the warning, the next run would be the first to tell.
pub(super) fn tell_unusable<'a>(
    vault: &Vault,
    changed: impl IntoIterator<Item = &'a Candidate>,
    output: &Output,
) -> Result<(), CliError> {
    let places: BTreeSet<_> =
        changed.into_iter().map(|one| (&one.organization, &one.key, &one.owner)).collect();
    for (organization, key, owner) in places {
        let filter = Filter { organization: Some(organization.clone()), key: Some(key.clone()) };
        let records = vault.list(&filter)?;
        let all = || records.iter().map(|record| &record.candidate).filter(|one| one.owner == *owner);
        let mut alive = all().filter(|one| one.status != Status::Revoked);
        let Some(one) = alive.next() else { continue };
        let more = alive.count();
        let whose = view::owner_of(owner, organization);
        let mark = format!("`keystroke credentials update {} --default`", one.id);
        match all().find(|one| one.default) {
            Some(default) if default.status == Status::Revoked => output.notice(
                "revoked_default",
                &format!(
                    "`{}`, the default of {whose} for `{key}`, is revoked, so runs that look there are refused: {mark} marks {} instead",
                    default.id,
                    if more == 0 { "the one that is left" } else { "another one" },
                ),
            ),
            None if more > 0 => output.notice(
                "ambiguous",
                &format!(
                    "{whose} now has {} credentials for `{key}` and none is the default, so runs that look there are refused: {mark} makes that one the default",
                    more + 1
                ),
            ),
            _ => {}
        }
    }
    Ok(())
}
