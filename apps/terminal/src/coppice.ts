#!/usr/bin/env node
import { keepCompiled } from '@coppice/compiled'

keepCompiled()
await import('./program.ts')
