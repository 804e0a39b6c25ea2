"""A clinic after some years, as SQL: tens of thousands of rows in each table that grows. What is sealed is junk.

The rows have ids that a test can name: md5 of a letter for the table and the row's number.
"""

PERSON, VISIT, TALK, TEXT, SLOT, LINK, OPENING, NOTE = (f"md5('{kind}' || n)::uuid" for kind in "pvctslon")
HASH = "decode(md5(n::text), 'hex')"
NIGHT = "timestamptz '2026-12-01 17:00+00'"

SEED = f"""
INSERT INTO conversations (id, clinic_id, phone, phone_index, updated_at)
    SELECT {TALK}, :clinic, '\\x00', {HASH}, now() FROM generate_series(1, 5000) n;
INSERT INTO patients (id, clinic_id, external_id, external_index, first_name, last_name, birth_date, phone,
        phone_index, language, zone, digest, updated_at)
    SELECT {PERSON}, :clinic, '\\x00', {HASH}, '\\x00', '\\x00', '\\x00', '\\x00', {HASH}, 'en', 'UTC', {HASH}, now()
    FROM generate_series(1, 5000) n;
INSERT INTO patient_names (clinic_id, name_index, patient_id)
    SELECT :clinic, decode(md5((n % 500)::text), 'hex'), {PERSON} FROM generate_series(1, 5000) n;
INSERT INTO guardians (id, clinic_id, patient_id, name, relation, created_at)
    SELECT {PERSON}, :clinic, {PERSON}, '\\x00', '\\x00', now() FROM generate_series(1, 5000) n;
UPDATE patients SET named = true;
INSERT INTO appointments (id, clinic_id, patient_id, external_id, external_index, provider, location, kind,
        service_index, start_at, minutes, status, version, digest, updated_at)
    SELECT {VISIT}, :clinic, md5('p' || n % 5000 + 1)::uuid, '\\x00', {HASH}, '\\x00', '\\x00', '\\x00',
        decode(md5((n % 50)::text), 'hex'), {NIGHT} + (n - 15000) * interval '1 hour', 30, 'booked', 1, {HASH}, now()
    FROM generate_series(1, 20000) n;
INSERT INTO slots (id, clinic_id, provider, location, kind, service_index, start_at, minutes, appointment_id)
    SELECT {SLOT}, :clinic, '\\x00', '\\x00', '\\x00', decode(md5((n % 50)::text), 'hex'),
        {NIGHT} + (n - 10000) * interval '1 hour', 30, CASE WHEN n % 20 > 0 THEN {VISIT} END
    FROM generate_series(1, 20000) n;
INSERT INTO inbox (id, clinic_id, conversation_id, rank, kind, dedupe, what, received_at, done_at, record)
    SELECT gen_random_uuid(), :clinic, md5('c' || n % 5000 + 1)::uuid, 1, 'text', 'sms:' || n, '\\x00',
        {NIGHT} - interval '1 day', CASE WHEN n < 39000 THEN {NIGHT} END, CASE WHEN n < 39000 THEN '\\x00'::bytea END
    FROM generate_series(1, 40000) n;
INSERT INTO outbox (id, clinic_id, conversation_id, effect_key, wording, body, purpose, zone, final, visit_id,
        visit_version, not_before, created_at, status, claimed_at, sid)
    SELECT {TEXT}, :clinic, md5('c' || n % 5000 + 1)::uuid, n, 'reminder', '\\x00', n % 5, 'UTC', false,
        md5('v' || n % 20000 + 1)::uuid, 1, {NIGHT} - interval '1 day', {NIGHT},
        CASE WHEN n > 39000 THEN 'ready' WHEN n > 38900 THEN 'sending' ELSE 'delivered' END,
        {NIGHT} - interval '1 hour', 'SM' || n
    FROM generate_series(1, 40000) n;
INSERT INTO deliveries (outbox_id, sid, status, at)
    SELECT {TEXT}, 'SM' || n, 'delivered', {NIGHT} FROM generate_series(1, 40000) n;
INSERT INTO timers (id, clinic_id, conversation_id, key, due_at, what)
    SELECT gen_random_uuid(), :clinic, md5('c' || n % 5000 + 1)::uuid, 'visit:' || n,
        {NIGHT} + (n - 500) * interval '1 minute', '{{"kind": "no_answer", "turn": 1}}'
    FROM generate_series(1, 40000) n;
INSERT INTO tasks (id, clinic_id, conversation_id, task, urgency, times, opened_at, last_at, closed_at, due_at)
    SELECT md5('w' || n)::uuid, :clinic, md5('c' || n % 5000 + 1)::uuid, 'task' || n, 'routine', 1, {NIGHT}, {NIGHT},
        CASE WHEN n < 39500 THEN {NIGHT} END, {NIGHT} + (n - 39700) * interval '1 minute'
    FROM generate_series(1, 40000) n;
INSERT INTO staff (id, clinic_id, handle, role, name, email, email_index, created_at)
    SELECT md5('j' || n)::uuid, :clinic, 'j' || n, 'nurse', '\\x00', '\\x00', {HASH}, {NIGHT}
    FROM generate_series(1, 100) n;
UPDATE tasks SET claimed_by = md5('j1')::uuid WHERE closed_at IS NULL AND right(task, 1) = '1';
INSERT INTO task_notes (id, clinic_id, task_id, by, text, at)
    SELECT gen_random_uuid(), :clinic, md5('w' || n)::uuid, md5('j1')::uuid, '\\x00', {NIGHT}
    FROM generate_series(1, 20000) n;
INSERT INTO mentions (task_id, staff_id, at, answered_at)
    SELECT md5('w' || n)::uuid, md5('j' || n % 100 + 1)::uuid, {NIGHT}, CASE WHEN n % 70 > 0 THEN {NIGHT} END
    FROM generate_series(1, 20000) n;
INSERT INTO escalations (id, clinic_id, conversation_id, code, urgency, rung, opened_at, paged_at, acknowledged_at,
        resolved_at)
    SELECT md5('e' || n)::uuid, :clinic, md5('c' || n % 5000 + 1)::uuid, (1000 + n)::text, 'urgent', 0, {NIGHT},
        {NIGHT}, CASE WHEN n < 19900 THEN {NIGHT} END, CASE WHEN n < 19800 THEN {NIGHT} END
    FROM generate_series(1, 20000) n;
INSERT INTO escalation_acts (escalation_id, at, act, by, via)
    SELECT md5('e' || n)::uuid, {NIGHT}, 'taken', 'maria', 'text' FROM generate_series(1, 20000) n;
INSERT INTO alerts (id, clinic_id, escalation_id, conversation_id, code, rung, channel, handle, effect_key, words,
        status, not_before, created_at, claimed_at, outbox_id)
    SELECT gen_random_uuid(), :clinic, md5('e' || n % 20000 + 1)::uuid, md5('c' || n % 5000 + 1)::uuid,
        (1000 + n % 20000)::text, 0, CASE WHEN n < 20000 THEN 'text' ELSE 'call' END, {HASH}, n, '',
        CASE WHEN n < 20000 THEN 'text' WHEN n > 39900 THEN 'ready' WHEN n > 39800 THEN 'sending' ELSE 'sent' END,
        {NIGHT} - interval '1 minute', {NIGHT}, {NIGHT} - interval '1 hour',
        CASE WHEN n < 20000 THEN md5('t' || n)::uuid END
    FROM generate_series(1, 40000) n;
INSERT INTO answers (id, clinic_id, conversation_id, patient_id, effect_key, asked, value, in_words, at)
    SELECT gen_random_uuid(), :clinic, md5('c' || n % 5000 + 1)::uuid, md5('p' || n % 5000 + 1)::uuid, n, '\\x00',
        '\\x00', n % 4 = 0, {NIGHT} - n * interval '1 minute' FROM generate_series(1, 40000) n;
INSERT INTO waitlist (visit_id, clinic_id, service_index, since)
    SELECT {VISIT}, :clinic, decode(md5((n % 50)::text), 'hex'), {NIGHT} - n * interval '1 minute'
    FROM generate_series(16000, 19000) n;
UPDATE slots SET offer_at = {NIGHT} - interval '1 minute' WHERE appointment_id IS NULL;
INSERT INTO offers (slot_id, visit_id, at)
    SELECT {SLOT}, {VISIT}, {NIGHT} FROM generate_series(1, 20000) n;
INSERT INTO chart (id, clinic_id, patient_id, visit_id, kind, external_index, group_index, content, at,
        released_at, digest, updated_at)
    SELECT gen_random_uuid(), :clinic, md5('p' || n % 5000 + 1)::uuid,
        CASE WHEN n % 3 = 0 THEN md5('v' || n % 20000 + 1)::uuid END,
        (ARRAY['summary', 'result', 'medicine'])[n % 3 + 1], {HASH}, {HASH}, '\\x00', {NIGHT} - n * interval '1 hour',
        {NIGHT} - n * interval '1 hour', {HASH}, now() FROM generate_series(1, 40000) n;
INSERT INTO links (id, clinic_id, conversation_id, patient_id, effect_key, handle, page, tries_left, views_left,
        created_at, expires_at, revoked_at)
    SELECT {LINK}, :clinic, md5('c' || n % 5000 + 1)::uuid, md5('p' || n % 5000 + 1)::uuid, 'l' || n, {HASH}, 'form',
        5, 20, {NIGHT}, {NIGHT} + interval '1 day', CASE WHEN n % 2 = 0 THEN {NIGHT} END
    FROM generate_series(1, 20000) n;
INSERT INTO openings (id, clinic_id, link_id, browser, created_at, last_at, ended_at)
    SELECT {OPENING}, :clinic, {LINK}, {HASH}, {NIGHT}, {NIGHT}, CASE WHEN n % 2 = 0 THEN {NIGHT} END
    FROM generate_series(1, 20000) n;
INSERT INTO guards (scope, key, since, wrong)
    SELECT 'patient', {HASH}, {NIGHT} - n * interval '1 minute', 1 FROM generate_series(1, 20000) n;
INSERT INTO notes (id, clinic_id, patient_id, author, body, at)
    SELECT {NOTE}, :clinic, md5('p' || n % 5000 + 1)::uuid, 'patient', '\\x00', {NIGHT} - n * interval '1 minute'
    FROM generate_series(1, 20000) n;
INSERT INTO photos (id, clinic_id, patient_id, note_id, content, at)
    SELECT md5('f' || n)::uuid, :clinic, md5('p' || n % 5000 + 1)::uuid, {NOTE}, '\\x00', {NIGHT}
    FROM generate_series(1, 20000) n;
INSERT INTO signatures (id, clinic_id, patient_id, link_id, consent, edition, language, text, name, at)
    SELECT gen_random_uuid(), :clinic, md5('p' || n % 5000 + 1)::uuid, {LINK}, '\\x00', 'x', 'en', '\\x00', '\\x00',
        {NIGHT} FROM generate_series(1, 20000) n;
INSERT INTO passkeys (id, clinic_id, patient_id, user_handle, credential_index, credential, public_key, counter,
        opening_id, created_at)
    SELECT md5('k' || n)::uuid, :clinic, md5('p' || n % 5000 + 1)::uuid, {HASH}, {HASH}, '\\x00', '\\x00', 0, {OPENING},
        {NIGHT} FROM generate_series(1, 20000) n;
INSERT INTO passkey_challenges (opening_id, purpose, challenge, created_at)
    SELECT {OPENING}, 'use', {HASH}, {NIGHT} FROM generate_series(1, 20000) n;
ALTER TABLE audit DISABLE TRIGGER ALL;
INSERT INTO audit (lane, seq, at, clinic_id, actor, action, subject, patients, origin, detail, previous, hash)
    SELECT n % 8, n + 1000, {NIGHT} - n * interval '1 minute', :clinic,
        CASE WHEN n % 10 < 9 THEN 'bot' ELSE md5('staff' || n % 50)::uuid::text END,
        (ARRAY['text.sent', 'visit.x'])[n % 2 + 1],
        'x', CASE WHEN n % 2 = 0 THEN md5('p' || n % 5000)::uuid::text ELSE '' END, '', '', '', ''
    FROM generate_series(1, 40000) n;
ALTER TABLE audit ENABLE TRIGGER ALL;
INSERT INTO staff (id, clinic_id, handle, role, name, email, email_index, created_at)
    SELECT md5('staff' || n)::uuid, :clinic, 'staff' || n, 'nurse',
        '\\x00', '\\x00', decode(md5('s' || n), 'hex'),
    {NIGHT} FROM generate_series(0, 49) n;
INSERT INTO glass (id, clinic_id, staff_id, patient_id, reason, since, until, reviewed_at)
    SELECT md5('g' || n)::uuid, :clinic, md5('staff' || n % 50)::uuid, md5('p' || n % 5000 + 1)::uuid, '\\x00',
        {NIGHT} - n * interval '1 hour', {NIGHT} - (n - 1) * interval '1 hour',
        CASE WHEN n > 20 THEN {NIGHT} END FROM generate_series(1, 20000) n;
INSERT INTO broadcasts (id, clinic_id, title, flow, content, status, per_minute, days, made_by, made_at, moved_at)
    SELECT md5('broadcast' || n)::uuid, :clinic, '\\x00', 'broadcast', '\\x00',
        CASE n WHEN 1 THEN 'sending' WHEN 2 THEN 'counting' ELSE 'done' END, 30, 1, md5('staff1')::uuid,
        {NIGHT} - n * interval '1 day', {NIGHT} - n * interval '1 day' FROM generate_series(1, 2000) n;
INSERT INTO broadcast_recipients (broadcast_id, patient_id, begun_at)
    SELECT md5('broadcast' || m)::uuid, md5('p' || n)::uuid, CASE WHEN m > 1 OR n > 50 THEN {NIGHT} END
    FROM generate_series(1, 5000) n, generate_series(1, 8) m;
UPDATE outbox SET sent_at = created_at - (rank + 2) * interval '1 hour' WHERE status = 'delivered';
INSERT INTO staff (id, clinic_id, handle, role, name, email, email_index, created_at)
    SELECT md5('m1')::uuid, :clinic, 'm1', 'nurse', '\\x00', '\\x00', '\\x00', {NIGHT};
INSERT INTO visit_acts (id, clinic_id, visit_id, staff_id, act, version, at)
    SELECT md5('w' || n)::uuid, :clinic, {VISIT}, md5('m1')::uuid, 'unreached', 1, {NIGHT}
    FROM generate_series(1, 20000) n;
"""
