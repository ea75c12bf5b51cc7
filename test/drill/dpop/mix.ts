// Good and bad requests of every kind, mixed, to all instances at once. Which come when is random, from a seed.

import { createClientKey, signWith } from '../../support/dpop-proofs.ts'
import type { Answer } from './answer.ts'
import {
  boundTo,
  createDpopClient,
  goodRequest,
  proofFor,
  type DpopClient,
  type IssueToken,
  type Route,
  type Sent,
} from './clients.ts'
import { AUDIENCE, PLAIN, STRONG } from './config.ts'
import type { Ask } from './edges.ts'
import { inLanes } from './lanes.ts'
import { EXPECTED, judge, type Finding, type Kind } from './oracle.ts'

/** The findings of each kind. */
export type MixFigures = Readonly<Record<Kind, Readonly<Record<Finding, number>>>>

/** An answer that is wrong, for the person who has to find its cause. */
export interface Oddity {
  readonly instance: string
  readonly kind: Kind
  readonly route: string
  readonly answer: Answer
}

/** So many of the requests are good ones with a proof. */
const GOOD_SHARE = 0.5
const CLIENTS = 12

/** Kinds that have one route only. */
const ROUTES: Partial<Record<Kind, Route>> = {
  ...{ 'an unbound token as Bearer': PLAIN, 'an unbound token as DPoP': PLAIN },
  'an unbound token as Bearer, with a proof': PLAIN,
  'an unbound token where only bound ones pass': STRONG,
}

const GROUP_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

/** The other signature of the same proof: ECDSA takes (r, n - s) as well. */
function otherSignature(proof: string): string {
  const [header, claims, signature] = proof.split('.')
  const bytes = Buffer.from(signature!, 'base64url')
  const other = GROUP_ORDER - BigInt(`0x${bytes.subarray(32).toString('hex')}`)
  const half = Buffer.from(other.toString(16).padStart(64, '0'), 'hex')
  return `${header}.${claims}.${Buffer.concat([bytes.subarray(0, 32), half]).toString('base64url')}`
}

function badSignature(client: DpopClient): (input: Buffer) => Buffer {
  return (input) => signWith(client.key, Buffer.concat([input, Buffer.from('.')]))
}

const seconds = (): number => Math.floor(Date.now() / 1000)

/** Requests of one kind each. `used`: one that has passed on this route. */
export function createMaker(issue: IssueToken, pick: () => number) {
  const clients = Array.from({ length: CLIENTS }, () => createDpopClient(issue))
  const stranger = createClientKey('ES256')
  const unbound = issue()
  const ofClient = (claims: object) =>
    clients.map(({ key }) => ({ key, token: issue({ ...boundTo(key), ...claims }) }))
  const expired = ofClient({ iat: seconds() - 7_200, exp: seconds() - 3_600 })
  const elsewhere = ofClient({ aud: 'https://other.drill.example' })
  const unscoped = ofClient({ scope: 'write' })

  return (kind: Kind, route: Route, used: Sent | null): Sent => {
    const index = Math.floor(pick() * clients.length)
    const client = clients[index]!
    const { token } = client
    const good = (change = {}) => goodRequest(client, route, change)
    const claims = (of: object) => good({ claims: of })
    const withProofs = (proofs: readonly string[]): Sent => ({ ...good(), proofs })
    const asBearer = (of: string, proofs: readonly string[]): Sent => ({
      ...route,
      authorization: `Bearer ${of}`,
      proofs,
    })
    switch (kind) {
      case 'a good proof':
        return good()
      case 'an unbound token as Bearer':
      case 'an unbound token where only bound ones pass':
        return asBearer(unbound, [])
      case 'a proof again':
        return used!
      case 'a proof again, with its other signature':
        return { ...used!, proofs: [otherSignature(used!.proofs[0]!)] }
      case 'no proof':
        return withProofs([])
      case 'two proofs':
        return withProofs([proofFor(client, route), proofFor(client, route)])
      case 'of another method':
        return claims({ htm: route.method === 'GET' ? 'POST' : 'GET' })
      case 'of another path':
        return claims({ htu: `${AUDIENCE}${route.path}/1` })
      case 'of another host':
        return claims({ htu: `https://other.drill.example${route.path}` })
      case 'of another token':
        return withProofs([proofFor({ ...client, token: unbound }, route)])
      case 'by another key':
        return withProofs([proofFor({ key: stranger, token }, route)])
      case 'with a bad signature':
        return good({ sign: badSignature(client) })
      case 'of another type':
        return good({ header: { typ: 'JWT' } })
      case 'without jti':
        return claims({ jti: undefined })
      case 'six minutes old':
        return claims({ iat: seconds() - 360 })
      case 'two minutes ahead':
        return claims({ iat: seconds() + 120 })
      case 'a bound token as Bearer':
        return asBearer(token, [proofFor(client, route)])
      case 'a bound token as Bearer, without proof':
        return asBearer(token, [])
      case 'an unbound token as DPoP':
        return { ...goodRequest({ ...client, token: unbound }, route) }
      case 'an unbound token as Bearer, with a proof':
        return asBearer(unbound, [proofFor({ ...client, token: unbound }, route)])
      case 'an expired token':
        return goodRequest(expired[index]!, route)
      case 'a token of another API':
        return goodRequest(elsewhere[index]!, route)
      case 'a token without the scope':
        return goodRequest(unscoped[index]!, route)
    }
  }
}

const KINDS = Object.keys(EXPECTED) as Kind[]
const BAD_KINDS = KINDS.filter((kind) => kind !== 'a good proof')

const noFindings = (): Record<Finding, number> => ({
  ...{ right: 0, 'wrong verdict': 0, 'false denial': 0, 'another reason': 0, unavailable: 0, 'no answer': 0 },
})

const MOST_ODDITIES = 12
/** Requests that have passed and are sent again: the latest ones. */
const MOST_USED = 20

export interface MixOptions {
  /** The instances, with how many requests are on their way to each at once. */
  readonly instances: readonly { readonly name: string; readonly ask: Ask; readonly atOnce: number }[]
  readonly issue: IssueToken
  /** To each instance. */
  readonly requests: number
  readonly random: () => number
  readonly progress: (name: string) => void
}

export interface MixResult {
  /** By instance. */
  readonly of: ReadonlyMap<string, MixFigures>
  readonly oddities: readonly Oddity[]
}

export async function runMix(options: MixOptions): Promise<MixResult> {
  const { instances, issue, requests, random, progress } = options
  const make = createMaker(issue, random)
  const oddities: Oddity[] = []
  const of = new Map<string, MixFigures>()
  await Promise.all(
    instances.map(async ({ name, ask, atOnce }) => {
      const figures = Object.fromEntries(KINDS.map((kind) => [kind, noFindings()])) as Record<
        Kind,
        Record<Finding, number>
      >
      of.set(name, figures)
      const used = new Map<Route, Sent[]>([
        [PLAIN, []],
        [STRONG, []],
      ])
      await inLanes(requests, atOnce, async () => {
        const isGood = random() < GOOD_SHARE
        const wanted: Kind = isGood ? 'a good proof' : BAD_KINDS[Math.floor(random() * BAD_KINDS.length)]!
        const route = ROUTES[wanted] ?? (random() < 0.5 ? PLAIN : STRONG)
        const before = used.get(route)!
        const kind = wanted.startsWith('a proof again') && before.length === 0 ? 'a good proof' : wanted
        const sent = make(kind, route, before[Math.floor(random() * before.length)] ?? null)
        const answer = await ask(sent)
        const finding = judge(EXPECTED[kind], answer)
        figures[kind][finding]++
        if (finding !== 'right' && oddities.length < MOST_ODDITIES)
          oddities.push({ instance: name, kind, route: `${route.method} ${route.path}`, answer })
        if (kind !== 'a good proof' || answer.verdict !== 'allow') return
        before.push(sent)
        if (before.length > MOST_USED) before.shift()
      })
      progress(name)
    }),
  )
  return { of, oddities }
}
