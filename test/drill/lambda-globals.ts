// The globals of the Lambda functions in the drill: a `Date` with the fast clock and a `console` that prints the ends of
// fetches, for the artefact alone, and requests to the issuer that are marked with the instance. Each function of the
// gateway is a process of its own, and so an instance of its own.

import http from 'node:http'
import { dateOf } from '../support/artefact/clock.ts'
import { readLogLine } from '../support/artefact/log-line.ts'
import { nowOn } from './clock.ts'
import { reportKeys, type EdgeLine } from './edge-log.ts'
import { INSTANCE_HEADER } from './instance-header.ts'

const { AWS_LAMBDA_FUNCTION_NAME = '', CLOCK = '' } = process.env
const instance = AWS_LAMBDA_FUNCTION_NAME.endsWith('Http') ? 'HTTP API' : 'REST API'
console.log(JSON.stringify({ drill: instance, at: 0, pid: process.pid } satisfies EdgeLine))

const report = reportKeys(instance)
Object.assign(globalThis, {
  [Symbol.for('drill')]: {
    Date: dateOf(nowOn(JSON.parse(CLOCK))),
    console: { log: (line: string) => report(readLogLine(line)) },
  },
})

const { request } = http
http.request = ((url: URL, options: http.RequestOptions) =>
  request(url, {
    ...options,
    headers: { ...(options.headers as http.OutgoingHttpHeaders), [INSTANCE_HEADER]: instance },
  })) as typeof http.request
