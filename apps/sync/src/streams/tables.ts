/**
 * Byte streams. A row a stream, a row an append: a run's record comes in pieces of some KiB, which PostgreSQL packs by
 * itself, and one function call is one transaction and one sync (docs/decisions/0020).
 *
 * A stream that was deleted or has expired leaves its row for a while, so that its readers can be told what happened.
 * A fork owns a copy of what it inherits; `forks` only counts who still names this stream as its source.
 */
export const STREAM_TABLES = `
  create table byte_streams (
    no bigint generated always as identity primary key,
    path text collate "C" not null unique,
    content_type text not null,
    -- Idle life in seconds, and a fixed end in milliseconds since 1970 with the words it was given in.
    ttl bigint,
    expires_at bigint,
    expires_text text,
    touched_at bigint not null,
    tail bigint not null default 0,
    closed boolean not null default false,
    -- The producer's request that closed it, to know its repeat.
    closed_by text,
    last_seq text collate "C",
    source_no bigint,
    source_path text,
    source_at bigint,
    forks int not null default 0,
    gone text check (gone in ('deleted', 'expired')),
    gone_at bigint
  );

  create index on byte_streams (source_no) where source_no is not null;

  create table byte_stream_chunks (
    stream_no bigint not null,
    start bigint not null,
    bytes bytea not null,
    primary key (stream_no, start)
  );

  create table byte_stream_producers (
    stream_no bigint not null,
    producer text collate "C" not null,
    epoch bigint not null,
    seq bigint not null,
    primary key (stream_no, producer)
  );

  create function stream_clock() returns bigint language sql volatile as $$
    select (extract(epoch from clock_timestamp()) * 1000)::bigint
  $$;

  -- Its bytes go at once; what it was forked from is let go when nothing hangs on it any more, and so on upwards.
  create function end_byte_stream(in_no bigint, in_reason text) returns void language plpgsql as $$
  declare
    s byte_streams;
    up bigint;
  begin
    update byte_streams set gone = in_reason, gone_at = stream_clock() where no = in_no returning * into s;
    delete from byte_stream_chunks where stream_no = in_no;
    delete from byte_stream_producers where stream_no = in_no;
    while s.gone is not null and s.forks = 0 and s.source_no is not null loop
      up := s.source_no;
      update byte_streams set source_no = null where no = s.no;
      update byte_streams set forks = forks - 1 where no = up returning * into s;
      exit when not found;
    end loop;
  end $$;

  -- The stream as it stands, locked; a stream whose time is over ends here.
  create function hold_byte_stream(in_path text) returns byte_streams language plpgsql as $$
  declare
    s byte_streams;
  begin
    select * into s from byte_streams where path = in_path for update;
    if s.no is not null and s.gone is null
      and (s.touched_at + s.ttl * 1000 <= stream_clock() or s.expires_at <= stream_clock()) then
      perform end_byte_stream(s.no, 'expired');
      select * into s from byte_streams where path = in_path;
    end if;
    return s;
  end $$;

  -- The same for readers: a read counts as use, a look does not.
  create function open_byte_stream(in_path text, in_touch boolean) returns setof byte_streams language plpgsql as $$
  declare
    s byte_streams;
  begin
    select * into s from byte_streams where path = in_path;
    if s.no is null then
      return;
    end if;
    if s.gone is null and (s.ttl is not null or s.expires_at is not null) then
      s := hold_byte_stream(in_path);
      if in_touch and s.gone is null and s.ttl is not null then
        update byte_streams set touched_at = stream_clock() where no = s.no;
      end if;
    end if;
    return next s;
  end $$;

  create function create_byte_stream(
    in_path text, in_type text, in_ttl bigint, in_expires bigint, in_expires_text text, in_closed boolean, in_bytes bytea,
    in_source text, in_at bigint, in_at_given boolean
  ) returns table (outcome text, tail bigint, content_type text, closed boolean) language plpgsql as $$
  declare
    s byte_streams;
    source byte_streams;
    begun bigint;
  begin
    -- Two who make the same stream at once: the second waits here and finds the first one's.
    perform pg_advisory_xact_lock(hashtextextended(in_path, 1));
    if in_source is not null then
      source := hold_byte_stream(in_source);
    end if;
    s := hold_byte_stream(in_path);
    if s.no is not null and s.gone is null then
      return query select
        case when lower(split_part(s.content_type, ';', 1)) = lower(split_part(in_type, ';', 1))
          and s.ttl is not distinct from in_ttl and s.expires_at is not distinct from in_expires and s.closed = in_closed
          and s.source_path is not distinct from in_source and (not in_at_given or s.source_at = in_at)
        then 'same' else 'different' end, s.tail, s.content_type, s.closed;
      return;
    end if;
    if s.forks > 0 then
      return query select 'held', s.tail, s.content_type, s.closed;
      return;
    end if;
    if in_source is not null and (source.no is null or source.gone is not null) then
      return query select case when source.forks > 0 then 'source_held' else 'source_missing' end, 0::bigint, '', false;
      return;
    end if;
    delete from byte_streams where no = s.no;
    begun := coalesce(in_at, 0);
    insert into byte_streams (
      path, content_type, ttl, expires_at, expires_text, touched_at, tail, closed, source_no, source_path, source_at
    ) values (
      in_path, in_type, in_ttl, in_expires, in_expires_text, stream_clock(), begun + length(in_bytes), in_closed,
      source.no, in_source, in_at
    ) returning * into s;
    if source.no is not null then
      update byte_streams set forks = forks + 1 where no = source.no;
      insert into byte_stream_chunks
      select s.no, c.start, case when c.start + length(c.bytes) > begun then substring(c.bytes for (begun - c.start)::int) else c.bytes end
      from byte_stream_chunks c where c.stream_no = source.no and c.start < begun;
    end if;
    if length(in_bytes) > 0 then
      insert into byte_stream_chunks values (s.no, begun, in_bytes);
    end if;
    return query select 'created', s.tail, s.content_type, s.closed;
  end $$;

  -- in_type is null with an empty body. Whoever comes second waits for the first at the stream's row.
  create function append_to_byte_stream(
    in_path text, in_type text, in_bytes bytea, in_limit bigint, in_seq text, in_producer text, in_epoch bigint,
    in_producer_seq bigint, in_close boolean
  ) returns table (outcome text, tail bigint, closed boolean, epoch bigint, seq bigint, gone text)
  language plpgsql as $$
  declare
    s byte_streams;
    p byte_stream_producers;
    request text := in_producer || ' ' || in_epoch || ' ' || in_producer_seq;
    verdict text;
  begin
    s := hold_byte_stream(in_path);
    if in_producer is not null and s.no is not null then
      select * into p from byte_stream_producers q where q.stream_no = s.no and q.producer = in_producer;
    end if;
    verdict := case
      when s.no is null then 'missing'
      when s.gone is not null then case when s.forks > 0 then 'held' else 'missing' end
      when in_epoch < p.epoch then 'fenced'
      when s.closed and s.closed_by = request then 'repeated'
      when s.closed and in_producer is null and in_close and length(in_bytes) = 0 then 'appended'
      when s.closed then 'closed'
      when in_type is not null and lower(split_part(in_type, ';', 1)) <> lower(split_part(s.content_type, ';', 1)) then 'type'
      when in_epoch > p.epoch and in_producer_seq <> 0 then 'not_from_zero'
      when in_epoch = p.epoch and in_producer_seq <= p.seq then 'repeated'
      when in_producer_seq > case when in_epoch = p.epoch then p.seq + 1 else 0 end then 'gap'
      when in_seq <= s.last_seq then 'sequence'
      when s.tail + length(in_bytes) > in_limit then 'full'
    end;
    if verdict is not null then
      return query select verdict, s.tail, s.closed, p.epoch, p.seq, s.gone;
      return;
    end if;
    if length(in_bytes) > 0 then
      insert into byte_stream_chunks values (s.no, s.tail, in_bytes);
    end if;
    if in_producer is not null then
      insert into byte_stream_producers values (s.no, in_producer, in_epoch, in_producer_seq)
      on conflict (stream_no, producer) do update set epoch = in_epoch, seq = in_producer_seq;
    end if;
    update byte_streams b set
      tail = b.tail + length(in_bytes),
      touched_at = stream_clock(),
      last_seq = coalesce(in_seq, b.last_seq),
      closed = in_close,
      closed_by = case when in_close then request end
    where b.no = s.no returning * into s;
    return query select 'appended', s.tail, s.closed, in_epoch, in_producer_seq, s.gone;
  end $$;

  create function delete_byte_stream(in_path text) returns text language plpgsql as $$
  declare
    s byte_streams;
  begin
    s := hold_byte_stream(in_path);
    if s.no is null or (s.gone is not null and s.forks = 0) then
      return 'missing';
    end if;
    if s.gone is not null then
      return 'held';
    end if;
    perform end_byte_stream(s.no, 'deleted');
    return 'deleted';
  end $$;

  -- Ends what has expired unseen, and forgets those that went long ago. How many of both.
  create function sweep_byte_streams(in_forget_before bigint) returns int language plpgsql as $$
  declare
    one record;
    swept int := 0;
    forgotten int;
  begin
    for one in
      select path from byte_streams
      where gone is null and (touched_at + ttl * 1000 <= stream_clock() or expires_at <= stream_clock()) limit 1000
    loop
      perform hold_byte_stream(one.path);
      swept := swept + 1;
    end loop;
    delete from byte_streams where gone is not null and forks = 0 and gone_at < in_forget_before;
    get diagnostics forgotten = row_count;
    return swept + forgotten;
  end $$;
`
