// `npm run example:revocation`: examples/revocation as it would be deployed, on loopback. Every row of its table comes
// out as it should. How many seconds a row took is not compared. The files of the example fit each other.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { ROOT } from '../../cli/build.ts'
import { SERVICES } from '../../local/revocation/options.ts'
import { expectTable } from '../docs/made-table.ts'

/** The tour waits for N several times; npm, wrangler and osls are slow on a busy machine. */
vi.setConfig({ testTimeout: 400_000 })

const EXAMPLE = 'examples/revocation'

const ROWS = [
  'access token of alice',
  "the same, from API Gateway's cache",
  'lanekeeper revoke --sub alice',
  'the same, a route with strong',
  'the same, a route with off',
  'alice has signed in again',
  'lanekeeper unrevoke --sub alice',
  'lanekeeper revoke --jti',
  'lanekeeper revoke --token-file',
  'another token of alice',
  'access token of orders-service',
  'lanekeeper revoke --client orders-service',
  'a token of another client',
  'alice has signed in twice',
  'a logout at the authorization server',
  'the other session of alice',
  'the stores are stopped',
  'the same, a revoked token',
  'the same, a route with off',
  'the stores are back',
  'the same, a revoked token',
]

function run(command: string, args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  })
  return { status, output: stdout + stderr }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })

/** Below the ephemeral ports of the system: no other program gets one of these by chance. */
async function findFreePorts(): Promise<number> {
  for (let first = 10_000 + (process.pid % 600) * SERVICES.length; ; first += SERVICES.length) {
    const free = await Promise.all(SERVICES.map((_, index) => isFree(first + index)))
    if (!free.includes(false)) return first
  }
}

test('the tour: every row comes out as it should, and no token is printed', async () => {
  const port = String(await findFreePorts())
  const { status, output } = run('npm', [
    'run',
    '--silent',
    'example:revocation',
    '--',
    '--once',
    '--port',
    port,
  ])
  const rows = [...output.matchAll(/^ *\d+ {2}(.+?) {2,}.* (\S.*)$/gm)].map(([line, what]) => ({
    what,
    isRight: line.endsWith('  as it should'),
  }))
  expect(rows, output).toEqual(ROWS.map((what) => ({ what, isRight: true })))
  expect(output).toContain('All rows came out as they should.')
  expect(output).not.toMatch(/eyJ/)
  expect(status).toBe(0)
})

test('`lanekeeper check` finds nothing to correct, and the README has its N', async () => {
  const args = ['lanekeeper', 'check', '--config', `${EXAMPLE}/lanekeeper.config.ts`]
  const { status, output } = run(process.execPath, ['cli/run.js', ...args])
  expect(status, output).toBe(0)
  const [, lines = ''] = /^(production: a revocation is in effect [^]*?)\n\n/m.exec(output) ?? []
  await expectTable(`${EXAMPLE}/README.md`, 'check', `\`\`\`\n${lines}\n\`\`\``)
})

test('wrangler builds the edge and binds it to the object of the store Worker', () => {
  const out = mkdtempSync(join(tmpdir(), 'lanekeeper-example-'))
  const { status, output } = run('npx', [
    ...['wrangler', 'deploy', '--dry-run', '--config', `${EXAMPLE}/wrangler.toml`, '--outdir', out],
  ])
  rmSync(out, { recursive: true })
  expect(status, output).toBe(0)
  expect(output).toMatch(
    /env\.REVOCATIONS \(RevocationStore, defined in lanekeeper-revocations\) +Durable Object/,
  )
})
