// The refusals that a gateway must not cache: for each, a first request that is refused with the code, and a second one
// with the same token, method and path that differs only in what the code is about. The issuer is a table of answers.

import type { IdentitySource } from '../../../../local/api-gateway/model.ts'
import type { FailureCode, LanekeeperConfig } from '../../../../shared/index.ts'
import type { RevocationStore } from '../../../../shared/revocation/store.ts'
import { createMemoryRevocations, entry } from '../../../support/memory-revocations.ts'
import { generateKey, signCompact, type Members, type SigningKey } from '../../../support/test-issuer.ts'
import { EXACT, type More } from './gateways.ts'

const ISSUER = 'https://login.test.example'
const INTROSPECTED = 'https://asked.test.example'
const AUDIENCE = 'https://api.test.example'
const PREFIX = 'op_'

/** Longer than keys are used without a new fetch, and shorter than the longest result lifetime. */
const A_WHILE_MS = 40 * 60_000

export interface PassingWorld {
  readonly config: Omit<LanekeeperConfig, 'aws'>
  readonly env: Readonly<Record<string, string>>
  readonly keys: Readonly<
    Record<'first' | 'second' | 'underTheSame' | 'otherAlgorithm' | 'privateSecond', SigningKey>
  >
  readonly fetch: (url: string) => Promise<Response>
  /** Asked about one token at a time, as a table of DynamoDB is. */
  readonly revocations: RevocationStore
  readonly now: () => number
  /** Lets time pass. */
  pass(ms: number): void
  /** Replaces the published keys. */
  publish(...keys: readonly SigningKey[]): void
  /** Replaces the issuer's answer about the opaque token, and about its user. */
  setAnswer(answer: object, user?: object): void
  /** A valid token, except the given members. */
  token(change?: { header?: Members; claims?: Members; key?: SigningKey }): Promise<string>
}

export type Keys = PassingWorld['keys']

export async function createKeys(): Promise<Keys> {
  const [first, second, underTheSame, otherAlgorithm] = await Promise.all([
    generateKey('ES256', 'k1'),
    generateKey('ES256', 'k2'),
    generateKey('ES256', 'k2'),
    generateKey('EdDSA', 'k2'),
  ])
  const privateSecond = { ...second, publicJwk: { ...second.publicJwk, d: 'AQAB' } }
  return { first, second, underTheSame, otherAlgorithm, privateSecond }
}

const GRANTED = {
  active: true,
  token_type: 'Bearer',
  aud: AUDIENCE,
  client_id: 'web',
  scope: 'read',
  sub: 'ada',
}
const ADA = { sub: 'ada', email: 'ada@acme.example', email_verified: true }
const OPAQUE_TOKEN = `${PREFIX}token`

export function createPassingWorld(keys: Keys): PassingWorld {
  let nowMs = 1_800_000_000_000
  let published: readonly SigningKey[] = [keys.first]
  let answer: object = GRANTED
  let user: object = ADA
  const { changesSince: _, ...revocations } = createMemoryRevocations()
  const seconds = () => Math.floor(nowMs / 1000)
  return {
    keys,
    revocations,
    env: { OURS: 'secret' },
    now: () => nowMs,
    pass: (ms) => void (nowMs += ms),
    publish: (...chosen) => void (published = chosen),
    setAnswer(newFacts, newUser = ADA) {
      answer = newFacts
      user = newUser
    },
    async fetch(url) {
      if (url.endsWith('/jwks')) return Response.json({ keys: published.map(({ publicJwk }) => publicJwk) })
      return Response.json(url.endsWith('/me') ? user : answer)
    },
    token: ({ header = {}, claims = {}, key = keys.first } = {}) =>
      signCompact(
        key,
        { alg: key.algorithm, typ: 'at+jwt', kid: key.kid, ...header },
        {
          iss: ISSUER,
          sub: 'user-1',
          aud: AUDIENCE,
          client_id: 'client-1',
          jti: '1',
          iat: seconds() - 20,
          exp: seconds() + 7_200,
          scope: 'read',
          ...claims,
        },
      ),
    config: {
      issuers: {
        main: {
          issuer: ISSUER,
          audience: AUDIENCE,
          profile: 'rfc9068',
          keys: { jwks_uri: `${ISSUER}/jwks` },
          algorithms: ['ES256', 'EdDSA'],
          clockToleranceSeconds: 0,
        },
        asked: {
          issuer: INTROSPECTED,
          audience: AUDIENCE,
          prefix: PREFIX,
          introspection: {
            endpoint: `${INTROSPECTED}/introspect`,
            authentication: 'bearer',
            secret: { env: 'OURS' },
            cacheSeconds: 1,
          },
          userinfo: { endpoint: `${INTROSPECTED}/me`, claim: 'email', cacheSeconds: 1 },
          principal: { claim: 'email' },
        },
      },
      routes: [{ path: '/orders', methods: ['GET'], scope: { allOf: ['read'] } }],
      revocation: { dynamodb: { table: 'revocations' } },
    },
  }
}

export interface PassingRefusal {
  readonly code: FailureCode
  readonly token: (world: PassingWorld) => string | Promise<string>
  /** The parts that the first request has, and those that the second has instead. */
  readonly first?: More
  readonly second?: More
  /** Runs between the two requests. */
  readonly then?: (world: PassingWorld) => void | Promise<void>
  /** No bound token is accepted, so the second request is refused as well, by a decision of its own. */
  readonly isRefusedAgain?: true
  /** The parts of a request that form the gateway's cache key. */
  readonly identitySources?: IdentitySource[]
  /** Only for REST APIs: on an HTTP API that caches under less than the token the function refuses to answer. */
  readonly onlyForRest?: true
  /** Not for TOKEN authorizers: they get one field, and the gateway does not call them for a request without it. */
  readonly notForToken?: true
}

/** The issuer gives the stated answer first, and the good one afterwards. */
const answeredWith = (code: FailureCode, answer: object, user?: object): PassingRefusal => ({
  code,
  token(world) {
    world.setAnswer(answer, user)
    return OPAQUE_TOKEN
  },
  then(world) {
    world.setAnswer(GRANTED)
    world.pass(A_WHILE_MS)
  },
})

/** The issuer publishes one set of keys first, and another one afterwards. */
const published = (
  code: FailureCode,
  before: readonly (keyof Keys)[],
  after: readonly (keyof Keys)[],
  header: Members = {},
): PassingRefusal => ({
  code,
  token(world) {
    world.publish(...before.map((name) => world.keys[name]))
    return world.token({ key: world.keys.second, header })
  },
  then(world) {
    world.publish(...after.map((name) => world.keys[name]))
    world.pass(A_WHILE_MS)
  },
})

const later = (code: FailureCode, claims: (nowSeconds: number) => Members): PassingRefusal => ({
  code,
  token: (world) => world.token({ claims: claims(world.now() / 1000) }),
  then: (world) => world.pass(A_WHILE_MS),
})

const good = (world: PassingWorld) => world.token()

const NO_KID = { kid: undefined }

/** The token of `good`. */
const REVOKED = { kind: 'jti', issuer: ISSUER, id: '1' } as const

export const PASSING_REFUSALS: readonly PassingRefusal[] = [
  {
    code: 'credential_missing',
    token: good,
    first: { authorization: [] },
    identitySources: EXACT.filter(({ from }) => from === 'context'),
    onlyForRest: true,
    notForToken: true,
  },
  {
    code: 'credential_repeated',
    token: good,
    first: { fields: [['authorization', 'Bearer another']] },
    notForToken: true,
  },
  {
    code: 'token_revoked',
    async token(world) {
      await world.revocations.revoke([entry(REVOKED)], { by: 'ada' })
      return good(world)
    },
    async then(world) {
      await world.revocations.unrevoke([REVOKED], { by: 'ada' })
      world.pass(5_000)
    },
  },
  { code: 'credential_in_query', token: good, first: { query: 'access_token=x' }, notForToken: true },
  {
    code: 'sender_constraint_unproven',
    token: (world) => world.token({ claims: { cnf: { jkt: 'x' } } }),
    second: { fields: [['dpop', 'proof']] },
    isRefusedAgain: true,
  },
  published('key_unknown', ['first'], ['first', 'second']),
  published('key_mismatch', ['otherAlgorithm'], ['second']),
  published('key_ambiguous', ['second', 'underTheSame'], ['second']),
  published('key_refused', ['first', 'privateSecond'], ['second']),
  published('signature_invalid', ['first'], ['second'], NO_KID),
  later('token_not_yet_valid', (now) => ({ nbf: now + 30 })),
  later('token_issued_in_future', (now) => ({ iat: now + 30 })),
  answeredWith('token_lifetime', { ...GRANTED, iat: undefined, exp: 1_800_000_000 + 86_400 + 30 * 60 }),
  answeredWith('token_inactive', { active: false }),
  answeredWith('userinfo_mismatch', GRANTED, { ...ADA, sub: 'bob' }),
  answeredWith('identity_missing', GRANTED, { sub: 'ada' }),
  answeredWith('email_unverified', GRANTED, { ...ADA, email_verified: false }),
]
