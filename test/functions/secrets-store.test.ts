// A Worker whose secret is in Cloudflare's Secrets Store: the binding as workerd gives it, with miniflare's store
// behind it.

import { build } from 'esbuild'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createWorkerSecrets } from '../../functions/cloudflare/secrets.ts'

const ENTRY = `
import { env } from 'cloudflare:workers'
import { createWorkerSecrets } from ${JSON.stringify(join(import.meta.dirname, '../../functions/cloudflare/secrets.ts'))}
const secrets = createWorkerSecrets(env)
export default {
  async fetch(request) {
    const ref = await request.json()
    return secrets(ref).then((value) => Response.json({ value: value ?? null }), () => Response.json({ thrown: true }))
  },
}`

test('it is read from the store, and one that is not there throws', async () => {
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
