// What an artefact refuses when it starts: a plan for another edge, stage or version, and an environment without a
// secret or a binding that the plan names.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ROOT } from '../../cli/build.ts'
import { startWorkerEdge } from '../../local/worker-edge.ts'
import type { LanekeeperConfig } from '../../shared/index.ts'
import { artefactOf, type Variables } from '../support/artefact/build.ts'
import { CONFIGS } from '../support/artefact/configs.ts'
import { loadLambda } from '../support/artefact/lambda.ts'

interface Start {
  readonly config?: LanekeeperConfig
  readonly env?: Variables
  readonly change?: (text: string) => string
}

async function startLambda({ config = CONFIGS.plain, env = {}, change = (text) => text }: Start) {
  const { close } = await loadLambda(config, env, { now: Date.now, report: () => {}, change })
  await close()
}

/** The artefact as it is, apart from `change`. */
async function startWorker({ config = CONFIGS.plain, env = {}, change = (text) => text }: Start) {
  const directory = await mkdtemp(join(tmpdir(), 'lanekeeper-start-'))
  const script = join(directory, 'index.js')
  const { files } = await artefactOf('cloudflare', config, env)
  await writeFile(script, change(files[0]!.text))
  try {
    const edge = await startWorkerEdge({
      script,
      config: join(ROOT, 'wrangler.toml'),
      port: 0,
      variables: { LANEKEEPER_STAGE: '', ...env },
      onLog: () => {},
    })
    await edge.close()
  } finally {
    await rm(directory, { recursive: true })
  }
}

/** Changes a member of the plan. */
const plan = (from: string, to: string) => (text: string) => text.replace(from, to)

/** The message of the error; workerd prints it as a JSON string. */
const messageOf = (start: Promise<void>): Promise<string> =>
  start.then(
    () => 'it starts',
    (error: Error) => error.message.replaceAll('\\"', '"'),
  )

const BEGINNING = 'The Lanekeeper configuration has a problem:\n  '

describe.each([
  ['aws', 'cloudflare', startLambda],
  ['cloudflare', 'aws', startWorker],
] as const)('%s', (edge, other, start) => {
  test('starts with what the plan names', async () => {
    await start({})
    await start({ config: CONFIGS.introspection, env: { OUR_SECRET: 'a-secret' } })
  })

  test.each([
    [
      'another stage',
      { env: { LANEKEEPER_STAGE: 'staging' } },
      'LANEKEEPER_STAGE: is "staging", and this was built for no stage',
    ],
    [
      'another edge',
      { change: plan(`edge:"${edge}"`, `edge:"${other}"`) },
      `plan.edge: is ${other}; this edge is ${edge}`,
    ],
    [
      'another version',
      { change: plan('version:1,hash', 'version:2,hash') },
      'plan.version: is 2; this edge reads 1',
    ],
    [
      'a secret that is missing',
      { config: CONFIGS.introspection },
      'issuers.main.introspection.secret.env: needs the environment variable OUR_SECRET, which is not set',
    ],
    [
      'a secret that is too short',
      { config: CONFIGS['a key for fingerprints'], env: { OUR_SECRET: 'short' } },
      'log.fingerprintKey.env: names OUR_SECRET, which is ',
    ],
  ] satisfies [string, Start, string][])('refuses to start with %s', async (_, given, sentence) => {
    expect(await messageOf(start(given))).toContain(sentence)
  })
})

test('the Lambda throws a ConfigError', async () => {
  await expect(startLambda({ config: CONFIGS.introspection })).rejects.toMatchObject({
    name: 'ConfigError',
    message: expect.stringContaining(BEGINNING),
    problems: [{ path: 'issuers.main.introspection.secret.env', variable: 'OUR_SECRET' }],
  })
})

test('the Worker refuses to start without a binding that the plan names', async () => {
  const config = { ...CONFIGS.plain, origin: { binding: 'NOWHERE' } }
  await expect(startWorker({ config })).rejects.toThrow(
    'origin.binding: names NOWHERE, which is not bound to this Worker',
  )
})
