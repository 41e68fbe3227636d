import { workerData } from 'node:worker_threads'
import { createDatabase } from './database.ts'

const { folder } = workerData as { folder: string }
await createDatabase(folder)
process.exit(0)
