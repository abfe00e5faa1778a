//! Stored files: their keys, and who still needs them.

use std::collections::HashSet;
use std::fmt;

use async_trait::async_trait;
use strum::{EnumIter, EnumString, IntoStaticStr};
use uuid::Uuid;

use crate::repository::RepositoryError;
use crate::text::InvalidValue;

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Folder {
    /// Resumes.
    Resumes,
    /// Images of posts.
    Images,
}

/// Under which a file is stored, such as `resumes/0192….pdf`: nothing in it comes from a user.
/// A key is used once and never again.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileKey {
    folder: Folder,
    name: String,
}

impl FileKey {
    /// A key out of a number that nobody guesses.
    pub fn new(folder: Folder, random: u128, extension: &'static str) -> Self {
        let name = format!("{random:032x}.{extension}");
        Self { folder, name }
    }

    /// What the file is for.
    pub const fn folder(&self) -> Folder {
        self.folder
    }

    /// What follows the folder.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", <&str>::from(self.folder), self.name)
    }
}

impl TryFrom<String> for FileKey {
    type Error = InvalidValue;

    fn try_from(text: String) -> Result<Self, InvalidValue> {
        let wrong = || InvalidValue::new("invalid_file_key", "must be the key of a file");
        let (folder, name) = text.split_once('/').ok_or_else(wrong)?;
        let folder = folder.parse().map_err(|_| wrong())?;
        let (random, extension) = name.split_once('.').ok_or_else(wrong)?;
        let hex = |c: char| matches!(c, '0'..='9' | 'a'..='f');
        let fits = random.len() == 32
            && random.chars().all(hex)
            && (1..=8).contains(&extension.len())
            && extension.bytes().all(|b| b.is_ascii_lowercase());
        if !fits {
            return Err(wrong());
        }
        let name = name.to_owned();
        Ok(Self { folder, name })
    }
}

/// The SHA-256 of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sha256(pub [u8; 32]);

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Which database it is that files belong to: the same number in the database and beside the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeploymentId(Uuid);

impl From<Uuid> for DeploymentId {
    fn from(id: Uuid) -> Self {
        Self(id)
    }
}

impl fmt::Display for DeploymentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl TryFrom<&str> for DeploymentId {
    type Error = InvalidValue;

    fn try_from(text: &str) -> Result<Self, InvalidValue> {
        let id = Uuid::try_parse(text.trim());
        id.map(Self)
            .map_err(|_| InvalidValue::new("invalid_deployment", "must be a UUID"))
    }
}

/// Knows which files are still needed.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait FileReferences: Send + Sync {
    /// Those of the keys that something stored refers to.
    async fn referenced(&self, keys: &[FileKey]) -> Result<HashSet<FileKey>, RepositoryError>;

    /// Whose they are.
    async fn deployment(&self) -> Result<DeploymentId, RepositoryError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_and_nothing_else_is_one() {
        let key = FileKey::new(Folder::Images, 7, "png");

        assert_eq!(key.to_string(), format!("images/{}7.png", "0".repeat(31)));
        assert_eq!(FileKey::try_from(key.to_string()), Ok(key.clone()));
        let name = key.name();
        for wrong in [
            name.to_owned(),
            format!("secrets/{name}"),
            format!("images/../{name}"),
            format!("images/{name}/x"),
            format!("images/{name}#1"),
            format!("images/a{name}"),
            format!("images/{}", name.to_uppercase()),
            format!("images/{}", name.replace(".png", "")),
            format!("images/{}", name.replace(".png", "..")),
            "images/".to_owned(),
            String::new(),
        ] {
            assert!(FileKey::try_from(wrong.clone()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_deployment_reads_back() {
        let id = DeploymentId::from(Uuid::from_u128(7));

        assert_eq!(DeploymentId::try_from(&*format!("{id}\n")), Ok(id));
        assert!(DeploymentId::try_from("mine").is_err());
    }

    #[test]
    fn a_hash_is_written_in_hexadecimal() {
        let mut hash = [0; 32];
        (hash[0], hash[31]) = (0x0a, 0xff);

        let text = Sha256(hash).to_string();

        assert_eq!(text, format!("0a{}ff", "00".repeat(30)));
    }
}
