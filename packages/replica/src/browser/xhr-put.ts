import type { Put } from '../blobs/blob-transport.ts'

/** Sends with XMLHttpRequest, the one thing in a browser that says how much of a body has gone. */
export const xhrPut: Put = ({ url, headers, body, signal, sent }) =>
  new Promise((resolve) => {
    const request = new XMLHttpRequest()
    const end = (answer?: { status: number; text: string }): void => {
      signal.removeEventListener('abort', abort)
      resolve(answer)
    }
    const abort = (): void => request.abort()
    if (signal.aborted) return end()
    signal.addEventListener('abort', abort)
    request.open('PUT', url)
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value)
    request.upload.onprogress = ({ loaded, total }) => sent(total === 0 ? 1 : loaded / total)
    request.onload = () => end({ status: request.status, text: request.responseText })
    request.onerror = () => end()
    request.onabort = () => end()
    request.send(body)
  })
