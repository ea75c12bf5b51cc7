// The decision about a token that is bound to a DPoP key, with its proof, against WebCrypto alone: two signatures that
// nothing has seen, one of the token and one of the proof. No contestant gets a token or a proof twice.

import { createHash, randomUUID } from 'node:crypto'
import { nodeCryptoSync } from '../../functions/node/crypto.ts'
import { createAuthorizer, type LanekeeperConfig, type Ports } from '../../shared/index.ts'
import { generateKey, signCompact, type SigningKey } from '../../test/support/test-issuer.ts'
import { configFor, PATH } from '../contestants/ours.ts'
import { createSubtle, PARAMETERS, takeApart, type ParsedInput } from '../contestants/subtle.ts'
import { ratioOf, worst, type Group } from '../result.ts'
import { lap, takeTurns, type Runner } from '../rounds.ts'
import type { RunRow } from '../row.ts'
import { AUDIENCE, type Algorithm, type World } from '../world.ts'

const ALGORITHMS = ['ES256', 'EdDSA', 'RS256'] as const satisfies readonly Algorithm[]
const FLOOR = 'two subtle.verify'
const OURS = 'lanekeeper'
const ON_LAMBDA = 'lanekeeper as the Lambda verifies'
const LEAST = 0.8

const EFFORT = {
  quick: { rounds: 5, warmUp: 1, count: 300 },
  full: { rounds: 31, warmUp: 3, count: 1_000 },
} as const

/** Requests that are signed at once. */
const SIGNED_AT_ONCE = 64

interface Presented {
  readonly token: string
  readonly proof: string
}

export const withDpop = (config: LanekeeperConfig): LanekeeperConfig => ({
  ...config,
  issuers: { main: { ...config.issuers['main']!, senderConstraint: 'any' } },
  publicUrls: [AUDIENCE],
  aws: { strategy: 'off' },
})

/** RFC 7638. */
function thumbprintOf({ publicJwk }: SigningKey): string {
  const { kty, crv, x, y, n, e } = publicJwk as Readonly<Record<string, string>>
  const members = kty === 'EC' ? { crv, kty, x, y } : kty === 'RSA' ? { e, kty, n } : { crv, kty, x }
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url')
}

/** Tokens that are bound to the key of a client, each with a proof. */
export async function createPresented(
  world: World,
  algorithm: Algorithm,
): Promise<(count: number) => Promise<Presented[]>> {
  const key = await generateKey(algorithm, 'client')
  const { kid: _, alg: __, use: ___, ...jwk } = key.publicJwk as Readonly<Record<string, unknown>>
  const cnf = { jkt: thumbprintOf(key) }

  async function present(): Promise<Presented> {
    const token = await world.token(algorithm, { cnf })
    const proof = await signCompact(
      key,
      { typ: 'dpop+jwt', alg: algorithm, jwk },
      {
        jti: randomUUID(),
        htm: 'GET',
        htu: `${AUDIENCE}${PATH}`,
        iat: Math.floor(Date.now() / 1000),
        ath: createHash('sha256').update(token).digest('base64url'),
      },
    )
    return { token, proof }
  }

  return async (count) => {
    const made: Presented[] = []
    while (made.length < count)
      made.push(
        ...(await Promise.all(
          Array.from({ length: Math.min(SIGNED_AT_ONCE, count - made.length) }, present),
        )),
      )
    return made
  }
}

export function createDpopDecide(config: LanekeeperConfig, ports: Partial<Ports> = {}) {
  const authorizer = createAuthorizer(config, { fetch, now: Date.now, report: () => {}, ...ports })
  return async ({ token, proof }: Presented): Promise<boolean> => {
    const authorization = [`DPoP ${token}`]
    const request = { method: 'GET', path: PATH, authorization, accessTokenInQuery: false, origin: AUDIENCE }
    return (await authorizer.authorize({ ...request, fields: { dpop: [proof] } })).allow
  }
}

const fresh = (text: string): string => Buffer.from(text).toString('latin1')

/** New strings, whose hash is not known. */
export const freshly = (presented: readonly Presented[]): readonly Presented[] =>
  presented.map(({ token, proof }) => ({ token: fresh(token), proof: fresh(proof) }))

interface Parsed {
  readonly token: ParsedInput
  readonly proof: ParsedInput
  readonly key: CryptoKey
}

async function importKeyOf(proof: string, algorithm: Algorithm): Promise<CryptoKey> {
  const { jwk } = JSON.parse(Buffer.from(proof.split('.')[0]!, 'base64url').toString()) as { jwk: JsonWebKey }
  return crypto.subtle.importKey('jwk', jwk, PARAMETERS[algorithm].import, false, ['verify'])
}

async function createFloor(world: World, algorithm: Algorithm): Promise<Runner<readonly Presented[]>> {
  const verifyToken = await createSubtle(world, algorithm)
  const { verify } = PARAMETERS[algorithm]
  const run = async ({ token, proof, key }: Parsed): Promise<boolean> =>
    (await verifyToken(token)) &&
    (await crypto.subtle.verify(verify, key, proof.signature, proof.signingInput))
  return {
    name: FLOOR,
    async measure(presented) {
      const key = await importKeyOf(presented[0]!.proof, algorithm)
      const parsed = presented.map(({ token, proof }) => ({
        token: takeApart(token),
        proof: takeApart(proof),
        key,
      }))
      return lap(FLOOR, parsed, 1, run)
    },
  }
}

/** One authorizer for each turn, which has seen none of the tokens; its keys and that of the client are imported. */
function createRunner(
  name: string,
  create: () => (presented: Presented) => Promise<boolean>,
  present: (count: number) => Promise<Presented[]>,
): Runner<readonly Presented[]> {
  return {
    name,
    async measure(presented) {
      const decide = create()
      const [first] = await present(1)
      if (!(await decide(first!))) throw new Error(`${name} refused a good token`)
      return lap(name, freshly(presented), 1, decide)
    },
  }
}

export const runDpop: RunRow = async ({ quick, world, progress }) => {
  const { count, ...effort } = EFFORT[quick ? 'quick' : 'full']
  const groups: Group[] = []
  for (const algorithm of ALGORITHMS) {
    const present = await createPresented(world, algorithm)
    const config = withDpop(configFor(world, [algorithm]))
    const title = `${algorithm}, one at a time`
    groups.push({
      title,
      unit: 'per second',
      reference: FLOOR,
      contestants: await takeTurns(
        [
          await createFloor(world, algorithm),
          createRunner(OURS, () => createDpopDecide(config), present),
          createRunner(ON_LAMBDA, () => createDpopDecide(config, { crypto: nodeCryptoSync }), present),
        ],
        effort,
        () => present(count),
        (text) => progress(`${title}: ${text}`),
      ),
    })
  }
  const target = (name: string) => {
    const group = worst(groups, name, FLOOR)
    return {
      what: `DPoP, an unseen token with a proof, ${name}, against ${FLOOR} (worst: ${group.title})`,
      bound: { least: LEAST },
      unit: '×' as const,
      reached: ratioOf(group, name, FLOOR),
    }
  }
  return {
    row: 'dpop',
    groups,
    targets: [target(OURS), target(ON_LAMBDA)],
    notes: [
      'The key of the client is imported once. The proofs are remembered in the memory of the instance.',
    ],
  }
}
