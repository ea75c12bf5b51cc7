// A fetch that never ends, as the fetch of an ended Workers request may not: each waiting request has a timeout of its
// own, after which it fetches again.

import { KEY_TYPES } from '../../../shared/keys/key-types/all.ts'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { webCrypto, type Ports } from '../../../shared/index.ts'
import { isFailure } from '../../../shared/failures/failure.ts'
import { createKeyStore } from '../../../shared/keys/key-store.ts'
import { elapse, neverEnding, pendingTimeouts, until } from '../../support/time.ts'
import { publicIssuer } from '../../support/public-issuer.ts'
import { generateKey, type SigningKey } from '../../support/test-issuer.ts'

const ISSUER = 'https://as.example'

let old: SigningKey
let next: SigningKey

beforeAll(async () => {
  ;[old, next] = await Promise.all([generateKey('ES256', 'old'), generateKey('ES256', 'next')])
})

const answer = (key: SigningKey) => Response.json({ keys: [key.publicJwk] })
/** Longer than any request waits. */
const LONG_MS = 10_000

/** A store whose fetches give the listed answers in order, and the last one from then on. */
function open(
  answers: readonly ((init: RequestInit) => Promise<Response>)[],
  report: Ports['report'] = () => {},
) {
  let fetched = 0
  const store = createKeyStore(publicIssuer(ISSUER, `${ISSUER}/keys`, 'ES256'), {
    crypto: webCrypto,
    keyTypes: KEY_TYPES,
    now: () => 1_800_000_000_000,
    report,
    fetch: (_, init) => answers[Math.min(fetched++, answers.length - 1)]!(init),
  })
  const find = async (kid: string) => {
    const found = await store.find(
      { kid, algorithm: 'ES256', owner: null },
      (work) => void work.catch(() => {}),
    )
    return isFailure(found) ? found.code : 'found'
  }
  return { find, fetches: () => fetched }
}

/** Makes `count` calls that wait, and lets their timeouts pass. */
async function keepWaiting<Result>(count: number, wait: () => Promise<Result>): Promise<Promise<Result>[]> {
  const before = pendingTimeouts()
  const waiting = Array.from({ length: count }, wait)
  await until(() => pendingTimeouts() === before + count)
  elapse(LONG_MS)
  return waiting
}

describe('a fetch that does not end', () => {
  test('is replaced, and when it ends after all it changes nothing', async () => {
    const late = Promise.withResolvers<Response>()
    const { find, fetches } = open([
      (init) => Promise.race([neverEnding(init), late.promise]),
      async () => answer(next),
    ])
    const first = find('old')
    await until(() => fetches() === 1)
    expect(await Promise.all(await keepWaiting(2, () => find('next')))).toEqual(['found', 'found'])
    late.resolve(answer(old))
    expect([await first, await find('next'), await find('old'), fetches()]).toEqual([
      'key_unknown',
      'found',
      'key_unknown',
      2,
    ])
  })

  test('is replaced by another one like it: waiting requests get keys_unavailable', async () => {
    const { find, fetches } = open([neverEnding])
    void find('old')
    await until(() => fetches() === 1)
    // The first one to give up starts the second fetch, and waits until it ends.
    const settled: string[] = []
    await keepWaiting(5, () => find('old').then((verdict) => void settled.push(verdict)))
    await nextTurn()
    elapse(LONG_MS)
    await until(() => settled.length === 4)
    expect([...new Set(settled), fetches()]).toEqual(['keys_unavailable', 2])
  })
})

test('a fetch that fails in another request is sent again', async () => {
  let reports = 0
  const { find, fetches } = open([async () => answer(old)], () => {
    if (++reports === 1) throw new Error('of a request that has ended')
  })
  const verdicts = await Promise.allSettled([find('old'), find('old'), find('old')])
  expect(verdicts.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
  expect([await find('old'), fetches()]).toEqual(['found', 2])
})

describe('metadata after 4.9 s, with a timeout of 5 s', () => {
  const START = 1_800_000_000_000

  /** A store that fetches metadata first, and its fetches so far. `pass` moves both its clock and its timeouts. */
  function openWithMetadata() {
    const fetches: { readonly url: string; readonly signal: AbortSignal; answer(document: object): void }[] =
      []
    let passed = 0
    const issuer = publicIssuer(ISSUER, `${ISSUER}/keys`, 'ES256')
    const url = `${ISSUER}/.well-known/openid-configuration`
    const source = { discovery: 'openid-configuration', url, metadataIssuer: ISSUER } as const
    const store = createKeyStore(
      { ...issuer, keys: { ...issuer.keys, source, timeoutMs: 5_000 } },
      {
        crypto: webCrypto,
        keyTypes: KEY_TYPES,
        now: () => START + passed,
        report: () => {},
        fetch: (url, { signal }) =>
          new Promise((resolve) => {
            fetches.push({ url, signal: signal!, answer: (document) => resolve(Response.json(document)) })
          }),
      },
    )
    const pass = (ms: number) => {
      passed += ms
      elapse(ms)
    }
    return { fetches, pass, find: () => store.find({ kid: 'old', algorithm: 'ES256', owner: null }) }
  }

  test.each([
    [1_099, 'found'],
    [1_100, 'keys_unavailable'],
  ])('a key set after %d ms: %s, and no further fetch', async (ms, expected) => {
    const { fetches, pass, find } = openWithMetadata()
    const found = find()
    await until(() => fetches.length === 1)
    pass(4_900)
    fetches[0]!.answer({ issuer: ISSUER, jwks_uri: `${ISSUER}/keys` })
    await until(() => fetches.length === 2)
    pass(ms)
    const isLate = expected !== 'found'
    expect(fetches.map(({ url, signal }) => [new URL(url).pathname, signal.aborted]).at(-1)).toEqual([
      '/keys',
      isLate,
    ])
    if (!isLate) fetches[1]!.answer({ keys: [old.publicJwk] })
    const answer = await found
    expect(isFailure(answer) ? answer.code : 'found').toBe(expected)
    expect(fetches).toHaveLength(2)
  })
})
