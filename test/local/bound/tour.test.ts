// How the tour of examples/bound judges the answers: an edge that lets everything pass comes out wrong in every row in
// which it should have refused, or in which the API is told of a sender that is not there.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createCertificates } from '../../../local/bound/certificates.ts'
import { SECTIONS } from '../../../local/bound/rows.ts'
import type { Edge, EdgeName } from '../../../local/bound/services.ts'
import { takeTour } from '../../../local/bound/tour.ts'
import type { KeyName, Wallet } from '../../../local/bound/wallet.ts'

const ALL = SECTIONS.flatMap((section) => section.rows)

const codes: string[] = []
/** How many requests are answered as if the store of used proofs were late. */
let late = 0
const server = createServer((_, response) => {
  if (late-- > 0) {
    codes.push('replay_unavailable')
    return void response.writeHead(503).end()
  }
  codes.push('access_token')
  response.end(JSON.stringify({ caller: { sender: 'dpop' } }))
})

beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening')
})

afterAll(() => void server.close())

async function createWallet(): Promise<Wallet> {
  const dpop = oauth.DPoP({}, await oauth.generateKeyPair('ES256'))
  const keyNames: readonly KeyName[] = ['phone', 'newPhone', 'slowPhone', 'fastPhone', 'inventive', 'laptop']
  const tokenNames = [...new Set(ALL.map(({ token }) => token)), 'newer']
  return {
    certificates: await createCertificates(),
    keys: Object.fromEntries(keyNames.map((name) => [name, dpop])) as Wallet['keys'],
    tokens: Object.fromEntries(tokenNames.map((name) => [name, `secret-${name}`])) as Wallet['tokens'],
    nonces: 0,
  }
}

async function takeTourAt(name: EdgeName = 'worker') {
  const { port } = server.address() as AddressInfo
  const instance = { port, codes }
  const url = `http://127.0.0.1:${port}`
  const edge: Edge = {
    name,
    title: 'The edge',
    url,
    instances: [instance, instance],
    defaultEndpoint: { url, instance },
  }
  const output: string[] = []
  const print = (text: string) => void output.push(text)
  const stores = { stopStores: async () => print('stopped'), startStores: async () => print('started') }
  const options = { progress: print, print }
  return { ...(await takeTour({ edges: [edge], ...stores }, await createWallet(), options)), output }
}

/** Rows about API Gateway alone have nothing to compare. */
const RIGHT = ALL.filter(
  ({ expected: { worker }, sender }) => worker === undefined || (worker[0] === 200 && sender === 'dpop'),
)

test('an edge that lets everything pass is found', async () => {
  const { rows, wrong, output } = await takeTourAt()
  expect(RIGHT.length).toBeGreaterThan(5)
  expect({ rows, wrong }).toEqual({ rows: ALL.length, wrong: ALL.length - RIGHT.length })
  expect(output).toEqual(expect.arrayContaining(['stopped', 'started']))
  const text = output.join('\n')
  expect(text.match(/ {2}as it should$/gm)).toHaveLength(RIGHT.length)
  expect(text.match(/ {2}WRONG$/gm)).toHaveLength(wrong)
  expect(text).toContain('The edge: expected 401 dpop_proof_replayed, not 200 access_token')
  expect(text).not.toMatch(/secret-|eyJ/)
})

test('a store that is late is asked again, and no row comes out otherwise', async () => {
  late = 2
  const { wrong, output } = await takeTourAt()
  expect(late).toBeLessThanOrEqual(0)
  expect(wrong).toBe(ALL.length - RIGHT.length)
  expect(output.join('\n')).not.toContain('not 503 replay_unavailable')
})

test('a gateway that calls its authorizer at the default endpoint, or without a certificate, is found', async () => {
  const { output } = await takeTourAt('rest')
  const numberOf = (part: string) => ALL.findIndex(({ what }) => what.includes(part)) + 1
  const text = output.join('\n')
  const found = (part: string, wanted: string) =>
    expect(text).toContain(`row ${numberOf(part)}, The edge: expected ${wanted}, not 200 access_token`)
  found('without one, at the default endpoint', '403 by the gateway')
  found('a plain token without a certificate', 'a closed connection')
})
