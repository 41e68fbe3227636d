import { BLOB_TABLES } from '../blobs/tables.ts'
import { IDE_TABLES } from '../ide/tables.ts'
import { HEADER_TABLES } from '../headers/tables.ts'
import { RECEIPT_LIFE_STEP } from '../log/receipt-life-step.ts'
import { PROOF_TABLES } from '../proof/tables.ts'
import { ROOM_TABLES } from '../rooms/tables.ts'
import { STREAM_TABLES } from '../streams/tables.ts'
import type { SqlDatabase } from './sql-database.ts'

/** The class of the advisory locks that are logs' turns; the log's number is the other half of each. */
export const TURN_LOCKS = 20_260

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
  `
  -- Several servers may write to one log. Whoever was overtaken takes the log's turn (an advisory lock, held while it
  -- reads on and decides again); every append waits for it here, in the order they came, so that nobody starves. The head
  -- is still what decides. A producer's epoch is checked, and held still, in the transaction that stores its facts.
  drop function append_to_log(int, bigint, int, text, bytea, text, text);
  create function append_to_log(
    in_log int, expected_head bigint, count int, in_events text, in_bodies bytea, in_receipts text, in_commands text,
    in_producers text, in_turn boolean
  ) returns text language plpgsql as $$
  declare
    known int;
  begin
    if not in_turn then
      perform pg_advisory_xact_lock(${TURN_LOCKS}, in_log);
    end if;
    if in_producers <> '[]' then
      perform from producers, json_to_recordset(in_producers::json) as row(i text, e bigint)
      where producers.id = i and producers.epoch = e for share of producers;
      get diagnostics known = row_count;
      if known <> json_array_length(in_producers::json) then
        return 'fenced';
      end if;
    end if;
    update logs set head = head + count where no = in_log and head = expected_head;
    if not found then
      return 'moved';
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
    return 'stored';
  end $$;
  `,
  PROOF_TABLES,
  HEADER_TABLES,
  STREAM_TABLES,
  ROOM_TABLES,
  RECEIPT_LIFE_STEP,
  BLOB_TABLES,
  IDE_TABLES,
]

/** Brings the tables to this version. Throws, changing nothing, when a later version has written them. One caller at a time. */
export async function migrate(sql: SqlDatabase): Promise<void> {
  await sql.script('create table if not exists schema_steps (step int primary key, done_at timestamptz not null)')
  const done = await sql.query<{ steps: number }>('select count(*)::int as steps from schema_steps', [])
  const first = done.rows[0]?.steps ?? 0
  if (first > STEPS.length)
    throw new Error(
      `The data folder was written by a later version of Coppice (schema ${first}, this version knows ${STEPS.length}). ` +
        'Nothing was changed. Start that version, or name another folder with --data.',
    )
  for (const [index, step] of STEPS.entries()) {
    if (index < first) continue
    await sql.script(`${step}; insert into schema_steps values (${index + 1}, now())`)
  }
}
