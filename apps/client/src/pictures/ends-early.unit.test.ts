import { expect, test } from 'vitest'
import { endsEarly } from './ends-early.ts'

const bytes = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(text, (letter) => letter.charCodeAt(0))

test('a picture without its end is known by its format, with or without what a program left behind it', () => {
  expect(endsEarly('image/png', bytes('head IDAT rows IEND crc'))).toBe(false)
  expect(endsEarly('image/png', bytes('head IDAT rows'))).toBe(true)
  expect(endsEarly('image/jpeg', bytes('head rows \u00ff\u00d9 maker notes'))).toBe(false)
  expect(endsEarly('image/jpeg', bytes('head rows'))).toBe(true)
  expect(endsEarly('image/gif', bytes('GIF89a rows;'))).toBe(false)
  expect(endsEarly('image/gif', bytes('GIF89a rows'))).toBe(true)
  expect(endsEarly('image/webp', bytes('RIFF\u0008\0\0\0WEBProws'))).toBe(false)
  expect(endsEarly('image/webp', bytes('RIFF\u0009\0\0\0WEBProws'))).toBe(true)
})
