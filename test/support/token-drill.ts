// Runs the rows of test/cases/verified-token-cache.ts in any runtime: real keys, a real key server, a clock that the
// rows set.

import type { LanekeeperConfig } from '../../shared/index.ts'
import type { DecisionReport } from '../../shared/platform/ports.ts'
import {
  DRILL_AUDIENCE,
  DRILL_RESOURCE,
  CACHE_BYTES,
  type DrillToken,
  type CacheRow,
} from '../cases/verified-token-cache.ts'
import { expectedCode, type CaseRequest } from '../cases/row.ts'
import { generateKey, startTestIssuer, type SigningKey } from './test-issuer.ts'

/** A runtime for the rows. */
export interface DrillRuntime {
  /** Clears all state and sets the clock; milliseconds since the epoch. */
  beginAt(now: number): Promise<void>
  setClock(now: number): Promise<void>
  /** The report of the decision. */
  ask(request: CaseRequest): Promise<DecisionReport>
}

export async function startTokenDrill() {
  const [first, next] = (await Promise.all(['one', 'two'].map((kid) => generateKey('ES256', kid)))) as [
    SigningKey,
    SigningKey,
  ]
  const issuer = await startTestIssuer({ audience: DRILL_AUDIENCE, keys: [first] })
  const published = {
    first: first.publicJwk,
    'first in other words': { use: 'sig', ...first.publicJwk },
    next: next.publicJwk,
    null: null,
    'next under the kid of the first': { ...next.publicJwk, kid: first.kid },
    'private next': { ...next.publicJwk, d: 'AQAB' },
  }
  const common = {
    issuer: issuer.issuer,
    audience: [DRILL_AUDIENCE, DRILL_RESOURCE],
    profile: 'rfc9068',
    keys: { jwks_uri: issuer.jwksUri },
    algorithms: ['ES256'],
    clockToleranceSeconds: 5,
    maxLifetimeSeconds: 7_200,
    clients: ['client-1', 'partner-1'],
  } as const
  const scope = { allOf: ['read'] }
  const config: LanekeeperConfig = {
    issuers: { main: common, other: { ...common, issuer: `${issuer.issuer}/other` } },
    routes: [
      { path: '/orders', methods: ['GET'], scope },
      { path: '/orders', methods: ['POST'], scope: { allOf: ['read', 'write'] } },
      { path: '/acme', methods: ['GET'], scope, claims: { org_id: { equals: 'acme' } } },
      { path: '/umbrella', methods: ['GET'], scope, claims: { org_id: { equals: 'umbrella' } } },
      { path: '/payments', methods: ['GET'], scope, authorizationDetails: ['payment'] },
      { path: '/vault', methods: ['GET'], scope, acr: ['mfa'] },
      { path: '/partners', methods: ['GET'], scope, clients: ['partner-1'] },
      { path: '/resource', methods: ['GET'], scope },
      { path: '/elsewhere', methods: ['GET'], scope, issuer: 'other' },
      { path: '/transfers', methods: ['GET'], scope, maxAgeSeconds: 100 },
    ],
    resources: [{ identifier: DRILL_RESOURCE }],
    limits: { tokenMemoryBytes: CACHE_BYTES },
  }

  function sign(
    { key = 'first', withoutKid, iat = -5, exp = 600, nbf, claims = {} }: DrillToken,
    epoch: number,
  ): Promise<string> {
    const at = (seconds: number | undefined) => (seconds === undefined ? undefined : epoch / 1000 + seconds)
    const authTime = claims['auth_time'] === undefined ? {} : { auth_time: at(Number(claims['auth_time'])) }
    return issuer.token({
      key: key === 'first' ? first : next,
      header: withoutKid === undefined ? {} : { kid: undefined },
      claims: { iat: at(iat), exp: at(exp), nbf: at(nbf), ...claims, ...authTime },
    })
  }

  const request = (token: string, as: Pick<CaseRequest, 'method' | 'path'>): CaseRequest => ({
    ...as,
    authorization: [`Bearer ${token}`],
  })

  /** The differences from the row, in words. `hasCache`: whether the runtime caches tokens at all. */
  async function play(row: CacheRow, runtime: DrillRuntime, hasCache = true): Promise<string[]> {
    const epoch = Math.floor(Date.now() / 1000) * 1000
    const wrong: string[] = []
    issuer.answerWith(null)
    issuer.publish([first.publicJwk])
    await runtime.beginAt(epoch)
    const tokens = new Map<string, string>()
    let firstName: string | undefined
    for (const [name, token] of Object.entries(row.tokens)) tokens.set(name, await sign(token, epoch))
    for (const [index, step] of row.steps.entries()) {
      if ('at' in step) await runtime.setClock(epoch + step.at * 1000)
      else if ('publish' in step) issuer.publish(step.publish.map((name) => published[name]))
      else if ('fail' in step) issuer.answerWith((_, response) => void response.writeHead(500).end())
      else if ('mend' in step) issuer.answerWith(null)
      else if ('flood' in step) {
        for (let i = 0; i < step.flood; i++) {
          const flooding = request(await sign({}, epoch), { method: 'GET', path: '/orders' })
          for (let time = 0; time < step.times; time++) await runtime.ask(flooding)
        }
      } else {
        const { ask, spelled = (token) => token, as = { method: 'GET', path: '/orders' } } = step
        const report = await runtime.ask(request(spelled(tokens.get(ask)!), as))
        const { code, remembered = false, token: name } = report
        firstName ??= name
        const expected = `${expectedCode(step.expect)}${step.remembered && hasCache ? ', remembered' : ''}`
        const got = `${code}${remembered ? ', remembered' : ''}`
        const named = name === firstName ? 'first' : 'other'
        if (name === undefined || (step.named ?? named) !== named)
          wrong.push(`step ${index}: named ${name}, after ${firstName}`)
        if (got !== expected) wrong.push(`step ${index}: ${got} instead of ${expected}`)
      }
    }
    return wrong
  }

  return { config, play, close: () => issuer.close() }
}
