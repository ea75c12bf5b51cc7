// The Hono middleware under its old name, `lanekeeper`.

import { Hono } from 'hono'
import { expect, test, vi } from 'vitest'
import { createHonoMiddleware, lanekeeper } from '../../../functions/cloudflare/worker.ts'
import { createAuthorizer, type ReportEvent } from '../../../shared/index.ts'

const CONFIG = {
  issuers: {
    main: {
      issuer: 'https://issuer.test.example',
      audience: 'https://api.test.example',
      profile: 'rfc9068',
      keys: { jwks_uri: 'https://issuer.test.example/jwks' },
    },
  },
  routes: [
    { path: '/health', methods: ['GET'], public: true },
    { path: '/orders', methods: ['GET'], scope: { allOf: ['orders:read'] } },
  ],
} as const

/** Responses and events for an allowed, two refused and one uncovered request. */
async function answersOf(middleware: typeof createHonoMiddleware) {
  const events: ReportEvent[] = []
  const authorizer = createAuthorizer(CONFIG, {
    fetch,
    now: () => 0,
    report: (event) => void events.push(event),
  })
  const app = new Hono().use(middleware(authorizer)).all('*', (context) =>
    context.json({
      grant: context.get('grant' as never),
      decision: context.get('decision' as never),
      fields: Object.fromEntries(context.req.raw.headers),
    }),
  )
  const headers = { 'x-lanekeeper-subject': 'mallory', 'x-plain': 'kept', 'cf-ray': '8f2a3b4c5d6e7f80-FRA' }
  const requests: [string, Record<string, string>][] = [
    ['/health', headers],
    ['/orders', headers],
    ['/orders', { ...headers, authorization: 'Basic eDp5' }],
    ['/nowhere', headers],
  ]
  const answers = []
  for (const [path, fields] of requests) {
    const response = await app.request(path, { headers: fields })
    answers.push({
      status: response.status,
      challenge: response.headers.get('www-authenticate'),
      body: await response.text(),
    })
  }
  return { answers, events }
}

test('lanekeeper does what createHonoMiddleware does, and warns once', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  try {
    const current = await answersOf(createHonoMiddleware)
    expect(current.answers.map(({ status }) => status)).toEqual([200, 401, 401, 403])
    expect(JSON.parse(current.answers[0]!.body)).toMatchObject({
      grant: null,
      decision: { allow: true, route: 'GET /health' },
      fields: { 'x-plain': 'kept' },
    })
    expect(current.answers[0]!.body).not.toContain('mallory')
    expect(warn).not.toHaveBeenCalled()
    expect(await answersOf(lanekeeper)).toEqual(current)
    expect(await answersOf(lanekeeper)).toEqual(current)
    expect(warn.mock.calls).toEqual([
      ['lanekeeper is called createHonoMiddleware now; the old name goes away in 0.3.0'],
    ])
  } finally {
    warn.mockRestore()
  }
})
