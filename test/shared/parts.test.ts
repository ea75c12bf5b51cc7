// A part that is missing never lets a request pass: the edge does not start, or the request is refused.

import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { assemble } from '../../shared/assemble.ts'
import { resolveConfig, webCrypto, type LanekeeperConfig } from '../../shared/index.ts'
import { partsOf, STEPS } from '../../shared/steps.ts'

const CONFIG: LanekeeperConfig = {
  issuers: {
    main: {
      issuer: 'https://login.test.example',
      audience: ['https://api.test.example', 'https://api.test.example/one'],
      profile: 'rfc9068',
      keys: { discovery: 'openid-configuration' },
    },
  },
  routes: [{ path: '/orders', methods: ['GET'], scope: 'none' }],
}

const bound = (senderConstraint: 'any' | 'mtls'): Partial<LanekeeperConfig> => ({
  issuers: { main: { ...CONFIG.issuers['main']!, senderConstraint } as never },
  publicUrls: ['https://api.test.example'],
})

const BOUND = bound('any')
const SECRET = { env: 'NONCE_KEY' }
const HEADER = {
  name: 'x-certificate',
  format: 'rfc9440',
  guard: { header: 'x-guard', secret: SECRET },
} as const

const ENVIRONMENT = { env: { NONCE_KEY: randomBytes(32).toString('base64url') } }

const PORTS = { fetch, now: Date.now, report: () => {}, crypto: webCrypto }

const start = (more: Partial<LanekeeperConfig>, without: Partial<Record<string, undefined>>) => () =>
  assemble(resolveConfig({ ...CONFIG, ...more }, ENVIRONMENT), PORTS, { ...partsOf(STEPS), ...without })

test.each<[string, Partial<LanekeeperConfig>]>([
  ['resources', { resources: [{ identifier: 'https://api.test.example/one' }] }],
  ['conditions', { routes: [{ path: '/orders', methods: ['GET'], scope: 'none', clients: ['a'] }] }],
  ['publishedKeys', {}],
  ['senderConstraint', BOUND],
  ['senderConstraint', bound('mtls')],
  ['dpop', BOUND],
  ['mtls', BOUND],
  ['mtls', bound('mtls')],
  ['mtlsHeader', { ...bound('mtls'), mtls: { header: HEADER } }],
  ['dpopNonces', { ...BOUND, dpop: { nonce: { key: SECRET } } }],
])('without the part %s nothing starts that needs it', (part, config) => {
  expect(start(config, {})).not.toThrow()
  expect(start(config, { [part]: undefined })).toThrow(TypeError)
})

test.each([
  ...['resources', 'conditions', 'storedKeys', 'sharedSecret', 'lookups'],
  ...['senderConstraint', 'dpop', 'dpopNonces', 'mtls', 'mtlsHeader'],
])('the part %s is not needed where the configuration does not use it', (part) => {
  expect(start({}, { [part]: undefined })).not.toThrow()
})

test.each(['dpop', 'mtlsHeader'])('the part %s is not needed for tokens of certificates alone', (part) => {
  expect(start(bound('mtls'), { [part]: undefined })).not.toThrow()
})
