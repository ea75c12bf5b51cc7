// `lanekeeper dev` and `token` as a user runs them: both edges of a project, a reload, a configuration that is broken,
// and the end.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { ROOT } from '../../cli/build.ts'
import { findBusyPort } from '../../local/local-run.ts'
import { sessionFile } from '../../local/dev/session-file.ts'
import { canSeeProcesses, descendantsOf, isRunning } from '../support/processes.ts'

/** esbuild and workerd are slow on a busy machine. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const CONFIG = `import { defineConfig } from 'lanekeeper'
import { SCOPE } from './scope.ts'
export default defineConfig({
  issuers: {
    main: {
      issuer: 'https://example.eu.auth0.com/',
      audience: 'https://api.example.com',
      profile: 'auth0-token-profile',
      scopes: { claim: 'scope', shape: 'string' },
      keys: { discovery: 'openid-configuration' },
    },
  },
  routes: [
    { path: '/health', methods: ['GET'], public: true },
    { path: '/orders', methods: ['GET'], scope: { allOf: [SCOPE] } },
  ],
  aws: { resultTtlSeconds: 0 },
  origin: { url: 'https://orders.internal.example.com' },
})
`

const COMMAND = [join(ROOT, 'cli/run.js'), 'lanekeeper']

let project: string
let port: number

beforeAll(async () => {
  project = realpathSync(mkdtempSync(join(tmpdir(), 'lanekeeper-dev-test-')))
  writeFileSync(join(project, 'lanekeeper.config.ts'), CONFIG)
  writeFileSync(join(project, 'scope.ts'), "export const SCOPE = 'read:orders'\n")
  for (port = 30_000 + (process.pid % 600) * 20; (await findBusyPort(port)) !== null;) port += 20
  symlinkSync(join(ROOT, 'node_modules'), join(project, 'node_modules'))
})

afterAll(() => rmSync(project, { recursive: true, force: true }))

function start(...args: readonly string[]) {
  const child = spawn(process.execPath, [...COMMAND, 'dev', '--port', String(port), ...args], {
    cwd: project,
    env: { ...process.env, NO_COLOR: '1' },
  })
  let output = ''
  let check = () => {}
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      check()
    })
  const ended = once(child, 'close').then(([code]) => code as number | null)
  return {
    pid: child.pid!,
    ended,
    output: () => output,
    interrupt: () => void child.kill('SIGINT'),
    until: (text: string) =>
      new Promise<void>((resolve, reject) => {
        check = () => output.includes(text) && resolve()
        check()
        void ended.then(() => reject(new Error(`ended without "${text}":\n${output}`)))
      }),
  }
}

function token(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...COMMAND, 'token', ...args], {
    cwd: project,
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

async function ask(url: string, bearer?: string) {
  const response = await fetch(
    url,
    bearer === undefined ? {} : { headers: { authorization: `Bearer ${bearer}` } },
  )
  const { identity, authorizer } = (await response.json()) as { identity?: object; authorizer?: object }
  return { status: response.status, seen: identity ?? authorizer ?? null }
}

test('both edges answer, take a change, keep on if it is broken, and end with Ctrl-C', async () => {
  const run = start()
  await run.until('Ctrl-C ends everything.')
  const [worker, rest, http] = [port, `${port + 1}/local`, port + 2].map((at) => `http://127.0.0.1:${at}`)
  const good = token('--profile', 'auth0-token-profile', '--scope', 'read:orders', '--expires-in', '60')
  expect([good.status, good.stdout.split('\n').length, good.stderr]).toEqual([0, 2, ''])
  const bearer = good.stdout.trim()
  const idToken = token('--id-token').stdout.trim()

  for (const [url, missing, wrong, seen] of [
    [worker, 401, 401, { subject: 'local-user', scope: 'read:orders' }],
    [rest, 401, 401, { subject: 'local-user', principalId: 'local-user' }],
    [http, 401, 403, { lambda: expect.objectContaining({ subject: 'local-user' }) }],
  ] as const) {
    expect((await ask(`${url}/health`)).status).toBe(200)
    expect((await ask(`${url}/orders`)).status).toBe(missing)
    expect((await ask(`${url}/orders`, idToken)).status).toBe(wrong)
    expect(await ask(`${url}/orders`, bearer)).toMatchObject({ status: 200, seen })
  }
  await run.until('deny  id_token')
  expect(run.output()).not.toContain(bearer)

  writeFileSync(join(project, 'scope.ts'), "export const SCOPE = 'write:orders'\n")
  await run.until('the new one runs.')
  expect((await ask(`${worker}/orders`, bearer)).status).toBe(403)
  writeFileSync(join(project, 'scope.ts'), "export const SCOPE = ['no scope'\n")
  await run.until('The last good configuration goes on.')
  expect(run.output()).toContain('scope.ts:')
  expect((await ask(`${worker}/orders`, token('--scope', 'write:orders').stdout.trim())).status).toBe(200)

  const file = sessionFile(project)
  expect(existsSync(file)).toBe(true)
  const secret = (JSON.parse(readFileSync(file, 'utf8')) as { secret: string }).secret
  expect(run.output()).not.toContain(secret)
  const below = canSeeProcesses ? descendantsOf(run.pid) : []
  run.interrupt()
  expect(await run.ended).toBe(0)
  await vi.waitFor(() => expect(below.filter(isRunning)).toEqual([]), 30_000)
  expect(existsSync(file)).toBe(false)
  expect(token()).toEqual({ status: 2, stdout: '', stderr: expect.stringContaining('npx lanekeeper dev') })
})

test('with --json there is a document when everything runs, and then the log lines of one API alone', async () => {
  writeFileSync(join(project, 'scope.ts'), "export const SCOPE = 'read:orders'\n")
  const run = start('--json', '--api', 'http')
  await run.until('"event":"ready"')
  await ask(`http://127.0.0.1:${port + 2}/orders`, token().stdout.trim())
  await run.until('"code":"access_token"')
  run.interrupt()
  expect(await run.ended).toBe(0)
  const lines = run
    .output()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { readonly event: string; readonly urls?: object })
  expect(lines[0]).toMatchObject({
    ...{ version: 1, ok: true, event: 'ready' },
    urls: { rest: null, webSocket: null, http: `http://127.0.0.1:${port + 2}` },
  })
  expect(lines.map(({ event }) => event)).toContain('decision')
})
