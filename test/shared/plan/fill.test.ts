// An edge starts only if its environment has what the plan names. The check of secrets and bindings is a part, which the
// compiler names for every plan that has some.

import { expect, test } from 'vitest'
import { AWS_EDGE } from '../../../functions/aws/compile.ts'
import { CLOUDFLARE_EDGE } from '../../../functions/cloudflare/compile.ts'
import { compileFor } from '../../../shared/compiler.ts'
import { fill } from '../../../shared/edge.ts'
import type { LanekeeperConfig } from '../../../shared/index.ts'
import { environment } from '../../../shared/parts/environment.ts'

const base: LanekeeperConfig = {
  issuers: {
    main: {
      issuer: 'https://login.example.com',
      audience: 'https://api.example.com',
      profile: 'rfc9068',
      keys: { discovery: 'openid-configuration' },
    },
  },
  routes: [{ path: '/orders', methods: ['GET'], scope: { allOf: ['orders:read'] } }],
  origin: { url: 'https://origin.example.com' },
}
const withSecret: LanekeeperConfig = { ...base, log: { fingerprintKey: { env: 'LOG_KEY' } } }
const withBinding: LanekeeperConfig = { ...base, origin: { binding: 'ORIGIN' } }
const GOOD_KEY = 'a'.repeat(32)

const compile = (config: LanekeeperConfig) => {
  const { plan, parts } = compileFor(CLOUDFLARE_EDGE, config, {}, true)
  return { plan, names: parts.map(({ name }) => name) }
}

test.each([
  ['without secrets and bindings', base, false],
  ['with a secret', withSecret, true],
  ['with a binding', withBinding, true],
])('the compiler names the part `environment`: %s', (_, config, isNamed) => {
  expect(compile(config).names.includes('environment')).toBe(isNamed)
})

test('every secret and binding that is missing is a problem', () => {
  const { plan } = compile({ ...withSecret, origin: { binding: 'ORIGIN' } })
  expect(() => fill(plan, 'cloudflare', {}, environment)).toThrow(
    expect.objectContaining({
      problems: [
        expect.objectContaining({ path: 'log.fingerprintKey.env', variable: 'LOG_KEY' }),
        expect.objectContaining({ path: expect.stringMatching(/^origin/), variable: 'ORIGIN' }),
      ],
    }),
  )
  const env = { LOG_KEY: GOOD_KEY, ORIGIN: {} }
  expect(fill(plan, 'cloudflare', env, environment).log).toEqual({ fingerprintKey: { env: 'LOG_KEY' } })
})

test('a plan with secrets does not start without the part', () => {
  const { plan } = compile(withSecret)
  expect(() => fill(plan, 'cloudflare', { LOG_KEY: GOOD_KEY })).toThrow(TypeError)
})

test('a plan without secrets and bindings starts without the part', () => {
  const { plan } = compileFor(AWS_EDGE, base, {}, true)
  expect(fill(plan, 'aws', {}).realm).toBe('api')
})
