// docs/operating.md, "From report-only to enforcing": the requests of the example through the real Worker with the
// configuration of the page in report-only; what findings.mjs makes of its log lines is what the page shows. With the
// configuration that the page has after it, which enforces, the same requests pass, and attacks do not.
// `UPDATE_DOCS=1 npx vitest run test/docs/operating` writes the output that the page shows.

import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { createWorker } from '../../../functions/cloudflare/worker.ts'
import type { LanekeeperConfig } from '../../../shared/index.ts'
import { pathOf } from '../../operate/files.ts'
import { generateKey, signCompact, type SigningKey } from '../../support/test-issuer.ts'

const FILE = join(import.meta.dirname, '../../../docs/operating.md')
const PAGE = readFileSync(FILE, 'utf8')
const AUDIENCE = 'https://api.example.com'

const configAt = (mark: string): LanekeeperConfig => {
  const [, code] = new RegExp(`<!-- ${mark} -->\\s*\`\`\`ts\\nconst config = ([^]*?)\`\`\``).exec(PAGE)!
  const config = new Function(`return ${code}`)() as LanekeeperConfig
  const issuers = Object.entries(config.issuers).map(([name, issuer]) => [
    name,
    { ...issuer, algorithms: ['ES256'] },
  ])
  return {
    ...config,
    issuers: Object.fromEntries(issuers),
    origin: { binding: 'ORDERS' },
  } as LanekeeperConfig
}

let key: SigningKey
let foreign: SigningKey

beforeAll(async () => {
  ;[key, foreign] = await Promise.all([generateKey('ES256', 'k'), generateKey('ES256', 'k')])
})

const lifetime = () => {
  const now = Math.floor(Date.now() / 1000)
  return { iat: now - 5, exp: now + 300 }
}
const sign = (by: SigningKey, typ: string, claims: object) =>
  signCompact(by, { alg: 'ES256', typ, kid: 'k' }, { jti: 'j', ...lifetime(), ...claims })
const ofMain = (client: string, scope: string, more: object = {}, by = key) =>
  sign(by, 'at+jwt', {
    iss: 'https://login.example.com',
    sub: 'u',
    aud: AUDIENCE,
    client_id: client,
    scope,
    ...more,
  })
const ofPartner = () =>
  sign(key, 'at+jwt', {
    ...{ iss: 'https://id.partner.example', sub: 'p', aud: `${AUDIENCE}/` },
    ...{ client_id: 'partner-sync', scope: 'orders:read' },
  })
const ofStaff = () =>
  sign(key, 'JWT', {
    ...{ iss: 'https://sso.example.com/realms/staff', sub: 's', aud: AUDIENCE, typ: 'Bearer' },
    ...{ azp: 'backoffice', scope: 'orders:read' },
  })

type Made = readonly [count: number, method: string, path: string, token: () => Promise<string>]
const none = async () => ''
const web =
  (scope = 'orders:read orders:write refunds') =>
  () =>
    ofMain('web', scope)

/** Callers whom the API is for. */
const CALLERS: readonly Made[] = [
  [40, 'GET', '/orders', web()],
  [12, 'GET', '/orders/', () => ofMain('mobile', 'orders:read')],
  [3, 'GET', '/v1/orders', web()],
  [6, 'PUT', '/orders/17', web()],
  [5, 'POST', '/refunds', web()],
  [30, 'GET', '/health', none],
  [9, 'GET', '/orders', ofPartner],
  [8, 'GET', '/orders/17', ofStaff],
]

/** Requests that are refused rightly. */
const OTHERS: readonly Made[] = [
  [4, 'GET', '/orders', none],
  [2, 'GET', '/orders', () => ofMain('web', 'orders:read', {}, foreign)],
  [1, 'GET', '/orders', () => ofMain('mobile', 'orders:read', { nonce: 'n' })],
  [1, 'GET', '/refunds/../admin', () => ofMain('web', 'orders:read', {}, foreign)],
]

/** The statuses of some requests, each kind once, and the lines that the Worker writes about all. */
async function send(config: LanekeeperConfig, made: readonly Made[]) {
  const lines: string[] = []
  const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line))
  try {
    const origin = { fetch: async () => new Response('done') }
    const worker = createWorker(
      config,
      { ORDERS: origin },
      {
        fetch: async () => Response.json({ keys: [key.publicJwk] }),
        keyCache: null,
      },
    )
    const statuses: number[] = []
    for (const [count, method, path, token] of made) {
      for (let sent = 0; sent < count; sent++) {
        const text = await token()
        const headers: Record<string, string> = text === '' ? {} : { authorization: `Bearer ${text}` }
        const { status } = await worker.fetch(
          new Request(`https://api.example.com${path}`, { method, headers }),
        )
        if (sent === 0) statuses.push(status)
      }
    }
    return { statuses, lines }
  } finally {
    log.mockRestore()
  }
}

function group(input: readonly string[], ...args: string[]): string {
  const options = { input: input.join('\n'), encoding: 'utf8' } as const
  const { stdout, stderr } = spawnSync(process.execPath, [pathOf('findings.mjs'), ...args], options)
  expect(stderr).toBe('')
  return stdout.trimEnd()
}

const SHOWN = /<!-- findings -->\s*```\n([^]*?)\n?```/

describe('the example of the page', () => {
  test('finds, in report-only, what the page shows, and refuses nobody', async () => {
    const { statuses, lines } = await send(configAt('before'), [...CALLERS, ...OTHERS])
    expect(new Set(statuses)).toEqual(new Set([200]))
    const output = group(lines)
    if (process.env['UPDATE_DOCS'])
      writeFileSync(
        FILE,
        PAGE.replace(SHOWN, () => `<!-- findings -->\n\n\`\`\`\n${output}\n\`\`\``),
      )
    expect(SHOWN.exec(readFileSync(FILE, 'utf8'))![1]).toBe(output)
  })

  test('would refuse each of these callers but the first, if it were enforced without the changes', async () => {
    const { reportOnly: _, ...enforced } = configAt('before')
    const { statuses } = await send(enforced, CALLERS)
    expect(statuses.map((status) => status < 300)).toEqual([true, ...CALLERS.slice(1).map(() => false)])
  })

  test('lets every caller pass after the changes, enforced, and nobody else', async () => {
    const config = configAt('after')
    expect(config).not.toHaveProperty('reportOnly')
    expect((await send(config, CALLERS)).statuses).toEqual(CALLERS.map(() => 200))
    const others = await send(config, OTHERS)
    expect(others.statuses).toEqual([401, 401, 401, 403])
    expect(group(others.lines, 'deny')).toMatch(/signature_invalid[^]*id_token/)
  })

  test('refuses paths without a rule as soon as the rules alone are report-only', async () => {
    const { reportOnly: _, ...config } = configAt('before')
    const routes = config.routes.map((route) => ({ ...route, reportOnly: true }) as typeof route)
    const { statuses } = await send({ ...config, routes }, CALLERS)
    expect(statuses).toEqual([200, 403, 403, 403, 200, 403, 200, 200])
  })

  test('each finding has a row that says what to change', async () => {
    const { lines } = await send(configAt('before'), [...CALLERS, ...OTHERS])
    const changes = PAGE.split('<!-- changes -->')[1]!.split('<!-- /changes -->')[0]!
    for (const line of lines) {
      const { outcome, code, detail = {} } = JSON.parse(line)
      if (outcome !== 'would_deny') continue
      const rows = changes.split('\n').filter((row) => row.split('|')[1]?.includes(`\`${code}\``))
      expect([code, rows.length > 0]).toEqual([code, true])
      if (detail.nearest !== undefined && code === 'route_unknown')
        expect(rows.some((row) => row.split('|')[1]!.includes(`\`${detail.problem}\``))).toBe(true)
    }
  })
})

describe('findings.mjs reads a line', () => {
  const line = JSON.stringify({
    ...{
      door: 'lambda',
      event: 'decision',
      outcome: 'would_deny',
      code: 'audience_mismatch',
      blame: 'operator',
    },
    ...{ route: 'GET /orders', client: 'a "quoted" name', detail: { nearest: AUDIENCE } },
  })
  const emf = line.replace('{"door"', '{"_aws":{"Timestamp":1,"CloudWatchMetrics":[{}]},"door"')
  const expected = group([line])

  test.each([
    ['of a Lambda, with what its runtime writes before it', `2026-10-20T12:00:00.000Z\t8f2a\tINFO\t${line}`],
    ['with metrics', emf],
    [
      'of `aws logs tail`',
      `2026-10-20T12:00:00 2026/10/20/[$LATEST]8f2a 2026-10-20T12:00:00.000Z\t8f2a\tINFO\t${emf}`,
    ],
    [
      'of `wrangler tail --format json`',
      JSON.stringify({ logs: [{ message: [line], level: 'log' }] }, null, 2),
    ],
    [
      'of the same without line breaks',
      JSON.stringify({ logs: [{ message: ['other'] }, { message: [line] }] }),
    ],
  ])('%s', (_, text) => {
    expect(group([text])).toBe(expected)
    expect(group([text.replaceAll('would_deny', 'allow')])).not.toBe(expected)
  })

  test('and skips what is none', () => {
    expect(group(['', '{', '"\\"event\\""', 'START RequestId: 1', '{"event":"decision"', line])).toBe(
      expected,
    )
    expect(expected).toContain('audience_mismatch')
  })

  test('without sending control characters to the terminal', () => {
    const hostile = JSON.stringify({ ...JSON.parse(line), detail: { missing: '\u001b[2Jgone' } })
    expect(group([hostile])).toContain('missing=\\u001b[2Jgone')
  })
})
