/** Receipts of commands that made no event learn when they were given. What made events is found by them, for ever. */
export const RECEIPT_LIFE_STEP = `
  alter table receipts add column answered_at timestamptz not null default now();
  create index receipts_by_age on receipts (answered_at);
`
