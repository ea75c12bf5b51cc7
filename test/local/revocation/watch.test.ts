// How the tour of examples/revocation judges what an edge answers: an answer that comes late is not wrong, and one that
// is wrong after the bound is.

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Edge } from '../../../local/revocation/services.ts'
import { watch, type Expectation } from '../../../local/revocation/watch.ts'

let server: Server
let statuses: number[]
let asked: (string | undefined)[]

beforeEach(async () => {
  asked = []
  server = createServer((request, response) => {
    asked.push(request.headers.authorization)
    response.writeHead(statuses.shift()!).end()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
})

afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

function look(expectation: Expectation, ...answers: number[]) {
  statuses = answers
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const edge: Edge = { title: 'edge', kind: 'cloudflare', url, codes: [] }
  return watch(edge, '/orders', 'a-token', expectation)
}

const REVOKED: Expectation = { wanted: 'refused', before: ['accepted', 'unavailable'] }

test.each<[expectation: Expectation, answers: number[], problem: string | null]>([
  [{ wanted: 'accepted' }, [200], null],
  [{ wanted: 'accepted' }, [401], 'answered 401'],
  [{ wanted: 'accepted' }, [503], 'answered 503'],
  [{ wanted: 'accepted', before: ['unavailable'] }, [503, 500, 200], null],
  [REVOKED, [200, 200, 401], null],
  [REVOKED, [200, 503, 403], null],
  [REVOKED, [200, 404], 'answered 404'],
  [{ ...REVOKED, bound: () => null }, [200, 401], null],
  [{ ...REVOKED, bound: () => 0 }, [401], null],
  [{ ...REVOKED, bound: () => 0 }, [200], 'still answered 200 after the bound'],
  [{ ...REVOKED, bound: () => 0 }, [503, 401], null],
  [{ ...REVOKED, bound: () => Infinity }, [200, 200, 401], null],
  [{ wanted: 'unavailable', before: ['accepted'], bound: () => Infinity }, [200, 503], null],
  [{ wanted: 'unavailable', before: ['accepted'], bound: () => Infinity }, [200, 401], 'answered 401'],
  [
    { wanted: 'unavailable', before: ['accepted'], bound: () => 0 },
    [200],
    'still answered 200 after the bound',
  ],
])('%j, answers %j', async (expectation, answers, problem) => {
  const expected = { status: answers.at(-1), problem }
  expect(await look(expectation, ...answers)).toMatchObject(expected)
  expect(asked).toEqual(answers.map(() => 'Bearer a-token'))
})

test('the time of an observation is when its request was sent', async () => {
  const times: number[] = []
  const prepare = () => void times.push(performance.now())
  const { sentAt } = await look({ ...REVOKED, prepare }, 200, 401)
  expect(times).toHaveLength(2)
  expect(sentAt).toBeGreaterThanOrEqual(times[1]!)
})
