/**
 * Imported before a server: at SIGUSR2 it collects all garbage and writes into the file HEAP_PROBE how many bytes are still
 * used. What a process holds can be told only so: memory that was used once is not given back at once.
 */
import fs from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const file = process.env['HEAP_PROBE'] ?? ''

process.on('SIGUSR2', () => {
  collect()
  collect()
  fs.writeFileSync(`${file}.new`, String(process.memoryUsage().heapUsed))
  fs.renameSync(`${file}.new`, file)
})
