import { connect, createServer, type AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { startApiGateway } from '../../../local/api-gateway/index.ts'
import { answer, bearer, startFixture } from './gateway-fixture.ts'
import { httpTemplate, restTemplate } from './template-builder.ts'

const invoke = async () => answer(null)

function talk(origin: string, text: string): Promise<string> {
  const { hostname, port } = new URL(origin)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.end(text))
    let received = ''
    socket.on('data', (chunk) => (received += chunk.toString()))
    socket.on('close', () => resolve(received))
    socket.on('error', reject)
  })
}

describe('starting', () => {
  test('only the APIs of the template start', async () => {
    const gateway = await startApiGateway({ template: restTemplate(), invoke, ports: { rest: 0, http: 0 } })
    onTestFinished(() => gateway.close())
    expect(gateway.restUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/local$/)
    expect(gateway.httpUrl).toBeUndefined()
  })

  test('a busy port is named, and nothing stays open', async () => {
    const blocker = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => blocker.once('listening', resolve))
    onTestFinished(() => void blocker.close())
    const busy = (blocker.address() as AddressInfo).port
    const template = { Resources: { ...restTemplate().Resources, ...httpTemplate().Resources } }
    const starting = startApiGateway({ template, invoke, ports: { rest: 0, http: busy } })
    await expect(starting).rejects.toMatchObject({
      code: 'EADDRINUSE',
      message: expect.stringContaining(String(busy)),
    })
  })

  test('after close the port is free', async () => {
    const gateway = await startApiGateway({ template: restTemplate(), invoke, ports: { rest: 0, http: 0 } })
    await gateway.close()
    await expect(fetch(gateway.restUrl!)).rejects.toThrow()
  })
})

describe('whatever arrives', () => {
  test.each([
    ['not HTTP', 'hello\r\n\r\n'],
    ['no Host', 'GET /local/orders HTTP/1.1\r\n\r\n'],
    ['CONNECT', 'CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n'],
  ])('%s is a 400 and the server stays up', async (_, text) => {
    const { origin, send } = await startFixture(restTemplate())
    expect(await talk(origin, text)).toMatch(/^HTTP\/1\.1 400 /)
    expect((await send('/local/orders', { headers: [bearer] })).status).toBe(200)
  })

  test('an absolute request target is read like its path', async () => {
    const { origin } = await startFixture(restTemplate())
    const head =
      'GET http://elsewhere/local/orders HTTP/1.1\r\nHost: x\r\nAuthorization: a\r\nConnection: close\r\n\r\n'
    expect(await talk(origin, head)).toMatch(/^HTTP\/1\.1 200 /)
  })

  test('a function that cannot be called at all is a 500, and the next request works', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    onTestFinished(() => logged.mockRestore())
    let isBroken = true
    const backend = () => {
      if (isBroken) throw new Error('bug')
      return answer({ statusCode: 200 })
    }
    const { send } = await startFixture(restTemplate(), { backend })
    expect((await send('/local/orders', { headers: [bearer] })).status).toBe(500)
    isBroken = false
    expect((await send('/local/orders', { headers: [bearer] })).status).toBe(200)
  })

  test('10 MB of body pass, one byte more is a 413 without a call', async () => {
    const { send, calls } = await startFixture(httpTemplate({ routes: ['POST /orders open'] }))
    const body = Buffer.alloc(10 * 1024 * 1024 + 1)
    expect((await send('/orders', { method: 'POST', body: body.subarray(1) })).status).toBe(200)
    calls.length = 0
    expect((await send('/orders', { method: 'POST', body })).status).toBe(413)
    expect(calls).toEqual([])
  })

  test('10,240 bytes of headers are too many', async () => {
    const { send, calls } = await startFixture(httpTemplate())
    const reply = await send('/orders', { headers: [['Authorization', 'a'.repeat(10_240)]] })
    expect(reply.status).toBe(431)
    expect(calls).toEqual([])
  })

  test('a header named __proto__ and a broken percent sequence are only data', async () => {
    const { send, calls } = await startFixture(httpTemplate({ routes: ['GET /{proxy+} open'] }))
    expect((await send('/%zz?%zz=%E0%A4%A&__proto__=1', { headers: [['__proto__', 'x']] })).status).toBe(200)
    expect(calls[0]?.event.rawPath).toBe('/%zz')
    expect(Object.keys(calls[0]?.event.headers)).toContain('__proto__')
  })
})
