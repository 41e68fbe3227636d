export * from './proofs.ts'
export * from './tree.ts'
export * from './tree-head.ts'
