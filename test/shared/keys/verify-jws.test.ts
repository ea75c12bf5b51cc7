// The steps of verifying a JWS, their order, and the failures. The store is a list of answers, a signature a
// comparison.

import { expect, test } from 'vitest'
import type { ResolvedIssuer } from '../../../shared/config/config.ts'
import { failure, type Failure } from '../../../shared/failures/failure.ts'
import type { KeyStore } from '../../../shared/keys/key-store.ts'
import type { KeyAnswer } from '../../../shared/keys/select-key.ts'
import { JWS_STEPS, verifyJws } from '../../../shared/keys/verify-jws.ts'
import type { Cryptography, VerificationKey } from '../../../shared/platform/ports.ts'
import type { ParsedToken } from '../../../shared/token/compact.ts'

const ISSUER = { keys: { algorithms: new Set(['ES256']) }, keyOwner: null } as unknown as ResolvedIssuer
const NO_CRYPTO = {} as Cryptography

const [SIGNER, SECOND, NEWER] = ['signer', 'second', 'newer'].map((type) => ({ type })) as [
  VerificationKey,
  VerificationKey,
  VerificationKey,
]

const found = (...keys: VerificationKey[]): KeyAnswer => ({ keys, lease: null })

interface World {
  readonly header: object
  readonly find?: KeyAnswer | Promise<KeyAnswer>
  readonly newer?: KeyAnswer
  readonly signedBy?: VerificationKey
  readonly race?: (answer: Promise<KeyAnswer>) => Promise<KeyAnswer>
}

async function ask({ header, find = found(), newer = found(), signedBy = SIGNER, race }: World) {
  const steps: string[] = []
  const store: KeyStore = {
    find({ kid, algorithm }) {
      steps.push(`find ${kid} ${algorithm}`)
      return find
    },
    async findNewer(tried) {
      steps.push(`newer than ${tried.map(({ type }) => type).join(' ')}`)
      return newer
    },
    retryAfterSeconds: () => 1,
  }
  const answer = await verifyJws(
    { header } as ParsedToken,
    ISSUER,
    store,
    NO_CRYPTO,
    { waitUntil: undefined, ...(race === undefined ? {} : { race }) },
    {
      ...JWS_STEPS,
      verifySignature(_, algorithm, key) {
        steps.push(`try ${key.type} ${algorithm}`)
        return key === signedBy
      },
    },
  )
  return { said: 'key' in answer ? answer.key.type : answer.code, steps }
}

const NAMED = { alg: 'ES256', kid: 'k' }
const UNNAMED = { alg: 'ES256' }
const FIND = 'find k ES256'
const FIND_ANY = 'find null ES256'
const UNAVAILABLE: Failure = failure('keys_unavailable')

test.each<[string, World, said: string, steps: string[]]>([
  ['by its key', { header: NAMED, find: found(SIGNER) }, 'signer', [FIND, 'try signer ES256']],
  ['another alg: no key is looked for', { header: { ...NAMED, alg: 'RS256' } }, 'alg_not_allowed', []],
  ['no key: why', { header: NAMED, find: failure('key_unknown') }, 'key_unknown', [FIND]],
  [
    'by another key than the kid names: none is tried',
    { header: NAMED, find: found(SECOND), newer: found(SIGNER) },
    'signature_invalid',
    [FIND, 'try second ES256'],
  ],
  [
    'without kid, by the second of two',
    { header: UNNAMED, find: found(SECOND, SIGNER, NEWER) },
    'signer',
    [FIND_ANY, 'try second ES256', 'try signer ES256'],
  ],
  [
    'without kid, by a newer key',
    { header: UNNAMED, find: found(SECOND), newer: found(SIGNER) },
    'signer',
    [FIND_ANY, 'try second ES256', 'newer than second', 'try signer ES256'],
  ],
  [
    'without kid, by no newer key: newer ones are looked for once',
    { header: UNNAMED, find: found(SECOND), newer: found(NEWER) },
    'signature_invalid',
    [FIND_ANY, 'try second ES256', 'newer than second', 'try newer ES256'],
  ],
  [
    'without kid, and newer keys cannot be fetched',
    { header: UNNAMED, find: found(SECOND), newer: UNAVAILABLE },
    'keys_unavailable',
    [FIND_ANY, 'try second ES256', 'newer than second'],
  ],
])('%s', async (_, world, said, steps) => {
  expect(await ask(world)).toEqual({ said, steps })
})

test('only keys that have to be fetched have a deadline', async () => {
  const late = failure('deadline_exceeded')
  const race = async () => late
  const { said } = await ask({ header: NAMED, find: found(SIGNER), race })
  expect(said).toBe('signer')
  const waiting = Promise.resolve(found(SIGNER))
  expect(await ask({ header: NAMED, find: waiting })).toMatchObject({ said: 'signer' })
  expect(await ask({ header: NAMED, find: waiting, race })).toEqual({ said: late.code, steps: [FIND] })
  const newer = await ask({ header: UNNAMED, find: found(SECOND), newer: found(SIGNER), race })
  expect(newer.said).toBe(late.code)
})
