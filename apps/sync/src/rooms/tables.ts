/**
 * Yjs documents as the updates they are made of. Now and then all updates of a room become one, with the number of the
 * last: numbers go up and are never used again, so another server knows what it has.
 */
export const ROOM_TABLES = `
  create table yjs_rooms (
    no bigint generated always as identity primary key,
    name text collate "C" not null unique,
    head bigint not null default 0
  ) with (fillfactor = 50);

  create table yjs_updates (
    room_no bigint not null,
    seq bigint not null,
    bytes bytea not null,
    primary key (room_no, seq)
  );

  -- Updates of many rooms in one transaction and one sync. In the order of their rooms, so that two servers that lock
  -- the same rooms never wait for each other in a ring.
  create function append_room_updates(in_rows text, in_bytes bytea) returns table (room bigint, seq bigint)
  language plpgsql as $$
  declare
    one record;
    reached bigint;
  begin
    for one in select * from json_to_recordset(in_rows::json) as row(r bigint, o int, l int) order by r loop
      update yjs_rooms set head = head + 1 where no = one.r returning head into strict reached;
      insert into yjs_updates values (one.r, reached, substring(in_bytes from one.o for one.l));
      room := one.r;
      seq := reached;
      return next;
    end loop;
  end $$;

  -- The updates up to one of them, as one. Nothing happens if another server was faster.
  create function compact_room(in_room bigint, in_upto bigint, in_bytes bytea) returns void language plpgsql as $$
  begin
    perform from yjs_rooms where no = in_room for update;
    delete from yjs_updates where room_no = in_room and seq <= in_upto;
    if found then
      insert into yjs_updates values (in_room, in_upto, in_bytes) on conflict do nothing;
    end if;
  end $$;
`
