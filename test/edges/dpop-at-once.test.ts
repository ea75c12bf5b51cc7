// Requests with bound tokens that no single row shows: the same proof in several requests at once, of which one
// instance lets exactly one pass, and what the origin gets where the Host field is not a host.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { webCrypto, type ReportEvent } from '../../shared/index.ts'
import { dpopConfig, requestOf, BASE, HOST } from '../cases/dpop/row.ts'
import type { CaseRequest } from '../cases/row.ts'
import { loadLambda } from '../support/artefact/lambda.ts'
import { startCaseWorld, type CaseWorld } from '../support/case-world.ts'
import { compileCore, toCoreRequest } from './core-edge.ts'
import { TO_EVENT } from './events.ts'
import { openWorkerEdge, type WorkerEdge } from './worker-edge.ts'

const PROOFS = 20
const USES = 5

let world: CaseWorld

beforeAll(async () => {
  world = await startCaseWorld()
})

afterAll(() => world.close())

/** Every use of every proof. Those of one proof are not beside each other. */
async function createUses(): Promise<CaseRequest[]> {
  const requests = await Promise.all(Array.from({ length: PROOFS }, () => requestOf(world, {})))
  return Array.from({ length: USES }, () => requests).flat()
}

/** How many uses of each proof have passed. */
const passesOf = (passed: readonly boolean[]): number[] =>
  Array.from(
    { length: PROOFS },
    (_, proof) => passed.filter((pass, index) => pass && index % PROOFS === proof).length,
  )

const ONE_EACH = Array.from({ length: PROOFS }, () => 1)

const proofsIn = ({ fields = [] }: CaseRequest) => fields.map(([, value]) => value)

test('A111 core: of several uses of a proof at once exactly one passes', async () => {
  const create = await compileCore(dpopConfig(world), world.env)
  const authorizer = create({
    crypto: webCrypto,
    fetch,
    now: Date.now,
    report: () => {},
    secrets: world.secrets,
  })
  const decisions = await Promise.all(
    (await createUses()).map((use) =>
      authorizer.authorize({ ...toCoreRequest(use), fields: { dpop: proofsIn(use) } }),
    ),
  )
  expect(passesOf(decisions.map(({ allow }) => allow))).toEqual(ONE_EACH)
})

test('A111 Lambda handler: of several uses of a proof at once exactly one passes', async () => {
  const events: ReportEvent[] = []
  const { handler, close } = await loadLambda(dpopConfig(world), world.env, {
    now: Date.now,
    report: (event) => void events.push(event),
  })
  const uses = await createUses()
  const answers = await Promise.allSettled(uses.map((use) => handler(TO_EVENT.rest_request(use) as never)))
  await close()
  expect(passesOf(answers.map(({ status }) => status === 'fulfilled'))).toEqual(ONE_EACH)
  const codes = events.flatMap((event) => (event.event === 'decision' ? event.code : []))
  expect(codes.filter((code) => code === 'dpop_proof_replayed')).toHaveLength(PROOFS * (USES - 1))
})

test('A111 Worker in one isolate: of several uses of a proof at once exactly one passes', async () => {
  const edge = await openWorkerEdge(dpopConfig(world), world.env)
  try {
    const uses = await createUses()
    const answers = await edge.sendAll(
      uses.map(({ method, path, authorization, fields = [] }, index) => ({
        method,
        target: `${path}?n=${index}`,
        host: HOST,
        fields: [['Authorization', authorization[0]!], ...fields],
      })),
    )
    expect(passesOf(answers.map(({ reached }) => reached))).toEqual(ONE_EACH)
  } finally {
    await edge.close()
  }
})

test('A108 a Host field with a path: a proof counts for the path that the origin gets, and for no other', async () => {
  const edge: WorkerEdge = await openWorkerEdge(dpopConfig(world), world.env)
  try {
    const send = async (url: string) => {
      const { method, path, authorization, fields = [] } = await requestOf(world, { url })
      const { seen } = await edge.sendRaw({
        ...{ method, target: path, host: `${HOST}/admin?` },
        fields: [['Authorization', authorization[0]!], ...fields],
      })
      return seen?.target.split('?')[0]
    }
    expect(await send(`${BASE}/orders`)).toBeUndefined()
    expect(await send(`${BASE}/admin`)).toBe('/admin')
  } finally {
    await edge.close()
  }
})
