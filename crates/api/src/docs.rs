//! The pages that show the API, with all they load from the binary and nothing from elsewhere.

use actix_web::middleware::Compress;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpResponse, guard};
use utoipa_swagger_ui::{Config, SwaggerUi, Url};

use crate::{openapi, realtime};

/// The pages, at the root.
pub fn routes(config: &mut ServiceConfig) {
    let page = |content_type: &'static str, content: &'static str| {
        move || async move { HttpResponse::Ok().content_type(content_type).body(content) }
    };
    let redirect = async || web::Redirect::to("/docs/").permanent();
    config.service(
        web::scope("/docs")
            .wrap(Compress::default())
            .service(web::resource("").guard(guard::Get()).to(redirect))
            .service(
                web::resource("/realtime")
                    .guard(guard::Get())
                    .to(page("text/html; charset=utf-8", realtime::PAGE)),
            )
            .service(
                web::resource("/realtime.js")
                    .guard(guard::Get())
                    .to(page("text/javascript; charset=utf-8", realtime::SCRIPT)),
            )
            .service(interactive()),
    );
}

/// The page where the API is tried out.
fn interactive() -> SwaggerUi {
    let document = format!("{}/openapi.json", openapi::BASE_PATH);
    let config = Config::new([Url::new("AlumX", &document)].map(|_| document.clone()))
        .validator_url("none")
        .persist_authorization(false)
        .try_it_out_enabled(true);
    SwaggerUi::new("/{_:.*}").config(config)
}
