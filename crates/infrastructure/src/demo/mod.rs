//! stub until merge
use alumx_domain::clock::Timestamp;
pub struct DemoPlan {
    pub users: u32,
    pub seed: u64,
}
pub fn fill(
    _: &str,
    _: &DemoPlan,
    _: Timestamp,
    _: &mut dyn FnMut(u64),
) -> Result<String, std::io::Error> {
    Ok(String::new())
}
