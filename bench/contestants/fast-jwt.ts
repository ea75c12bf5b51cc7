// nearform/fast-jwt with a key in hand, which makes it synchronous. Its cache answers for a token it has seen by the
// hash of the token; of all it checked before it then looks at the time alone.

import { createVerifier, type VerifierOptions } from 'fast-jwt'
import { createPublicKey } from 'node:crypto'
import { AUDIENCE, type Algorithm, type World } from '../world.ts'
import { tokenIn, type Contestant } from './contestant.ts'

function createFastJwt({ issuer, keys }: World, algorithm: Algorithm, more: Partial<VerifierOptions> = {}) {
  const publicKey = createPublicKey({ key: keys[algorithm].publicJwk, format: 'jwk' })
  const verify = createVerifier({
    key: publicKey.export({ type: 'spki', format: 'pem' }) as string,
    algorithms: [algorithm],
    allowedIss: issuer,
    allowedAud: AUDIENCE,
    checkTyp: 'at+jwt',
    requiredClaims: ['iss', 'aud', 'exp'],
    ...more,
  })
  return (authorization: string): boolean => verify(tokenIn(authorization)).sub !== undefined
}

export const FAST_JWT: Contestant = {
  name: 'fast-jwt',
  unchecked: 'scope',
  create: async (world, algorithm) => createFastJwt(world, algorithm),
}

export const FAST_JWT_CACHED: Contestant = {
  name: 'fast-jwt, cache',
  unchecked: 'scope; of a token in its cache anything but the time',
  create: async (world, algorithm) => createFastJwt(world, algorithm, { cache: 1_000 }),
}

/** Without the hash of the token, which it makes unless told otherwise. */
export const FAST_JWT_UNHASHED: Contestant = {
  ...FAST_JWT_CACHED,
  name: 'fast-jwt, cache by text',
  create: async (world, algorithm) =>
    createFastJwt(world, algorithm, { cache: 1_000, cacheKeyBuilder: (token) => token }),
}
