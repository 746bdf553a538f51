//! Folders: created private, made durable, and not trusted where others could exchange files.

use std::fs::{self, DirBuilder};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// The folder of a file; `.` for a bare name.
pub fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Creates a folder, and those above it, for this user alone. An existing one keeps its mode.
///
/// # Errors
/// It can't be created.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Makes a rename or link in `folder` survive a loss of power.
///
/// # Errors
/// The system refuses.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    fs::File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

/// A folder in which others could exchange files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExposedFolder {
    /// It, or one above it.
    pub folder: PathBuf,
    /// Its mode.
    pub mode: u32,
    /// What fixes it: the first argument of `chmod`.
    pub mend: &'static str,
}

/// Whether others could exchange files in this folder, or the folder itself. `None` if not, or if it does not exist yet.
///
/// An `own` folder may be writable for nobody else, sticky or not: others could put a file there before we do. The owner's
/// own group, the one with the owner's number, counts as the owner. Any other folder, and those above it, may be writable
/// for all if it is sticky, as `/tmp` is, or root's: container platforms mount such folders, and only root could fix them.
///
/// # Errors
/// Its metadata can't be read.
#[cfg(unix)]
pub fn exposed_folder(folder: &Path, own: bool) -> io::Result<Option<ExposedFolder>> {
    use std::os::unix::fs::MetadataExt as _;
    const STICKY: u32 = 0o1000;
    let folder = match fs::canonicalize(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        found => found?,
    };
    for (above, folder) in folder.ancestors().enumerate() {
        let about = fs::metadata(folder)?;
        let mode = about.mode() & 0o7777;
        let own = own && above == 0;
        let by_all = mode & 0o002 != 0 && (own || (mode & STICKY == 0 && about.uid() != 0));
        let by_group = mode & 0o020 != 0 && own && about.gid() != about.uid();
        let mend = match (by_group, by_all) {
            (false, false) => continue,
            (false, true) => "o-w",
            (true, false) => "g-w",
            (true, true) => "go-w",
        };
        return Ok(Some(ExposedFolder { folder: folder.to_owned(), mode, mend }));
    }
    Ok(None)
}

/// Whether others could exchange files in this folder. This system does not say.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn exposed_folder(_folder: &Path, _own: bool) -> io::Result<Option<ExposedFolder>> {
    Ok(None)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_folder_that_others_may_write_to_is_found_and_so_is_one_above_it() {
        let top = tempfile::tempdir().unwrap();
        let top = top.path().canonicalize().unwrap();
        let (above, own) = (top.join("above"), top.join("above/own"));
        make_folder(&own).unwrap();
        let mode = |folder: &Path, mode: u32| {
            fs::set_permissions(folder, fs::Permissions::from_mode(mode)).unwrap();
        };
        let found = || exposed_folder(&own, true).unwrap().map(|found| (found.folder, found.mend));
        assert_eq!(found(), None);
        assert_eq!(exposed_folder(&top.join("none"), true).unwrap(), None);
        for (open, mend) in [(0o777, "o-w"), (0o1777, "o-w"), (0o702, "o-w")] {
            mode(&own, open);
            // By the group too, unless it is the owner's own, which root's is.
            let (folder, found) = found().unwrap();
            assert!(folder == own && (found == mend || found == "go-w"), "{open:o}: {found}");
        }
        mode(&own, 0o1777);
        assert_eq!(exposed_folder(&own, false).unwrap(), None);
        mode(&own, 0o755);
        assert_eq!(found(), None);
        // Given to another user, where this one may: a folder of root's is taken as meant.
        mode(&above, 0o777);
        let given = std::os::unix::fs::chown(&above, Some(12_345), Some(12_345)).is_ok();
        if given || rustix::process::geteuid().as_raw() != 0 {
            assert_eq!(found(), Some((above.clone(), "o-w")));
        }
        mode(&above, 0o1777);
        assert_eq!(found(), None);
        mode(&above, 0o755);
        assert_eq!(found(), None);
        mode(&own, 0o770);
        if std::os::unix::fs::chown(&own, Some(12_345), Some(54_321)).is_ok() {
            mode(&own, 0o770);
            assert_eq!(found(), Some((own.clone(), "g-w")));
        }
    }
}
