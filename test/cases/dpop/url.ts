// The URL of a proof (`htu`): RFC 9449 section 4.3 (9), RFC 3986 sections 6.2.2 and 6.2.3. The URL that it must have is
// from the configuration; no field of a request takes part.

import { deny, refused } from '../row.ts'
import {
  accepted,
  BASE,
  BOUND,
  byClaims,
  HOST,
  onGateways,
  onHttpApis,
  row,
  SECOND_HOST,
  STAGE,
  UNPROVEN,
  wrong,
  type Given,
} from './row.ts'
import type { SenderRow } from '../sender-row.ts'

const good = (url: string, given: Given = {}): SenderRow =>
  accepted(`htu ${JSON.stringify(url)}`, { url, ...given })
const bad = (url: string, given: Given = {}): SenderRow =>
  wrong('htu', `spelled ${JSON.stringify(url)}`, { url, ...given })

const escapeOf = (character: string): string =>
  `%${character.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`

const SPELLINGS: readonly SenderRow[] = [
  good('https://API.Test.Example/orders'),
  good('HTTPS://api.test.example/orders'),
  good(`${BASE}:443/orders`),
  good(`${BASE}:/orders`),
  good(`${BASE}/orders?page=2`),
  good(`${BASE}/orders?`),
  good(`${BASE}/orders#top`),
  good(`${BASE}/orders?next=https://evil.example/#x`),
  good(`${BASE}/%6Frders`),
  good(`${BASE}/files/%7eada`, { path: '/files/~ada' }),
  good(`${BASE}/files/%c3%a9`, { path: '/files/%C3%A9' }),
  good(`${BASE}/files/%C3%A9`, { path: '/files/%c3%a9' }),
  good(BASE, { path: '/' }),
  good(`${BASE}/`, { path: '/' }),
  good(`${BASE}?page=2`, { path: '/' }),
]

const OTHERS: readonly SenderRow[] = [
  bad('https://evil.example/orders'),
  bad('https://api.test.example.evil.example/orders'),
  bad('https://evil.example/https://api.test.example/orders'),
  bad('https://api.test.example./orders'),
  bad(`${BASE}/`),
  bad(BASE),
  bad(`${BASE}/admin`),
  bad(`${BASE}/orders/`),
  bad(`${BASE}/orders/1`),
  bad(`${BASE}/Orders`),
  wrong('htu', 'of /Admin for /admin', { path: '/admin', url: `${BASE}/Admin` }),
  wrong('htu', 'of /admin for /Admin', { path: '/Admin', url: `${BASE}/admin` }),
  bad(`${BASE}:8443/orders`),
  bad(`${BASE}:80/orders`),
  bad(`${BASE}:65979/orders`),
  bad('http://api.test.example/orders'),
  bad('http://api.test.example:443/orders'),
  bad('wss://api.test.example/orders'),
  bad('ftp://api.test.example/orders'),
  bad(`${BASE}/files/a%2Fb`, { path: '/files/a/b' }),
  ...[...":@!$&'()+,="].map((character) =>
    wrong(
      'htu',
      `an escape of ${character} for the character`,
      { url: `${BASE}/files/a${escapeOf(character)}b`, path: `/files/a${character}b` },
      onHttpApis(BOUND),
    ),
  ),
  wrong(
    'htu',
    'a character for its escape',
    { url: `${BASE}/files/a@b`, path: '/files/a%40b' },
    onHttpApis(BOUND),
  ),
  good(`${BASE}/files/a%40b`, { path: '/files/a%40b' }),
  bad(`${BASE}/files/a+b`, { path: '/files/a%20b' }),
]

const malformed = (url: string): SenderRow => wrong('htu', `no URL ${JSON.stringify(url)}`, { url })

/** Refused whatever a lenient reader would make of them. */
const MALFORMED: readonly SenderRow[] = [
  ...[undefined, null, 7, [`${BASE}/orders`], {}].map((htu) =>
    byClaims('htu', `no text ${JSON.stringify(htu)}`, { htu }),
  ),
  malformed('https://user@api.test.example/orders'),
  malformed('https://user:pass@api.test.example/orders'),
  malformed('https://@api.test.example/orders'),
  malformed('https://evil.example@api.test.example/orders'),
  malformed('https:\\\\api.test.example\\orders'),
  malformed('https://api.test.example\\orders'),
  malformed('https://api.test.example/\\orders'),
  malformed('https:api.test.example/orders'),
  malformed('https:/api.test.example/orders'),
  malformed('https:///api.test.example/orders'),
  malformed('//api.test.example/orders'),
  malformed('/orders'),
  malformed('orders'),
  malformed(''),
  malformed(`${BASE}//orders`),
  malformed(`${BASE}/orders//`),
  malformed(`${BASE}/./orders`),
  malformed(`${BASE}/admin/../orders`),
  malformed(`${BASE}/admin/%2e%2e/orders`),
  malformed(`${BASE}/admin/%2E./orders`),
  malformed(`${BASE}/%2e/orders`),
  malformed(`${BASE}/orders/..`),
  malformed(`${BASE}/or%64ers%`),
  malformed(`${BASE}/orders%zz`),
  malformed(`${BASE}/or\tders`),
  malformed(`${BASE}/or\nders`),
  malformed(`${BASE}/orders\n`),
  malformed(`\t${BASE}/orders`),
  malformed(` ${BASE}/orders`),
  malformed(`${BASE}/orders `),
  malformed(`${BASE}/or ders`),
  malformed(`${BASE}/orders\u0000`),
  malformed('https://api.test.example/ordér'),
  malformed('https://api.test.ex\u00e4mple/orders'),
  malformed('https://\uff41pi.test.example/orders'),
  malformed('https://api%2etest.example/orders'),
  malformed(`${BASE}/orders?\u00e9`),
  malformed(`${BASE}/orders?a b`),
  malformed(`${BASE}:0x1bb/orders`),
  malformed(`${BASE}:+443/orders`),
]

const EVIL = 'evil.example'

/** Fields that name another host, beside the proof. */
const claiming = (url: string): Given => ({
  url,
  fields: (proof) => [
    ['DPoP', proof],
    ['X-Forwarded-Host', EVIL],
    ['X-Forwarded-Proto', 'http'],
    ['X-Forwarded-Prefix', '/admin'],
    ['X-Original-URL', '/admin'],
    ['Forwarded', `host=${EVIL};proto=http`],
    ['CF-Visitor', '{"scheme":"http"}'],
  ],
})

const LAMBDA = ['rest REQUEST', 'http 2.0 simple', 'http 2.0 policy', 'http 1.0'] as const
const NO_WORKER = { notOn: ['worker'] } as const

const HOSTS: readonly SenderRow[] = [
  accepted('a host in X-Forwarded-Host, and htu of the configuration', claiming(`${BASE}/orders`)),
  wrong('htu', 'that of X-Forwarded-Host', claiming(`https://${EVIL}/orders`)),
  wrong('htu', 'that of X-Forwarded-Proto', claiming(`http://${HOST}/orders`)),
  wrong('htu', 'that of X-Forwarded-Prefix', claiming(`${BASE}/admin/orders`)),
  wrong('htu', 'that of X-Original-URL', claiming(`${BASE}/admin`)),
  // workerd puts the Host field before the target, so this is a request for /admin, and the origin gets it as that.
  wrong(
    'htu',
    'of the target, where Host has a path and a query',
    { host: `${HOST}/admin?` },
    {
      notOn: ['core', ...LAMBDA],
    },
  ),
  row('Host with a user name', deny('host_unknown', 421, 403), { host: `x@${HOST}` }, { notOn: LAMBDA }),
  row(
    'Host that is not listed',
    deny('host_unknown', 421, 403),
    { host: EVIL, url: `https://${EVIL}/orders` },
    {
      notOn: LAMBDA,
    },
  ),
  accepted('the second host', { host: SECOND_HOST, url: `https://${SECOND_HOST}/orders` }),
  wrong('htu', 'of the first host for the second', { host: SECOND_HOST }, onGateways(BOUND)),
  wrong(
    'htu',
    'of the second host for the first',
    { url: `https://${SECOND_HOST}/orders` },
    onGateways(BOUND),
  ),
  wrong('htu', 'of the second host without its port', {
    ...{ host: SECOND_HOST, url: 'https://second.test.example/orders' },
  }),
  wrong('htu', 'of a stage for a host', { url: `${STAGE}/orders` }, onGateways(BOUND)),
  accepted('a stage, where no host is known', { host: null, url: `${STAGE}/orders` }, NO_WORKER),
  accepted('a host, where none is known', { host: null }, NO_WORKER),
  accepted('the root of a stage', { host: null, path: '/', url: `${STAGE}/` }, NO_WORKER),
  accepted('the root of a stage, without its slash', { host: null, path: '/', url: STAGE }, NO_WORKER),
  wrong(
    'htu',
    'of the root of a stage, with two slashes',
    { host: null, path: '/', url: `${STAGE}//` },
    NO_WORKER,
  ),
  wrong('htu', 'of the root of a stage for another path', { host: null, url: STAGE }, NO_WORKER),
  wrong('htu', 'without the stage', { host: null, url: STAGE.replace('/prod', '/orders') }, NO_WORKER),
  wrong(
    'htu',
    'with another stage',
    { host: null, url: `${STAGE.replace('prod', 'dev')}/orders` },
    NO_WORKER,
  ),
  wrong('htu', 'with the stage twice', { host: null, url: `${STAGE}/prod/orders` }, NO_WORKER),
  wrong('htu', 'with the stage on a host without one', { host: null, url: `${BASE}/prod/orders` }, NO_WORKER),
]

const connecting = (url: string): Given => ({ path: '$connect', host: null, url })

/** The handshake of a WebSocket API. */
const WEBSOCKET: readonly SenderRow[] = [
  accepted('websocket: the stage', connecting(STAGE)),
  accepted('websocket: a host', connecting(`${BASE}/`)),
  wrong('htu', 'websocket: without the stage', connecting(STAGE.replace('/prod', '/'))),
  wrong('htu', 'websocket: $connect', connecting(`${STAGE}/$connect`)),
  wrong('htu', 'websocket: wss', connecting(STAGE.replace('https', 'wss'))),
  wrong('htm', 'websocket: CONNECT', { ...connecting(STAGE), proof: { claims: { htm: 'CONNECT' } } }),
  row('websocket: no proof', refused('dpop_proof_missing'), { ...connecting(STAGE), fields: () => [] }),
  row('websocket: as Bearer', UNPROVEN, { ...connecting(STAGE), scheme: 'Bearer ' }),
  wrong('repeated', 'websocket: twice', {
    ...connecting(STAGE),
    fields: (proof) => [
      ['DPoP', proof],
      ['dpop', proof],
    ],
  }),
]

export const URL_ROWS: readonly SenderRow[] = [...SPELLINGS, ...OTHERS, ...MALFORMED, ...HOSTS, ...WEBSOCKET]
