// A fetch that does not end, as one of a Workers request that has ended may not: who waits for it gives up in a time of
// their own and asks again. Takes that time; the tests wait side by side.

import { beforeAll, describe, expect, test } from 'vitest'
import { webCrypto, type Ports } from '../../../shared/index.ts'
import { isFailure } from '../../../shared/failure.ts'
import { createKeyStore } from '../../../shared/keys/key-store.ts'
import { publicIssuer } from '../../support/public-issuer.ts'
import { generateKey, type SigningKey } from '../../support/test-issuer.ts'

const ISSUER = 'https://as.example'

let old: SigningKey
let next: SigningKey

beforeAll(async () => {
  ;[old, next] = await Promise.all([generateKey('ES256', 'old'), generateKey('ES256', 'next')])
})

const answer = (key: SigningKey) => Response.json({ keys: [key.publicJwk] })
const NEVER = new Promise<never>(() => {})

/** A store whose fetches answer as listed, the last one again and again. */
function open(answers: readonly (() => Promise<Response>)[], report: Ports['report'] = () => {}) {
  let asked = 0
  const store = createKeyStore(publicIssuer(ISSUER, `${ISSUER}/keys`, 'ES256'), {
    crypto: webCrypto,
    now: () => 1_800_000_000_000,
    report,
    fetch: () => answers[Math.min(asked++, answers.length - 1)]!(),
  })
  const find = async (kid: string) => {
    const found = await store.find(
      { kid, algorithm: 'ES256', owner: null },
      (work) => void work.catch(() => {}),
    )
    return isFailure(found) ? found.code : 'found'
  }
  return { find, fetches: () => asked }
}

describe.concurrent('a fetch that does not end', () => {
  test('is replaced, and when it ends after all it changes nothing', async ({ expect }) => {
    const late = Promise.withResolvers<Response>()
    const { find, fetches } = open([() => late.promise, async () => answer(next)])
    const first = find('old')
    expect(await Promise.all([find('next'), find('next')])).toEqual(['found', 'found'])
    late.resolve(answer(old))
    expect([await first, await find('next'), await find('old'), fetches()]).toEqual([
      'key_unknown',
      'found',
      'key_unknown',
      2,
    ])
  })

  test('and another one like it: those who wait are told that nobody knows', async ({ expect }) => {
    const { find, fetches } = open([() => NEVER])
    void find('old')
    // The first of them to give up starts the second fetch, and sees to it that it ends.
    const settled: string[] = []
    await new Promise<void>((resolve) => {
      for (let waiter = 0; waiter < 5; waiter++)
        void find('old').then((verdict) => settled.push(verdict) === 4 && resolve())
    })
    expect([...new Set(settled), fetches()]).toEqual(['keys_unavailable', 2])
  })
})

test('one that fails in the hands of another request is asked again', async () => {
  let reports = 0
  const { find, fetches } = open([async () => answer(old)], () => {
    if (++reports === 1) throw new Error('of a request that has ended')
  })
  const verdicts = await Promise.allSettled([find('old'), find('old'), find('old')])
  expect(verdicts.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
  expect([await find('old'), fetches()]).toEqual(['found', 2])
})
