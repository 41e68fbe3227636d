export * from './replica.ts'
