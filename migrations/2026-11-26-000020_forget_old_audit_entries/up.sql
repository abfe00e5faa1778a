-- Who runs the service may choose for how long the audit log is kept. All that its trigger lets pass is to delete
-- what is older than the time that the same transaction names in alumx.audit_retention, and than a day.
CREATE OR REPLACE FUNCTION refuse_change_of_audit_log() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    -- Empty, not null, once a transaction of the same connection has named one.
    kept_from TIMESTAMPTZ := NULLIF(current_setting('alumx.audit_retention', TRUE), '');
BEGIN
    IF TG_OP = 'DELETE' AND TG_LEVEL = 'STATEMENT' AND kept_from IS NOT NULL THEN
        RETURN NULL;
    ELSIF TG_OP = 'DELETE' AND TG_LEVEL = 'ROW' THEN
        IF OLD.created_at < kept_from AND OLD.created_at < now() - INTERVAL '1 day' THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER audit_log_keeps_its_entries BEFORE DELETE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_audit_log();
