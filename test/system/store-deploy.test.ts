// The store Worker that `wrangler deploy` would upload with examples/revocation/store/wrangler.toml: its build runs,
// its Durable Object has SQLite, and its admin endpoint answers in workerd with the settings of that file.

import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { unstable_getMiniflareWorkerOptions } from 'wrangler'
import { ROOT } from '../../cli/build.ts'
import { mustRunIn, writeFiles } from '../support/hand-made-project.ts'

/** wrangler is slow on a busy machine. */
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

const TOML = 'examples/revocation/store/wrangler.toml'

const CREDENTIALS = {
  REVOKE: 'credential-to-revoke-0123456789abcdef',
  LIST: 'credential-to-list-0123456789abcdef',
}

const CONFIG = {
  issuers: {
    main: {
      issuer: 'https://login.example.com',
      audience: 'https://api.example.com',
      profile: 'rfc9068',
      keys: { discovery: 'openid-configuration' },
    },
  },
  routes: [{ path: '/orders', methods: ['GET'], scope: { allOf: ['orders:read'] } }],
  origin: { url: 'https://orders.internal.example.com' },
  revocation: {
    durableObject: 'REVOCATIONS',
    admin: { revoke: { env: 'REVOKE' }, list: { env: 'LIST' } },
  },
  stages: { production: {} },
}

let project: string
let printed: string
let store: Miniflare

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), 'lanekeeper-store-'))
  const lanekeeper = `node ${JSON.stringify(join(ROOT, 'cli/run.js'))} lanekeeper`
  writeFiles(project, {
    'package.json': JSON.stringify({ private: true, type: 'module', scripts: { lanekeeper } }),
  })
  symlinkSync(join(ROOT, 'node_modules'), join(project, 'node_modules'))
  cpSync(join(ROOT, TOML), join(project, TOML))
  writeFiles(join(project, 'examples/revocation'), {
    'lanekeeper.config.ts': `export default ${JSON.stringify(CONFIG)}`,
  })
  const out = join(project, 'uploaded')
  printed = mustRunIn(project, 'wrangler', ['deploy', '--dry-run', '--config', TOML, '--outdir', out])
  const { workerOptions } = unstable_getMiniflareWorkerOptions(join(project, TOML))
  const { modulesRules: _, bindings, ...settings } = workerOptions
  store = new Miniflare(
    convertV4MiniflareOptions({
      host: '127.0.0.1',
      port: 0,
      cf: false,
      telemetry: { enabled: false },
      log: new Log(LogLevel.NONE),
      workers: [
        {
          ...settings,
          name: 'store',
          rootPath: out,
          modules: [
            {
              type: 'ESModule',
              path: join(out, 'index.js'),
              contents: readFileSync(join(out, 'index.js'), 'utf8'),
            },
          ],
          bindings: Object.assign({}, bindings, CREDENTIALS),
        },
      ],
    } as Parameters<typeof convertV4MiniflareOptions>[0]),
  )
  await store.ready
})

afterAll(async () => {
  await store.dispose()
  rmSync(project, { recursive: true })
})

test('wrangler builds it and binds it to its own object', () => {
  expect(printed).toMatch(
    /^(?:\[custom build\] )?store, stage production: examples\/revocation\/dist\/store$/m,
  )
  expect(printed).toMatch(/env\.REVOCATIONS \(RevocationStore\) +Durable Object/)
})

test('what is revoked is listed', async () => {
  const ask = async (path: string, credential: string, body?: object) => {
    const response = await store.dispatchFetch(`https://store.example${path}`, {
      headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    })
    return { status: response.status, body: (await response.json()) as object }
  }
  const request = { kind: 'sub', id: 'alice', by: 'bob' }
  expect(await ask('/revoke', CREDENTIALS.REVOKE, request)).toMatchObject({
    status: 200,
    body: {
      outcomes: ['stored'],
      entries: [{ kind: 'sub', issuer: 'https://login.example.com', id: 'alice' }],
    },
  })
  expect(await ask('/revocations', CREDENTIALS.LIST)).toMatchObject({
    status: 200,
    body: { items: [{ kind: 'sub', id: 'alice', by: 'bob' }], next: null },
  })
  expect(await ask('/revoke', CREDENTIALS.LIST, request)).toMatchObject({ status: 401 })
})
