mod conditional;
mod directory;
mod limits;
mod lists;
mod paging;
mod patch;
mod profile;
mod search;

/// A path with these parameters, encoded.
fn with_query(path: &str, parameters: &[(&str, &str)]) -> String {
    let url = reqwest::Url::parse_with_params("http://test", parameters);
    let url = alumx_tests::or_panic(url);
    format!("{path}?{}", url.query().unwrap_or_default())
}
