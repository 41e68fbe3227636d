import { mergeConfig, type Plugin } from 'vite'
import config from '../vite.config.ts'

const VERSION = /export const PROJECTION_VERSION = (\d+)/

/** The web app as it was before the rows last changed: what it kept on a device is older than this code. For tests of updates. */
const older: Plugin = {
  name: 'older-projection',
  transform(code, id) {
    if (!id.endsWith('events/src/rows/tables.ts')) return undefined
    if (!VERSION.test(code)) throw new Error('The version of the rows is not where it was.')
    return code.replace(VERSION, (_, version) => `export const PROJECTION_VERSION = ${Number(version) - 1}`)
  },
}

export default mergeConfig(config, { plugins: [older], worker: { plugins: () => [older] } })
