export { openInPage, type InPageOptions } from './in-page.ts'
export { MemoryStore } from './memory-store.ts'
export { MemoryOutbox } from './outbox.ts'
export * from './replica.ts'
