// The assertion for the origin: what the Worker in workerd signs, and what the example on the page accepts. The example
// is taken from docs/cloudflare.md; only its addresses are replaced.

import { STAMP } from '../../support/stamp.ts'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeJwt, decodeProtectedHeader, SignJWT, importJWK } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ConfigError, resolveConfig, type LanekeeperConfig } from '../../../shared/index.ts'
import { openWorkerEdge, type WorkerEdge } from '../../edges/worker-edge.ts'
import { startCaseWorld, type CaseWorld } from '../../support/case-world.ts'
import { startEchoOrigin, type Origin, type SeenRequest } from '../../support/origin-process.ts'

const ROOT = join(import.meta.dirname, '../../..')
const ISSUER = 'https://edge.test.example'
const AUDIENCE = 'https://orders.internal.example.com'
const NAME = 'x-lanekeeper-assertion'

type CallerOf = (method: string, path: string, headers: object) => Promise<Record<string, unknown>>

const generateJwk = () =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })
const jwk = generateJwk()
const nextJwk = { ...generateJwk(), d: undefined }

let world: CaseWorld
let origin: Origin<SeenRequest>
let edge: WorkerEdge
let replacing: WorkerEdge
let directory: string
let callerOf: CallerOf

const configured = (token: 'strip' | 'forward' | 'replace'): LanekeeperConfig => ({
  ...world.config,
  origin: {
    url: origin.url,
    token,
    assertion: {
      key: { env: 'ASSERTION_KEY' },
      issuer: ISSUER,
      audience: AUDIENCE,
      publicKeys: [JSON.parse(JSON.stringify(nextJwk))],
    },
  },
})

beforeAll(async () => {
  ;[world, origin] = await Promise.all([startCaseWorld(), startEchoOrigin()])
  const env = { ...world.env, ASSERTION_KEY: JSON.stringify(jwk) }
  ;[edge, replacing] = await Promise.all([
    openWorkerEdge(configured('strip'), env),
    openWorkerEdge(configured('replace'), env),
  ])
  const page = await readFile(join(ROOT, 'docs/cloudflare.md'), 'utf8')
  const example = /```js\n([\s\S]*?)```/.exec(page)![1]!
  expect(example.split('\n').filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(10)
  directory = await mkdtemp(join(ROOT, 'node_modules/.example-'))
  const file = join(directory, 'example.mjs')
  await writeFile(
    file,
    example
      .replace("'https://api.example.com/.well-known", `'${edge.url}/.well-known`)
      .replace("'https://api.example.com'", `'${ISSUER}'`),
  )
  callerOf = ((await import(file)) as { callerOf: CallerOf }).callerOf
})

afterAll(async () => {
  await Promise.all([edge.close(), replacing.close(), rm(directory, { recursive: true })])
  await Promise.all([world.close(), origin.close()])
})

const headersOf = ({ rawHeaders }: SeenRequest) =>
  Object.fromEntries(
    rawHeaders.flatMap((name, index) =>
      index % 2 === 0 ? [[name.toLowerCase(), rawHeaders[index + 1]!]] : [],
    ),
  )

async function sent(through: WorkerEdge, target: string, ...fields: (readonly [string, string])[]) {
  origin.seen.length = 0
  const { response } = await through.sendRaw({ method: 'GET', target, fields })
  return { response, headers: origin.seen[0] === undefined ? null : headersOf(origin.seen[0]) }
}

const bearer = async () =>
  ['Authorization', `Bearer ${await world.main.token({ claims: { org_id: 'é\r\nx: y' } })}`] as const

describe('an assertion', () => {
  test('tells the origin who calls, and for what', async () => {
    const { headers } = await sent(edge, '/orders?a=1', await bearer(), [NAME, 'forged'])
    expect(await callerOf('GET', '/orders', headers!)).toMatchObject({
      iss: ISSUER,
      aud: AUDIENCE,
      sub: 'user-1',
      principal: 'user',
      client_id: 'client-1',
      scope: 'read',
      issuer: 'main',
      facts: { tenant: 'é\r\nx: y' },
      method: 'GET',
      path: '/orders',
    })
    expect(headers).not.toHaveProperty('authorization')
    const { iat, exp, jti } = decodeJwt(headers![NAME]!)
    expect(exp! - iat!).toBe(30)
    expect(Math.abs(iat! - Date.now() / 1000)).toBeLessThan(5)
    expect(jti).not.toBe(decodeJwt((await sent(edge, '/orders', await bearer())).headers![NAME]!).jti)
  })

  test('is good for no other method, path, audience, key or time', async () => {
    const { headers } = await sent(edge, '/orders', await bearer())
    await expect(callerOf('POST', '/orders', headers!)).rejects.toThrow('for another request')
    await expect(callerOf('GET', '/orders/1', headers!)).rejects.toThrow('for another request')
    await expect(callerOf('GET', '/orders', {})).rejects.toThrow()
    const forged = async (claims: object, key: object) =>
      callerOf('GET', '/orders', {
        [NAME]: await new SignJWT({ ...decodeJwt(headers![NAME]!), ...claims })
          .setProtectedHeader(decodeProtectedHeader(headers![NAME]!) as { alg: string })
          .sign(await importJWK(key as never, 'ES256')),
      })
    expect(await forged({}, jwk)).toMatchObject({ sub: 'user-1' })
    await expect(forged({}, generateJwk())).rejects.toThrow('signature')
    await expect(forged({ aud: 'https://other.example' }, jwk)).rejects.toThrow('"aud"')
    await expect(forged({ exp: 1 }, jwk)).rejects.toThrow('"exp"')
    const token = (await bearer())[1].slice('Bearer '.length)
    await expect(callerOf('GET', '/orders', { [NAME]: token })).rejects.toThrow()
  })

  test('has no subject on a public route, or if a refusal is not enforced', async () => {
    for (const [target, fields] of [
      ['/health', []],
      ['/trial', [['Authorization', 'Bearer nonsense']]],
    ] as const) {
      const { headers } = await sent(edge, target, ...fields)
      const caller = await callerOf('GET', target, headers!)
      expect(caller).toMatchObject({ principal: 'unknown' })
      for (const name of ['sub', 'client_id', 'scope', 'facts']) expect(caller).not.toHaveProperty(name)
    }
  })

  test('replaces the token if the configuration says so', async () => {
    const { headers } = await sent(replacing, '/orders', await bearer())
    expect(headers!['authorization']).toBe(`Bearer ${headers![NAME]}`)
    expect(await callerOf('GET', '/orders', headers!)).toMatchObject({ sub: 'user-1' })
    const open = await sent(replacing, '/health', ['Authorization', 'Basic abc'])
    expect(open.headers!['authorization']).toBe('Basic abc')
  })

  test('is sent beside the token if the token is forwarded', async () => {
    const forwarding = await openWorkerEdge(configured('forward'), {
      ...world.env,
      ASSERTION_KEY: JSON.stringify(jwk),
    })
    try {
      const field = await bearer()
      const { headers } = await sent(forwarding, '/orders', field)
      expect(headers!['authorization']).toBe(field[1])
      expect(decodeJwt(headers![NAME]!)).toMatchObject({ sub: 'user-1' })
      expect((await sent(forwarding, '/orders', ['Authorization', 'Bearer x'])).headers).toBeNull()
    } finally {
      await forwarding.close()
    }
  })

  test('is not made without the setting', async () => {
    const plain = await openWorkerEdge({ ...world.config, origin: { url: origin.url } }, world.env)
    try {
      expect((await sent(plain, '/orders', await bearer(), [NAME, 'forged'])).headers).not.toHaveProperty(
        NAME,
      )
      const { response } = await plain.sendRaw({ method: 'GET', target: '/.well-known/lanekeeper/jwks.json' })
      expect(response.status).toBe(403)
    } finally {
      await plain.close()
    }
  })
})

test('the public keys are served, the next one too, and no private one', async () => {
  const { response } = await sent(edge, '/.well-known/lanekeeper/jwks.json')
  expect(response.headers['content-type']).toBe('application/json')
  const { keys } = JSON.parse(response.body) as { keys: Record<string, unknown>[] }
  expect(keys.map(({ x }) => x)).toEqual([jwk.x, nextJwk.x])
  expect(response.body).not.toContain(jwk.d)
  expect(keys[0]).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' })
})

describe('a key that cannot be used', () => {
  test('is found before the Worker starts', () => {
    const problemsWith = (key: string) => {
      try {
        resolveConfig(configured('strip'), {
          env: { ...world.env, ASSERTION_KEY: key },
          secretKinds: ['env'],
          needsOrigin: true,
        })
        return []
      } catch (error) {
        return (error as ConfigError).problems.map(({ path, message }) => `${path}: ${message}`)
      }
    }
    expect(problemsWith(JSON.stringify(jwk))).toEqual([])
    expect(problemsWith(JSON.stringify({ ...jwk, crv: 'P-384' }))).toEqual([
      'origin.assertion.key.env: names ASSERTION_KEY, which is malformed',
    ])
    expect(problemsWith(JSON.stringify({ ...jwk, d: undefined }))).toHaveLength(1)
  })

  test('that is no point of the curve keeps requests from the origin', async () => {
    const bad = await openWorkerEdge(configured('strip'), {
      ...world.env,
      ASSERTION_KEY: JSON.stringify({ ...jwk, x: jwk.y }),
    })
    try {
      const { response, headers } = await sent(bad, '/orders', await bearer())
      expect([response.status, headers]).toEqual([503, null])
      expect(await bad.events()).toContainEqual({
        ...STAMP,
        event: 'origin',
        outcome: 'failed',
        code: 'assertion_unavailable',
      })
      expect((await sent(bad, '/trial', await bearer())).headers).not.toHaveProperty(NAME)
    } finally {
      await bad.close()
    }
  })
})
