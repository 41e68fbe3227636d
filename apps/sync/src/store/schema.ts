import type { PGlite } from '@electric-sql/pglite'
import { BLOB_TABLES } from '../blobs/tables.ts'
import { ROOM_TABLES } from '../rooms/tables.ts'
import { STREAM_TABLES } from '../streams/tables.ts'

/**
 * The tables, as steps that are only ever added to. Bodies are text, not jsonb: jsonb refuses NUL and rewrites
 * numbers, and the stored bytes of an event are what it is proved by.
 */
const STEPS: readonly string[] = [
  `
  create table logs (
    no int generated always as identity primary key,
    id text not null unique,
    epoch text not null,
    head bigint not null default 0
  ) with (fillfactor = 50);

  -- Texts that are looked up compare by bytes: nobody sorts them for people, and it is faster.
  create table events (
    log_no int not null,
    position bigint not null,
    id text collate "C" not null unique,
    stream text collate "C" not null,
    stream_version int not null,
    -- With the first event of a command: what the command said, hashed, and how many events it made. Its receipt.
    content text,
    event_count int,
    body text not null,
    primary key (log_no, position),
    unique (log_no, stream, stream_version)
  );

  -- Answers to commands that made no event.
  create table receipts (
    command_id text collate "C" primary key,
    content text not null,
    position bigint not null,
    refusal text
  );

  -- One call is one transaction and one sync. A function, because PostgreSQL keeps the plans of its statements: planning
  -- them anew cost more than running them. The head moves only from where the writer thought it was; if it is elsewhere
  -- nothing is written. The bodies come as one run of bytes, in which each event names its part: unpacking them from JSON
  -- took longer than storing them. A command is answered in one of two tables, so each is asked about the other's.
  create function append_to_log(
    in_log int, expected_head bigint, count int, in_events text, in_bodies bytea, in_receipts text, in_commands text
  ) returns boolean language plpgsql as $$
  begin
    update logs set head = head + count where no = in_log and head = expected_head;
    if not found then
      return false;
    end if;
    insert into events (log_no, position, id, stream, stream_version, content, event_count, body)
    select in_log, p, i, s, v, h, n, convert_from(substring(in_bodies from o for l), 'UTF8')
    from json_to_recordset(in_events::json) as row(p bigint, i text, s text, v int, h text, n int, o int, l int);
    if in_commands <> '' and exists (
      select from receipts where command_id = any (string_to_array(in_commands, ','))
    ) then
      raise unique_violation;
    end if;
    if in_receipts <> '[]' then
      insert into receipts (command_id, content, position, refusal)
      select c, h, p, r from json_to_recordset(in_receipts::json) as row(c text, h text, p bigint, r text);
      if exists (
        select from events join json_to_recordset(in_receipts::json) as row(c text) on id = c || '.0'
      ) then
        raise unique_violation;
      end if;
    end if;
    return true;
  end $$;

  create table producers (
    id text primary key,
    epoch bigint not null
  );
  `,
  `
  create table access_tokens (
    id text primary key,
    hash text not null unique,
    kind text not null check (kind in ('api', 'runner')),
    user_id text not null,
    runner_id text,
    name text not null,
    start text not null,
    created_at bigint not null,
    last_used_at bigint,
    revoked_at bigint
  );

  create table settings (
    key text primary key,
    value text not null
  );
  `,
  STREAM_TABLES,
  ROOM_TABLES,
  BLOB_TABLES,
]

/** Brings the tables to this version. Throws, changing nothing, when the folder was written by a later version. */
export async function migrate(pg: PGlite): Promise<void> {
  await pg.exec('create table if not exists schema_steps (step int primary key, done_at timestamptz not null)')
  const done = await pg.query<{ steps: number }>('select count(*)::int as steps from schema_steps')
  const first = done.rows[0]?.steps ?? 0
  if (first > STEPS.length)
    throw new Error(
      `The data folder was written by a later version of Coppice (schema ${first}, this version knows ${STEPS.length}). ` +
        'Nothing was changed. Start that version, or name another folder with --data.',
    )
  for (const [index, step] of STEPS.entries()) {
    if (index < first) continue
    await pg.transaction(async (tx) => {
      await tx.exec(step)
      await tx.query('insert into schema_steps values ($1, now())', [index + 1])
    })
  }
}
