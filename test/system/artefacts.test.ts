// Artefacts that `lanekeeper build` wrote, unchanged and in processes of their own: the Lambda in Node, the Worker in
// workerd. The same project gives the same bytes wherever it is built.

import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ROOT } from '../../cli/build.ts'
import { startWorkerEdge } from '../../local/worker-edge.ts'
import { TO_EVENT } from '../edges/events.ts'
import { readLogLine } from '../support/artefact/log-line.ts'
import { startEchoOrigin } from '../support/origin-process.ts'
import { sendRaw } from '../support/raw-http.ts'
import { generateKey, startTestIssuer, type TestIssuer } from '../support/test-issuer.ts'

const AUDIENCE = 'https://api.test.example'
const run = promisify(execFile)

let directory: string
let issuer: TestIssuer
let origin: Awaited<ReturnType<typeof startEchoOrigin>>

/** Builds the project in a folder of its own, and returns the folder of the artefacts. */
async function build(name: string, env: Readonly<Record<string, string>>): Promise<string> {
  const project = join(directory, name)
  await mkdir(project)
  const config = {
    issuers: {
      main: {
        issuer: issuer.issuer,
        audience: '${env:API_AUDIENCE}',
        profile: 'rfc9068',
        keys: { jwks_uri: issuer.jwksUri },
        algorithms: ['ES256'],
      },
    },
    routes: [{ path: '/orders', methods: ['GET'], scope: { allOf: ['read'] } }],
    aws: { resultTtlSeconds: 0 },
    origin: { url: origin.url },
    stages: { local: {} },
  }
  await writeFile(join(project, 'lanekeeper.config.mjs'), `export default ${JSON.stringify(config)}\n`)
  await run(process.execPath, [join(ROOT, 'cli/lanekeeper.ts'), 'build', '--stage', 'local'], {
    cwd: project,
    env: { ...env, PATH: process.env['PATH'] },
  })
  return join(project, 'dist')
}

async function bytesBelow(folder: string): Promise<Record<string, string>> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return Object.fromEntries(
    await Promise.all(
      files.map(async (file) => [file.slice(folder.length), await readFile(file, 'base64')] as const),
    ),
  )
}

let dist: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lanekeeper-artefacts-'))
  issuer = await startTestIssuer({ audience: AUDIENCE, keys: [await generateKey('ES256', 'k')] })
  origin = await startEchoOrigin()
  dist = await build('here', { API_AUDIENCE: AUDIENCE, OTHER: 'x' })
})

afterAll(async () => {
  await Promise.all([issuer.close(), origin.close(), rm(directory, { recursive: true })])
})

test('another folder, and variables in another order, give the same bytes', async () => {
  const other = await build('elsewhere', { OTHER: 'y', API_AUDIENCE: AUDIENCE })
  const bytes = await bytesBelow(dist)
  expect(Object.keys(bytes).toSorted()).toEqual([
    '/lambda.json',
    '/lambda/authorizer.mjs',
    '/worker/index.js',
  ])
  expect(await bytesBelow(other)).toEqual(bytes)
})

test('the Lambda runs in a process of its own', async () => {
  const event = (authorization: string[]) =>
    TO_EVENT.http_2({ method: 'GET', path: '/orders', authorization })
  const events = [event([`Bearer ${await issuer.token()}`]), event(['Bearer a.b.c']), event([])]
  const program = `
    import { handler } from ${JSON.stringify(join(dist, 'lambda/authorizer.mjs'))}
    for (const event of ${JSON.stringify(events)}) console.log('answer ' + JSON.stringify(await handler(event)))`
  const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', program], {
    cwd: '/',
    env: {},
  })
  expect(stderr).toBe('')
  const lines = stdout.trim().split('\n')
  const answers = lines.filter((line) => line.startsWith('answer ')).map((line) => JSON.parse(line.slice(7)))
  expect(answers.map(({ isAuthorized }) => isAuthorized)).toEqual([true, false, false])
  expect(answers[0].context).toMatchObject({ subject: 'user-1', issuer: 'main' })
  const log = lines.filter((line) => line.startsWith('{')).map((line) => readLogLine(line))
  expect(log.map(({ event, code }) => `${event} ${code}`)).toEqual([
    'keys ok',
    'decision access_token',
    'decision token_opaque',
    'decision credential_missing',
  ])
})

test('the Worker runs in workerd', async () => {
  const edge = await startWorkerEdge({
    script: join(dist, 'worker/index.js'),
    config: join(ROOT, 'wrangler.toml'),
    port: 0,
    variables: { LANEKEEPER_STAGE: '' },
    onLog: () => {},
  })
  try {
    const send = async (...authorization: string[]) => {
      const fields = authorization.map((value) => ['Authorization', value] as const)
      return (await sendRaw(edge.url, { method: 'GET', target: '/orders', fields })).status
    }
    expect(await send(`Bearer ${await issuer.token()}`)).toBe(200)
    expect(origin.seen.at(-1)?.target).toBe('/orders')
    expect([await send('Bearer a.b.c'), await send()]).toEqual([401, 401])
    expect(origin.seen).toHaveLength(1)
  } finally {
    await edge.close()
  }
})
