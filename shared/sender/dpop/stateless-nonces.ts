// Nonces that are a time and a keyed hash of it: RFC 9449 sections 8 and 9 demand no more, and no instance stores any.
// Refuses a nonce that was made with another key, or longer ago than two buckets. Without a key nothing is accepted.

import { isFailure, type Failure } from '../../failures/failure.ts'
import type { Cryptography, WaitUntil } from '../../platform/ports.ts'
import { createSecret } from '../../secrets/secret.ts'
import { decodeBase64url, encodeBase64url, findBase64urlProblem } from '../../token/base64url.ts'
import type { CreateNonces, NonceCheck } from './nonces.ts'

/** How long one nonce is the current one, in seconds. */
const BUCKET_SECONDS = 120

/** A nonce is accepted in its own bucket and in the two after it. */
const LATER_BUCKETS = 2

/**
 * A nonce of the next bucket is accepted, because the clock of the instance that made it may be ahead of this one.
 * Nobody without a key can make it, and it is accepted no longer than any other.
 */
const EARLIER_BUCKETS = 1

const BUCKET_BYTES = 4
const HASH_BYTES = 16
const NONCE_CHARS = Math.ceil(((BUCKET_BYTES + HASH_BYTES) * 8) / 6)

/** Keeps these hashes apart from those that another feature makes with the same key. */
const LABEL = new TextEncoder().encode('lanekeeper-dpop-nonce')

/** The nonces of one key. Each is computed once. */
interface NonceMaker {
  nonceOf(bucket: number): string
}

const bucketAt = (nowSeconds: number): number => Math.floor(nowSeconds / BUCKET_SECONDS)

function toBytes(bucket: number): Uint8Array {
  const bytes = new Uint8Array(BUCKET_BYTES)
  new DataView(bytes.buffer).setUint32(0, bucket)
  return bytes
}

/** The bucket that a nonce names; `null` where the text is no nonce. */
function readBucket(nonce: string): number | null {
  if (nonce.length !== NONCE_CHARS || findBase64urlProblem(nonce) !== null) return null
  return new DataView(decodeBase64url(nonce).buffer).getUint32(0)
}

/** Whether two texts of the same length are equal. The time does not depend on where they differ. */
function isEqual(one: string, other: string): boolean {
  let difference = 0
  for (let at = 0; at < NONCE_CHARS; at++) difference |= one.charCodeAt(at) ^ other.charCodeAt(at)
  return difference === 0
}

/** `key`: in base64url. */
function createNonceMaker(key: string, { hmacSha256 }: Cryptography): NonceMaker {
  const hash = hmacSha256(decodeBase64url(key))
  const made = new Map<number, string>()
  return {
    nonceOf(bucket) {
      let nonce = made.get(bucket)
      if (nonce === undefined) {
        const bytes = toBytes(bucket)
        const tag = hash(Uint8Array.of(...LABEL, ...bytes)).subarray(0, HASH_BYTES)
        nonce = encodeBase64url(Uint8Array.of(...bytes, ...tag))
        if (made.size > EARLIER_BUCKETS + LATER_BUCKETS) made.clear()
        made.set(bucket, nonce)
      }
      return nonce
    },
  }
}

const NOT_ACCEPTED: NonceCheck = { until: null, next: null }

/** @internal Tests replace one at a time. */
export const NONCE_STEPS = {
  isAcceptedBucket: (bucket: number, now: number): boolean =>
    bucket >= now - LATER_BUCKETS && bucket <= now + EARLIER_BUCKETS,
  isMadeWith: (nonce: string, bucket: number, { nonceOf }: NonceMaker): boolean =>
    isEqual(nonce, nonceOf(bucket)),
}

/**
 * @internal Nonces with the secrets of `dpop.nonce`. A secret that is replaced under the same reference still verifies,
 * as `previousKey` does. Without `key` the check fails (`secret_unavailable`). Without `previousKey` the nonces of it
 * are not accepted, and the client gets a new one.
 */
export function createStatelessNonces(
  { key, previousKey }: Parameters<CreateNonces>[0],
  ports: Parameters<CreateNonces>[1],
  steps: typeof NONCE_STEPS = NONCE_STEPS,
): ReturnType<CreateNonces> {
  const secret = createSecret('dpop.nonce.key', key, 'HS256_secret', ports)
  const previousSecret =
    previousKey === undefined
      ? null
      : createSecret('dpop.nonce.previousKey', previousKey, 'HS256_secret', ports)
  let makers = new Map<string, NonceMaker>()
  /** Makes the current nonces; `null` until its secret is loaded. */
  let maker: NonceMaker | null = null

  /** The makers for the values of secrets that are in use. The first value is the one that makes nonces. */
  function makersOf(values: readonly string[]): readonly NonceMaker[] {
    if (values.length !== makers.size || values.some((value) => !makers.has(value)))
      makers = new Map(
        values.map((value) => [value, makers.get(value) ?? createNonceMaker(value, ports.crypto)]),
      )
    maker = makers.get(values[0]!)!
    return [...makers.values()]
  }

  async function load(waitUntil: WaitUntil): Promise<readonly NonceMaker[] | Failure> {
    const [values, previous = []] = await Promise.all([
      secret.trusted(waitUntil),
      previousSecret?.trusted(waitUntil),
    ])
    if (isFailure(values)) return values
    return makersOf([...new Set([...values, ...(isFailure(previous) ? [] : previous)])])
  }

  /** The clocks of instances differ, so one of them may still accept the nonce when this one does not. */
  const accepted = (nonce: string, bucket: number, now: number): NonceCheck => {
    const current = maker!.nonceOf(now)
    return {
      until: (bucket + 1 + LATER_BUCKETS + EARLIER_BUCKETS) * BUCKET_SECONDS,
      next: bucket > now || nonce === current ? null : current,
    }
  }

  return {
    async check(nonce, nowSeconds, { waitUntil, race }) {
      const loaded = await race(load(waitUntil))
      if (isFailure(loaded)) return loaded
      const now = bucketAt(nowSeconds)
      const bucket = nonce === undefined ? null : readBucket(nonce)
      if (nonce === undefined || bucket === null || !steps.isAcceptedBucket(bucket, now)) return NOT_ACCEPTED
      const isMade = (makers: readonly NonceMaker[]) =>
        makers.filter((one) => steps.isMadeWith(nonce, bucket, one)).length > 0
      if (isMade(loaded)) return accepted(nonce, bucket, now)
      // Another instance may have loaded a newer secret.
      const renewed = await race(secret.renewed(waitUntil).then(() => load(waitUntil)))
      if (isFailure(renewed)) return renewed
      return isMade(renewed) ? accepted(nonce, bucket, now) : NOT_ACCEPTED
    },
    current(nowSeconds, waitUntil) {
      load(waitUntil).catch(() => {})
      return maker?.nonceOf(bucketAt(nowSeconds)) ?? null
    },
  }
}
