// One drill of DPoP from start to end: starts both stores, five instances and an issuer, goes through the phases, and
// returns their figures. Loopback only.

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Child } from '../../../local/child.ts'
import { generateKey, startTestIssuer } from '../../support/test-issuer.ts'
import { createRandom } from '../mix.ts'
import { runClocks, SKEWS_SECONDS, type ClockFigures } from './clocks.ts'
import { createDpopClient, createTokens, goodRequest, KID } from './clients.ts'
import { AUDIENCE, STRONG, toConfig } from './config.ts'
import { INSTANCES, NONCE_WORKER, startEdges, type Edge, type Instance } from './edges.ts'
import { memoryBytesFor, runFlatPhase } from './flat.ts'
import { runMix } from './mix.ts'
import { runOutage, type Fault, type OutageFigures } from './outage.ts'
import { runPairs, type PairFigures } from './pairs.ts'
import type { DpopDrillResult } from './result.ts'
import { startDynamoDb, startStoreWorker } from './stores.ts'

export interface DpopDrillSettings {
  readonly pairs: number
  readonly requests: number
  readonly proofs: number
  readonly keys: number
  readonly seed: number
  /** The first instance of each edge does not ask the store. */
  readonly broken: boolean
  /** An empty directory. */
  readonly directory: string
  readonly onSpawn: (child: Child) => void
  readonly progress: (text: string) => void
}

const EDGES: readonly Edge[] = ['cloudflare', 'aws']
const PAIR_CLIENTS = 12
/** A sandbox takes one request at a time, and one waits. */
const AT_ONCE = { cloudflare: 16, aws: 2 } as const
const FAULTS: readonly Fault[] = ['killed', 'silent', 'slow', 'slower than usual']
/**
 * To each instance and route, of the requests of the mix. A sandbox without its store needs seconds for each, and what
 * one takes is measured without another that waits.
 */
const IN_OUTAGE = {
  cloudflare: { share: 1 / 50, atOnce: 16 },
  aws: { share: 1 / 500, atOnce: 1 },
} as const
const CLOCK_SHARE = 1 / 50
const WARM_TRIES = 20

export async function runDpopDrill(settings: DpopDrillSettings): Promise<DpopDrillResult> {
  const { pairs, requests, proofs, keys, seed, broken, directory, onSpawn, progress } = settings
  const key = await generateKey('EdDSA', KID)
  const issuer = await startTestIssuer({ audience: AUDIENCE, keys: [key] })
  const privateJwk = await crypto.subtle.exportKey('jwk', key.privateKey)
  const issue = createTokens(issuer.issuer, privateJwk)
  const registry = join(directory, 'registry')
  await mkdir(registry)
  const config = toConfig(issuer.issuer)

  progress('building and starting both stores, three Workers and two Lambda sandboxes')
  const [storeWorker, dynamoDb] = await Promise.all([
    startStoreWorker({ directory, registry, config, onSpawn }),
    startDynamoDb({ onSpawn }),
  ])
  const stores = { cloudflare: storeWorker, aws: dynamoDb }
  const { ask, close } = await startEdges({
    ...{ directory, registry, config, onSpawn, dynamoDb: dynamoDb.endpoint },
    firstConfig: toConfig(issuer.issuer, { isStrong: !broken }),
    nonceConfig: toConfig(issuer.issuer, { hasNonces: true }),
  })
  const each: readonly { edge: Edge; name: Instance }[] = EDGES.flatMap((edge) =>
    INSTANCES[edge].map((name) => ({ edge, name })),
  )

  try {
    const client = createDpopClient(issue)
    // Brings every instance up before the drill begins: it loads the store's client and the keys of the issuer.
    for (const { name } of each)
      for (let tries = 1; (await ask[name](goodRequest(client, STRONG))).verdict !== 'allow'; tries++)
        if (tries === WARM_TRIES) throw new Error(`${name} does not allow a good proof`)

    const clients = Array.from({ length: PAIR_CLIENTS }, () => createDpopClient(issue))
    async function pairsOf(edge: Edge): Promise<PairFigures> {
      const [first, second] = INSTANCES[edge]
      return runPairs({
        ...{ pairs, clients, atOnce: AT_ONCE[edge], first: ask[first], second: ask[second] },
        progress: (done) =>
          progress(`pairs  ${first} and ${second}  ${done.toLocaleString('en').padStart(9)}`),
      })
    }
    progress(`pairs: each of ${pairs.toLocaleString('en')} proofs through two instances at once`)
    const [cloudflare, aws] = await Promise.all([pairsOf('cloudflare'), pairsOf('aws')])

    progress('mix: good and bad requests of every kind to four instances at once')
    const mix = await runMix({
      instances: each.map(({ edge, name }) => ({ name, ask: ask[name], atOnce: AT_ONCE[edge] })),
      ...{ issue, requests, random: createRandom(seed) },
      progress: (name) => progress(`mix    ${name}  ${requests.toLocaleString('en').padStart(9)}`),
    })

    const clocks: ClockFigures[] = []
    progress('clocks: clients whose clock is ten minutes wrong')
    for (const instance of [NONCE_WORKER, INSTANCES.cloudflare[1], INSTANCES.aws[1]] as const)
      for (const skew of SKEWS_SECONDS) {
        const hasNonces = instance === NONCE_WORKER
        const about = { instance, hasNonces, ask: ask[instance], issue }
        clocks.push(await runClocks({ ...about, requests: Math.ceil(requests * CLOCK_SHARE) }, skew))
      }

    const outages: OutageFigures[] = []
    for (const fault of FAULTS) {
      progress(`stores ${fault}`)
      const both = EDGES.map((edge) => {
        const { share, atOnce } = IN_OUTAGE[edge]
        const count = Math.ceil(requests * share)
        return runOutage({ edge, ask, client, store: stores[edge], requests: count, atOnce }, fault)
      })
      outages.push(...(await Promise.all(both)))
    }

    progress(
      `memory: ${proofs.toLocaleString('en')} proofs, then ${keys.toLocaleString('en')} keys, through each edge`,
    )
    const flat = await runFlatPhase({
      ...{ issuer: issuer.issuer, privateJwk, proofs, keys, directory, onSpawn, progress },
    })
    return { pairs: { cloudflare, aws }, mix, clocks, outages, flat, memoryBytes: memoryBytesFor(proofs) }
  } finally {
    await close()
    await issuer.close()
  }
}
