// What is said of a client certificate that a platform states: how the sender has proven itself, and which rule a
// certificate fails. No name, number, date or fingerprint of it is in an event, in an answer, or in what the origin
// gets.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createHandler } from '../../functions/aws/handler.ts'
import { createCertificateAuthority, type Certified } from '../../local/client-certificates/certificates.ts'
import { toClientCert, toTlsClientAuth } from '../../local/client-certificates/platform-facts.ts'
import type { LanekeeperConfig, ReportEvent } from '../../shared/index.ts'
import type { CaseRequest, PresentedCertificate } from '../cases/row.ts'
import { HOST, startDpopWorld, type DpopWorld } from '../support/dpop-world.ts'
import { findLeaks } from '../support/leaks.ts'
import { TO_EVENT } from './events.ts'
import { cfOf } from './presented-certificate.ts'
import { openWorkerEdge, type WorkerEdge } from './worker-edge.ts'

let world: DpopWorld
let own: Certified
let other: Certified
let token: string
let config: LanekeeperConfig
let worker: WorkerEdge

beforeAll(async () => {
  world = await startDpopWorld()
  const authority = await createCertificateAuthority('Quokka Authority')
  ;[own, other] = await Promise.all([authority.issue('Wombat Client'), authority.issue('Numbat Client')])
  token = await world.boundToken({ cnf: { 'x5t#S256': own.thumbprint } })
  config = { ...world.config, aws: { strategy: 'off' } }
  worker = await openWorkerEdge(config)
})

afterAll(async () => {
  await worker.close()
  await world.close()
})

/** Every fact that a platform states of the certificates, but words and dates that an event may have by itself. */
function factsOf(): readonly string[] {
  const stated = [own, other].flatMap(({ pem, thumbprint }) => {
    const { validity, ...clientCert } = toClientCert(pem)
    return [
      ...Object.values(toTlsClientAuth(pem)),
      ...Object.values({ ...clientCert, ...validity }),
      thumbprint,
    ]
  })
  return stated.filter((fact) => fact.length > 8)
}

/** The edges, each with how it decides: all that it says about a request, and its event. */
const EDGES: Readonly<Record<string, (request: CaseRequest) => Promise<{ events: readonly ReportEvent[]; said: unknown }>>> = {
  async Worker({ method, path, authorization, certificate }) {
    await worker.takeEvents()
    const exchanged = await worker.sendRaw({
      method,
      target: path,
      host: HOST,
      fields: [
        ['Authorization', authorization[0]!],
        ...(certificate === undefined ? [] : [['MF-CF-Blob', JSON.stringify(cfOf(certificate))] as const]),
      ],
    })
    return { events: await worker.takeEvents(), said: exchanged }
  },
  ...Object.fromEntries(
    (['rest_request', 'http_1', 'http_2'] as const).map((shape) => [
      shape,
      async (request: CaseRequest) => {
        const events: ReportEvent[] = []
        const handler = createHandler(config, {}, { report: (event) => void events.push(event) })
        const said: unknown = await handler(TO_EVENT[shape](request) as never).catch(
          (error: unknown) => `${String(error)} ${JSON.stringify(error)}`,
        )
        return { events, said }
      },
    ]),
  ),
} // prettier-ignore

const ROWS: readonly [what: string, () => PresentedCertificate | undefined, code: string][] = [
  ['that of the token', () => ({ pem: own.pem }), 'access_token'],
  ['another one', () => ({ pem: other.pem }), 'client_certificate_mismatch'],
  ['none', () => undefined, 'client_certificate_missing'],
  [
    'one that is not verified, or no PEM',
    () => ({
      pem: own.pem,
      cloudflare: { certVerified: 'FAILED:Wombat Client' },
      aws: { clientCertPem: own.pem.slice(1) },
    }),
    'client_certificate_refused',
  ],
  [
    'an expired one',
    () => ({
      pem: own.pem,
      cloudflare: { certNotAfter: 'Aug  5 09:36:04 2021 GMT' },
      aws: { validity: { notAfter: 'Aug  5 09:36:04 2021 GMT' } },
    }),
    'client_certificate_refused',
  ],
]

describe.each(Object.entries(EDGES))('%s', (_, decide) => {
  test.each(ROWS)('%s', async (_what, toCertificate, code) => {
    const certificate = toCertificate()
    const { events, said } = await decide({
      method: 'GET',
      path: '/orders',
      host: HOST,
      authorization: [`Bearer ${token}`],
      ...(certificate && { certificate }),
    })
    expect(events.find(({ event }) => event === 'decision')).toMatchObject({ code })
    const text = JSON.stringify([events, said])
    expect(findLeaks(text, factsOf())).toEqual([])
    expect(factsOf().filter((fact) => text.includes(fact))).toEqual([])
    expect(text).not.toMatch(/Quokka|Wombat|Numbat|2021/)
    expect(/"?sender"?[:,]"mtls"/.test(text)).toBe(code === 'access_token')
  })
})
