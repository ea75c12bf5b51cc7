// The order of the stages, and that the first failure is the answer, for each stage, with and without promises.

import { describe, expect, test } from 'vitest'
import type { ResolvedRoute } from '../../shared/config/config.ts'
import type { Grant } from '../../shared/decision.ts'
import { failure, type Failure } from '../../shared/failures/failure.ts'
import { ANY_ROUTE } from '../../shared/wiring.ts'
import { decide, examine } from '../../shared/pipeline.ts'
import type { DecisionContext } from '../../shared/request/decision-context.ts'
import type { Granted, Outcome, RouteMatch, Stages } from '../../shared/stages.ts'
import type { ReadToken, Soon, TokenReader } from '../../shared/token/token-reader.ts'

const FAILED = failure('internal_error')
const GRANT = { clientId: 'client-1' } as Grant
const TOKEN = { claims: {} } as ReadToken
const GRANTED = { grant: GRANT, claims: {}, token: TOKEN } as Granted

const place = (demand: ResolvedRoute['demand']): RouteMatch => ({
  route: { ...ANY_ROUTE, name: 'GET /orders', demand },
  resource: null,
})
const PROTECTED = place({ allOf: ['read'], anyOf: [] })
const PUBLIC = place(null)

const STAGES = [
  'credential',
  'place',
  'answerable',
  'reader',
  'read',
  'claims',
  'sender',
  'revocation',
  'grant',
  'policy',
] as const
type Stage = (typeof STAGES)[number]

interface World {
  readonly fails?: Stage | undefined
  readonly at?: RouteMatch
  /** Stages that may return a promise do. */
  readonly isLate?: boolean
}

function create({ fails, at = PROTECTED, isLate = false }: World) {
  const ran: Stage[] = []
  const run = <Result>(stage: Stage, result: Result): Result | Failure => {
    ran.push(stage)
    return stage === fails ? FAILED : result
  }
  const soon = <Result>(stage: Stage, result: Result): Soon<Result | Failure> =>
    isLate ? Promise.resolve().then(() => run(stage, result)) : run(stage, result)
  const reader: TokenReader = {
    read: () => soon('read', TOKEN),
    checkClaims: () => run('claims', null),
    completeClaims: (claims) => claims,
  }
  const stages: Stages = {
    readCredential: () => run('credential', { token: 'x' }),
    matchRoute: () => run('place', at),
    checkAnswerable: () => run('answerable', null),
    selectReader: () => run('reader', reader),
    checkSender: () => soon('sender', null),
    checkRevocation: () => soon('revocation', null),
    toGrant: () => soon('grant', GRANTED),
    checkPolicy: () => run('policy', null),
  }
  return { ran, stages, context: { request: {} } as DecisionContext }
}

/** The outcome, and the stages that ran. */
async function ask(world: World, pipeline: 'decide' | 'examine') {
  const { ran, stages, context } = create(world)
  const outcome: Soon<Outcome> =
    pipeline === 'decide' ? decide(context, stages) : examine(context, stages, ANY_ROUTE)
  // A promise costs as much as several stages: the pipeline returns none if no stage does.
  if (world.isLate !== true) expect(outcome).not.toBeInstanceOf(Promise)
  return { outcome: await outcome, ran, context }
}

const upTo = (stage: Stage): readonly Stage[] => STAGES.slice(0, STAGES.indexOf(stage) + 1)

describe.each([false, true])('late: %s', (isLate) => {
  test.each(['decide', 'examine'] as const)('%s: every stage in order, then the grant', async (pipeline) => {
    expect(await ask({ isLate }, pipeline)).toMatchObject({ outcome: GRANT, ran: STAGES })
  })

  // After a failed credential or route, later stages run only for the log, and do not change the outcome.
  const early: Partial<Record<Stage, { readonly decide: Stage; readonly examine: Stage }>> = {
    credential: { decide: 'answerable', examine: 'answerable' },
    place: { decide: 'place', examine: 'grant' },
  }

  test.each(
    STAGES.flatMap((fails) => (['decide', 'examine'] as const).map((pipeline) => [fails, pipeline] as const)),
  )('a failure of %s ends %s', async (fails, pipeline) => {
    expect(await ask({ fails, isLate }, pipeline)).toMatchObject({
      outcome: FAILED,
      ran: upTo(early[fails]?.[pipeline] ?? fails),
    })
  })

  test('a public route demands no credential, and the token is not read', async () => {
    const world = { at: PUBLIC, isLate }
    expect(await ask(world, 'decide')).toMatchObject({ outcome: null, ran: upTo('answerable') })
    expect(await ask({ ...world, fails: 'credential' }, 'decide')).toMatchObject({ outcome: null })
  })

  test('examined, a public route needs a good token', async () => {
    expect(await ask({ at: PUBLIC, isLate }, 'examine')).toMatchObject({ outcome: null, ran: upTo('grant') })
    for (const fails of ['credential', 'read', 'claims', 'sender', 'revocation', 'grant'] as const)
      expect(await ask({ at: PUBLIC, isLate, fails }, 'examine')).toMatchObject({ outcome: FAILED })
  })
})

test('the context has the token and the route that were found, for the log', async () => {
  const { context } = await ask({ fails: 'reader' }, 'decide')
  expect(context).toMatchObject({ token: 'x', route: PROTECTED.route, resource: null })
  expect(await ask({ fails: 'credential' }, 'decide')).not.toHaveProperty('context.token')
  expect(await ask({ fails: 'place' }, 'decide')).not.toHaveProperty('context.route')
})
