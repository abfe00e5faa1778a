//! A resume as JSON Resume (jsonresume.org), schema v1.0.0.
//!
//! Only fields of that schema, and of those only what a profile says: nothing is guessed out of
//! free text.

use alumx_application::resume::generated::GeneratedResume;
use alumx_domain::account::Role;
use alumx_domain::user::{Profile, ProfileList, WebUrl};
use chrono::SecondsFormat;
use serde::Serialize;
use utoipa::ToSchema;

const SCHEMA: &str =
    "https://raw.githubusercontent.com/jsonresume/resume-schema/v1.0.0/schema.json";

/// A resume as JSON Resume (jsonresume.org), schema v1.0.0.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "$schema": SCHEMA,
    "basics": {
        "name": "Ada Lovelace",
        "label": "Programmer",
        "summary": "I write programs for an engine that does not exist.",
        "location": {"city": "London"},
        "profiles": [
            {"network": "GitHub", "username": "ada", "url": "https://github.com/ada"}
        ]
    },
    "work": [
        {"name": "Analytical Engines Ltd", "position": "Programmer"},
        {"summary": "Assistant at Difference Engines (1833–1842)"}
    ],
    "education": [{"area": "Mathematics", "endDate": "2015"}],
    "certificates": [],
    "skills": [{"name": "Skills", "keywords": ["Mathematics", "Programming"]}],
    "languages": [{"language": "English"}],
    "interests": [{"name": "Flying"}],
    "projects": [{"description": "Notes on the engine"}],
    "meta": {"version": "v1.0.0", "lastModified": "2027-01-15T08:00:00Z"}
}))]
pub struct JsonResume {
    #[serde(rename = "$schema")]
    #[schema(value_type = String, format = "uri")]
    schema: &'static str,
    basics: Basics,
    work: Vec<Work>,
    education: Vec<Education>,
    certificates: Vec<Certificate>,
    skills: Vec<Skill>,
    languages: Vec<Language>,
    interests: Vec<Interest>,
    projects: Vec<Project>,
    meta: Meta,
}

/// Who it is.
#[derive(Serialize, ToSchema)]
#[schema(as = JsonResumeBasics, example = json!({"name": "Ada Lovelace", "profiles": []}))]
struct Basics {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    label: Option<String>,
    /// Shown to the user and admins only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "uri")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    summary: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    location: Option<Location>,
    profiles: Vec<Page>,
}

/// Where somebody lives.
#[derive(Serialize, ToSchema)]
#[schema(as = JsonResumeLocation, example = json!({"city": "London"}))]
struct Location {
    city: String,
}

/// A page of somebody's elsewhere.
#[derive(Serialize, ToSchema)]
#[schema(as = JsonResumePage, example = json!({"network": "GitHub", "username": "ada", "url": "https://github.com/ada"}))]
struct Page {
    #[schema(value_type = String)]
    network: &'static str,
    /// If the URL says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    username: Option<String>,
    #[schema(format = "uri")]
    url: String,
}

/// A job or internship: today's with name and position, others with a summary.
#[derive(Default, Serialize, ToSchema)]
#[schema(as = JsonResumeWork, example = json!({"name": "Analytical Engines Ltd", "position": "Programmer"}))]
struct Work {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    position: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    summary: Option<String>,
}

/// A school or degree: the one here with area and year, others with what the user wrote.
#[derive(Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = JsonResumeEducation, example = json!({"area": "Mathematics", "endDate": "2015"}))]
struct Education {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    institution: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    area: Option<String>,
    /// The year.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    end_date: Option<String>,
}

/// A certificate.
#[derive(Serialize, ToSchema)]
#[schema(as = JsonResumeCertificate, example = json!({"name": "Certified programmer (2020)"}))]
struct Certificate {
    name: String,
}

/// One of the lists of things that somebody is good at.
#[derive(Serialize, ToSchema)]
#[schema(as = JsonResumeSkill, example = json!({"name": "Skills", "keywords": ["Mathematics"]}))]
struct Skill {
    #[schema(value_type = String)]
    name: &'static str,
    keywords: Vec<String>,
}

/// A spoken language.
#[derive(Serialize, ToSchema)]
#[schema(as = JsonResumeLanguage, example = json!({"language": "English"}))]
struct Language {
    language: String,
}

/// What somebody does for fun.
#[derive(Serialize, ToSchema)]
#[schema(as = JsonResumeInterest, example = json!({"name": "Flying"}))]
struct Interest {
    name: String,
}

/// A project.
#[derive(Serialize, ToSchema)]
#[schema(as = JsonResumeProject, example = json!({"description": "Notes on the engine"}))]
struct Project {
    description: String,
}

/// About the document.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = JsonResumeMeta, example = json!({"version": "v1.0.0", "lastModified": "2027-01-15T08:00:00Z"}))]
struct Meta {
    /// Of the schema.
    #[schema(value_type = String)]
    version: &'static str,
    /// When the profile last changed.
    last_modified: String,
}

impl From<&GeneratedResume> for JsonResume {
    fn from(resume: &GeneratedResume) -> Self {
        let profile = &resume.profile;
        let items = |list| profile.lists.get(list).iter().cloned();
        let modified = profile
            .updated_at
            .to_rfc3339_opts(SecondsFormat::Secs, true);
        Self {
            schema: SCHEMA,
            basics: basics(resume),
            work: work(profile),
            education: education(profile),
            certificates: items(ProfileList::Certifications)
                .map(|name| Certificate { name })
                .collect(),
            skills: skills(profile),
            languages: items(ProfileList::Languages)
                .map(|language| Language { language })
                .collect(),
            interests: items(ProfileList::Hobbies)
                .map(|name| Interest { name })
                .collect(),
            projects: items(ProfileList::Projects)
                .map(|description| Project { description })
                .collect(),
            meta: Meta {
                version: "v1.0.0",
                last_modified: modified,
            },
        }
    }
}

fn text(text: Option<&impl ToString>) -> Option<String> {
    text.map(ToString::to_string)
}

fn basics(resume: &GeneratedResume) -> Basics {
    let profile = &resume.profile;
    let network = |network, hosts, url: &Option<WebUrl>| {
        url.as_ref().map(|url| Page {
            network,
            username: username(url, hosts),
            url: url.to_uri(),
        })
    };
    let linkedin = network("LinkedIn", "linkedin.com/in/", &profile.linkedin_url);
    let github = network("GitHub", "github.com/", &profile.github_url);
    Basics {
        name: profile.name.to_string(),
        label: text(profile.current_role.as_ref()),
        email: resume.email().map(|email| email.to_string()),
        url: profile.portfolio_url.as_ref().map(WebUrl::to_uri),
        summary: text(profile.about.as_ref()),
        location: text(profile.location.as_ref()).map(|city| Location { city }),
        profiles: linkedin.into_iter().chain(github).collect(),
    }
}

/// The username that a URL of this site names: its one segment after `site`.
fn username(url: &WebUrl, site: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let rest = rest.strip_prefix("www.").unwrap_or(rest);
    let name = rest.strip_prefix(site)?.trim_end_matches('/');
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (!name.is_empty() && name.chars().all(plain)).then(|| name.to_owned())
}

fn work(profile: &Profile) -> Vec<Work> {
    let today = Work {
        name: text(profile.current_company.as_ref()),
        position: text(profile.current_role.as_ref()),
        summary: None,
    };
    let today = (today.name.is_some() || today.position.is_some()).then_some(today);
    let jobs = profile.lists.get(ProfileList::Experience).iter();
    let jobs = jobs.map(|job| (None, job));
    let internships = profile.lists.get(ProfileList::Internships).iter();
    let internships = internships.map(|one| (Some("Internship".to_owned()), one));
    let told = jobs.chain(internships).map(|(position, told)| Work {
        name: None,
        position,
        summary: Some(told.clone()),
    });
    today.into_iter().chain(told).collect()
}

fn education(profile: &Profile) -> Vec<Education> {
    // Professors and admins work in their department.
    let studied = matches!(profile.role, Role::Student | Role::Alumni);
    let here = Education {
        institution: None,
        area: text(profile.department.as_ref()).filter(|_| studied),
        end_date: profile.graduation_year.map(|year| year.get().to_string()),
    };
    let here = (here.area.is_some() || here.end_date.is_some()).then_some(here);
    let told = profile.lists.get(ProfileList::Education).iter();
    let told = told.map(|told| Education {
        institution: Some(told.clone()),
        ..Education::default()
    });
    here.into_iter().chain(told).collect()
}

fn skills(profile: &Profile) -> Vec<Skill> {
    let lists = [
        ("Skills", ProfileList::Skills),
        ("Tech stack", ProfileList::TechStack),
        ("Frameworks", ProfileList::Frameworks),
        ("Communication", ProfileList::CommunicationSkills),
        ("Soft skills", ProfileList::SoftSkills),
    ];
    lists
        .into_iter()
        .map(|(name, list)| Skill {
            name,
            keywords: profile.lists.get(list).to_vec(),
        })
        .filter(|skill| !skill.keywords.is_empty())
        .collect()
}
