// A Worker whose secret is in Cloudflare's Secrets Store: the binding as workerd provides it, with miniflare's store
// behind it.

import { build } from 'esbuild'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createWorkerSecrets } from '../../../functions/cloudflare/secrets.ts'
import { startEchoOrigin } from '../../support/origin-process.ts'
import { CLIENT_ID, startOpaqueIssuer } from '../../support/opaque-issuer.ts'

const ENTRY = `
import { env } from 'cloudflare:workers'
import { createWorkerSecrets } from ${JSON.stringify(join(import.meta.dirname, '../../../functions/cloudflare/secrets.ts'))}
const secrets = createWorkerSecrets(env)
export default {
  async fetch(request) {
    const ref = await request.json()
    return secrets(ref).then((value) => Response.json({ value: value ?? null }), () => Response.json({ thrown: true }))
  },
}`

test('a secret is read from the store, and a missing one throws', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'lanekeeper-store-'))
  const outfile = join(directory, 'worker.js')
  await build({
    stdin: { contents: ENTRY, resolveDir: directory },
    outfile,
    bundle: true,
    format: 'esm',
    external: ['cloudflare:workers'],
    logLevel: 'error',
  })
  const contents = await readFile(outfile, 'utf8')
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      telemetry: { enabled: false },
      workers: [
        {
          name: 'store',
          rootPath: directory,
          compatibilityDate: '2026-10-20',
          modules: [{ type: 'ESModule', path: outfile, contents }],
          bindings: { PLAIN: 'in a variable' },
          secretsStoreSecrets: {
            OURS: { store_id: 'store', secret_name: 'ours' },
            ABSENT: { store_id: 'store', secret_name: 'absent' },
          },
        },
      ],
    }),
  )
  try {
    const store = await miniflare.getSecretsStoreSecretAPI('OURS')
    await store().create('in the store')
    const read = async (ref: object) => {
      const response = await miniflare.dispatchFetch('http://edge.example', {
        method: 'POST',
        body: JSON.stringify(ref),
      })
      return response.json()
    }
    expect(await read({ secretsStore: 'OURS' })).toEqual({ value: 'in the store' })
    expect(await read({ secretsStore: 'ABSENT' })).toEqual({ thrown: true })
    expect(await read({ env: 'PLAIN' })).toEqual({ value: 'in a variable' })
    expect(await read({ env: 'OTHER' })).toEqual({ value: null })
    expect(await read({ secretsManager: 'ours' })).toEqual({ value: null })
  } finally {
    await miniflare.dispose()
    await rm(directory, { recursive: true })
  }
})

test('a binding that is not there throws, for the core to notice', async () => {
  await expect(createWorkerSecrets({})({ secretsStore: 'OURS' })).rejects.toThrow()
})

const WORKER = `
import { env } from 'cloudflare:workers'
import { createWorker } from ${JSON.stringify(join(import.meta.dirname, '../../../functions/cloudflare/worker.ts'))}
const codes = []
let ahead = 0
const worker = createWorker(JSON.parse(env.CONFIG), env, {
  keyCache: null,
  now: () => Date.now() + ahead,
  report: (event) => void (event.event === 'secret' && codes.push(event.code)),
})
export default {
  fetch(request, bindings, context) {
    if (request.method !== 'REPORT') return worker.fetch(request, bindings, context)
    ahead += Number(new URL(request.url).searchParams.get('advance'))
    return Response.json(codes.splice(0))
  },
}`

test('a Worker introspects with it, and a rotation in the middle of traffic fails no request', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'lanekeeper-store-'))
  const [issuer, origin] = await Promise.all([startOpaqueIssuer(), startEchoOrigin()])
  const outfile = join(directory, 'worker.js')
  await build({
    stdin: { contents: WORKER, resolveDir: directory },
    outfile,
    bundle: true,
    format: 'esm',
    external: ['cloudflare:workers'],
    logLevel: 'error',
  })
  const config = {
    issuers: {
      main: {
        issuer: issuer.url,
        audience: 'api',
        introspection: {
          endpoint: `${issuer.url}/introspect/basic`,
          authentication: 'client_secret_basic',
          clientId: CLIENT_ID,
          secret: { secretsStore: 'OURS' },
        },
      },
    },
    routes: [{ path: '/', methods: ['GET'], scope: { allOf: ['read'] } }],
    origin: { url: origin.url },
  }
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      telemetry: { enabled: false },
      workers: [
        {
          name: 'edge',
          rootPath: directory,
          compatibilityDate: '2026-10-20',
          modules: [{ type: 'ESModule', path: outfile, contents: await readFile(outfile, 'utf8') }],
          bindings: { CONFIG: JSON.stringify(config) },
          secretsStoreSecrets: { OURS: { store_id: 'store', secret_name: 'ours' } },
        },
      ],
    }),
  )
  const json = { active: true, token_type: 'Bearer', sub: 'ada', aud: 'api', client_id: 'c', scope: 'read' }
  const ask = async () => {
    const authorization = `Bearer ${issuer.issue('', { json })}`
    const response = await miniflare.dispatchFetch('http://edge.example/', { headers: { authorization } })
    await response.text()
    return response.status
  }
  const many = (count: number) => Promise.all(Array.from({ length: count }, ask))
  const loads = async (advance = 0) =>
    (await miniflare.dispatchFetch(`http://edge.example/?advance=${advance}`, { method: 'REPORT' })).json()
  try {
    expect(await ask()).toBe(503)
    expect(await loads()).toEqual(['load_failed'])
    expect(await ask()).toBe(503)
    const store = (await miniflare.getSecretsStoreSecretAPI('OURS'))()
    const id = await store.create(issuer.env['OUR_SECRET']!)
    // A failed load is tried again after five seconds.
    expect(await loads(5_000)).toEqual([])
    expect(await ask()).toBe(200)
    expect(await loads()).toEqual(['ok'])
    const traffic = many(20)
    await store.update('the next one', id)
    issuer.rotate('the next one')
    expect(await Promise.all([traffic, many(20)])).toEqual([Array(20).fill(200), Array(20).fill(200)])
    expect(await many(10)).toEqual(Array(10).fill(200))
    expect(await loads()).toEqual(['ok'])
  } finally {
    await miniflare.dispose()
    await Promise.all([issuer.close(), origin.close(), rm(directory, { recursive: true })])
  }
}, 60_000)
