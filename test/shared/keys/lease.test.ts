// A lease is in force only while the store would find the same keys and do nothing else. Two stores have the same
// history, and one of them is not called while there is a lease; both must return the same and fetch as often. The
// server is a function here: the history is its answers and their times. The seed is new in every run.

import { KEY_TYPES } from '../../../shared/keys/key-types/all.ts'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { isFailure } from '../../../shared/failures/failure.ts'
import { webCrypto } from '../../../shared/index.ts'
import { FRESHNESS } from '../../../shared/keys/freshness.ts'
import { createKeyStore } from '../../../shared/keys/key-store.ts'
import { isInForce } from '../../../shared/keys/lease.ts'
import type { FoundKeys, KeyAnswer, KeyRequest } from '../../../shared/keys/select-key.ts'
import { publicIssuer } from '../../support/public-issuer.ts'
import { generateKey, type SigningKey } from '../../support/test-issuer.ts'

const ISSUER = 'https://login.test.example'
const MINUTE = 60_000
const { freshMs } = FRESHNESS
const SPANS = [1, MINUTE / 2, freshMs - 1, freshMs, freshMs + 1, 15 * MINUTE, 61 * MINUTE]

type Published = 'one' | 'another' | 'both' | 'nothing'
type Step =
  | { readonly passMs: number }
  | { readonly publish: Published }
  | { readonly lookFor: 'elsewhere' | 'nowhere' }

const HISTORY = fc.array(
  fc.oneof(
    fc.constantFrom(...SPANS, ...SPANS.map((span) => -span)).map((passMs): Step => ({ passMs })),
    fc.constantFrom<Published[]>('one', 'another', 'both', 'nothing').map((publish): Step => ({ publish })),
    fc.constantFrom('elsewhere', 'nowhere').map((lookFor): Step => ({ lookFor })),
  ),
  { maxLength: 12 },
)

/** The clock is set to before a failed fetch and after the one that brought the keys. */
const FAILED_IN_THE_FUTURE: Step[] = [
  { publish: 'nothing' },
  { passMs: MINUTE },
  { lookFor: 'nowhere' },
  { passMs: -1 },
  { passMs: 1 },
  { lookFor: 'elsewhere' },
]

const PUBLIC_ISSUER = publicIssuer(ISSUER, `${ISSUER}/jwks`, 'ES256')

let keys: Record<Published, readonly SigningKey['publicJwk'][]>

beforeAll(async () => {
  const [one, another] = await Promise.all([generateKey('ES256', 'kid'), generateKey('ES256', 'kid')])
  keys = {
    one: [one.publicJwk],
    another: [another.publicJwk],
    both: [one.publicJwk, another.publicJwk],
    nothing: [],
  }
})

const requestFor = (kid: string | null): KeyRequest => ({ kid, algorithm: 'ES256', owner: null })

/** A store with its own clock and server. `uses` counts how often a lease replaced a call; `kid`: the key to find. */
function createWorld(kid: string | null, usesLeases: boolean) {
  const names = new Map<object, unknown>()
  const behind: Promise<unknown>[] = []
  let last: FoundKeys | null = null
  let published: Published = 'one'
  let now = Date.parse('2026-01-01')
  let fetches = 0
  let uses = 0
  const store = createKeyStore(PUBLIC_ISSUER, {
    keyTypes: KEY_TYPES,
    crypto: {
      ...webCrypto,
      async importKey(jwk, algorithm) {
        const key = await webCrypto.importKey(jwk, algorithm)
        names.set(key, jwk['x'])
        return key
      },
    },
    now: () => now,
    report: () => {},
    async fetch() {
      fetches++
      return Response.json({ keys: keys[published] }, { status: published === 'nothing' ? 503 : 200 })
    },
  })

  async function find(wanted: KeyRequest) {
    const answer = await store.find(wanted, (work) => behind.push(work))
    await Promise.allSettled(behind)
    return answer
  }

  async function findAgain() {
    if (usesLeases && last !== null && last.lease !== null && isInForce(last.lease, now)) {
      uses++
      return last
    }
    const answer = await find(requestFor(kid))
    last = isFailure(answer) ? null : answer
    return answer
  }

  const outcomeOf = (answer: KeyAnswer) => ({
    found: isFailure(answer) ? answer.code : answer.keys.map((key) => names.get(key)),
    fetches,
  })

  return {
    uses: () => uses,
    /** Takes the step and finds the key again. */
    async take(step: Step) {
      if ('passMs' in step) now += step.passMs
      if ('publish' in step) published = step.publish
      const other = 'lookFor' in step ? outcomeOf(await find(requestFor(step.lookFor))) : null
      return [other, outcomeOf(await findAgain())]
    },
  }
}

test.each(['kid', null])(
  'kid %s: a lease is in force only while the store would find the same keys and do nothing else',
  async (kid) => {
    let uses = 0
    await fc.assert(
      fc.asyncProperty(HISTORY, async (history) => {
        const quick = createWorld(kid, true)
        const thorough = createWorld(kid, false)
        for (const step of [{ passMs: 0 }, ...history]) {
          expect(await quick.take(step)).toEqual(await thorough.take(step))
        }
        uses += quick.uses()
      }),
      { numRuns: 1_000, examples: [[FAILED_IN_THE_FUTURE]] },
    )
    expect(uses).toBeGreaterThan(1_000)
  },
)
