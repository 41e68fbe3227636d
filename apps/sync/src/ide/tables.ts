/** Tokens of the scripts that local editors use: only a hash of each is kept. */
export const IDE_TABLES = `
  create table ide_tokens (
    hash text collate "C" primary key,
    operation text not null,
    workspace_id text not null,
    session_id text not null,
    user_id text not null,
    -- Milliseconds since 1970; when it was used, if it was.
    expires_at bigint not null,
    used_at bigint
  );
`
