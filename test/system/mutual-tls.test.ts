// What `lanekeeper build` writes, behind real TLS that asks for certificates: the Lambda in processes of its own behind
// the local API Gateway, the Worker in workerd behind the local front. A token that is bound to a certificate passes
// with that certificate alone.

import { mkdtemp, rm } from 'node:fs/promises'
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createLambdaRuntime, startApiGateway, type ApiGateway } from '../../local/api-gateway/index.ts'
import {
  createCertificateAuthority,
  createSelfSigned,
  type Certified,
  type CertificateAuthority,
} from '../../local/client-certificates/certificates.ts'
import { toTlsClientAuth } from '../../local/client-certificates/platform-facts.ts'
import { readLogLine } from '../../local/log-line.ts'
import { startWorkerEdge, type WorkerEdge } from '../../local/worker-edge.ts'
import type { LanekeeperConfig } from '../../shared/index.ts'
import { httpTemplate, lambdaFunction, restTemplate } from '../local/api-gateway/template-builder.ts'
import { writeArtefact } from '../support/artefact/build.ts'
import { startEchoOrigin } from '../support/origin-process.ts'
import { createTlsClient, type Presented, type TlsSending } from '../support/tls-client.ts'
import { generateKey, startTestIssuer, type TestIssuer } from '../support/test-issuer.ts'

const AUDIENCE = 'https://api.example.com'

const BACKEND = `export const handler = async () => ({ statusCode: 200, body: 'orders' })`

let directory: string
let issuer: TestIssuer
let origin: Awaited<ReturnType<typeof startEchoOrigin>>
let runtime: ReturnType<typeof createLambdaRuntime>
let gateway: ApiGateway
let worker: WorkerEdge
let serverCa: CertificateAuthority
let alice: Certified
let bob: Certified
let selfSigned: Certified
let byOtherCa: Certified

/** The codes of the decisions so far. */
const codes: string[] = []
const onLog = (line: string) => {
  const event = readLogLine(line)
  if (event?.event === 'decision') codes.push(event.code)
}

/** With default endpoints, because the tests ask them, too. */
function template() {
  return {
    Resources: {
      ...restTemplate({ authorizer: { Type: 'REQUEST' } }).Resources,
      ...httpTemplate().Resources,
      Auth: lambdaFunction({ Handler: 'authorizer.handler', Timeout: 10 }),
      Backend: lambdaFunction({ Handler: 'backend.handler' }),
    },
  }
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lanekeeper-mutual-tls-'))
  issuer = await startTestIssuer({ audience: AUDIENCE, keys: [await generateKey('ES256', 'one')] })
  origin = await startEchoOrigin()
  serverCa = await createCertificateAuthority('server CA')
  const server = await serverCa.issue('api', { hosts: ['127.0.0.1'] })
  const ca = await createCertificateAuthority('client CA')
  alice = await ca.issue('alice')
  bob = await ca.issue('bob')
  selfSigned = await createSelfSigned('alice')
  byOtherCa = await (await createCertificateAuthority('client CA')).issue('alice')

  const config: LanekeeperConfig = {
    issuers: {
      main: {
        issuer: issuer.issuer,
        audience: AUDIENCE,
        profile: 'rfc9068',
        keys: { jwks_uri: issuer.jwksUri },
        algorithms: ['ES256'],
        senderConstraint: 'mtls',
      },
    },
    routes: [{ path: '/orders', methods: ['GET'], scope: 'none' }],
    origin: { url: origin.url },
    aws: { strategy: 'off' },
  }
  const [lambda, edge] = [join(directory, 'lambda'), join(directory, 'worker')]
  await Promise.all([writeArtefact('aws', config, lambda), writeArtefact('cloudflare', config, edge)])
  writeFileSync(join(lambda, 'backend.mjs'), BACKEND)
  runtime = createLambdaRuntime({
    template: template(),
    codeDirectory: lambda,
    onLog: (_, line) => onLog(line),
  })
  const { key, pem: cert } = server
  gateway = await startApiGateway({
    template: template(),
    invoke: runtime.invoke,
    ports: { rest: 0, http: 0 },
    mutualTls: { key, cert, truststore: ca.pem, ports: { rest: 0, http: 0 } },
  })
  worker = await startWorkerEdge({
    script: join(edge, 'index.js'),
    config: join(import.meta.dirname, '../../wrangler.toml'),
    port: 0,
    mutualTls: { key, cert, ca: ca.pem, port: 0 },
    variables: { LANEKEEPER_STAGE: '' },
    onLog,
  })
}, 120_000)

afterAll(async () => {
  await Promise.all([worker.close(), gateway.close(), origin.close(), issuer.close()])
  await runtime.close()
  await rm(directory, { recursive: true })
})

const boundTo = ({ thumbprint }: Certified) => issuer.token({ claims: { cnf: { 'x5t#S256': thumbprint } } })

/** The status, and the code of the decision; `null` as the code: there was none. */
type Answer = readonly [status: number | 'no answer', code: string | null]

/** Sends a request, and waits for the line of its decision if there has to be one. */
async function ask(send: () => Promise<{ readonly status: number }>, hasDecision: boolean): Promise<Answer> {
  const before = codes.length
  const status = await send().then(
    (answer) => answer.status,
    () => 'no answer' as const,
  )
  if (hasDecision) await vi.waitFor(() => expect(codes.length).toBe(before + 1), 5_000)
  return [status, codes[before] ?? null]
}

const EDGES = [
  { edge: 'Worker', url: () => worker.mutualTlsUrl!, plain: () => `${worker.url}/orders`, refused: 401 },
  { edge: 'REST API', url: () => gateway.restMutualTlsUrl!, plain: () => `${gateway.restUrl}/orders`, refused: 401 },
  { edge: 'HTTP API', url: () => gateway.httpMutualTlsUrl!, plain: () => `${gateway.httpUrl}/orders`, refused: 403 },
] as const // prettier-ignore

describe.each(EDGES)('$edge', ({ edge, url, plain, refused }) => {
  const isWorker = edge === 'Worker'

  async function get(
    presented: Presented | null,
    token: string,
    expected: Answer,
    fields: TlsSending['fields'] = [],
  ) {
    const client = createTlsClient(serverCa.pem, presented)
    const sending = { fields: [['Authorization', `Bearer ${token}`] as const, ...fields] }
    const answer = await ask(() => client.send(url(), '/orders', sending), expected[1] !== null)
    client.close()
    expect(answer).toEqual(expected)
  }

  test('a token passes with the certificate that it is bound to', async () => {
    await get(alice, await boundTo(alice), [200, 'access_token'])
    await get(bob, await boundTo(bob), [200, 'access_token'])
  })

  test('and not with another one of the same CA', async () => {
    await get(bob, await boundTo(alice), [refused, 'client_certificate_mismatch'])
  })

  test('and not without one', async () => {
    await get(
      null,
      await boundTo(alice),
      isWorker ? [401, 'client_certificate_missing'] : ['no answer', null],
    )
  })

  test('a certificate that does not verify does not count, whatever the token is bound to', async () => {
    for (const presented of [selfSigned, byOtherCa])
      await get(
        presented,
        await boundTo(presented),
        isWorker ? [401, 'client_certificate_refused'] : [403, null],
      )
  })

  test('a token that is not bound needs more than a certificate', async () => {
    await get(alice, await issuer.token(), [refused, 'sender_constraint_missing'])
  })

  test.each([
    ['Client-Cert', (pem: string) => `:${pem.replaceAll(/-----.*-----|\s/g, '')}:`],
    ['X-Amzn-Mtls-Clientcert', encodeURIComponent],
    ['MF-CF-Blob', (pem: string) => JSON.stringify({ tlsClientAuth: toTlsClientAuth(pem) })],
  ])('the certificate in the field %s does not count', async (name, toValue) => {
    const fields = [[name, toValue(alice.pem)]] as const
    await get(bob, await boundTo(alice), [refused, 'client_certificate_mismatch'], fields)
    await get(alice, await boundTo(alice), [200, 'access_token'], fields)
    const headers = { authorization: `Bearer ${await boundTo(alice)}`, [name]: toValue(alice.pem) }
    const answer = await ask(() => fetch(plain(), { headers }), true)
    expect(answer).toEqual([refused, 'client_certificate_missing'])
  })
})
