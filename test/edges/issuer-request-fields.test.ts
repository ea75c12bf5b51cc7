// Every request to an issuer has the same header fields, whatever its purpose: through the core, the Worker in workerd
// and the Lambda, against a real server that refuses what firewalls refuse.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { EdgeName } from '../cases/row.ts'
import {
  send,
  startRecordingIssuer,
  WAYS,
  type RecordingIssuer,
  type Send,
} from '../support/recording-issuer.ts'
import { EDGES } from './all-edges.ts'
import type { Edge } from './edge.ts'

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'))
const USER_AGENT = `lanekeeper/${version}`

let server: RecordingIssuer

beforeAll(async () => {
  server = await startRecordingIssuer()
})

afterAll(() => server.close())

/** 403 for an unexpected User-Agent, which is how a firewall refuses. */
const refuseAgents =
  (isRefused: (agent: string | undefined) => boolean): Send =>
  (request, response, document) =>
    isRefused(request.headers['user-agent'])
      ? response.writeHead(403).end()
      : send(request, response, document)

const refuseNobody = refuseAgents((agent) => agent === undefined || agent === '')
const refuseUs = refuseAgents((agent) => agent?.startsWith('lanekeeper/') ?? true)

describe.each(['core', 'worker', 'rest REQUEST'] satisfies EdgeName[])('%s', (name) => {
  describe.each(WAYS)('%s', (way) => {
    let edge: Edge

    beforeEach(async () => {
      edge = await EDGES[name](server.config, server.env)
      server.takeSeen()
      return () => edge.close()
    })

    const ask = async () =>
      edge.send({ method: 'GET', path: '/orders', authorization: [`Bearer ${await server.token(way)}`] })

    test('the User-Agent names the version, and nothing about the deployment', async () => {
      server.answerWith(refuseNobody)
      expect(await ask()).toMatchObject({ allow: true, code: 'access_token' })
      const seen = server.takeSeen()
      expect(seen.map(({ url }) => url)).toEqual(server.ways[way].paths)
      for (const { url, headers } of seen) {
        const accept = url === '/jwks' || url?.startsWith('/.well-known/') ? ', application/jwk-set+json' : ''
        expect(headers).toMatchObject({ 'user-agent': USER_AGENT, accept: `application/json${accept}` })
      }
    })

    test('a server that refuses the User-Agent counts as a failed issuer', async () => {
      server.answerWith(refuseUs)
      const outcome = await ask()
      expect(outcome.allow).toBe(false)
      expect(outcome.code).toContain(server.ways[way].failure)
    })
  })
})
