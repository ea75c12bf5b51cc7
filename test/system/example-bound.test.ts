// `npm run example:bound`: examples/bound as it would be deployed, on loopback and by mutual TLS, with an authorization
// server and a client of others. Every row of its table comes out as it should. The files of the example fit each
// other.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { SERVICES } from '../../local/bound/options.ts'
import { SECTIONS } from '../../local/bound/rows.ts'
import { run, takeTourOf } from './run-example.ts'

/** npm, wrangler and osls are slow on a busy machine. */
vi.setConfig({ testTimeout: 400_000 })

const EXAMPLE = 'examples/bound'

test('the tour: every row comes out as it should, and no token, proof or nonce is printed', async () => {
  const { status, output, rows } = await takeTourOf('example:bound', SERVICES)
  const titles = SECTIONS.flatMap((section) => section.rows.map(({ what }) => what))
  expect(rows, output).toEqual(titles.map((what) => ({ what, isRight: true })))
  expect(output).toContain('All 79 rows came out as they should.')
  // A token or a proof, or a nonce or the text of an opaque token.
  expect(output).not.toMatch(/eyJ|(?=[\w-]*\d)[\w-]{27}/)
  expect(status).toBe(0)
})

test('`lanekeeper check` finds nothing to correct, and compares each edge with its stages', () => {
  const args = ['lanekeeper', 'check', '--config', `${EXAMPLE}/lanekeeper.config.ts`]
  const { status, output } = run(process.execPath, ['cli/run.js', ...args])
  expect(status, output).toBe(0)
  expect(output).toMatch(/^cloudflare +ok +left out /m)
  expect(output).toContain('Compared with serverless.yml as it would be deployed to: aws, local-aws.')
  expect(output).not.toMatch(/^(?:warning|problem)/m)
})

test('wrangler builds the edge and binds it to the object of the store Worker', () => {
  const out = mkdtempSync(join(tmpdir(), 'lanekeeper-example-'))
  const { status, output } = run('npx', [
    ...['wrangler', 'deploy', '--dry-run', '--config', `${EXAMPLE}/wrangler.toml`, '--outdir', out],
  ])
  rmSync(out, { recursive: true })
  expect(status, output).toBe(0)
  expect(output).toMatch(/env\.REPLAYS \(ReplayStore, defined in lanekeeper-store\) +Durable Object/)
})
