// Events of every shape with any member changed: the handler answers or throws one of its documented errors, and allows
// only for a valid token in an Authorization member.

import fc from 'fast-check'
import { TO_EVENT } from '../../edges/events.ts'
import { demand } from '../fixture.ts'
import { changeJson, jsonChanges, type JsonChange } from '../mutate.ts'
import { property } from '../property.ts'

const SHAPES = ['rest_token', 'rest_request', 'http_1', 'http_2', 'websocket'] as const

interface Input {
  readonly shape: (typeof SHAPES)[number]
  readonly path: string
  readonly changes: readonly JsonChange[]
  readonly valid: boolean
}

const MEANT = /^(?:Unauthorized|lanekeeper: [a-z_]+)$/

export const lambdaEvent = property<Input>({
  name: 'Lambda event',
  about: 'API Gateway events with members changed',
  input: fc.record({
    shape: fc.constantFrom(...SHAPES),
    path: fc.constantFrom('/orders', '/orders/1', '/health', '/admin'),
    changes: fc.oneof({ weight: 1, arbitrary: fc.constant([]) }, { weight: 5, arbitrary: jsonChanges(4) }),
    valid: fc.boolean(),
  }),
  mustSee: ['allow', 'deny', 'throw'],
  async check({ shape, path, changes, valid }, fixture) {
    const token = valid ? fixture.tokens[0]! : 'eyJhbGciOiJub25lIn0.e30.'
    const event = changeJson(
      TO_EVENT[shape]({ method: 'GET', path, authorization: [`Bearer ${token}`] }),
      changes,
    )
    const handler = await fixture.lambdaFor({
      ...fixture.config,
      routes: [...fixture.config.routes, { path: '$connect', methods: ['GET'], scope: 'none' }],
    })
    let answer: {
      isAuthorized?: boolean
      policyDocument?: { Statement: { Effect: string; Resource: string }[] }
    }
    try {
      answer = (await handler(event as never)) as typeof answer
    } catch (error) {
      demand(MEANT.test((error as Error).message), `the handler throws ${(error as Error).name}`)
      return 'throw'
    }
    const [statement] = answer.policyDocument?.Statement ?? []
    const allow = answer.isAuthorized ?? statement!.Effect === 'Allow'
    if (!allow) return 'deny'
    const { methodArn, routeArn } = event as { methodArn?: string; routeArn?: string }
    const arn = String(answer.isAuthorized === undefined ? statement!.Resource : (routeArn ?? methodArn))
    if (answer.isAuthorized === undefined)
      demand(arn === methodArn || arn === routeArn, 'a policy grants what was not asked about')
    const open = /\/(?:GET|HEAD)\/health$/.test(arn)
    demand(
      open || (JSON.stringify(event).includes(token) && valid),
      'a request without a valid token is allowed',
    )
    return 'allow'
  },
})
