// What the metadata of a resource says of bound tokens, as each edge serves it: `metadata.mjs` and `metadata.json` of
// AWS, the Worker that `lanekeeper build` makes, and `createWorker`. RFC 9728 section 2.

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { MetadataHandler } from '../../../functions/aws/metadata.ts'
import { createWorker } from '../../../functions/cloudflare/worker.ts'
import type { SenderConstraintDemand } from '../../../shared/config/sender/constraint.ts'
import type { LanekeeperConfig } from '../../../shared/index.ts'
import { artefactOf, writeArtefact } from '../../support/artefact/build.ts'
import { modulesIn, roomsOf } from '../../support/artefact/rooms.ts'
import { evaluateWorker } from '../../support/artefact/worker.ts'

const BASE = 'https://api.test.example'
const PATH = '/.well-known/oauth-protected-resource/mcp'

const configOf = (senderConstraint: SenderConstraintDemand): LanekeeperConfig => ({
  issuers: {
    main: {
      issuer: 'https://login.test.example',
      audience: `${BASE}/mcp`,
      profile: 'rfc9068',
      keys: { discovery: 'openid-configuration' },
      senderConstraint,
    },
  },
  publicUrls: [BASE],
  resources: [{ identifier: `${BASE}/mcp` }],
  routes: [{ path: '/mcp', methods: ['GET'], scope: 'none' }],
  aws: { strategy: 'off' },
  origin: { url: 'https://origin.test.example' },
})

const NOTHING = { report: () => {}, now: Date.now, fetch }

/** The document of each edge. */
async function documentsOf(config: LanekeeperConfig): Promise<object[]> {
  const out = await mkdtemp(join(tmpdir(), 'lanekeeper-metadata-'))
  try {
    await writeArtefact('aws', config, out)
    const { handler } = (await import(join(out, 'metadata.mjs'))) as { handler: MetadataHandler }
    const { body } = (await handler({ path: PATH })) as { readonly body: string }
    const written = JSON.parse(await readFile(join(out, 'metadata.json'), 'utf8')) as Record<string, object>
    const built = await evaluateWorker(config, {}, NOTHING)
    const created = createWorker(config, {}, { report: () => {} })
    const context = { waitUntil: () => {} } as never
    const served = [built, created].map(async (worker) => {
      const response = await worker.fetch(new Request(`${BASE}${PATH}`), {}, context)
      return (await response.json()) as object
    })
    return [JSON.parse(body) as object, written[PATH]!, ...(await Promise.all(served))]
  } finally {
    await rm(out, { recursive: true })
  }
}

const BOUND_MEMBERS = [
  'tls_client_certificate_bound_access_tokens',
  'dpop_bound_access_tokens_required',
  'dpop_signing_alg_values_supported',
] as const

const ALGS = ['ES256', 'EdDSA', 'Ed25519', 'PS256', 'RS256']

test.each<[SenderConstraintDemand, object]>([
  ['none', {}],
  ['mtls', { [BOUND_MEMBERS[0]]: true }],
  ['any', { [BOUND_MEMBERS[0]]: true, [BOUND_MEMBERS[2]]: ALGS }],
  ['bound', { [BOUND_MEMBERS[0]]: true, [BOUND_MEMBERS[2]]: ALGS }],
  ['dpop', { [BOUND_MEMBERS[1]]: true, [BOUND_MEMBERS[2]]: ALGS }],
])('%s: every edge says the same', async (demand, expected) => {
  const documents = await documentsOf(configOf(demand))
  expect(documents).toHaveLength(4)
  for (const document of documents) {
    expect(document).toMatchObject({ resource: `${BASE}/mcp` })
    const said = Object.entries(document).filter(([name]) => BOUND_MEMBERS.includes(name as never))
    expect(Object.fromEntries(said)).toEqual(expected)
  }
})

test('the Lambda that decides has none of it', async () => {
  expect(roomsOf(modulesIn(await artefactOf('aws', configOf('any'))))).not.toContain('sender metadata')
  expect(roomsOf(modulesIn(await artefactOf('cloudflare', configOf('any'))))).toContain('sender metadata')
})
