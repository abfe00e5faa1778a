//! Whether a search in a large directory reads indexes and not the whole table.

use alumx_domain::account::Role;
use alumx_domain::user::{
    DirectoryFilter, DirectoryOrder, ProfileList, ProfilePatch, UserRepository,
};
use alumx_infrastructure::db::Db;
use alumx_infrastructure::user::PgUserRepository;

use super::{only, search};
use crate::support::{World, list, page, set, value};

/// Twenty thousand users: names, companies, cities and skills that many share.
const CROWD: [&str; 6] = [
    "INSERT INTO users (username, name, email, role, current_company, location, department,
         graduation_year, created_at, updated_at)
     SELECT 'user' || n, 'Name' || n % 30 || CASE n % 20 WHEN 3 THEN ' Smith' ELSE ' Of' || n % 700 END,
            n || '@example.net',
            (ARRAY['STUDENT', 'ALUMNI', 'PROFESSOR'])[1 + n % 3], 'Company ' || md5((n % 500)::text),
            'City ' || n % 100, 'Department ' || n % 20, 1950 + n % 70, now(), now()
     FROM generate_series(1, 20000) n",
    "INSERT INTO user_profile_entries (user_id, list, position, value)
     SELECT id, 'skills', 0, 'Skill ' || id % 200 FROM users WHERE email LIKE '%example.net'",
    "INSERT INTO user_search (user_id, role, graduation_year, name, username, company, location,
         department, name_terms, terms)
     SELECT id, role, graduation_year, lower(name), username, lower(current_company),
            lower(location), lower(department),
            array_to_tsvector(string_to_array(lower(name), ' ') || username),
            array_to_tsvector(
                string_to_array(lower(concat_ws(' ', name, current_company, location, department)), ' ')
                || username || ('skills' || chr(1) || 'skill ' || id % 200))
     FROM users WHERE email LIKE '%example.net'",
    "INSERT INTO user_name_words (word)
     SELECT DISTINCT word FROM user_search, unnest(string_to_array(name, ' ')) AS word
     ON CONFLICT DO NOTHING",
    "ANALYZE users, user_search, user_name_words",
    "ANALYZE user_profile_entries",
];

/// One connection, so that what it has read is told after each query.
struct Observed {
    world: World,
    db: Db,
    users: PgUserRepository,
}

impl Observed {
    async fn crowd() -> Self {
        let world = World::new();
        let ada = ProfilePatch {
            current_company: set("Analytical Engines"),
            ..list(ProfileList::Skills, &["Punched cards"])
        };
        world.person("countess", "Ada Lovelace", ada).await;
        for statement in CROWD {
            world.execute(statement);
        }
        let db = world.single_db();
        let users = PgUserRepository::new(db.clone());
        Self { world, db, users }
    }

    /// How many rows of the directory have been read so far, and how often all of a table.
    async fn read(&self) -> (i64, i64) {
        let tables = "('users', 'user_search', 'user_name_words', 'user_skills')";
        let sum = async |what| self.world.statistic(&self.db, what, tables).await;
        (
            sum("seq_tup_read + idx_tup_fetch").await,
            sum("seq_scan").await,
        )
    }

    /// Asks for the first pages, each of which must read but a part of the directory.
    async fn check(&self, name: &str, filter: &DirectoryFilter, order: DirectoryOrder) -> usize {
        let mut hits = 0;
        let mut after = None;
        for size in [20, 100, 20] {
            let (rows_before, scans_before) = self.read().await;
            let list = self.users.list(filter, order, page(after, size)).await;
            let list = list.unwrap();
            let (rows, scans) = self.read().await;
            assert_eq!(scans, scans_before, "{name} {order:?}, page of {size}");
            let rows = rows - rows_before;
            assert!(
                rows < 10_000,
                "{name} {order:?}, page of {size}: {rows} rows"
            );
            hits += list.items.len();
            after = list.next;
            if after.is_none() {
                break;
            }
        }
        hits
    }
}

#[tokio::test]
async fn no_search_reads_the_whole_table() {
    let observed = Observed::crowd().await;
    let order = DirectoryOrder::Relevance;

    for (typed, hits) in [
        ("lovelace", 1),
        ("countess", 1),
        ("smith", 140),
        ("name13 smith", 140),
        ("analytical", 1),
        ("company", 140),
        ("name7", 140),
        ("company 28dd2c7955", 140),
        ("lov", 1),
        ("smi", 140),
        ("city 7 smith", 140),
        ("lovelase", 1),
        ("smiht", 140),
        ("smiht name13", 140),
        ("qqqqqq", 0),
        ("Lovelase Adda", 1),
    ] {
        let found = observed.check(typed, &search(typed), order).await;
        assert!(found.min(1) == hits.min(1), "{typed}: {found}");
    }
}

/// Filters of which each alone, and two together, find many, few or nobody.
fn filters() -> Vec<(&'static str, DirectoryFilter)> {
    let year = |year: i64| Some(year.try_into().unwrap());
    vec![
        ("nothing", DirectoryFilter::default()),
        ("search", search("smith")),
        ("rare search", search("lovelace")),
        ("role", only(|f| f.role = Some(Role::Professor))),
        ("nobody's role", only(|f| f.role = Some(Role::Admin))),
        ("skill", only(|f| f.skill = Some(value("skill 7")))),
        (
            "rare skill",
            only(|f| f.skill = Some(value("punched cards"))),
        ),
        ("nobody's skill", only(|f| f.skill = Some(value("none")))),
        ("company", only(|f| f.company = Some(value("28DD2C7955")))),
        ("rare company", only(|f| f.company = Some(value("engines")))),
        ("location", only(|f| f.location = Some(value("ity 7")))),
        (
            "nobody's location",
            only(|f| f.location = Some(value("nowhere"))),
        ),
        (
            "department",
            only(|f| f.department = Some(value("department 7"))),
        ),
        ("year", only(|f| f.graduation_year = year(1960))),
        ("nobody's year", only(|f| f.graduation_year = year(2090))),
        ("years", only(|f| f.graduation_year_from = year(1990))),
        (
            "role and skill",
            only(|f| {
                f.role = Some(Role::Student);
                f.skill = Some(value("skill 7"));
            }),
        ),
    ]
}

#[tokio::test]
async fn no_list_or_filter_reads_the_whole_table() {
    let observed = Observed::crowd().await;

    for (name, filter) in filters() {
        for order in [DirectoryOrder::Newest, DirectoryOrder::Name] {
            observed.check(name, &filter, order).await;
        }
    }
}

#[tokio::test]
async fn what_is_common_is_found_behind_many_who_are_alike() {
    let observed = Observed::crowd().await;
    for statement in [
        "INSERT INTO users (username, name, email, role, created_at, updated_at)
         SELECT 'class' || n, 'Name', n || '@example.com', 'STUDENT', now(), now()
         FROM generate_series(1, 1100) n",
        "INSERT INTO user_search (user_id, role, name, username, name_terms, terms)
         SELECT id, role, 'name', username, 'name', 'name'
         FROM users WHERE email LIKE '%example.com'",
        "ANALYZE users, user_search",
    ] {
        observed.world.execute(statement);
    }

    for (name, filter) in [
        ("role", only(|f| f.role = Some(Role::Professor))),
        ("company", only(|f| f.company = Some(value("company")))),
    ] {
        let (before, _) = observed.read().await;
        let list = observed
            .users
            .list(&filter, DirectoryOrder::Newest, page(None, 20));
        assert_eq!(list.await.unwrap().items.len(), 20);
        let rows = observed.read().await.0 - before;
        // A third and nearly all of twenty thousand have it.
        assert!(rows < 4_000, "{name}: {rows} rows");
    }
}
