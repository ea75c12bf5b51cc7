// One soak from start to end: a million different tokens through one Worker in workerd over HTTP and as many through
// one Lambda handler in one process, at the same time. Loopback only.

import { join } from 'node:path'
import { ROOT } from '../../cli/build.ts'
import { startChild, type Child } from '../../local/child.ts'
import { generateKey, startTestIssuer } from '../support/test-issuer.ts'
import { writeArtefact } from '../support/artefact/build.ts'
import { descendantsOf } from '../support/processes.ts'
import { bundle } from './bundle.ts'
import { commandOf, residentBytes } from './process-info.ts'
import type { Sample } from './flatness.ts'
import type { SoakLambdaLine } from './processes/soak-lambda.ts'
import { openSoakClient } from './soak-client.ts'
import { soakConfig } from './soak-config.ts'
import { createSoakTokens, SOAK_AUDIENCE, SOAK_KID } from './soak-tokens.ts'

export interface SoakSettings {
  /** Valid tokens through each edge. */
  readonly tokens: number
  readonly directory: string
  readonly onSpawn: (child: Child) => void
  readonly onSample: (edge: string, sample: Sample, tokensPerSecond: number) => void
}

export interface SoakFindings {
  readonly samples: readonly Sample[]
  /** Tokens, hostile ones included, with a wrong answer. */
  readonly wrong: number
  readonly seconds: number
}

export interface SoakResult {
  readonly worker: SoakFindings
  readonly lambda: SoakFindings
  /** Fetches of the key set, by both edges together. */
  readonly fetches: number
}

/** Samples of a run, a multiple of ten; every tenth part of them is shown. A sample of the Lambda is a collection. */
const samplesFor = (tokens: number): number => Math.min(200, 10 * Math.floor(tokens / 500))
const CONNECTIONS = 16

export async function runSoak({ tokens, directory, onSpawn, onSample }: SoakSettings): Promise<SoakResult> {
  const sampleCount = samplesFor(tokens)
  const key = await generateKey('EdDSA', SOAK_KID)
  const issuer = await startTestIssuer({ audience: SOAK_AUDIENCE, keys: [key] })
  const privateJwk = await crypto.subtle.exportKey('jwk', key.privateKey)
  const rate = (passed: number, since: number) => Math.round(passed / ((Date.now() - since) / 1000))

  async function soakWorker(): Promise<SoakFindings> {
    const script = join(directory, 'worker.js')
    await writeArtefact('cloudflare', soakConfig(issuer.issuer), join(directory, 'worker'))
    await bundle('test/drill/soak-worker-entry.ts', script, join(directory, 'worker/index.js'))
    let parent = 0
    const { url } = await startChild<{ url: string }>({
      name: 'Worker',
      module: 'worker-edge',
      options: {
        script,
        config: join(ROOT, 'wrangler.toml'),
        port: 0,
        variables: { LANEKEEPER_STAGE: '' },
      },
      onLine: () => {},
      onSpawn(child) {
        parent = child.pid
        onSpawn(child)
      },
    })
    const workerd = descendantsOf(parent).find((pid) => commandOf(pid).includes('workerd')) ?? null
    const clients = await Promise.all(Array.from({ length: CONNECTIONS }, () => openSoakClient(url)))
    const next = createSoakTokens(issuer.issuer, privateJwk)
    const samples: Sample[] = []
    const startedAt = Date.now()
    let valid = 0
    let wrong = 0
    const sampleWhenDue = () => {
      if (valid < ((samples.length + 1) * tokens) / sampleCount || samples.length === sampleCount) return
      samples.push({ tokens: valid, bytes: residentBytes(workerd) ?? 0 })
      if (samples.length % (sampleCount / 10) === 0)
        onSample('Worker', samples.at(-1)!, rate(valid, startedAt))
    }
    await Promise.all(
      clients.map(async ({ send }) => {
        while (valid < tokens) {
          const token = next()
          if (token.valid) valid++
          if ((await send(`Bearer ${token.text}`)) !== (token.valid ? 200 : 401)) wrong++
          sampleWhenDue()
        }
      }),
    )
    for (const client of clients) client.close()
    return { samples, wrong, seconds: (Date.now() - startedAt) / 1000 }
  }

  async function soakLambda(): Promise<SoakFindings> {
    const samples: Sample[] = []
    const startedAt = Date.now()
    const done = Promise.withResolvers<SoakFindings>()
    await writeArtefact('aws', soakConfig(issuer.issuer), join(directory, 'lambda'))
    // If a process ends before it is ready, `startChild` reports it.
    done.promise.catch(() => {})
    await startChild({
      name: 'Lambda',
      module: new URL('./processes/soak-lambda.ts', import.meta.url),
      options: {
        artefact: join(directory, 'lambda/authorizer.mjs'),
        issuer: issuer.issuer,
        privateJwk,
        tokens,
        samples: sampleCount,
      },
      onSpawn(child) {
        void child.ended.then((sentence) => done.reject(new Error(sentence)))
        onSpawn(child)
      },
      onLine(line) {
        if (!line.startsWith('{"tokens"')) return
        const { wrong, ...said } = JSON.parse(line) as SoakLambdaLine
        samples.push(said)
        if (samples.length % (sampleCount / 10) === 0) onSample('Lambda', said, rate(said.tokens, startedAt))
        if (samples.length === sampleCount)
          done.resolve({ samples, wrong, seconds: (Date.now() - startedAt) / 1000 })
      },
    })
    return done.promise
  }

  try {
    const [worker, lambda] = await Promise.all([soakWorker(), soakLambda()])
    return { worker, lambda, fetches: issuer.fetches() }
  } finally {
    await issuer.close()
  }
}
