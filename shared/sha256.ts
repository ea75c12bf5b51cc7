// SHA-256 and HMAC with it, at once and without a promise: WebCrypto answers later, and by then the log entry that
// this is for has been written. Used for names in the log and for nothing that a decision rests on.
// FIPS 180-4 section 6.2; RFC 2104 section 2.

const BLOCK_BYTES = 64

const primes = (count: number): number[] => {
  const found: number[] = []
  for (let n = 2; found.length < count; n++) if (found.every((prime) => n % prime !== 0)) found.push(n)
  return found
}

/** The first 32 bits of the fraction. FIPS 180-4 sections 4.2.2 and 5.3.3. */
const fraction = (x: number): number => ((x - Math.floor(x)) * 2 ** 32) | 0

const CONSTANTS = Int32Array.from(primes(64), (prime) => fraction(Math.cbrt(prime)))
const INITIAL = Int32Array.from(primes(8), (prime) => fraction(Math.sqrt(prime)))

const schedule = new Int32Array(64)

/** One block of `bytes` into `state`. */
function digestBlock(state: Int32Array, bytes: Uint8Array, at: number): void {
  const w = schedule
  for (let i = 0; i < 16; i++, at += 4)
    w[i] = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15]!
    const y = w[i - 2]!
    const small0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)
    const small1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10)
    w[i] = (w[i - 16]! + small0 + w[i - 7]! + small1) | 0
  }
  let a = state[0]!
  let b = state[1]!
  let c = state[2]!
  let d = state[3]!
  let e = state[4]!
  let f = state[5]!
  let g = state[6]!
  let h = state[7]!
  for (let i = 0; i < 64; i++) {
    const big1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))
    const big0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))
    const first = (h + big1 + (g ^ (e & (f ^ g))) + CONSTANTS[i]! + w[i]!) | 0
    const second = (big0 + ((a & b) | (c & (a | b)))) | 0
    h = g
    g = f
    f = e
    e = (d + first) | 0
    d = c
    c = b
    b = a
    a = (first + second) | 0
  }
  state[0] = (state[0]! + a) | 0
  state[1] = (state[1]! + b) | 0
  state[2] = (state[2]! + c) | 0
  state[3] = (state[3]! + d) | 0
  state[4] = (state[4]! + e) | 0
  state[5] = (state[5]! + f) | 0
  state[6] = (state[6]! + g) | 0
  state[7] = (state[7]! + h) | 0
}

/** Goes on from `state`, which has taken `before` bytes, to the end of the message. Leaves `state` as it was. */
function digest(state: Int32Array, before: number, message: Uint8Array): Uint8Array<ArrayBuffer> {
  const hash = state.slice()
  const padded = new Uint8Array(Math.ceil((message.length + 9) / BLOCK_BYTES) * BLOCK_BYTES)
  padded.set(message)
  padded[message.length] = 0x80
  new DataView(padded.buffer).setBigUint64(padded.length - 8, BigInt(before + message.length) * 8n)
  for (let at = 0; at < padded.length; at += BLOCK_BYTES) digestBlock(hash, padded, at)
  const bytes = new Uint8Array(32)
  const view = new DataView(bytes.buffer)
  hash.forEach((word, index) => view.setInt32(4 * index, word))
  return bytes
}

export const sha256 = (message: Uint8Array): Uint8Array<ArrayBuffer> => digest(INITIAL, 0, message)

/** HMAC-SHA-256 with this key; what depends on the key alone is worked out once. */
export function createHmac(key: Uint8Array): (message: Uint8Array) => Uint8Array<ArrayBuffer> {
  const short = key.length > BLOCK_BYTES ? sha256(key) : key
  const keyed = (pad: number): Int32Array => {
    const block = Uint8Array.from({ length: BLOCK_BYTES }, (_, index) => (short[index] ?? 0) ^ pad)
    const state = INITIAL.slice()
    digestBlock(state, block, 0)
    return state
  }
  const inner = keyed(0x36)
  const outer = keyed(0x5c)
  return (message) => digest(outer, BLOCK_BYTES, digest(inner, BLOCK_BYTES, message))
}
