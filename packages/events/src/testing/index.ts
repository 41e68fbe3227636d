export * from './given.ts'
export * from './memory-log.ts'
export * from './story.ts'
export * from './rows.ts'
