// One, a hundred and a thousand issuers, each with a key set of its own; a thousand tokens come from all of them.

import type { LanekeeperConfig } from '../../shared/index.ts'
import { configFor, createDecide, withoutCache } from '../contestants/ours.ts'
import { figure } from '../present.ts'
import { collect } from '../rounds.ts'
import type { RunRow } from '../row.ts'
import { AUDIENCE, type World } from '../world.ts'
import { flatTarget, timeSizes, type Sized } from './flatness.ts'

const SIZES = [1, 100, 1_000] as const
const TOKENS = 1_000

const issuerAt = (at: number): string => `https://login-${at}.example.com`

function configWith(world: World, count: number): LanekeeperConfig {
  const jwks = { keys: [world.keys.ES256.publicJwk] }
  const issuers = Array.from({ length: count }, (_, at) => [
    `issuer-${at}`,
    {
      issuer: issuerAt(at),
      audience: AUDIENCE,
      profile: 'rfc9068' as const,
      keys: { jwks },
      algorithms: ['ES256' as const],
    },
  ])
  return { ...configFor(world, ['ES256']), issuers: Object.fromEntries(issuers) }
}

export const runIssuers: RunRow = async (bench) => {
  const { world, progress } = bench
  const heaps: string[] = []

  async function sized(count: number, change: (config: LanekeeperConfig) => LanekeeperConfig) {
    progress(`${figure(count)} issuers: signing`)
    const fields: string[] = []
    for (let at = 0; at < TOKENS; at++)
      fields.push(`Bearer ${await world.token('ES256', { iss: issuerAt(at % count) })}`)
    collect()
    const before = process.memoryUsage().heapUsed
    const decide = createDecide(change(configWith(world, count)))
    for (const field of fields) await decide(field)
    collect()
    heaps.push(`${figure(count)}: ${figure((process.memoryUsage().heapUsed - before) / 1e6, 1)} MB`)
    return { name: `${figure(count)} issuers`, inputs: fields, decide: (field: string) => decide(field) }
  }

  async function timed(title: string, change: (config: LanekeeperConfig) => LanekeeperConfig) {
    const sizes: Sized<string>[] = []
    for (const count of SIZES) sizes.push(await sized(count, change))
    return timeSizes(title, sizes, bench)
  }

  const groups = [
    await timed('tokens that come again', (config) => config),
    await timed('verified anew', (config) => withoutCache(config) ?? config),
  ]
  return {
    row: 'issuers',
    groups,
    targets: [flatTarget('Issuers 1 to 1,000, time for a decision', groups)],
    notes: [
      `Heap after ${figure(TOKENS)} tokens, by number of issuers: ${heaps.slice(0, SIZES.length).join(', ')}; verified anew: ${heaps.slice(SIZES.length).join(', ')}.`,
    ],
  }
}
