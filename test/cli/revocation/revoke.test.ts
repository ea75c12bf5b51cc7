// `lanekeeper revoke`: what it writes to both stores, what it refuses to do, and what it says where a store fails.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { createDynamoDbStore } from '../../../functions/aws/revocation/dynamodb.ts'
import { createEntryKeys, FOREVER, type EntryName } from '../../../shared/edge.ts'
import { webCrypto, type LanekeeperConfig } from '../../../shared/index.ts'
import { revocableText } from '../../../shared/revocation/revocable.ts'
import { startDynalite, type Dynalite } from '../../support/dynalite.ts'
import {
  configFor,
  createProject,
  CREDENTIALS,
  ISSUER,
  listen,
  LIST_CREDENTIAL,
  MAIN,
  NOW,
  REVOKE_CREDENTIAL,
  startStoreServer,
  unsigned,
  type Project,
  type StoreServer,
} from './world.ts'

const { keyOf, digestOf } = createEntryKeys(webCrypto)

let dynalite: Dynalite
let server: StoreServer
let project: Project
let config: LanekeeperConfig

beforeAll(async () => {
  dynalite = await startDynalite()
  for (const [name, value] of Object.entries(dynalite.env)) vi.stubEnv(name, value)
})

afterAll(async () => {
  await dynalite.close()
  vi.unstubAllEnvs()
})

beforeEach(async () => {
  server = await startStoreServer()
  project = createProject()
  config = configFor(server.url, dynalite.table)
  project.writeConfig(config)
})

afterEach(async () => {
  await server.close()
  project.remove()
})

const tableStore = () =>
  createDynamoDbStore(
    { table: dynalite.table },
    { maxEntries: 1_000 },
    { now: () => NOW * 1000, crypto: webCrypto },
  )

/** The times of an entry in the store Worker and in the table. */
async function findBoth({ kind, issuer, id }: EntryName) {
  const keys = [keyOf(kind, issuer, id)]
  const times = [server.store.find(keys)[0], (await tableStore().find(keys))[0]]
  return times.map((each) => each && { notBefore: each.notBefore, until: each.until })
}

const named = (kind: EntryName['kind'], id: string, issuer = ISSUER): EntryName => ({ kind, issuer, id })

const DAY = 86_400
const TOLERANCE = 30
/** An epoch up to now, and the last second in which such a token can live. */
const EPOCH = { notBefore: NOW + TOLERANCE, until: NOW + TOLERANCE + DAY + TOLERANCE + 1 }
const WHENEVER = { notBefore: FOREVER, until: EPOCH.until }

describe('each selector is written to both stores', () => {
  test.each([
    ['jti', ['--jti', 'token-1'], named('jti', 'token-1'), WHENEVER],
    ['sub', ['--sub', 'alice'], named('sub', 'alice'), EPOCH],
    ['client', ['--client', 'rogue'], named('client', 'rogue'), EPOCH],
    ['sid', ['--sid', 'session-1'], named('sid', 'session-1'), WHENEVER],
    ['key', ['--key', 'k'.repeat(43)], named('key', 'k'.repeat(43)), { notBefore: FOREVER, until: FOREVER }],
    ['issuer', ['--issuer', 'main', '--yes'], named('issuer', ''), EPOCH],
    ['issuer by iss', ['--issuer', ISSUER, '--yes'], named('issuer', ''), EPOCH],
  ])('%s', async (_, args, name, times) => {
    const { exitCode, out, errors } = await project.run(['revoke', ...args])
    expect([exitCode, errors]).toEqual([0, ''])
    expect(await findBoth(name)).toEqual([times, times])
    const listed =
      times.notBefore === FOREVER
        ? 'whenever'
        : `until ${new Date(times.notBefore * 1000).toISOString().replace('.000', '')}`
    const until =
      times.until === FOREVER ? 'for ever' : new Date(times.until * 1000).toISOString().replace('.000', '')
    const row = `${name.kind} ${ISSUER} ${name.id || '-'} ${listed} ${until}`
    expect(out).toContain(`store Worker ${server.url} ${row} stored`)
    expect(out).toMatch(new RegExp(`DynamoDB table ${dynalite.table} ${name.kind} .* (?:stored|known)`))
    await tableStore().unrevoke([name], { by: 'test' })
  })

  test('tenant, of an issuer whose tokens name one', async () => {
    const tenants = ['11111111-1111-1111-1111-111111111111', '22222222-2222-2222-2222-222222222222']
    const entra = {
      issuer: 'https://login.microsoftonline.com/{tenantid}/v2.0',
      audience: 'https://api.example.com',
      profile: 'entra-v2',
      keys: {
        discovery: 'openid-configuration',
        url: 'https://login.microsoftonline.com/common/v2.0/metadata',
      },
      tenants,
    } as const
    await server.close()
    server = await startStoreServer({ entra })
    project.writeConfig({ ...configFor(server.url, dynalite.table), issuers: { entra } })
    const { exitCode } = await project.run(['revoke', '--tenant', tenants[0]!, '--yes'])
    expect(exitCode).toBe(0)
    for (const tenant of tenants) {
      const issuer = `https://login.microsoftonline.com/${tenant}/v2.0`
      expect(await findBoth(named('tenant', tenants[0]!, issuer))).toEqual([
        expect.objectContaining({ notBefore: NOW + TOLERANCE }),
        expect.objectContaining({ notBefore: NOW + TOLERANCE }),
      ])
    }
  })

  test('the author and the reason are in both records', async () => {
    await project.run(['revoke', '--sub', 'recorded', '--by', 'grace', '--reason', 'left the company'])
    for (const { items } of [server.store.records(null), await tableStore().records()])
      expect(items.find(({ id }) => id === 'recorded')).toMatchObject({
        action: 'revoke',
        outcome: 'stored',
        kind: 'sub',
        by: 'grace',
        reason: 'left the company',
      })
  })

  test('without --by the author is the user', async () => {
    await project.run(['revoke', '--sub', 'recorded-2'])
    expect(server.store.records(null).items[0]).toMatchObject({ by: 'ada' })
  })

  test('a second time the stores know it', async () => {
    await project.run(['revoke', '--jti', 'twice'])
    const { exitCode, out } = await project.run(['revoke', '--jti', 'twice'])
    expect([exitCode, out.match(/ known$/gm)]).toEqual([0, [' known', ' known']])
  })
})

describe('--before', () => {
  const seconds = NOW - 3_600
  const iso = new Date(seconds * 1000).toISOString()

  test.each([
    [String(seconds), seconds],
    [iso, seconds],
    [iso.replace('.000Z', '+00:00'), seconds],
    [iso.slice(0, 16) + 'Z', Math.floor(seconds / 60) * 60],
    [iso.slice(0, 10), Math.floor(seconds / DAY) * DAY],
    [String(NOW), NOW],
  ])('%s', async (before, time) => {
    const id = `before-${before}`
    const { exitCode } = await project.run(['revoke', '--sub', id, '--before', before])
    expect(exitCode).toBe(0)
    const times = { notBefore: time + TOLERANCE, until: time + TOLERANCE + DAY + TOLERANCE + 1 }
    expect(await findBoth(named('sub', id))).toEqual([times, times])
  })

  test.each([
    [String(NOW + 1), 'in the future'],
    [String(NOW * 1000), 'in the future'],
    [new Date((NOW + 1) * 1000).toISOString(), 'in the future'],
    [iso.slice(0, 19), 'is a time such as'],
    ['2026-02-30', 'is a time such as'],
    ['2026-02-30T00:00:00Z', 'is a time such as'],
    ['2026-13-01', 'is a time such as'],
    ['yesterday', 'is a time such as'],
    ['1e9', 'is a time such as'],
    ['', 'is a time such as'],
  ])('%s is refused', async (before, message) => {
    const { exitCode, errors } = await project.run(['revoke', '--sub', 'a', '--before', before])
    expect([exitCode, errors]).toEqual([2, expect.stringContaining(message)])
    expect(server.requests).toEqual([])
  })
})

describe('a wrong call writes nothing', () => {
  test.each([
    [[], 'Say what is meant with one of --jti'],
    [['--jti', 'a', '--sub', 'b'], '--jti and --sub: pass one of them.'],
    [['--sub', ''], 'The value is empty.'],
    [['--sub', 'a', '--issuer', 'other'], 'The issuer of --issuer is not configured; configured: main.'],
    [['--issuer', 'other', '--yes'], 'The issuer of --issuer is not configured; configured: main.'],
    [['--key', 'short'], '--key is a SHA-256 thumbprint'],
    [['--tenant', 'a', '--yes'], 'Tokens of this issuer name no tenant.'],
    [['--sub', 'a', '--edge', 'azure'], '--edge is cloudflare or aws.'],
    [['--sub', 'a', '--stage', 'x'], 'the configuration has no stages'],
    [['--sub', 'a', '--by', ''], '--by has 1 to 256 characters.'],
    [['--sub', 'a', '--reason', 'x'.repeat(1_025)], '--reason has 1 to 1024 characters.'],
    [['--sub', 'a', '--url', 'http://store.example'], '--url is an origin'],
    [['--sub', 'a', '--url', 'https://store.example/path'], '--url is an origin'],
    [['--sub', 'a', '--credential-file', 'missing'], '--credential-file: cannot be read (ENOENT).'],
    [['--token-file', 'missing'], '--token-file missing: cannot be read (ENOENT).'],
    [['--bogus'], "Unknown option '--bogus'"],
  ])('%j', async (args, message) => {
    const { exitCode, out, errors } = await project.run(['revoke', ...args])
    expect([exitCode, out]).toEqual([2, ''])
    expect(errors).toContain(message)
    expect(server.requests).toEqual([])
  })

  test.each([
    [['--issuer', 'main'], 'every token of the issuer'],
    [['--issuer', 'main', '--before', String(NOW - 60)], 'every token of the issuer'],
  ])('%j wants --yes, and says what would be revoked', async (args, message) => {
    const { exitCode, errors } = await project.run(['revoke', ...args])
    expect(exitCode).toBe(2)
    expect(errors).toContain(message)
    expect(errors).toContain('--yes')
    expect(errors.replace(/ +/g, ' ')).toContain(`issuer ${ISSUER} - until `)
    expect(server.requests).toEqual([])
  })

  test.each([
    [['eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhIn0.c2ln']],
    [['--jti=eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhIn0.c2ln']],
    [['--sub', 'a', '--reason', 'leaked (eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhIn0.c2ln)']],
    [['--sub', 'a', '--by', 'Bearer%20eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhIn0.c2ln']],
  ])('a JWT among the arguments is refused and not repeated', async (args) => {
    const { exitCode, errors } = await project.run(['revoke', ...args])
    expect([exitCode, errors]).toEqual([2, expect.stringContaining('--token-file')])
    expect(errors).not.toContain('eyJ')
  })

  test('an argument that is no option is not repeated', async () => {
    const { exitCode, errors } = await project.run(['revoke', 'opaque-token-of-somebody'])
    expect([exitCode, errors]).toEqual([2, expect.stringMatching(/^An argument is no option/)])
    expect(errors).not.toContain('opaque-token-of-somebody')
  })

  test('several issuers want --issuer', async () => {
    const other = { ...MAIN, issuer: 'https://other.example' }
    project.writeConfig({ ...config, issuers: { main: MAIN, other } })
    expect(await project.run(['revoke', '--sub', 'a'])).toMatchObject({
      exitCode: 2,
      errors: 'Several issuers are configured; name one with --issuer; configured: main, other.',
    })
    expect(server.requests).toEqual([])
  })

  test('a configuration without revocation', async () => {
    const { revocation: _, ...without } = config
    project.writeConfig(without)
    expect(await project.run(['revoke', '--sub', 'a'])).toMatchObject({
      exitCode: 1,
      errors: expect.stringContaining('revocation is not configured'),
    })
  })

  test('stages want one of them', async () => {
    project.writeConfig({ ...config, stages: { production: {}, staging: {} } })
    const without = await project.run(['revoke', '--sub', 'a'])
    expect([without.exitCode, without.errors]).toEqual([2, expect.stringContaining('production, staging')])
    const { exitCode } = await project.run(['revoke', '--sub', 'a'], {
      env: { ...CREDENTIALS, LANEKEEPER_STAGE: 'staging' },
    })
    expect(exitCode).toBe(0)
  })
})

describe('--token-file', () => {
  const claims = { iss: ISSUER, sub: 'bob', jti: 'from-a-file', exp: NOW + 600, iat: NOW - 10 }

  test('a JWT is revoked by the claim that names it, for as long as any token can live', async () => {
    const token = unsigned(claims)
    project.write('token.txt', `${token}\n`)
    const { exitCode, out, errors } = await project.run(['revoke', '--token-file', 'token.txt'])
    expect([exitCode, errors]).toEqual([0, ''])
    expect(await findBoth(named('jti', 'from-a-file'))).toEqual([WHENEVER, WHENEVER])
    expect(out).toContain('The token was not verified')
    for (const text of token.split('.')) expect(out).not.toContain(text)
  })

  test('- reads standard input', async () => {
    const stdin = unsigned({ ...claims, jti: 'from-standard-input' })
    const { exitCode } = await project.run(['revoke', '--token-file', '-'], { stdin })
    expect(exitCode).toBe(0)
    expect((await findBoth(named('jti', 'from-standard-input')))[0]).toEqual(WHENEVER)
  })

  test('a JWT without that claim is revoked by its digest, whatever its signature looks like', async () => {
    const { jti: _, ...without } = claims
    project.write('token.txt', unsigned(without))
    const { out } = await project.run(['revoke', '--token-file', 'token.txt'])
    const digest = digestOf(revocableText(unsigned(without, 'b3RoZXI')))
    expect((await findBoth(named('token', digest)))[1]).toEqual(WHENEVER)
    expect(out).toContain(`token ${ISSUER} ${digest}`)
  })

  test('an expired token is said to be one', async () => {
    project.write('token.txt', unsigned({ ...claims, exp: NOW }))
    expect((await project.run(['revoke', '--token-file', 'token.txt'])).out).toContain('it has expired')
    project.write('token.txt', unsigned({ ...claims, exp: NOW + 1 }))
    expect((await project.run(['revoke', '--token-file', 'token.txt'])).out).not.toContain('it has expired')
  })

  test.each([
    ['', 'is empty'],
    [unsigned({ ...claims, iss: 'https://other.example' }), 'of an issuer that is not configured'],
    [unsigned(claims).replace('.', '!.'), 'has no token that an edge would take'],
    [`Bearer ${unsigned(claims)}`, 'has no token that an edge would take'],
    [unsigned(claims).replace(/\.[^.]+\./, '.e30!.'), 'has no token'],
    ['opaque', 'has an opaque token, or one without iss'],
    ['x'.repeat(70_000), 'has more than 65536 bytes'],
    [unsigned({ ...claims, jti: `<${unsigned(claims)}>` }), 'has a token with another token in it'],
    [unsigned({ ...claims, sub: unsigned(claims) }), 'has a token with another token in it'],
  ])('%.20s is refused', async (content, message) => {
    project.write('token.txt', content)
    const { exitCode, errors } = await project.run(['revoke', '--token-file', 'token.txt'])
    expect([exitCode, errors]).toEqual([2, expect.stringContaining(message)])
    if (content.length > 10) expect(errors).not.toContain(content.slice(0, 30))
    expect(server.requests).toEqual([])
  })

  test('--before does not go with it, and --issuer has to be its own', async () => {
    project.write('token.txt', unsigned(claims))
    const run = (...more: string[]) => project.run(['revoke', '--token-file', 'token.txt', ...more])
    expect((await run('--before', String(NOW))).errors).toContain('--before does not go with --token-file')
    const other = { ...MAIN, issuer: 'https://other.example' }
    project.writeConfig({ ...config, issuers: { main: MAIN, other } })
    expect(await run('--issuer', 'other')).toMatchObject({
      exitCode: 2,
      errors: expect.stringContaining('another'),
    })
    expect(await run('--issuer', 'main')).toMatchObject({ exitCode: 0 })
  })
})

describe('--dry-run', () => {
  test('prints what would be revoked, and how late it would take effect, and writes nothing', async () => {
    const before = dynalite.operations.length
    const { exitCode, out } = await project.run(['revoke', '--issuer', 'main', '--dry-run'])
    expect(exitCode).toBe(0)
    expect(out.match(/ not written$/gm)).toHaveLength(2)
    expect(out).toContain(' Worker: 60 s = ')
    expect(out).toContain(' Lambda: 60 s = ')
    expect(out).toContain('Refresh tokens live on')
    expect(server.requests).toEqual([])
    expect(dynalite.operations.length).toBe(before)
  })

  test('--json says so', async () => {
    const ran = await project.run(['revoke', '--sub', 'dry', '--dry-run', '--json'])
    expect(ran.document()).toMatchObject({
      ok: true,
      dryRun: true,
      entries: [{ kind: 'sub', id: 'dry' }],
      stores: [{ outcomes: [], error: null }, { outcomes: [] }],
    })
  })
})

describe('a store that fails does not keep the other from being written', () => {
  test('the store Worker is out of reach', async () => {
    await server.close()
    const { exitCode, out, errors } = await project.run(['revoke', '--sub', 'carol'])
    expect(exitCode).toBe(1)
    expect(errors).toBe(
      `store Worker ${server.url}: it cannot be reached (ECONNREFUSED). The Worker accepts these tokens until they expire.`,
    )
    expect(out).toMatch(/store Worker .* FAILED$/m)
    expect(out).toMatch(/DynamoDB table .* stored$/m)
    expect(out).toContain(' Lambda: ')
    expect(out).not.toContain(' Worker: ')
  })

  test('the table is out of reach', async () => {
    project.writeConfig(configFor(server.url, 'no-such-table'))
    const { exitCode, out, errors } = await project.run(['revoke', '--sub', 'dave'])
    expect(exitCode).toBe(1)
    expect(errors).toMatch(
      /^DynamoDB table no-such-table: ResourceNotFoundException.* The Lambda accepts these/,
    )
    expect(server.store.find([keyOf('sub', ISSUER, 'dave')])[0]).not.toBeNull()
    expect(out).toContain(' Worker: ')
    expect(out).not.toContain(' Lambda: ')
  })

  test.each([
    [{}, 'the environment has no REVOKE_CREDENTIAL; set it or pass --credential-file'],
    [{ REVOKE_CREDENTIAL: LIST_CREDENTIAL }, 'it does not accept the credential (status 401)'],
    [{ REVOKE_CREDENTIAL: 'a b', LIST_CREDENTIAL: '' }, 'the credential has characters that none has'],
  ])('with the environment %j', async (env, message) => {
    const { exitCode, errors, out } = await project.run(['revoke', '--sub', 'erin'], { env })
    expect([exitCode, errors]).toEqual([1, expect.stringContaining(message)])
    expect(out).toMatch(/DynamoDB table .* (?:stored|known)$/m)
    expect(errors + out).not.toContain(LIST_CREDENTIAL)
  })

  test('without an admin endpoint, or without its URL', async () => {
    const { admin, ...without } = config.revocation!
    project.writeConfig({ ...config, revocation: without })
    expect((await project.run(['revoke', '--sub', 'frank'])).errors).toContain(
      'revocation.admin is not configured',
    )
    const { url: _, ...rest } = admin!
    project.writeConfig({ ...config, revocation: { ...without, admin: rest } })
    expect((await project.run(['revoke', '--sub', 'frank'])).errors).toContain('pass --url')
    expect(await project.run(['revoke', '--sub', 'frank', '--url', server.url])).toMatchObject({
      exitCode: 0,
    })
  })

  test('a full store says so', async () => {
    await server.close()
    server = await startStoreServer(undefined, 0)
    project.writeConfig(configFor(server.url, dynalite.table))
    const { exitCode, out, errors } = await project.run(['revoke', '--sub', 'gina'])
    expect(exitCode).toBe(1)
    expect(errors).toContain(
      'it has no room, and what has the outcome full is not revoked. The Worker accepts',
    )
    expect(out).toMatch(/store Worker .* full$/m)
    expect(out).not.toContain(' Worker: ')
  })

  test('a token for which there is no room is widened to its user', async () => {
    await server.close()
    server = await startStoreServer(undefined, 1)
    project.writeConfig(configFor(server.url, dynalite.table))
    project.write('token.txt', unsigned({ iss: ISSUER, sub: 'henry', jti: 'no-room', exp: NOW + 600 }))
    const { exitCode, out } = await project.run(['revoke', '--token-file', 'token.txt'])
    expect(exitCode).toBe(0)
    expect(out).toMatch(/store Worker .* widened$/m)
    expect(out).toContain('all tokens of its user up to now are revoked')
    expect(server.store.find([keyOf('sub', ISSUER, 'henry')])[0]).not.toBeNull()
  })
})

describe('a store Worker of another configuration', () => {
  const openWith = async (issuers: LanekeeperConfig['issuers'], own: LanekeeperConfig['issuers']) => {
    await server.close()
    server = await startStoreServer(issuers)
    project.writeConfig({ ...configFor(server.url, dynalite.table), issuers: own })
  }
  const REVOKE = ['revoke', '--sub', 'oscar', '--edge', 'cloudflare']

  test('has another iss by the same name: nothing is revoked or removed', async () => {
    await openWith({ main: { ...MAIN, issuer: 'https://login.staging.example.com' } }, { main: MAIN })
    for (const args of [REVOKE, [...REVOKE, '--issuer', 'main'], REVOKE.with(0, 'unrevoke')]) {
      const { exitCode, out, errors } = await project.run(args)
      expect(exitCode).toBe(1)
      expect(errors).toContain('"issuer" is not in the configuration that this store was built from')
      expect(out).not.toContain(' Worker: ')
    }
    expect(server.store.list(null).items).toEqual([])
  })

  test('lacks one iss of an issuer', async () => {
    const entraWith = (...tenants: string[]) => ({
      entra: {
        issuer: 'https://login.microsoftonline.com/{tenantid}/v2.0',
        audience: 'https://api.example.com',
        profile: 'entra-v2',
        keys: {
          discovery: 'openid-configuration',
          url: 'https://login.microsoftonline.com/common/v2.0/metadata',
        },
        tenants,
      } as const,
    })
    const [one, other] = ['11111111-1111-1111-1111-111111111111', '22222222-2222-2222-2222-222222222222']
    await openWith(entraWith(one!), entraWith(one!, other!))
    expect(await project.run(REVOKE)).toMatchObject({ exitCode: 1 })
    await openWith(entraWith(one!, other!), entraWith(one!, other!))
    expect(await project.run(REVOKE)).toMatchObject({ exitCode: 0 })
    expect(server.requests).toEqual(['POST /revoke'])
  })

  test.each([
    [MAIN, { ...MAIN, maxLifetimeSeconds: DAY - 60 }, 0],
    [MAIN, { ...MAIN, maxLifetimeSeconds: DAY - 61 }, 1],
    [{ ...MAIN, clockToleranceSeconds: 0 }, MAIN, 0],
    [MAIN, { ...MAIN, maxLifetimeSeconds: DAY + 3_600 }, 0],
  ])('%#: its entry may not end before the tokens do', async (own, built, wanted) => {
    await openWith({ main: built }, { main: own })
    const { exitCode, out, errors } = await project.run(REVOKE)
    expect(exitCode).toBe(wanted)
    expect(errors).toBe(
      wanted === 0
        ? ''
        : `store Worker ${server.url}: it was built from another configuration or stage, or its clock is wrong: its entry for ${ISSUER} refuses fewer tokens, or ends earlier, than this configuration demands. The Worker accepts these tokens until they expire.`,
    )
    expect(out.includes(' Worker: ')).toBe(wanted === 0)
  })

  const entry = { kind: 'sub', issuer: ISSUER, id: 'oscar', ...EPOCH }
  test.each([
    ['the same', {}, null],
    ['a stricter one', { notBefore: EPOCH.notBefore + DAY, until: FOREVER }, null],
    ['one that is 60 s earlier', { notBefore: EPOCH.notBefore - 60, until: EPOCH.until - 60 }, null],
    ['one up to 61 s earlier', { notBefore: EPOCH.notBefore - 61 }, 'refuses fewer tokens'],
    ['one that ends 61 s earlier', { until: EPOCH.until - 61 }, 'ends earlier'],
    ['one of another iss', { issuer: 'https://other.example' }, 'is missing'],
    ['one of another user', { id: 'Oscar' }, 'is missing'],
    ['one of another kind', { kind: 'client' }, 'is missing'],
  ])('answers with an entry: %s', async (_, changes, problem) => {
    const answer = { outcomes: ['stored'], entries: [{ ...entry, ...changes }] }
    const other = await listen((_request, response) => void response.end(JSON.stringify(answer)))
    try {
      const { exitCode, errors } = await project.run([...REVOKE, '--url', other.url])
      expect(exitCode).toBe(problem === null ? 0 : 1)
      expect(errors).toEqual(problem === null ? '' : expect.stringContaining(problem))
    } finally {
      await other.close()
    }
  })
})

describe('the credential', () => {
  test('is read of a file, and is in no output', async () => {
    project.write('credential', `${REVOKE_CREDENTIAL}\n`)
    const args = ['revoke', '--sub', 'irene', '--credential-file', 'credential']
    const { exitCode, out, errors } = await project.run(args, { env: {} })
    expect(exitCode).toBe(0)
    expect(out + errors).not.toContain(REVOKE_CREDENTIAL)
  })

  test('may be the second of two during a rotation', async () => {
    const { admin, ...rest } = config.revocation!
    const revoke = [{ env: 'OLD' }, { env: 'REVOKE_CREDENTIAL' }] as const
    project.writeConfig({ ...config, revocation: { ...rest, admin: { ...admin!, revoke } } })
    expect(await project.run(['revoke', '--sub', 'judy'])).toMatchObject({ exitCode: 0 })
  })

  test('that is in no variable is asked for', async () => {
    const { admin, ...rest } = config.revocation!
    const revoke = { secretsStore: 'STORED' } as const
    project.writeConfig({ ...config, revocation: { ...rest, admin: { ...admin!, revoke } } })
    expect((await project.run(['revoke', '--sub', 'k'])).errors).toContain('pass --credential-file')
  })
})

test.each([
  ['cloudflare', /^store Worker .* stored$/m, /DynamoDB/],
  ['aws', /^DynamoDB table .* stored$/m, /store Worker/],
])('--edge %s writes its store alone', async (edge, there, absent) => {
  const { exitCode, out } = await project.run(['revoke', '--sub', `of-${edge}`, '--edge', edge])
  expect(exitCode).toBe(0)
  expect(out).toMatch(there)
  expect(out).not.toMatch(absent)
})

test('what the environment of the deployment alone has is not needed, the issuer is', async () => {
  const introspection = {
    endpoint: `${ISSUER}/introspect`,
    authentication: 'bearer',
    secret: { env: 'ISSUER_SECRET' },
  } as const
  project.writeConfig({
    ...config,
    issuers: { main: { ...MAIN, audience: '${env:AUDIENCE}', introspection } },
  })
  await server.close()
  server = await startStoreServer({ main: { ...MAIN, introspection } })
  const args = ['revoke', '--sub', 'lena', '--url', server.url]
  expect(await project.run(args)).toMatchObject({ exitCode: 0 })
  project.writeConfig({ ...config, issuers: { main: { ...MAIN, issuer: '${env:ISSUER}' } } })
  expect(await project.run(args)).toMatchObject({
    exitCode: 1,
    errors: 'issuers.main.issuer needs the environment variable ISSUER; set it or pass --env-file.',
  })
  project.write('a.env', `ISSUER=${ISSUER}\n`)
  expect(await project.run([...args, '--env-file', 'a.env'])).toMatchObject({ exitCode: 0 })
})

test('routes that accept revoked tokens are named', async () => {
  const off = { path: '/feed', methods: ['GET'], scope: 'none', revocation: 'off' } as const
  project.writeConfig({ ...config, routes: [...config.routes, off] })
  const { out } = await project.run(['revoke', '--sub', 'mallory'])
  expect(out).toContain('Routes with revocation off accept revoked tokens until they expire: GET /feed.')
})

test('control characters are escaped, as text and in JSON', async () => {
  const id = 'a\u001b[2J\u202eb\u009bc'
  const text = await project.run(['revoke', '--sub', id])
  expect(text.out).toContain('a\\u{1b}[2J\\u{202e}b\\u{9b}c')
  const json = await project.run(['revoke', '--sub', id, '--json'])
  expect(json.document().entries[0].id).toBe(id)
  for (const { out } of [text, json]) expect(out).not.toMatch(/[\u001b\u202e\u009b]/)
})

test('--json has what each store did', async () => {
  await server.close()
  const ran = await project.run(['revoke', '--sub', 'nina', '--json'])
  expect(ran.exitCode).toBe(1)
  expect(ran.document()).toEqual({
    version: 1,
    ok: false,
    dryRun: false,
    entries: [{ kind: 'sub', issuer: ISSUER, id: 'nina', ...EPOCH }],
    stores: [
      {
        name: `store Worker ${server.url}`,
        edge: 'cloudflare',
        entries: [],
        outcomes: [],
        error: expect.stringContaining('ECONNREFUSED'),
      },
      {
        name: `DynamoDB table ${dynalite.table}`,
        edge: 'aws',
        entries: [{ kind: 'sub', issuer: ISSUER, id: 'nina', ...EPOCH }],
        outcomes: ['stored'],
        error: null,
      },
    ],
    caches: [],
    staleness: [expect.objectContaining({ edge: 'aws', demand: 'usual', seconds: 60 })],
    notes: expect.arrayContaining([expect.stringContaining('Refresh tokens')]),
  })
})

describe('an answer that is none of a store', () => {
  test.each([
    [
      'a redirect',
      307,
      '',
      { location: 'https://elsewhere.example/' },
      'its answer is not one of a store (status 307)',
    ],
    ['no JSON', 200, '<html>', {}, 'its answer is not one of a store (status 200)'],
    ['other JSON', 200, '{"ok":true}', {}, 'its answer is not one of a store'],
    ['no entry', 200, '{"entries":[],"outcomes":[]}', {}, 'its answer is not one of a store'],
    [
      'an unknown outcome',
      200,
      '{"entries":[{"kind":"sub","issuer":"a","id":"b","notBefore":1,"until":2}],"outcomes":["fine"]}',
      {},
      'its answer is not one of a store',
    ],
    ['no endpoint', 404, '{}', {}, 'it has no admin endpoint'],
    [
      'an error with a text',
      503,
      '{"error_description":"The store\\u001b[1m cannot be reached."}',
      {},
      'The store\\u{1b}[1m cannot be reached (status 503)',
    ],
    ['9 MiB', 200, ' '.repeat(9 * 1024 * 1024), {}, 'its answer is too large'],
  ])('%s', async (_, status, body, headers, message) => {
    const requests: string[] = []
    const other = await listen((request, response) => {
      requests.push(request.url!)
      response.writeHead(status, headers).end(body)
    })
    try {
      const { exitCode, errors } = await project.run(['revoke', '--sub', 'olga', '--url', other.url])
      expect([exitCode, errors]).toEqual([1, expect.stringContaining(message)])
      expect(requests).toEqual(['/revoke'])
    } finally {
      await other.close()
    }
  })
})
