import type { Bodies } from '@coppice/replica'

const KEY = 'coppice-bodies'

/** What a device keeps unless its owner says otherwise: a desk everything, a phone what was opened on it. */
const usual = (): Bodies => (matchMedia('(pointer: coarse) and (max-width: 900px)').matches ? 'opened' : 'all')

/** Of which sessions the bodies are kept on this device. */
export function deviceBodies(): Bodies {
  const chosen = localStorage.getItem(KEY)
  return chosen === 'all' || chosen === 'opened' ? chosen : usual()
}

/** Counts from the next time the page is opened. */
export function setDeviceBodies(bodies: Bodies): void {
  localStorage.setItem(KEY, bodies)
}
