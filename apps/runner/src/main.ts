import { keepCompiled } from '@coppice/compiled'

keepCompiled()
await import('./run.ts')
