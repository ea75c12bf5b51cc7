// The README's configuration is a good one, and its refusal is what the Worker answers and logs. Pages that people read as
// text have no wide lines.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { createHandler } from '../../functions/aws/handler.ts'
import { createWorker } from '../../functions/cloudflare/worker.ts'
import { resolveConfig, type LanekeeperConfig } from '../../shared/index.ts'
import { generateKey, signCompact } from '../support/test-issuer.ts'

const ROOT = join(import.meta.dirname, '../..')
const read = (page: string) => readFileSync(join(ROOT, page), 'utf8')
const README = read('README.md')

const blockOf = (language: string): string =>
  new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(README)![1]!

function readConfig(): LanekeeperConfig {
  const [, object] = /^export default defineConfig\(([\s\S]*)\)\n$/m.exec(blockOf('ts'))!
  return new Function(`return (${object})`)() as LanekeeperConfig
}

/** The parts of the block: a request, a response (a line that begins with a space goes on with the one before), a log line. */
function readRefusal() {
  const [request = '', response = '', line = ''] = blockOf('http').split('\n\n')
  const [status = '', ...fields] = response.replaceAll(/\n +/g, ' ').split('\n')
  const [, method = '', target = ''] = /^(\S+) (\S+) HTTP\/1\.1$/m.exec(request)!
  const [, header = '', payload = ''] = /^Authorization: Bearer ([\w-]+)\.([\w-]+)\.\.\.$/m.exec(request)!
  return {
    method,
    target,
    header,
    payload,
    status: Number(status.split(' ')[1]),
    fields: fields.map((field) => /^([^:]+): (.*)$/.exec(field)!.slice(1) as [string, string]),
    line: JSON.parse(line.replaceAll(/\n +/g, '')) as Record<string, unknown>,
  }
}

describe('the configuration of the README', () => {
  test('is a good one, for both edges and the library', () => {
    const config = readConfig()
    expect([...resolveConfig(config).issuers.values()].map(({ name }) => name)).toEqual(['main'])
    expect(createWorker(config)).toHaveProperty('fetch')
    expect(createHandler(config, {})).toBeTypeOf('function')
  })

  test('imports what the package and the repository export', async () => {
    expect(blockOf('ts')).toMatch(
      /^import \{ defineConfig \} from 'lanekeeper' \/\/ .*'\.\/shared\/index\.ts'$/m,
    )
    expect(await import('../../shared/index.ts')).toHaveProperty('defineConfig')
  })
})

describe('the refusal of the README', () => {
  const ISSUER = 'https://login.example.com'
  const NOW = 1_800_000_000

  /** Answers the request of the README, with this token, by a Worker that has the keys already. */
  async function answer(header: object, claims: object) {
    const shown = readRefusal()
    const key = await generateKey('RS256', 'k1')
    const documents: Record<string, unknown> = {
      [`${ISSUER}/.well-known/openid-configuration`]: { issuer: ISSUER, jwks_uri: `${ISSUER}/keys` },
      [`${ISSUER}/keys`]: { keys: [key.publicJwk] },
      'https://orders.internal.example.com/orders': 'the orders',
    }
    const fetchDocument = async (input: RequestInfo | URL) =>
      Response.json(documents[input instanceof Request ? input.url : String(input)])
    const payload = { iss: ISSUER, sub: 'u1', iat: NOW - 10, exp: NOW + 300, ...claims }
    const token = await signCompact(key, { ...header, alg: 'RS256', kid: 'k1' }, payload)
    const request = new Request(`https://api.example.com${shown.target}`, {
      method: shown.method,
      headers: { authorization: `Bearer ${token}`, 'cf-ray': String(shown.line['requestId']) },
    })
    const lines: string[] = []
    const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line))
    try {
      const worker = createWorker(readConfig(), {}, { fetch: fetchDocument, now: () => NOW * 1000 })
      await worker.fetch(request.clone())
      const response = await worker.fetch(request)
      return { shown, token, response, line: JSON.parse(lines.at(-1)!) as Record<string, unknown> }
    } finally {
      log.mockRestore()
    }
  }

  const ID_TOKEN = { aud: ['web', 'https://api.example.com'], azp: 'web', nonce: 'n1' }

  test('is what the Worker answers and logs', async () => {
    const { shown, token, response, line } = await answer({ typ: 'JWT' }, ID_TOKEN)
    expect(token.startsWith(`${shown.header}.${shown.payload}`)).toBe(true)
    expect(response.status).toBe(shown.status)
    expect(shown.fields).not.toEqual([])
    for (const [name, value] of shown.fields)
      expect([name, response.headers.get(name)]).toEqual([name, value])
    expect(Object.keys(line)).toEqual(Object.keys(shown.line))
    const { token: shownName, ms: _, plan, ...fixed } = shown.line
    expect(line).toMatchObject(fixed)
    expect(plan).toMatch(/^[\w-]{12}$/)
    expect([line['token'], shownName]).toEqual(Array(2).fill(expect.stringMatching(/^[\w-]{16}$/)))
  })

  test('is not given to the access token of the same client', async () => {
    const claims = { aud: 'https://api.example.com', client_id: 'web', jti: '1', scope: 'orders:read' }
    const { response, line } = await answer({ typ: 'at+jwt' }, claims)
    expect(line).toMatchObject({ outcome: 'allow', code: 'access_token' })
    expect(await response.json()).toBe('the orders')
  })
})

describe.each(['README.md', 'CONTRIBUTING.md'])('%s', (page) => {
  test('has no line wider than 120 characters, but for tables', () => {
    const wide = read(page)
      .split('\n')
      .filter((line) => line.length > 120 && !line.startsWith('|'))
    expect(wide).toEqual([])
  })
})

test('the README has at most 120 lines', () => {
  expect(README.trimEnd().split('\n').length).toBeLessThanOrEqual(120)
})
