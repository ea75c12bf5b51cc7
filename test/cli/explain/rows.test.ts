// Every case row as `lanekeeper explain` reports it: the answer on each edge is the one that the row states, the setting
// is the one that setting-places.ts has by hand, and each refusal has a move of somebody whom it may concern.

import { expect, test } from 'vitest'
import { toAnswers } from '../../../cli/explain/answers.ts'
import { toFacts, type Facts } from '../../../cli/explain/facts.ts'
import type { GivenStage } from '../../../cli/explain/given-stage.ts'
import { toMoves, whoseMove } from '../../../cli/explain/moves.ts'
import { placesOf } from '../../../cli/explain/places.ts'
import { toStages } from '../../../cli/explain/stages.ts'
import { createTracedAuthorizer } from '../../../shared/compiler.ts'
import { FAILURES, resolveConfig, type Authorizer } from '../../../shared/index.ts'
import { CORE_ROWS } from '../../cases/index.ts'
import { coreEdgeOf } from '../../edges/core-edge.ts'
import { startCaseWorld } from '../../support/case-world.ts'
import { SETTING_PLACES } from './setting-places.ts'

/** The settings by hand, with the names of this refusal. */
function expectedPlaces({ deny, traced, issuer, stage, routeIndex, route }: Facts, actual: string): string {
  const { stage: name, rule } = traced.trace.stopped!
  const { nearest, missing, claim } = deny!.detail ?? {}
  const pattern =
    SETTING_PLACES[`${deny!.code} ${name}/${rule}`] ?? SETTING_PLACES[`${name}/${rule}`] ?? 'none by hand'
  if (pattern === 'GRANT')
    return /^(?:issuers\.[a-z0-9-]+\.(?:scopes|principal|profile)|identity\.claims\.\w+)$/.test(actual)
      ? actual
      : pattern
  const near = stage.config.routes.findIndex((one) => one.name === nearest)
  const resource = stage.config.resources.findIndex((one) => one === traced.context?.resource)
  return pattern
    .replace(/^NEAREST(\.\w+)$/, near === -1 ? 'routes' : `routes[${near}]$1`)
    .replaceAll('ROUTE', routeIndex === -1 ? '' : `routes[${routeIndex}]`)
    .replaceAll('NAME', issuer?.name ?? '')
    .replaceAll('READER', issuer?.opaque.reader?.kind ?? 'introspection')
    .replace(
      'SOME',
      String(missing).startsWith('one of') || route?.demand?.allOf.length === 0 ? 'anyOf' : 'allOf',
    )
    .replace('CLAIM', String(claim))
    .replace('INDEX', String(resource))
    .replace(/^-$/, '')
}

const MOVERS = { client: ['client', 'you', 'issuer'], issuer: ['issuer', 'you'], operator: ['you'] }

test('every row', async () => {
  const world = await startCaseWorld()
  // Where nothing is kept, as the rows state it.
  const given = { ...world.config, aws: { resultTtlSeconds: 0 } }
  const config = resolveConfig(given, { env: world.env })
  const stage: GivenStage = { given, stage: '', config, env: world.env }
  let facts: Facts | undefined
  const edge = coreEdgeOf((ports) => {
    const { authorizer, explain } = createTracedAuthorizer(config, ports)
    const authorize: Authorizer['authorize'] = async (request) => {
      const traced = await explain(request)
      const token = /^Bearer +(.*)$/i.exec(request.authorization[0] ?? '')?.[1] ?? null
      const read = { stage, request, traced, now: Date.now() / 1000, token, keyReports: [], isOfJwks: false }
      facts = toFacts(read, null)
      return traced.decision
    }
    return { ...authorizer, authorize }
  }, world.env)
  const wrong: string[] = []
  for (const row of CORE_ROWS) {
    await edge.send(await row.request(world))
    const { verdict, deny } = facts!
    const expected = row.expect.allow ? (row.expect.wouldDeny === undefined ? 'allow' : 'would_deny') : 'deny'
    const isOfIssuer =
      deny !== null && FAILURES[deny.code].blame === 'issuer' && FAILURES[deny.code].status === 503
    const isOfUse = deny !== null && /^introspection_(?:credentials_refused|unsupported)$/.test(deny.code)
    if (verdict !== (isOfIssuer || isOfUse ? 'unknown' : expected)) wrong.push(`${row.id}: ${verdict}`)
    const { answers } = toAnswers(facts!)
    const statusOf = (name: string) => answers.find((answer) => answer.edge === name)?.status
    const isHandshake = facts!.request.path === '$connect'
    const told = isHandshake ? statusOf('WebSocket API') : `${statusOf('Worker')} ${statusOf('REST API')}`
    const { expect: stated } = row
    const wanted = stated.allow ? null : stated.status
    const rest = stated.allow ? null : stated.rest
    if (told !== (isHandshake ? (rest === null ? null : String(rest)) : `${wanted} ${rest}`))
      wrong.push(`${row.id}: answers ${told}`)
    expect(toStages(facts!).length).toBe(10)
    if (deny === null) continue
    const places = placesOf(facts!)
      .map(({ path }) => path)
      .join(', ')
    if (places !== expectedPlaces(facts!, places))
      wrong.push(`${row.id}: ${places} instead of ${expectedPlaces(facts!, places)}`)
    const mover = whoseMove(facts!, toMoves(facts!, null))
    if (!MOVERS[deny.blame ?? FAILURES[deny.code].blame].includes(String(mover)))
      wrong.push(`${row.id}: ${deny.code} is the move of ${mover}`)
  }
  await world.close()
  expect(wrong).toEqual([])
})
