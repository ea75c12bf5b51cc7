// `npm run example:revocation`: examples/revocation as it would be deployed, on loopback. Every row of its table comes
// out as it should. How many seconds a row took is not compared. The files of the example fit each other.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { SERVICES } from '../../local/revocation/options.ts'
import { expectTable } from '../docs/made-table.ts'
import { run, takeTourOf } from './run-example.ts'

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

test('the tour: every row comes out as it should, and no token is printed', async () => {
  const { status, output, rows } = await takeTourOf('example:revocation', SERVICES)
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
