// The Lambda behind an outbound proxy: every request to an issuer goes through it, with TLS from here to the issuer.
// The handler runs in a process of its own, which trusts the issuer's certificate, with a real proxy.

import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createHttpsFetch } from '../../../functions/aws/https-fetch.ts'
import { createHandler } from '../../../functions/aws/handler.ts'
import type { ReportEvent } from '../../../shared/index.ts'
import { LOOPBACK_CERTIFICATE } from '../../support/loopback-certificate.ts'
import { startRecordingIssuer, WAYS, type RecordingIssuer } from '../../support/recording-issuer.ts'

const USER = 'gateway'
const PASSWORD = 'p@ss/word of the proxy'
const AUTHORITY = `${USER}:${encodeURIComponent(PASSWORD)}@`

interface Proxy {
  readonly host: string
  /** The CONNECT targets since the last call. */
  takeSeen(): readonly string[]
  close(): Promise<void>
}

/** A proxy that supports CONNECT (RFC 9110 section 9.3.6), for clients with the password, to this machine alone. */
async function startProxy(): Promise<Proxy> {
  const seen: string[] = []
  const open = new Set<Socket>()
  const keep = (socket: Socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket)).on('error', () => {})
  }
  const server = createServer((_, response) => response.writeHead(405).end())
  server.on('connection', keep)
  server.on('connect', ({ url = '', headers }: IncomingMessage, client: Socket) => {
    seen.push(url)
    const expected = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}`
    if (headers['proxy-authorization'] !== expected)
      return void client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
    const [host = '', port] = url.split(':')
    if (host !== '127.0.0.1') return void client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
    const upstream = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      client.pipe(upstream).pipe(client)
    })
    keep(upstream)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    takeSeen: () => seen.splice(0),
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

const SCRIPT = `
  const { createHandler } = await import(process.argv[1])
  const { config, tokens } = JSON.parse(process.argv[2])
  const events = []
  const handler = createHandler(config, process.env, { report: (event) => events.push(event) })
  const answers = []
  for (const token of tokens) {
    const event = {
      type: 'TOKEN',
      authorizationToken: 'Bearer ' + token,
      methodArn: 'arn:aws:execute-api:eu-west-1:1:a/prod/GET/orders',
    }
    const answer = handler(event)
    answers.push(await answer.then((given) => given.policyDocument.Statement[0].Effect, (error) => error.message))
  }
  console.log(JSON.stringify({ answers, events }))
  process.exit(0)
`

let server: RecordingIssuer
let proxy: Proxy
let directory: string

beforeAll(async () => {
  server = await startRecordingIssuer('https')
  proxy = await startProxy()
  directory = await mkdtemp(join(tmpdir(), 'lanekeeper-proxy-'))
  await writeFile(join(directory, 'trusted.pem'), LOOPBACK_CERTIFICATE)
})

afterAll(async () => {
  await server.close()
  await proxy.close()
  await rm(directory, { recursive: true })
})

beforeEach(() => {
  server.takeSeen()
  proxy.takeSeen()
})

/** Runs the handler in a new process with these variables, with one token for each kind of request to the issuer. */
async function run(env: Readonly<Record<string, string>>) {
  const tokens = await Promise.all(WAYS.map((way) => server.token(way)))
  const module = new URL('../../../functions/aws/handler.ts', import.meta.url).href
  const input = JSON.stringify({ config: server.config, tokens })
  const { PATH = '' } = process.env
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', SCRIPT, module, input],
    { env: { PATH, NODE_EXTRA_CA_CERTS: join(directory, 'trusted.pem'), ...server.env, ...env } },
  )
  const printed = JSON.parse(stdout) as { answers: readonly string[]; events: readonly ReportEvent[] }
  return { ...printed, output: stdout + stderr }
}

const PATHS = [
  '/.well-known/openid-configuration',
  '/jwks',
  '/.well-known/openid-configuration',
  '/userinfo',
  '/introspect',
  '/oauth/token/info',
]
const ALLOWED = WAYS.map(() => 'Allow')

describe('the function', () => {
  test.each(['HTTPS_PROXY', 'https_proxy'])('sends every request through %s', async (name) => {
    const { answers, output } = await run({ [name]: `http://${AUTHORITY}${proxy.host}` })
    expect(answers).toEqual(ALLOWED)
    expect(server.takeSeen().map(({ url }) => url)).toEqual(PATHS)
    expect(new Set(proxy.takeSeen())).toEqual(new Set([new URL(server.url).host]))
    expect(output).not.toContain('p@ss')
    expect(output).not.toContain(encodeURIComponent('p@ss'))
  })

  test.each([
    ['that does not know it', () => ({ HTTPS_PROXY: `http://${USER}:wrong@${proxy.host}` })],
    ['that is down', () => ({ HTTPS_PROXY: `http://${AUTHORITY}127.0.0.1:1` })],
  ])('refuses with 503 behind a proxy %s, and sends no request around it', async (_, env) => {
    const { answers, output } = await run(env())
    expect(answers).toEqual([
      'lanekeeper: keys_unavailable',
      'lanekeeper: keys_unavailable',
      'lanekeeper: introspection_unreachable',
      'lanekeeper: introspection_unreachable',
    ])
    expect(server.takeSeen()).toEqual([])
    expect(output).not.toContain('wrong@')
    expect(output).not.toContain(AUTHORITY)
  })

  test.each([
    ['without a variable', {}],
    ['with empty ones', { HTTPS_PROXY: '', https_proxy: '' }],
    ['with a proxy for http alone', { HTTP_PROXY: 'http://127.0.0.1:1', ALL_PROXY: 'http://127.0.0.1:1' }],
    ['with NO_PROXY', { HTTPS_PROXY: 'http://127.0.0.1:1', NO_PROXY: 'example.com, 127.0.0.1' }],
    ['with no_proxy', { HTTPS_PROXY: 'http://127.0.0.1:1', no_proxy: '127.0.0.1', NO_PROXY: 'example.com' }],
  ])('sends no request through the proxy %s', async (_, env) => {
    expect((await run(env)).answers).toEqual(ALLOWED)
    expect(server.takeSeen().map(({ url }) => url)).toEqual(PATHS)
  })
})

/** A value of NO_PROXY, a host, and whether requests to it go through the proxy, as Node reads the variable. */
test.each([
  ['', '127.0.0.1', true],
  ['*', '127.0.0.1', false],
  ['127.0.0.1', '127.0.0.1', false],
  ['127.0.0.2', '127.0.0.1', true],
  [' a.example , 127.0.0.1', '127.0.0.1', false],
  ['127.0.0.1:1', '127.0.0.1:1', false],
  ['127.0.0.1:2', '127.0.0.1:1', true],
  ['127.0.0.0-127.0.0.9', '127.0.0.1', false],
  ['127.0.0.2-127.0.0.9', '127.0.0.1', true],
  ['LOCALHOST', 'localhost', false],
  ['login.acme.invalid', 'login.acme.invalid', false],
  ['.acme.invalid', 'login.acme.invalid', false],
  ['*.acme.invalid', 'login.acme.invalid', false],
  ['.acme.invalid', 'login.acme.example', true],
  ['acme.invalid', 'login.acme.invalid', true],
])('NO_PROXY=%j and https://%s/: by the proxy %s', async (NO_PROXY, host, isProxied) => {
  const ask = createHttpsFetch({ HTTPS_PROXY: `http://${proxy.host}`, NO_PROXY })
  await expect(ask(`https://${host}/`, {})).rejects.toThrow()
  expect(proxy.takeSeen()).toEqual(isProxied ? [host.includes(':') ? host : `${host}:443`] : [])
})

test('http on loopback goes through no proxy', async () => {
  const plain = await startRecordingIssuer()
  const ask = createHttpsFetch({ HTTPS_PROXY: `http://${proxy.host}`, HTTP_PROXY: `http://${proxy.host}` })
  expect(await ask(`${plain.url}/jwks`, {})).toMatchObject({ status: 200 })
  expect(proxy.takeSeen()).toEqual([])
  await plain.close()
})

test.each([
  ['HTTPS_PROXY', '//proxy.example:3128'],
  ['HTTPS_PROXY', 'proxy.example:3128'],
  ['HTTPS_PROXY', 'socks5://user:secret@proxy.example'],
  ['HTTPS_PROXY', 'http://user:secret@:3128'],
  ['https_proxy', 'ftp://user:secret@proxy.example'],
])('%s=%s stops the start, and its text is not repeated', (name, value) => {
  const config = { ...server.config, aws: { resultTtlSeconds: 0 } }
  const create = () => createHandler(config, { ...server.env, [name]: value })
  expect(create).toThrow(
    `The Lanekeeper configuration has a problem:\n  ${name}: must be the URL of a proxy, http or https`,
  )
  expect(create).not.toThrow('proxy.example')
  expect(create).not.toThrow('secret')
})
