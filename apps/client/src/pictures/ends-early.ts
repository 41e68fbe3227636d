import type { PictureType } from '@coppice/protocol'

const latin1 = new TextDecoder('latin1')
/** After a picture's end a program may have left so much of its own, bytes. */
const TAIL = 64 * 1024

/** Whether the end of a picture is missing. Browsers draw what is there of one and do not say so. */
export function endsEarly(type: PictureType, bytes: Uint8Array<ArrayBuffer>): boolean {
  const tail = () => latin1.decode(bytes.subarray(-TAIL))
  switch (type) {
    case 'image/png':
      return !tail().includes('IEND')
    case 'image/jpeg':
      return !tail().includes('\u00ff\u00d9')
    case 'image/gif':
      return !tail().includes(';')
    case 'image/webp':
      return bytes.length < 8 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true)
    case 'image/avif':
    case 'image/svg+xml':
      return false
  }
}
