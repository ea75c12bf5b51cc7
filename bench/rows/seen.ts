// Tokens that come again, each time in a new string: it is made from the bytes of the request, as in a server, so that
// its hash is not known and it is not the same object. Making the string is timed for all contestants alike, and shown
// on its own.

import { checkContestant } from '../contestants/check.ts'
import { FAST_JWT_CACHED, FAST_JWT_UNHASHED } from '../contestants/fast-jwt.ts'
import { configFor, createDecide, OURS, withoutCache } from '../contestants/ours.ts'
import { ratioOf, worst, type Group } from '../result.ts'
import { lapFor, takeTurns, type Runner } from '../rounds.ts'
import type { Bench, RunRow } from '../row.ts'
import type { Algorithm } from '../world.ts'
import { freshString } from './unseen.ts'

const ALGORITHM: Algorithm = 'RS256'

/** How many different tokens take turns. */
const DISTINCT = [1, 100] as const

const EFFORT = {
  quick: { rounds: 9, warmUp: 2, ms: 40 },
  full: { rounds: 31, warmUp: 5, ms: 150 },
} as const

async function runnersFor({ world }: Bench, ms: number): Promise<Runner<readonly Buffer[]>[]> {
  const verifiers = [
    ...(await Promise.all(
      [OURS, FAST_JWT_CACHED, FAST_JWT_UNHASHED].map(async ({ name, create }) => ({
        name,
        verify: await create(world, ALGORITHM),
      })),
    )),
    { name: 'making the string', verify: (authorization: string) => authorization.length > 0 },
  ]
  return verifiers.map(({ name, verify }) => ({
    name,
    measure: (fields) => lapFor(name, fields, ms, (bytes) => verify(freshString(bytes))),
  }))
}

export const runSeen: RunRow = async (bench) => {
  const { quick, world, progress } = bench
  const { rounds, warmUp, ms } = EFFORT[quick ? 'quick' : 'full']
  for (const contestant of [OURS, FAST_JWT_CACHED, FAST_JWT_UNHASHED])
    await checkContestant(contestant, world, ALGORITHM)
  const groups: Group[] = []
  for (const distinct of DISTINCT) {
    const title = `${ALGORITHM}, ${distinct === 1 ? 'the same token' : `${distinct} tokens in turn`}`
    const fields = (await world.tokens(ALGORITHM, distinct)).map((token) => Buffer.from(`Bearer ${token}`))
    const contestants = await takeTurns(
      await runnersFor(bench, ms),
      { rounds, warmUp },
      async () => fields,
      (text) => progress(`${title}: ${text}`),
    )
    groups.push({ title, unit: 'per second', reference: FAST_JWT_CACHED.name, contestants })
  }
  const least = worst(groups, OURS.name, FAST_JWT_CACHED.name)
  return {
    row: 'seen',
    groups: [...groups, ...(await withAndWithout(bench))],
    targets: [
      {
        what: `seen before, against fast-jwt's cache (worst: ${least.title})`,
        bound: { least: 1.41 },
        unit: '×',
        reached: ratioOf(least, OURS.name, FAST_JWT_CACHED.name),
      },
    ],
    notes: [
      'Ours checks time, audience, route and scope anew; the cache of fast-jwt looks at the time alone.',
      'Ours may return a promise; fast-jwt with a key at hand never does. A result that is no promise is not awaited.',
    ],
  }
}

/**
 * What the cache of verified tokens saves: the same decisions with the cache switched off, where this version has one.
 */
async function withAndWithout({ quick, world, progress }: Bench): Promise<Group[]> {
  const { ms, ...effort } = EFFORT[quick ? 'quick' : 'full']
  const config = configFor(world, [ALGORITHM])
  const without = withoutCache(config)
  if (without === null) return []
  const token = Buffer.from(`Bearer ${await world.token(ALGORITHM)}`)
  const names = ['lanekeeper', 'lanekeeper, cache off'] as const
  const authorizers = [createDecide(config), createDecide(without)]
  const title = `${ALGORITHM}, the token cache on and off`
  const contestants = await takeTurns(
    names.map((name, at) => ({
      name,
      measure: () => lapFor(name, [token], ms, (bytes) => authorizers[at]!(freshString(bytes))),
    })),
    effort,
    async () => null,
    (text) => progress(`${title}: ${text}`),
  )
  return [{ title, unit: 'per second', reference: names[1], contestants }]
}
