// The Lambda has its cryptography from node:crypto, and servers may; everything else has it from WebCrypto. Both give
// the same verdict about every input.

import { keyTypeOf } from '../../../shared/keys/key-types/all.ts'
import { constants, createHmac, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import {
  nodeCryptoAsync,
  nodeCryptoAtOnce,
  nodeCryptoInPool,
  nodeCryptoSync,
} from '../../../functions/node/crypto.ts'
import { webCrypto, type Cryptography, type VerificationKey } from '../../../shared/index.ts'
import { SIGNATURE_ALGORITHMS, type SignatureAlgorithm } from '../../../shared/token/algorithms.ts'

type Bytes = Uint8Array<ArrayBuffer>

const NAMES = SIGNATURE_ALGORITHMS
const bitsOf = (algorithm: SignatureAlgorithm): number => Number(algorithm.slice(2))

function generate(algorithm: SignatureAlgorithm) {
  const { kty, algorithms } = keyTypeOf(algorithm)
  const { crv } = algorithms[algorithm]!
  if (kty === 'RSA') return generateKeyPairSync('rsa', { modulusLength: 2048 })
  return kty === 'EC' ? generateKeyPairSync('ec', { namedCurve: crv! }) : generateKeyPairSync('ed25519')
}

/** Signs as the algorithm says, or with a mistake that a signer could make. */
function signAs(
  algorithm: SignatureAlgorithm,
  key: KeyObject,
  data: Uint8Array,
  { hash = `sha${bitsOf(algorithm)}`, saltLength = bitsOf(algorithm) / 8, der = false } = {},
): Bytes {
  const kind = algorithm.slice(0, 2)
  if (kind === 'Ed') return Uint8Array.from(sign(null, data, key))
  if (kind === 'ES')
    return Uint8Array.from(sign(hash, data, { key, dsaEncoding: der ? 'der' : 'ieee-p1363' }))
  const padding = kind === 'PS' ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING
  return Uint8Array.from(sign(hash, data, kind === 'PS' ? { key, padding, saltLength } : { key, padding }))
}

const flipped = (bytes: Uint8Array, at: number, bit: number): Bytes =>
  Uint8Array.from(bytes, (byte, index) => (index === at ? byte ^ (1 << bit) : byte))

const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x0${Buffer.from(bytes).toString('hex')}`)

const toBytes = (number: bigint, length: number): Bytes =>
  Uint8Array.from(
    Buffer.from(
      number
        .toString(16)
        .padStart(2 * length, '0')
        .slice(-2 * length),
      'hex',
    ),
  )

/** RFC 7518 section 3.4 asks for both halves in full length; in these signatures they are not, or not in order. */
const ecdsaVariants = (good: Bytes): Bytes[] => {
  const half = good.length / 2
  const [r, s] = [good.slice(0, half), good.slice(half)]
  const zero = new Uint8Array(half)
  const most = new Uint8Array(half).fill(0xff)
  const halves = [
    [s, r],
    [r, zero],
    [zero, s],
    [zero, zero],
    [most, most],
    [r, most],
    [r.slice(1), s.slice(1)],
  ]
  return halves.map((two) => Uint8Array.from(two.flatMap((part) => [...part])))
}

const rsaVariants = (good: Bytes, modulus: bigint): Bytes[] => {
  const number = numberOf(good)
  const length = good.length
  return [
    toBytes(number + modulus, length + 1),
    toBytes(number + modulus, length),
    toBytes(modulus - number, length),
    toBytes(modulus, length),
    toBytes(0n, length),
    toBytes(1n, length),
    Uint8Array.of(0, ...good),
  ]
}

const ALL = { atOnce: nodeCryptoSync, inPool: nodeCryptoAsync, webCrypto }
type Keys = Readonly<Record<keyof typeof ALL, VerificationKey>>

/** Ways to import a key: from a JWK and from DER. */
const IMPORTS = {
  JWK: (crypto: Cryptography, key: KeyObject, algorithm: SignatureAlgorithm) =>
    crypto.importKey(key.export({ format: 'jwk' }), algorithm),
  SubjectPublicKeyInfo: (crypto: Cryptography, key: KeyObject, algorithm: SignatureAlgorithm) =>
    crypto.importSpki!(Uint8Array.from(key.export({ format: 'der', type: 'spki' })), algorithm),
}

type Form = keyof typeof IMPORTS

async function importInto(algorithm: SignatureAlgorithm, publicKey: KeyObject, form: Form): Promise<Keys> {
  return {
    atOnce: await IMPORTS[form](nodeCryptoSync, publicKey, algorithm),
    inPool: await IMPORTS[form](nodeCryptoAsync, publicKey, algorithm),
    webCrypto: await IMPORTS[form](webCrypto, publicKey, algorithm),
  }
}

async function ask(algorithm: SignatureAlgorithm, keys: Keys, signature: Bytes, data: Bytes) {
  async function askOne(name: keyof Keys): Promise<boolean> {
    try {
      return (await ALL[name].verify(algorithm, keys[name], signature, data)) === true
    } catch {
      return false
    }
  }
  return {
    atOnce: await askOne('atOnce'),
    inPool: await askOne('inPool'),
    webCrypto: await askOne('webCrypto'),
  }
}

const YES = { atOnce: true, inPool: true, webCrypto: true }
const NO = { atOnce: false, inPool: false, webCrypto: false }

const FORMS = Object.keys(IMPORTS) as readonly Form[]

describe.each(NAMES.flatMap((name) => FORMS.map((form) => [name, form] as const)))(
  '%s as %s',
  (algorithm, form) => {
    const data = Uint8Array.from(randomBytes(600))
    const { publicKey, privateKey } = generate(algorithm)
    const kind = algorithm.slice(0, 2)
    let keys: Keys
    let good: Bytes

    beforeAll(async () => {
      keys = await importInto(algorithm, publicKey, form)
      good = signAs(algorithm, privateKey, data)
    })

    test('what was signed is verified, at once', async () => {
      expect(nodeCryptoSync.verify(algorithm, keys.atOnce, good, data)).toBe(true)
      expect(await ask(algorithm, keys, good, data)).toEqual(YES)
      expect(
        await ask(algorithm, keys, signAs(algorithm, privateKey, new Uint8Array()), new Uint8Array()),
      ).toEqual(YES)
    })

    test('in the pool, though the bytes are written over at once', async () => {
      const mine = { signature: good.slice(), data: data.slice() }
      const said = nodeCryptoAsync.verify(algorithm, keys.inPool, mine.signature, mine.data)
      mine.signature.fill(0)
      mine.data.fill(0)
      expect(await said).toBe(true)
    })

    test('not with a bit changed, in the signature or in what was signed', async () => {
      for (let bit = 0; bit < 8; bit++) {
        for (let at = 0; at < good.length; at += 7)
          expect(await ask(algorithm, keys, flipped(good, at, bit), data)).toEqual(NO)
        expect(await ask(algorithm, keys, good, flipped(data, 599, bit))).toEqual(NO)
      }
    })

    test('not shorter or longer', async () => {
      for (const length of [0, 1, good.length / 2, good.length - 1])
        expect(await ask(algorithm, keys, good.slice(0, length), data)).toEqual(NO)
      expect(await ask(algorithm, keys, Uint8Array.of(...good, 0), data)).toEqual(NO)
      expect(await ask(algorithm, keys, Uint8Array.of(...good, ...good), data)).toEqual(NO)
    })

    test('not by another key', async () => {
      const other = signAs(algorithm, generate(algorithm).privateKey, data)
      expect(await ask(algorithm, keys, other, data)).toEqual(NO)
    })

    test('not with another hash, salt or encoding', async () => {
      const wrong: Bytes[] = []
      if (kind !== 'Ed')
        for (const hash of ['sha1', 'sha256', 'sha384', 'sha512'])
          if (hash !== `sha${bitsOf(algorithm)}`) wrong.push(signAs(algorithm, privateKey, data, { hash }))
      if (kind === 'PS')
        for (const saltLength of [0, 20, 31, 32, 33, 47, 48, 49, 63, 64, 65])
          if (saltLength !== bitsOf(algorithm) / 8)
            wrong.push(signAs(algorithm, privateKey, data, { saltLength }))
      if (kind === 'ES') wrong.push(signAs(algorithm, privateKey, data, { der: true }))
      if (kind === 'RS') wrong.push(signAs('PS256', privateKey, data), signAs('PS512', privateKey, data))
      if (kind === 'PS') wrong.push(signAs('RS256', privateKey, data), signAs('RS512', privateKey, data))
      for (const signature of wrong) expect(await ask(algorithm, keys, signature, data)).toEqual(NO)
    })

    test('not as another number that stands for the same', async () => {
      const { n } = publicKey.export({ format: 'jwk' })
      const variants =
        kind === 'ES'
          ? ecdsaVariants(good)
          : kind === 'Ed'
            ? [new Uint8Array(64), Uint8Array.of(...good.slice(0, 32), ...new Uint8Array(32).fill(0xff))]
            : rsaVariants(good, numberOf(Buffer.from(n!, 'base64url')))
      for (const signature of variants) expect(await ask(algorithm, keys, signature, data)).toEqual(NO)
    })
  },
)

test('a keyed hash is the same from all, whatever the key', () => {
  const messages = ['', 'a', 'x'.repeat(1_000)].map((text) => new TextEncoder().encode(text))
  for (const length of [1, 32, 64, 65, 200]) {
    const key = Uint8Array.from(randomBytes(length))
    const hashes = Object.values(ALL).map(({ hmacSha256 }) =>
      messages.map((message) => Buffer.from(hmacSha256(key)(message)).toString('hex')),
    )
    expect(new Set(hashes.map(String)).size).toBe(1)
    expect(hashes[0]![2]).toBe(createHmac('sha256', key).update(messages[2]!).digest('hex'))
  }
})

test('what is no key is imported by none', async () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = publicKey.export({ format: 'jwk' })
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' })
  const broken: readonly (readonly [SignatureAlgorithm, object])[] = [
    ['ES256', { ...jwk, y: jwk.x }],
    ['ES256', { ...jwk, x: jwk.x!.slice(4) }],
    ['ES256', { ...jwk, crv: 'P-999' }],
    ['ES256', { kty: 'EC', crv: 'P-256' }],
    ['RS256', { kty: 'RSA', n: rsa.n }],
    ['RS256', { kty: 'RSA', e: rsa.e }],
    ['Ed25519', { kty: 'OKP', crv: 'Ed25519', x: 'AAAA' }],
    ['Ed25519', { kty: 'OKP', crv: 'Ed25519' }],
    ['RS256', {}],
  ]
  for (const [algorithm, key] of broken)
    for (const { importKey } of Object.values(ALL))
      await expect(
        (async () => importKey(key as typeof jwk & { kty: string }, algorithm))(),
      ).rejects.toThrow()
})

test('what is no key in DER is imported by none', async () => {
  const spki = generate('RS256').publicKey.export({ format: 'der', type: 'spki' })
  const ec = generate('ES384').publicKey.export({ format: 'der', type: 'spki' })
  const broken: readonly (readonly [SignatureAlgorithm, Uint8Array])[] = [
    ['RS256', new Uint8Array()],
    ['RS256', spki.subarray(1)],
    ['RS256', spki.subarray(0, -1)],
    ['ES384', ec.subarray(0, -1)],
  ]
  for (const [algorithm, der] of broken)
    for (const { importSpki } of Object.values(ALL))
      await expect((async () => importSpki!(Uint8Array.from(der), algorithm))()).rejects.toThrow()
})

test('a key in DER is read from the part of a buffer that holds it', async () => {
  const { publicKey, privateKey } = generate('ES256')
  const spki = publicKey.export({ format: 'der', type: 'spki' })
  const within = Uint8Array.of(1, 2, 3, ...spki, 4, 5).subarray(3, -2)
  const data = Uint8Array.from(randomBytes(20))
  const signature = signAs('ES256', privateKey, data)
  for (const crypto of Object.values(ALL))
    expect(await crypto.verify('ES256', await crypto.importSpki!(within, 'ES256'), signature, data)).toBe(
      true,
    )
})

test.each([
  ['nodeCryptoAtOnce', nodeCryptoAtOnce, 'nodeCryptoSync', nodeCryptoSync],
  ['nodeCryptoInPool', nodeCryptoInPool, 'nodeCryptoAsync', nodeCryptoAsync],
] as const)('%s is %s under its old name, and warns once', async (oldName, deprecated, name, current) => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  try {
    expect(deprecated).toEqual({ ...current, importKey: deprecated.importKey })
    expect(warn).not.toHaveBeenCalled()
    const data = new TextEncoder().encode('header.payload')
    for (const algorithm of ['RS256', 'ES256'] as const) {
      const { publicKey, privateKey } = generate(algorithm)
      const jwk = publicKey.export({ format: 'jwk' }) as { kty: string }
      const [key, expected] = [
        await deprecated.importKey(jwk, algorithm),
        await current.importKey(jwk, algorithm),
      ]
      expect(key.constructor).toBe(expected.constructor)
      const good = signAs(algorithm, privateKey, data)
      expect(await deprecated.verify(algorithm, key, good, data)).toBe(true)
      expect(await deprecated.verify(algorithm, key, flipped(good, 9, 0), data)).toBe(false)
    }
    expect(warn.mock.calls).toEqual([
      [`${oldName} is called ${name} now; the old name goes away in 0.3.0`, 'DeprecationWarning'],
    ])
  } finally {
    warn.mockRestore()
  }
})
