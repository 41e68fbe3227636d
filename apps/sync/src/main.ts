import { keepCompiled } from '@coppice/compiled'

keepCompiled()
await import('./begin.ts')
