/** Trees and their signed heads. Tiles can be made again from the events; heads cannot. */
export const PROOF_TABLES = `
  -- Complete subtrees of a log's Merkle tree: the hashes of 256 neighbours on a level, one after the other.
  create table tree_tiles (
    log_no int not null,
    level int not null,
    tile bigint not null,
    hashes bytea not null,
    primary key (log_no, level, tile)
  );

  create table tree_heads (
    log_no int not null,
    size bigint not null,
    body text not null,
    primary key (log_no, size)
  );
`
