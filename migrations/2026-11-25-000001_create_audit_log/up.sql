-- Who signed in and who changed accounts, kept for those who run the service. Rows are never changed nor deleted,
-- and hold no personal content but ids and addresses: so no foreign keys, for they outlive the accounts.
CREATE TABLE audit_log (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event TEXT NOT NULL CONSTRAINT event_is_valid CHECK (char_length(event) BETWEEN 1 AND 50),
    actor_id BIGINT,
    target_id BIGINT,
    -- The role given by a ROLE_CHANGED.
    role TEXT CONSTRAINT role_is_known CHECK (role IN ('STUDENT', 'ALUMNI', 'PROFESSOR', 'ADMIN')),
    ip_address TEXT CONSTRAINT ip_address_is_valid CHECK (char_length(ip_address) BETWEEN 2 AND 45),
    request_id TEXT CONSTRAINT request_id_is_valid CHECK (char_length(request_id) BETWEEN 1 AND 128),
    created_at TIMESTAMPTZ NOT NULL
);
-- Read newest first, whole or by one of its filters.
CREATE INDEX audit_log_by_time ON audit_log (created_at DESC, id DESC);
CREATE INDEX audit_log_by_event ON audit_log (event, created_at DESC, id DESC);
CREATE INDEX audit_log_by_actor ON audit_log (actor_id, created_at DESC, id DESC);
CREATE INDEX audit_log_by_target ON audit_log (target_id, created_at DESC, id DESC);

CREATE FUNCTION refuse_change_of_audit_log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER audit_log_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit_log();
