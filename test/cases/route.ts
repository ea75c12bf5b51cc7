// Which rule applies to a request. docs/routes.md; RFC 3986 section 6, RFC 9110 section 9.

import type { CaseWorld } from '../support/case-world.ts'
import { allow, requestFor, deny, USER, type CaseRow } from './row.ts'

const ambiguous = (path: string): CaseRow => ({
  id: `route/ambiguous ${path}`,
  request: requestFor('GET', path),
  expect: deny('target_ambiguous', 400, 403),
})

const ONE_SPELLING = { worker: 'a request has one target', 'rest TOKEN': 'a TOKEN event has the ARN alone' }

const NO_TEMPLATE = {
  ...ONE_SPELLING,
  core: 'the reader of an event compares what the event shows',
  websocket: 'a handshake has no path',
}

/** Characters that a path can only have as an escape, and that an HTTP API shows decoded; and the percent sign. */
const ONLY_ESCAPED = [
  '[1]',
  '"',
  '<',
  '>',
  '^',
  '`',
  '{id}',
  '|',
  ' ',
  '\u00e9',
  '\u{1f600}',
  '50%',
  '%zz',
] as const

const NOT_HTTP = Object.fromEntries(
  (['core', 'worker', 'rest TOKEN', 'rest REQUEST'] as const).map((edge) => [
    edge,
    'shows a path as it was sent',
  ]),
)

const HTTP = Object.fromEntries(
  (['http 2.0 simple', 'http 2.0 policy', 'http 1.0'] as const).map((edge) => [
    edge,
    'an HTTP API shows an escape like this',
  ]),
)

/** workerd answers a request line with one of these characters itself. */
const INVALID_URI = /["<>` \t]|[^\x00-\x7f]/

/** Values of the Host field that name no host, or more than one. */
const HOSTLESS = ['a b', '[::', 'user@api.test.example', 'a\\b', 'a:99999', '%61.example'] as const

const ROUTED_BY_HOST = Object.fromEntries(
  (
    ['rest TOKEN', 'rest REQUEST', 'http 2.0 simple', 'http 2.0 policy', 'http 1.0', 'websocket'] as const
  ).map((edge) => [edge, 'API Gateway routes by host itself']),
)

const toHost = (path: string, host: string) => async (world: CaseWorld) => ({
  ...(await requestFor('GET', path)(world)),
  host,
})

const hostless = (host: string): CaseRow => ({
  id: `route/host ${host}`,
  request: toHost('/orders', host),
  expect: deny('host_unknown', 421, 403),
  notOn: ROUTED_BY_HOST,
})

/** Requests that just miss a rule, and what the log says about that: the name of a rule, and one word. */
const NEAREST = [
  ['trailing slash', 'GET /orders/', 'route_unknown', 'GET /orders', 'trailing_slash'],
  ['trailing slash, for the method', 'POST /orders/', 'route_unknown', 'POST /orders', 'trailing_slash'],
  ['other case', 'GET /Orders', 'route_unknown', 'GET /orders', 'case'],
  ['other case before a parameter', 'GET /ORDERS/Ab7', 'route_unknown', 'GET /orders/{id}', 'case'],
  ['behind a prefix', 'GET /v1/orders', 'route_unknown', 'GET /orders', 'prefix'],
  ['a segment too many', 'GET /profile/me', 'route_unknown', 'GET /profile', 'extra_segment'],
  ['a segment missing', 'GET /files', 'route_unknown', 'GET,OPTIONS /files/{path+}', 'missing_segment'],
  ['method', 'DELETE /orders', 'method_unknown', 'GET /orders', 'method'],
  [
    'ambiguous, and near a rule',
    'GET /orders/%7Euser',
    'target_ambiguous',
    'GET /orders/{id}',
    'encoded_unreserved',
  ],
  ['ambiguous, and near another rule', 'GET //orders', 'target_ambiguous', 'GET /orders', 'empty_segment'],
  [
    'ambiguous, by a needless escape',
    'GET /orders/%40me',
    'target_ambiguous',
    'GET /orders/@me',
    'rules_differ',
  ],
] as const

export const ROUTE_ROWS: readonly CaseRow[] = [
  ...HOSTLESS.map(hostless),
  {
    ...hostless('a b'),
    id: 'route/host that is none, on a public route',
    request: () => ({ method: 'GET', path: '/health', authorization: [], host: 'a b' }),
  },
  {
    ...hostless('a b'),
    id: 'route/host that is none, on a route that only reports',
    request: toHost('/trial', 'a b'),
  },
  {
    id: 'route/any host, where no public URL is configured',
    request: toHost('/orders', 'API.test.example:8443'),
    expect: allow(USER),
    notOn: ROUTED_BY_HOST,
  },
  {
    id: 'route/public without a token',
    request: () => ({ method: 'GET', path: '/health', authorization: [] }),
    expect: allow(null),
    notOn: { 'rest TOKEN': 'API Gateway answers for itself when the identity source is missing' },
  },
  {
    id: 'route/public with a token that is none',
    request: () => ({ method: 'GET', path: '/health', authorization: ['Bearer nonsense'] }),
    expect: allow(null),
  },
  {
    id: 'route/public path, other method',
    request: requestFor('POST', '/health'),
    expect: deny('method_unknown', 403, 403),
  },
  { id: 'route/unknown path', request: requestFor('GET', '/admin'), expect: deny('route_unknown', 403, 403) },
  {
    id: 'route/unknown path without a token',
    request: () => ({ method: 'GET', path: '/admin', authorization: [] }),
    expect: deny('route_unknown', 403, 403),
    notOn: { 'rest TOKEN': 'API Gateway answers for itself when the identity source is missing' },
  },
  { id: 'route/root', request: requestFor('GET', '/'), expect: deny('route_unknown', 403, 403) },
  {
    id: 'route/public with a forged token',
    request: async (world) => ({
      method: 'GET',
      path: '/health',
      authorization: [`Bearer ${await world.main.token({ key: world.attackerKey })}`],
    }),
    expect: allow(null),
  },
  {
    id: 'route/a public path in the query',
    request: () => ({ method: 'GET', path: '/orders', query: 'path=/health', authorization: [] }),
    expect: deny('credential_missing', 401, 401),
    notOn: { 'rest TOKEN': 'API Gateway answers for itself when the identity source is missing' },
  },
  {
    id: 'route/OPTIONS listed, without a token',
    request: () => ({
      method: 'OPTIONS',
      path: '/files/a',
      authorization: [],
      fields: [
        ['Origin', 'https://evil.example'],
        ['Access-Control-Request-Method', 'GET'],
      ],
    }),
    expect: deny('credential_missing', 401, 401),
    notOn: { 'rest TOKEN': 'API Gateway answers for itself when the identity source is missing' },
  },
  {
    id: 'route/QUERY',
    request: requestFor('QUERY', '/orders'),
    expect: deny('method_unknown', 403, 403),
    notOn: { worker: 'workerd refuses a method it does not know' },
  },
  ...(
    [
      ['X-HTTP-Method-Override', 'DELETE'],
      ['X-Forwarded-Uri', '/admin'],
      ['X-Forwarded-Prefix', '/admin'],
      ['X-Forwarded-Host', 'evil.example'],
      ['X-Original-URL', '/admin'],
      ['X-Middleware-Subrequest', '1'],
      ['X_Lanekeeper_Subject', 'mallory'],
      ['X-LANEKEEPER-Subject', 'mallory'],
      ['x-lanekeeper-tenant', 'mallory'],
      ['Connection', 'x-lanekeeper-subject'],
    ] as const
  ).map((field): CaseRow => ({
    id: `route/decided as it stands, whatever ${field.join(': ')} says`,
    request: async (world) => ({ ...(await requestFor('GET', '/orders')(world)), fields: [field] }),
    expect: allow(USER),
    notOn: { 'rest TOKEN': 'a TOKEN event has one field only' },
  })),
  {
    id: 'route/the method of an override, with scope for it alone',
    request: async (world) => ({
      ...(await requestFor('POST', '/orders')(world)),
      query: '_method=GET',
      fields: [['X-HTTP-Method-Override', 'GET']],
    }),
    expect: deny('insufficient_scope', 403, 403),
    notOn: { 'rest TOKEN': 'a TOKEN event has one field only' },
  },
  ...NEAREST.map(([id, request, code, nearest, problem]): CaseRow => ({
    id: `route/${id}`,
    request: requestFor(...(request.split(' ') as [string, string])),
    expect: code === 'target_ambiguous' ? deny(code, 400, 403) : deny(code, 403, 403),
    detail: { nearest, problem },
  })),
  { id: 'route/suffix', request: requestFor('GET', '/orders.json'), expect: deny('route_unknown', 403, 403) },
  {
    id: 'route/method that is not registered',
    request: requestFor('FOO', '/orders'),
    expect: deny('method_unknown', 403, 403),
    notOn: { worker: 'workerd refuses a method it does not know' },
  },
  { id: 'route/HEAD like GET', request: requestFor('HEAD', '/orders'), expect: allow(USER) },
  {
    id: 'route/HEAD without scope',
    request: requestFor('HEAD', '/orders', { claims: { scope: 'other' } }),
    expect: deny('insufficient_scope', 403, 403),
  },
  {
    id: 'route/OPTIONS unlisted',
    request: requestFor('OPTIONS', '/orders'),
    expect: deny('method_unknown', 403, 403),
  },
  { id: 'route/OPTIONS listed', request: requestFor('OPTIONS', '/files/a'), expect: allow(USER) },
  { id: 'route/parameter', request: requestFor('GET', '/orders/42'), expect: allow(USER) },
  {
    id: 'route/literal over parameter',
    request: requestFor('GET', '/orders/special'),
    expect: deny('insufficient_scope', 403, 403),
  },
  {
    id: 'route/parameter is one segment',
    request: requestFor('GET', '/orders/42/items'),
    expect: deny('route_unknown', 403, 403),
  },
  { id: 'route/greedy', request: requestFor('GET', '/files/a/b/c.txt'), expect: allow(USER) },
  {
    id: 'route/greedy and a trailing slash',
    request: requestFor('GET', '/files/a/'),
    expect: deny('route_unknown', 403, 403),
  },
  { id: 'route/escape in a parameter', request: requestFor('GET', '/orders/%C3%A9'), expect: allow(USER) },
  ...ONLY_ESCAPED.flatMap((text): CaseRow[] => [
    {
      id: `route/escaped in a parameter ${text}`,
      request: requestFor('GET', `/orders/${encodeURIComponent(text)}`),
      expect: allow(USER),
    },
    {
      id: `route/escaped in a parameter, shown decoded ${text}`,
      request: requestFor('GET', `/orders/${text}`),
      expect: allow(USER),
      notOn: NOT_HTTP,
    },
    {
      ...ambiguous(`/orders/${text}`),
      notOn: {
        ...HTTP,
        ...(INVALID_URI.test(text) ? { worker: 'workerd refuses such a request line' } : {}),
      },
    },
  ]),
  {
    id: 'route/shown decoded as a policy variable',
    request: requestFor('GET', '/orders/${aws:username}'),
    expect: allow(USER),
    notOn: NOT_HTTP,
  },
  ...[
    '[%2F]',
    '[%41]',
    '[1]/..',
    '[1];v',
    '[1]\\2',
    '[1]#2',
    '[1]?2',
    '[*]',
    '50%%2F',
    '%25%32',
    '[%5B',
    '%5B]',
    '\u00e9%C3%A9',
    '[%25',
    '50%%25',
    ' %20',
  ].map((text): CaseRow => ({
    ...ambiguous(`/orders/${text}`),
    notOn: NOT_HTTP,
  })),
  ...['%7E', '%6F'].map((text): CaseRow => ({
    ...ambiguous(`/orders/${text}`),
    notOn: HTTP,
  })),
  ...(
    [
      ['/orders/~', '/orders/{id}', { id: '%7E' }],
      ['/orders', '/{proxy+}', { proxy: '%6Frders' }],
    ] as const
  ).map(([path, template, parameters]): CaseRow => ({
    id: `route/needless escape that an HTTP API shows as ${path}`,
    request: async (world) => ({
      ...(await requestFor('GET', path)(world)),
      dispatched: { template, parameters },
    }),
    expect: allow(USER),
    notOn: NOT_HTTP,
  })),
  {
    id: 'route/needless escape under the same rule',
    request: requestFor('GET', '/orders/a%40b'),
    expect: allow(USER),
  },
  {
    id: 'route/the same without the escape',
    request: requestFor('GET', '/orders/@me'),
    expect: deny('insufficient_scope', 403, 403),
  },
  {
    id: 'route/the WebSocket rule covers no path',
    request: requestFor('GET', '/$connect'),
    expect: deny('route_unknown', 403, 403),
  },
  {
    id: 'route/spelled again behind a stage',
    request: async (world) => ({
      ...(await requestFor('GET', '/orders')(world)),
      spelledAgain: '/prod/orders',
    }),
    expect: allow(USER),
    notOn: ONE_SPELLING,
  },
  {
    id: 'route/spelled again as another path',
    request: async (world) => ({
      ...(await requestFor('GET', '/orders')(world)),
      spelledAgain: '/orders/special',
    }),
    expect: deny('target_ambiguous', 400, 403),
    notOn: ONE_SPELLING,
  },
  {
    id: 'route/spelled again ambiguously',
    request: async (world) => ({
      ...(await requestFor('GET', '/orders')(world)),
      spelledAgain: '/prod//orders',
    }),
    expect: deny('target_ambiguous', 400, 403),
    notOn: ONE_SPELLING,
  },
  ...(
    [
      ['as its only segment', '/orders/17', '/orders/{id}', { id: '17' }],
      ['with a decoded parameter', '/orders/caf%C3%A9', '/orders/{id}', { id: 'café' }],
      ['with an encoded parameter', '/orders/caf%C3%A9', '/orders/{id}', { id: 'caf%C3%A9' }],
      ['with decoded brackets', '/orders/%5B1%5D', '/orders/{id}', { id: '[1]' }],
      ['with a decoded percent sign', '/orders/50%25', '/orders/{id}', { id: '50%' }],
      ['with an encoded percent sign', '/orders/50%25', '/orders/{id}', { id: '50%25' }],
      ['with encoded brackets', '/orders/%5B1%5D', '/orders/{id}', { id: '%5B1%5D' }],
      ['by a greedy route', '/files/a/b', '/files/{path+}', { path: 'a/b' }],
      ['by a greedy route with brackets', '/files/%5B/%5B', '/files/{path+}', { path: '[/[' }],
      ['by a route of literals', '/orders', '/orders', {}],
      ['behind a base path', '/files/orders', '/orders', {}],
    ] as const
  ).map(([how, path, template, parameters]): CaseRow => ({
    id: `route/dispatched ${how}`,
    request: async (world) => ({
      ...(await requestFor('GET', path)(world)),
      dispatched: { template, parameters },
    }),
    expect: allow(USER),
    notOn: NO_TEMPLATE,
  })),
  ...(
    [
      ['one segment that holds a slash', '/files/a/b', '/files/{name}', { name: 'a/b' }],
      ['one segment that holds an escaped slash', '/files/a/b', '/files/{name}', { name: 'a%2Fb' }],
      ['a path cut at its question mark', '/health', '/{area}/{path+}', { area: 'health?', path: 'x' }],
      ['a path cut at its escape', '/health', '/{area}/{path+}', { area: 'health%3F', path: 'x' }],
      ['a greedy question mark', '/files/a', '/files/{path+}', { path: 'a?b' }],
      ['a greedy escaped question mark', '/files/a', '/files/{path+}', { path: 'a%3Fb' }],
      ['a greedy escaped slash', '/files/a/b', '/files/{path+}', { path: 'a%2Fb' }],
      ['greedy dot segments', '/files/a/../b', '/files/{path+}', { path: 'a/../b' }],
      ['another value in brackets', '/orders/%5B1%5D', '/orders/{id}', { id: '[2]' }],
      ['another value with a percent sign', '/orders/50%25', '/orders/{id}', { id: '51%' }],
      ['an escaped escape', '/orders/%5B1%5D', '/orders/{id}', { id: '%255B1%255D' }],
      ['an escaped escape of a letter', '/orders/%C3%A9', '/orders/{id}', { id: '%25C3%25A9' }],
      ['an escaped escape of a percent sign', '/orders/50%25', '/orders/{id}', { id: '50%2525' }],
      ['an escaped escape beside a bracket', '/files/%5B/%5B', '/files/{path+}', { path: '%5B/[' }],
      ['another value', '/orders/17', '/orders/{id}', { id: '18' }],
      ['a parameter that is missing', '/orders/17', '/orders/{id}', {}],
      ['another route', '/orders', '/orders/special', {}],
    ] as const
  ).map(([how, path, template, parameters]): CaseRow => ({
    id: `route/dispatched as ${how}`,
    request: async (world) => ({
      ...(await requestFor('GET', path)(world)),
      dispatched: { template, parameters },
    }),
    expect: deny('target_ambiguous', 400, 403),
    notOn: NO_TEMPLATE,
  })),
  {
    id: 'route/too long',
    request: requestFor('GET', `/orders/${'x'.repeat(300)}`),
    expect: deny('target_too_long', 400, 403),
  },
  { ...ambiguous('/orders\t'), notOn: { worker: 'workerd refuses a control character in a request line' } },
  {
    ...ambiguous('/orders#/health'),
    notOn: { worker: 'workerd drops a fragment first: it is neither decided on nor forwarded' },
  },
  ...[
    '/health/../orders',
    '/health/%2e%2e/orders',
    '/orders/./42',
    '//orders',
    '/orders//42',
    '/orders/a%2Fb',
    '/orders/a%5cb',
    '/orders/a\\b',
    '/orders;v=1',
    '/orders/%252e',
    '/orders/%0a',
    '/orders/%7F',
    '/orders/%00',
    '/%6frders',
    '/health/..;/orders',
    '/health/%2e%2e;/orders',
    '/health/..%2forders',
    '/health%2F..%2Forders',
    '/orders%2F42',
    '/orders%09',
    '/orders/%c0%ae%c0%ae/health',
    '/orders/%ff',
    '/orders/*',
    '/orders/%3Fx',
  ].map(ambiguous),
]
