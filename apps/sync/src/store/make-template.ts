import { initialiseFiles } from './database.ts'
import { ensureTemplate } from './template.ts'

/** `node apps/sync/src/store/make-template.ts`: run while the web app is built. A failure only costs a new start its seconds. */
await ensureTemplate(initialiseFiles)
process.exit(0)
