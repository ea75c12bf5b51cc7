// What `lanekeeper build` puts into an artefact: the rooms that the configuration uses and no others, no more bytes
// than sizes.json has, and nothing of the machine or its secrets. UPDATE_SIZES=1 writes sizes.json.

import { homedir } from 'node:os'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { bundleArtefact, type Artefact, type BuildRequest } from '../../cli/artefact/build.ts'
import { ROOT } from '../../cli/build.ts'
import type { LanekeeperConfig } from '../../shared/index.ts'
import { artefactOf } from '../support/artefact/build.ts'
import { CONFIGS, LAMBDA_CONFIGS, WORKER_CONFIGS } from '../support/artefact/configs.ts'
import { externalsOf, modulesIn, ROOMS, roomsOf, type Room } from '../support/artefact/rooms.ts'

const CONFIGS_OF = {
  aws: { ...CONFIGS, ...LAMBDA_CONFIGS },
  cloudflare: { ...CONFIGS, ...WORKER_CONFIGS },
} as const

/** The edges that decide. The store is in test/functions/cloudflare/store. */
type EdgeName = keyof typeof CONFIGS_OF

type Title = keyof typeof CONFIGS | keyof typeof LAMBDA_CONFIGS | keyof typeof WORKER_CONFIGS

const ALL = (Object.keys(CONFIGS_OF) as EdgeName[]).flatMap((edge) =>
  Object.entries(CONFIGS_OF[edge]).map(
    ([title, config]) => [edge, title as Title, config as LanekeeperConfig] as const,
  ),
)

const PUBLISHED = ['RSA', 'published keys', 'Node RS'] as const satisfies readonly Room[]

/** Rooms that only one edge has. */
const ONLY_ON: Readonly<Partial<Record<Room, EdgeName>>> = {
  'Node RS': 'aws',
  'Node PS': 'aws',
  'Node ES': 'aws',
  'Node Ed': 'aws',
  'published documents': 'cloudflare',
  'request needs': 'aws',
  'DPoP on Fetch': 'cloudflare',
}

/** Tokens that are bound to certificates. */
const CERTIFIED = [
  ...PUBLISHED,
  ...(['sender constraints', 'mTLS', 'request needs'] as const),
] as const satisfies readonly Room[]

/** Tokens that are bound to keys, with proofs of ES256. */
const KEYED = [
  ...PUBLISHED,
  ...(['EC', 'Node ES', 'sender constraints', 'DPoP', 'request needs', 'DPoP on Fetch'] as const),
] as const satisfies readonly Room[]

/** Tokens that may be bound in both ways. */
const BOUND = [...KEYED, 'mTLS'] as const satisfies readonly Room[]

/** The rooms that each configuration uses. */
const USED: Readonly<Record<Title, readonly Room[]>> = {
  plain: PUBLISHED,
  ES256: ['EC', 'published keys', 'Node ES'],
  'all algorithms': [...PUBLISHED, 'EC', 'OKP', 'Node PS', 'Node ES', 'Node Ed'],
  introspection: ['lookups', 'introspection', 'secrets', 'environment'],
  'private_key_jwt and signed responses': [
    ...PUBLISHED,
    ...([
      'lookups',
      'introspection',
      'private_key_jwt',
      'signed responses',
      'secrets',
      'environment',
      'signing',
    ] as const),
  ],
  'the check of GitHub': ['lookups', 'provider check', 'GitHub', 'secrets', 'environment'],
  userinfo: [...PUBLISHED, 'lookups', 'userinfo'],
  'a shared secret': ['shared secret', 'secrets', 'environment'],
  'a stored key set': ['RSA', 'Node RS', 'stored keys', 'secrets', 'environment'],
  resources: [...PUBLISHED, 'resources', 'published documents'],
  conditions: [...PUBLISHED, 'conditions'],
  'a key for fingerprints': [...PUBLISHED, 'fingerprint key', 'secrets', 'environment'],
  'bound tokens': BOUND,
  'tokens bound to keys': KEYED,
  'tokens bound to certificates': CERTIFIED,
  'certificates in a header': [...CERTIFIED, 'mTLS header', 'secrets', 'environment'],
  'an open issuer': [...PUBLISHED, 'slots', 'issuer slots'],
  // Whether an issuer has the resource among its audiences is checked with both values.
  'an open resource': [
    ...PUBLISHED,
    ...(['resources', 'published documents', 'slots', 'issuer slots', 'resource slots'] as const),
  ],
  '10,000 routes': PUBLISHED,
  '1,000 issuers': PUBLISHED,
  '1,000 tenants': PUBLISHED,
  'the strategy table': [...PUBLISHED, 'table'],
  'a secret in Secrets Manager': [
    ...(['lookups', 'introspection', 'secrets', 'environment', 'Secrets Manager', 'AWS SDK'] as const),
  ],
  'a table of revocations': [
    ...PUBLISHED,
    ...(['revocation', 'revocation look-ups', 'DynamoDB', 'AWS SDK'] as const),
  ],
  'a table of used proofs': [...BOUND, 'table of used proofs', 'DPoP store check', 'AWS SDK'],
  // logout.mjs has the receiver, and no other function has it.
  'a table and logout tokens': [
    ...PUBLISHED,
    ...(['revocation', 'revocation look-ups', 'DynamoDB', 'AWS SDK'] as const),
  ],
  'the store of revocations': [
    ...PUBLISHED,
    ...(['revocation', 'revocation snapshots', 'Durable Object', 'environment'] as const),
  ],
  'the store of used proofs': [...BOUND, 'objects of used proofs', 'DPoP store check', 'environment'],
  'nonces of proofs': [...BOUND, 'DPoP nonces', 'secrets', 'environment'],
  'logout tokens': [
    ...PUBLISHED,
    ...(['revocation', 'revocation snapshots', 'Durable Object', 'environment'] as const),
    ...(['logout tokens', 'receivers'] as const),
  ],
  'metadata of bound tokens': [
    ...CERTIFIED,
    ...(['resources', 'published documents', 'sender metadata'] as const),
  ],
  CORS: [...PUBLISHED, 'cors'],
  diagnostics: [...PUBLISHED, 'diagnostics', 'secrets', 'environment'],
  'an open origin': [...PUBLISHED, 'slots'],
  'an assertion': [...PUBLISHED, 'assertion', 'published documents', 'secrets', 'environment', 'signing'],
}

/** Rooms that are in an artefact although its configuration does not use them, each with the reason. */
const TOLERATED: Readonly<Partial<Record<Title, readonly Room[]>>> = {
  // The Lambda brings the default algorithm of an issuer whose tokens are all introspected.
  introspection: ['Node RS'],
  'the check of GitHub': ['Node RS'],
  'a secret in Secrets Manager': ['Node RS'],
}

describe('an artefact has the rooms that its configuration uses, and no others', () => {
  test.each(ALL)('%s: %s', async (edge, title, config) => {
    const used = USED[title].filter((room) => (ONLY_ON[room] ?? edge) === edge)
    const rooms = roomsOf(modulesIn(await artefactOf(edge, config)))
    const untolerated = rooms.filter(
      (room) => used.includes(room) || TOLERATED[title]?.includes(room) !== true,
    )
    expect(untolerated.toSorted()).toEqual([...used].toSorted())
  })

  test('every room but those of other providers is in some artefact', async () => {
    const seen = new Set<Room>()
    for (const [edge, , config] of ALL)
      for (const room of roomsOf(modulesIn(await artefactOf(edge, config)))) seen.add(room)
    expect((Object.keys(ROOMS) as Room[]).filter((room) => !seen.has(room))).toEqual(['other providers'])
  })

  /** Folders and packages of which only the artefacts with one of some rooms have anything. */
  const ONLY_WITH: readonly (readonly [of: RegExp, ...rooms: readonly Room[]])[] = [
    [/^shared\/introspection\/(?!bounded-cache$)/, 'lookups'],
    [/^shared\/introspection\/bounded-cache$/, 'lookups', 'DPoP'],
    [/^jose\/(?!.*\/(?:base64url|buffer_utils)$)/, 'signing'],
    [/^functions\/aws\/table\//, 'table'],
    [
      /^(?:shared|functions\/aws)\/revocation\/(?!waits$)|^shared\/parts\/(?:revocation-|backchannel-logout)/,
      'revocation',
    ],
    [
      /^functions\/(?:cloudflare\/(?:revocations$|store\/|parts\/(?!replays$))|fetch\/(?:parts\/)?receivers$)/,
      'revocation',
    ],
    [/^shared\/sender\/(?!sender-constraint$)/, 'sender constraints'],
    [/^shared\/sender\/dpop\/|^shared\/parts\/dpop/, 'DPoP'],
    [/^shared\/sender\/mtls\/|^shared\/parts\/mtls/, 'mTLS'],
    [/^functions\/aws\/(?:replay\/|parts\/replays$)/, 'table of used proofs'],
    [/^functions\/cloudflare\/(?:parts\/)?replays$/, 'objects of used proofs'],
  ]

  test.each(ALL)('%s: %s: whole folders and packages', async (edge, title, config) => {
    const modules = modulesIn(await artefactOf(edge, config))
    const without = ONLY_WITH.filter(([, ...rooms]) => !rooms.some((room) => USED[title].includes(room)))
    expect(modules.filter((name) => without.some(([of]) => of.test(name)))).toEqual([])
  })
})

describe('an artefact has nothing of', () => {
  test.each(ALL)(
    '%s: %s: the configuration, the commands, the tests and other edges',
    async (edge, _, config) => {
      // The Lambda has the hashes of Node.
      const other =
        edge === 'aws' ? /^functions\/(?:cloudflare|fetch)\/|^@noble\// : /^functions\/(?:aws|node)\//
      const modules = modulesIn(await artefactOf(edge, config))
      const kept = modules.filter(
        (name) => /^shared\/config\/|^(?:cli|test|local|bench|examples)\//.test(name) || other.test(name),
      )
      expect(kept).toEqual([])
    },
  )

  test('Node but what a Lambda needs, and of Workers but their environment', async () => {
    for (const [edge, title, config] of ALL) {
      const externals = externalsOf(await artefactOf(edge, config))
      const allowed = edge === 'aws' ? ['node:crypto', 'node:https'] : ['cloudflare:workers']
      const strange = externals.filter((name) => !allowed.includes(name))
      // The SDK of AWS imports modules of Node as it needs them.
      if (!USED[title].includes('AWS SDK')) expect([edge, title, strange]).toEqual([edge, title, []])
    }
  })
})

/** Bytes of what is read at start: of the Lambda as they are, of the Worker with gzip. */
const sizeOf = (edge: EdgeName, { startBytes, startGzipBytes }: Artefact): number =>
  edge === 'aws' ? startBytes : startGzipBytes

/** A size may grow by two in a hundred. For more, the row is raised by hand, and the commit says why. */
const GROWTH = 1.02

const SIZES = join(import.meta.dirname, '../support/artefact/sizes.json')

type Sizes = Readonly<Record<EdgeName, Readonly<Record<string, number>>>>

describe('an artefact is no larger than sizes.json allows', () => {
  const measured: Record<EdgeName, Record<string, number>> = { aws: {}, cloudflare: {} }
  const isUpdating = process.env['UPDATE_SIZES'] === '1'
  const bounds = JSON.parse(readFileSync(SIZES, 'utf8')) as Sizes

  afterAll(() => {
    if (isUpdating) writeFileSync(SIZES, `${JSON.stringify(measured, null, 2)}\n`)
  })

  test.each(ALL)('%s: %s', async (edge, title, config) => {
    const size = sizeOf(edge, await artefactOf(edge, config))
    measured[edge][title] = size
    if (!isUpdating) expect(size).toBeLessThanOrEqual(Math.floor(bounds[edge][title]! * GROWTH))
  })
})

/** The modules of a feature in an artefact, and their bytes. */
async function weigh(edge: EdgeName, config: LanekeeperConfig, feature: RegExp) {
  const { metafile } = await artefactOf(edge, config)
  const modules = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs))
  const found = modules.filter(([name]) => feature.test(name))
  return {
    modules: found.length,
    bytes: found.reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0),
  }
}

describe('the check for revoked tokens is at most 10 kB', () => {
  const CHECK = /(?:^|\/)shared\/(?:revocation\/|parts\/revocation-)/

  test.each([
    ['cloudflare', WORKER_CONFIGS['the store of revocations']],
    ['aws', LAMBDA_CONFIGS['a table of revocations']],
  ] as const)('%s', async (edge, config) => {
    const { modules, bytes } = await weigh(edge, config, CHECK)
    expect(modules).toBeGreaterThan(5)
    expect(bytes).toBeGreaterThan(1_000)
    expect(bytes).toBeLessThanOrEqual(10_000)
  })
})

describe('the check of client certificates is at most 4 kB, and of one in a header 1.5 kB more', () => {
  const CERTIFICATE = /(?:^|\/)shared\/(?:sender\/mtls\/|parts\/mtls\.)/
  const IN_HEADER = /(?:^|\/)shared\/(?:sender\/mtls\/header-|parts\/mtls-header\.|secrets\/guard-check\.)/

  test.each(['aws', 'cloudflare'] as const)('%s', async (edge) => {
    const alone = await weigh(edge, CONFIGS['tokens bound to certificates'], CERTIFICATE)
    expect(alone.modules).toBe(5)
    expect(alone.bytes).toBeGreaterThan(1_000)
    expect(alone.bytes).toBeLessThanOrEqual(4_000)
    const header = await weigh(edge, CONFIGS['certificates in a header'], IN_HEADER)
    expect(header.modules).toBe(3)
    expect(header.bytes).toBeLessThanOrEqual(1_500)
  })
})

/** An artefact as text, with the values of all variables at hand. */
async function build(edge: EdgeName, config: LanekeeperConfig, more: Partial<BuildRequest> = {}) {
  const request = { config, edge, stage: '', env: {}, project: ROOT, out: '/somewhere', metrics: null }
  const { files } = await bundleArtefact({ ...request, ...more })
  return files.map(({ path, contents }) => `${path}\n${Buffer.from(contents).toString('latin1')}`)
}

describe.each(Object.keys(CONFIGS_OF) as EdgeName[])('the bytes of an artefact: %s', (edge) => {
  const configs = Object.entries(CONFIGS_OF[edge]).filter(([title]) => !/^1[0,]/.test(title))

  test.each(configs)('%s: have no secret, no path of this machine and no source map', async (_, config) => {
    const secret = 'canary-4f1c9a72e05b8d36'.repeat(2)
    const text = (await build(edge, config, { env: { OUR_SECRET: secret, lanekeeper: secret } })).join('\n')
    const found = [secret, 'canary-', ROOT, import.meta.dirname, homedir(), process.cwd(), 'sourceMapping']
    expect(found.filter((canary) => text.includes(canary))).toEqual([])
    expect(text).not.toMatch(/\.map\n/)
  })

  test('are the same again, and with variables in another order', async () => {
    const config = { ...CONFIGS.introspection, realm: 'api' }
    const first = await build(edge, config, { env: { A: 'a', OUR_SECRET: 's', Z: 'z' } })
    expect(await build(edge, config, { env: { Z: 'y', OUR_SECRET: 't', A: 'b' } })).toEqual(first)
    const cwd = process.cwd()
    try {
      process.chdir('/')
      expect(await build(edge, config)).toEqual(first)
    } finally {
      process.chdir(cwd)
    }
    expect(await build(edge, { ...config, realm: 'other' })).not.toEqual(first)
  })

  test('of one stage do not change with the settings of another', async () => {
    const { main } = CONFIGS.plain.issuers
    const staged = (other: object): LanekeeperConfig =>
      ({ ...CONFIGS.plain, stages: { staging: {}, production: other } }) as LanekeeperConfig
    const used = { issuers: { main: { ...main, algorithms: ['ES256'] } } }
    const stage = { stage: 'staging' }
    const first = await build(edge, staged({}), stage)
    expect(await build(edge, staged(used), stage)).toEqual(first)
    expect(await build(edge, staged(used), { stage: 'production' })).not.toEqual(first)
  })
})
