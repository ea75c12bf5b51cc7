// The start of a Lambda whose plan has 10,000 routes or 1,000 issuers, beside that of the usual configuration: from the
// start of the process to the first decision. Each issuer has a key set of its own, of which one is fetched.

import { join } from 'node:path'
import type { LanekeeperConfig } from '../../shared/index.ts'
import { buildOurs } from '../artefacts.ts'
import { configFor, manyIssuers, manyRoutes } from '../contestants/ours.ts'
import { environmentFor } from '../lambda/event.ts'
import { startSecureKeys } from '../lambda/secure-keys.ts'
import { checkStarters, timeStarts, type Starter } from '../lambda/starts.ts'
import { figure } from '../present.ts'
import { addedTo, type Group, type Samples } from '../result.ts'
import type { RunRow } from '../row.ts'

const USUAL = 'five routes, one issuer'

const SIZES: readonly {
  readonly name: string
  readonly change: (config: LanekeeperConfig) => LanekeeperConfig
}[] = [
  { name: USUAL, change: (config) => config },
  { name: '10,000 routes', change: manyRoutes },
  { name: '1,000 issuers', change: manyIssuers },
]

const EFFORT = { quick: { rounds: 9, warmUp: 1 }, full: { rounds: 41, warmUp: 2 } } as const

export const runLargeStart: RunRow = async (bench) => {
  const { quick, directory, progress } = bench
  progress('building the artefacts')
  const secure = await startSecureKeys(bench)
  const { world } = secure
  const environment = environmentFor(secure)
  const starters: Starter[] = []
  const bytes: Samples[] = []
  for (const [at, { name, change }] of SIZES.entries()) {
    const out = join(directory, 'large', String(at))
    const { file, startBytes } = await buildOurs(change(configFor(world, ['RS256'])), 'aws', out)
    starters.push({ name, bundle: file, environment, does: 'verifies' })
    bytes.push({ name, samples: [startBytes] })
  }
  await checkStarters(starters, world)
  const title = 'start of a Lambda, RS256, key set over TLS from loopback'
  const { wall, cpu } = await timeStarts(
    title,
    USUAL,
    starters,
    EFFORT[quick ? 'quick' : 'full'],
    world,
    progress,
  )
  const added = (name: string, group: Group) => `${figure(addedTo(group, USUAL, name), 1)} ms`
  return {
    row: 'large-start',
    groups: [
      wall,
      cpu,
      { title: 'the artefact, read at the start', unit: 'bytes', reference: null, contestants: bytes },
    ],
    targets: [],
    notes: SIZES.slice(1).map(
      ({ name }) => `${name} add ${added(name, wall)}, and ${added(name, cpu)} of CPU.`,
    ),
  }
}
