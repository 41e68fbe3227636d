import { keepCompiled } from '@coppice/compiled'

keepCompiled()
await import('./serve.ts')
