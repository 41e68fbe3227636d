import type { OpenOptions } from '@coppice/replica/browser/worker'
import { deviceBodies } from '../settings/device-bodies.ts'

/** How this device opens a person's replica. */
export const replicaOptions = (userId: string): OpenOptions => ({
  userId,
  socketUrl: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/sync`,
  appVersion: __APP_VERSION__,
  bodies: deviceBodies(),
})
