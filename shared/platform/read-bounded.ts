// Reads the body of a request or response, up to a number of bytes.

import type { HttpAnswer } from './ports.ts'

type Reader = ReturnType<NonNullable<HttpAnswer['body']>['getReader']>

/** All bytes; `null` if there are more than `maxBytes`: the rest is cancelled then. Rejects where the reader does. */
export async function readBounded(reader: Reader, maxBytes: number): Promise<Uint8Array<ArrayBuffer> | null> {
  const chunks: Uint8Array[] = []
  let size = 0
  for (;;) {
    const { value } = await reader.read()
    if (value === undefined) break
    size += value.byteLength
    if (size > maxBytes) {
      void reader.cancel().catch(() => {})
      return null
    }
    chunks.push(value)
  }
  const bytes = new Uint8Array(size)
  chunks.reduce((at, chunk) => (bytes.set(chunk, at), at + chunk.byteLength), 0)
  return bytes
}
