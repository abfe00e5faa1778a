# AlumX in a container: one binary that brings its own libpq and TLS, run by a user without rights.
FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked -p alumx-api && \
    install -D target/release/alumx /out/alumx

FROM debian:bookworm-slim
# Certificates, for a database, a bucket or a collector over TLS.
# hadolint ignore=DL3008
RUN apt-get update && \
    apt-get install -y --no-install-recommends ca-certificates && \
    rm -rf /var/lib/apt/lists/* && \
    useradd --system --uid 10001 --home-dir /var/lib/alumx alumx && \
    install -d -o alumx -g alumx -m 0755 /var/lib/alumx
COPY --from=build /out/alumx /usr/local/bin/alumx
USER 10001
ENV ALUMX_LISTEN=0.0.0.0:8080 \
    ALUMX_DATA_DIR=/var/lib/alumx \
    ALUMX_LOG_FORMAT=json
VOLUME /var/lib/alumx
EXPOSE 8080
# Whoever balances load asks /readyz; a container that is not ready must not be killed for it.
HEALTHCHECK NONE
ENTRYPOINT ["alumx"]
CMD ["serve"]
