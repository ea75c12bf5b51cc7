// Nonces as docs and tests specify them, made without the code under test.

import { createHmac } from 'node:crypto'

export const BUCKET_SECONDS = 120

/** `key`: in base64url. `atSeconds`: when it is made, since the epoch. */
export function nonceBy(key: string, atSeconds: number, label = 'lanekeeper-dpop-nonce'): string {
  const bucket = Buffer.alloc(4)
  bucket.writeUInt32BE(Math.floor(atSeconds / BUCKET_SECONDS))
  const tag = createHmac('sha256', Buffer.from(key, 'base64url')).update(label).update(bucket).digest()
  return Buffer.concat([bucket, tag.subarray(0, 16)]).toString('base64url')
}
