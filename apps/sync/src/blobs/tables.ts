/** Which blobs a workspace has; their bytes are files. Each workspace has its own, so nobody learns what others have. */
export const BLOB_TABLES = `
  create table blobs (
    workspace_id text collate "C" not null,
    sha256 text collate "C" not null,
    size bigint not null,
    type text not null,
    -- Milliseconds since 1970; a blob that is sent again is as if it were new.
    sent_at bigint not null,
    primary key (workspace_id, sha256)
  );
`
