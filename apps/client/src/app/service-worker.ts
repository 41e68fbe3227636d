/// <reference lib="webworker" />
import {
  cleanupOutdatedCaches,
  createHandlerBoundToURL,
  precacheAndRoute,
  type PrecacheEntry,
} from 'workbox-precaching'
import { NavigationRoute, registerRoute } from 'workbox-routing'

declare const self: ServiceWorkerGlobalScope & { __WB_MANIFEST: (PrecacheEntry | string)[] }

/** The database's own files: large, named by their content, fetched once when they are first needed. */
const ENGINE_CACHE = 'coppice-engine'
const ENGINE_FILES = /\.(wasm|data|tar\.gz)$/

precacheAndRoute(self.__WB_MANIFEST)
cleanupOutdatedCaches()
registerRoute(
  new NavigationRoute(createHandlerBoundToURL('/index.html'), { denylist: [/^\/(api|join|sync|health)\b/] }),
)
registerRoute(
  ({ url, sameOrigin }) => sameOrigin && ENGINE_FILES.test(url.pathname),
  ({ request }) => fromEngineCache(request),
)

async function fromEngineCache(request: Request): Promise<Response> {
  const cache = await caches.open(ENGINE_CACHE)
  const known = await cache.match(request)
  if (known) return known
  const answer = await fetch(request)
  if (answer.ok) {
    // One version is kept: older ones are of no use to the code that is here now.
    for (const key of await cache.keys()) if (sameFile(key.url, request.url)) await cache.delete(key)
    await cache.put(request, answer.clone())
  }
  return answer
}

/** `postgres-abc123.wasm` and `postgres-def456.wasm` are versions of one file. */
const sameFile = (a: string, b: string): boolean => stem(a) === stem(b)
const stem = (url: string): string => new URL(url).pathname.replace(/-[\w-]{8}(?=\.)/, '')

self.addEventListener('message', (event) => {
  const data: unknown = event.data
  if (typeof data === 'object' && data !== null && 'type' in data && data.type === 'SKIP_WAITING')
    void self.skipWaiting()
})
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))
