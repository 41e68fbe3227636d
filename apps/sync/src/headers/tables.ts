export const HEADER_TABLES = `
  -- What is replicated of sessions without their bodies, and what a stream's decision state is reloaded from. Written
  -- behind the log; always to be had again from the events.
  create table stream_headers (
    log_no int not null,
    stream text collate "C" not null,
    version int not null,
    projection int not null,
    body text not null,
    primary key (log_no, stream)
  );
`
