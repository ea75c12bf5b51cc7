// nearform/fast-jwt with the key already loaded, which makes it synchronous. Its cache finds a known token by the hash
// of the token; for such a token fast-jwt checks the times only.

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

/** Takes the place of the token's hash, which fast-jwt computes by default. */
export const FAST_JWT_UNHASHED: Contestant = {
  ...FAST_JWT_CACHED,
  name: 'fast-jwt, cache by text',
  create: async (world, algorithm) =>
    createFastJwt(world, algorithm, { cache: 1_000, cacheKeyBuilder: (token) => token }),
}
