import { toast } from '../parts/toasts.tsx'

/** A page that stays open asks for a new version so often. */
const ASK_EVERY_MS = 30 * 60_000

/** Registers the service worker and offers a new version when there is one; nothing changes under the reader. */
export async function watchForUpdates(): Promise<void> {
  if (!('serviceWorker' in navigator)) return
  const { Workbox } = await import('workbox-window')
  const workbox = new Workbox('/service-worker.js', { type: 'classic' })
  workbox.addEventListener('waiting', () => {
    toast('A new version of Coppice is here.', {
      icon: 'download',
      bad: false,
      stays: true,
      action: {
        label: 'Update',
        act: () => {
          workbox.addEventListener('controlling', () => location.reload())
          workbox.messageSkipWaiting()
        },
      },
    })
  })
  await workbox.register()
  setInterval(() => void workbox.update(), ASK_EVERY_MS)
}
