// The Lambda function in the drill: the unmodified `createHandler`, on the fast clock, its key fetches marked with the
// instance. Each function of the gateway is a process of its own, and so an instance of its own.

import { createHandler } from '../../functions/aws/handler.ts'
import { nowOn } from './clock.ts'
import { reportKeys, type EdgeLine } from './edge-log.ts'
import { markedFetch } from './marked-fetch.ts'

const { AWS_LAMBDA_FUNCTION_NAME = '', CONFIG = '', CLOCK = '' } = process.env
const instance = AWS_LAMBDA_FUNCTION_NAME.endsWith('Http') ? 'HTTP API' : 'REST API'
console.log(JSON.stringify({ drill: instance, at: 0, pid: process.pid } satisfies EdgeLine))

export const handler = createHandler(JSON.parse(CONFIG), process.env, {
  now: nowOn(JSON.parse(CLOCK)),
  fetch: markedFetch(instance),
  report: reportKeys(instance),
})
