// How a request carries its token. RFC 9110 section 11.6.2, RFC 6750 sections 2 and 3.1.

import {
  allow,
  requestFor,
  deny,
  refused,
  USER,
  withField,
  withToken,
  type CaseRequest,
  type CaseRow,
  type Field,
} from './row.ts'

const NO_GATEWAY_CALL = 'API Gateway answers for itself when the identity source is missing'
const ONE_FIELD = 'a TOKEN event has room for one field only'
const NO_QUERY = 'a TOKEN event has no query'
const NO_LINE_BREAK = 'a header field holds no line break'

const bare = (fields: readonly Field[], path = '/orders'): CaseRequest => ({
  method: 'GET',
  path,
  authorization: [],
  fields,
})

export const CREDENTIAL_ROWS: readonly CaseRow[] = [
  {
    id: 'credential/bearer',
    request: async (world) => withToken(await world.main.token()),
    expect: allow(USER),
  },
  {
    id: 'credential/none',
    request: () => withField(),
    expect: deny('credential_missing', 401, 401),
    notOn: { 'rest TOKEN': NO_GATEWAY_CALL },
  },
  {
    id: 'credential/empty',
    request: () => withField(''),
    expect: deny('credential_missing', 401, 401),
  },
  {
    id: 'credential/scheme in lower case',
    request: async (world) => withField(`bearer ${await world.main.token()}`),
    expect: allow(USER),
  },
  {
    id: 'credential/scheme in upper case',
    request: async (world) => withField(`BEARER ${await world.main.token()}`),
    expect: allow(USER),
  },
  {
    id: 'credential/scheme Basic around the token',
    request: async (world) => withField(`Basic ${await world.main.token()}`),
    expect: deny('credential_scheme', 401, 401),
  },
  {
    id: 'credential/scheme DPoP for a plain token',
    request: async (world) => withField(`DPoP ${await world.main.token()}`),
    expect: deny('credential_scheme', 401, 401),
  },
  {
    id: 'credential/scheme with more letters',
    request: async (world) => withField(`Bearers ${await world.main.token()}`),
    expect: deny('credential_scheme', 401, 401),
  },
  ...['Bearer  ', `bearer${' '.repeat(40)}`].map((before): CaseRow => ({
    id: `credential/scheme and ${before.length - 6} spaces`,
    request: async (world) => withField(`${before}${await world.main.token()}`),
    expect: allow(USER),
  })),
  ...['\t', ' \t', '\t ', '  \t', '\u00a0', ' \u00a0', ': ', '=', ' =', ' : '].map((after): CaseRow => ({
    id: `credential/after the scheme ${JSON.stringify(after)}`,
    request: async (world) => withField(`Bearer${after}${await world.main.token()}`),
    expect: refused('credential_malformed'),
  })),
  ...['Bearer', 'Bearer ', 'Bearer   '].map((field): CaseRow => ({
    id: `credential/scheme alone ${JSON.stringify(field)}`,
    request: () => withField(field),
    expect: refused('credential_malformed'),
  })),
  {
    id: 'credential/scheme DPoP and two spaces for a plain token',
    request: async (world) => withField(`DPoP  ${await world.main.token()}`),
    expect: deny('credential_scheme', 401, 401),
  },
  {
    id: 'credential/scheme and two spaces, twice in one field',
    request: async (world) =>
      withField(`Bearer  ${await world.main.token()}, Bearer  ${await world.main.token()}`),
    expect: deny('credential_repeated', 400, 401),
  },
  {
    id: 'credential/scheme and two spaces before an unsigned token',
    request: async (world) => withField(`Bearer  ${await world.main.token({ key: world.attackerKey })}`),
    expect: refused('signature_invalid'),
  },
  {
    id: 'credential/token without scheme',
    request: async (world) => withField(await world.main.token()),
    expect: deny('credential_scheme', 401, 401),
  },
  {
    id: 'credential/inner white space',
    request: async (world) => withField(`Bearer ${(await world.main.token()).replace('.', ' .')}`),
    expect: refused('credential_malformed'),
  },
  {
    id: 'credential/a line break behind it',
    request: async (world) => withField(`Bearer ${await world.main.token()}\n`),
    expect: refused('credential_malformed'),
    notOn: { worker: NO_LINE_BREAK },
  },
  {
    id: 'credential/JSON serialisation',
    request: async (world) => {
      const [header, payload, signature] = (await world.main.token()).split('.')
      return withField(`Bearer {"payload":"${payload}","protected":"${header}","signature":"${signature}"}`)
    },
    expect: deny('credential_repeated', 400, 401),
  },
  {
    id: 'credential/braces around a token',
    request: async (world) => withField(`Bearer {"${await world.main.token()}":1}`),
    expect: refused('credential_malformed'),
  },
  {
    id: 'credential/in the body alone',
    request: async (world) => ({
      method: 'POST',
      path: '/orders',
      authorization: [],
      fields: [['Content-Type', 'application/x-www-form-urlencoded']],
      body: `access_token=${await world.main.token({ claims: { scope: 'read write' } })}`,
    }),
    expect: deny('credential_missing', 401, 401),
    notOn: { 'rest TOKEN': NO_GATEWAY_CALL },
  },
  ...(
    [
      ['User-Agent', 'ELB-HealthChecker/2.0'],
      ['User-Agent', 'kube-probe/1.31'],
      ['X-Middleware-Subrequest', 'middleware:middleware:middleware'],
      ['X-Forwarded-Uri', '/health'],
      ['X-Original-URL', '/health'],
      ['X-Amzn-Oidc-Identity', 'user-1'],
      ['X-Lanekeeper-Subject', 'user-1'],
    ] as const
  ).map((field): CaseRow => ({
    id: `credential/none but ${field.join(': ')}`,
    request: () => bare([field]),
    expect: deny('credential_missing', 401, 401),
    notOn: { 'rest TOKEN': NO_GATEWAY_CALL },
  })),
  {
    id: 'credential/none but the identity of a load balancer',
    request: async (world) => bare([['X-Amzn-Oidc-Data', await world.main.token()]]),
    expect: deny('credential_missing', 401, 401),
    notOn: { 'rest TOKEN': NO_GATEWAY_CALL },
  },
  {
    id: 'credential/two fields',
    request: async (world) =>
      withField(`Bearer ${await world.main.token()}`, `Bearer ${await world.main.token()}`),
    expect: deny('credential_repeated', 400, 401),
    notOn: { 'rest TOKEN': ONE_FIELD },
  },
  {
    id: 'credential/two in one field',
    request: async (world) =>
      withField(`Bearer ${await world.main.token()}, Bearer ${await world.main.token()}`),
    expect: deny('credential_repeated', 400, 401),
  },
  {
    id: 'credential/in the field and in the query',
    request: requestFor('GET', '/orders', {}, 'access_token=abc'),
    expect: deny('credential_in_query', 400, 401),
    notOn: { 'rest TOKEN': NO_QUERY },
  },
  {
    id: 'credential/in the query alone',
    request: () => ({ method: 'GET', path: '/orders', query: 'access%5Ftoken=abc', authorization: [] }),
    expect: deny('credential_in_query', 400, 401),
    notOn: { 'rest TOKEN': NO_QUERY },
  },
  {
    id: 'credential/a valid one in the query alone',
    request: async (world) => ({
      method: 'GET',
      path: '/orders',
      query: `access_token=${await world.main.token()}`,
      authorization: [],
    }),
    expect: deny('credential_in_query', 400, 401),
    notOn: { 'rest TOKEN': NO_QUERY },
  },
  {
    id: 'credential/another parameter in the query',
    request: requestFor('GET', '/orders', {}, 'page=2&token=abc'),
    expect: allow(USER),
    notOn: { 'rest TOKEN': NO_QUERY },
  },
]
