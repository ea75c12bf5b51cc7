// The function of an authorizer: a runtime that can run the artefact, time for its own limit, and variables whose values
// are known.

import { REQUEST_MS } from '../../../shared/edge.ts'
import { isObject, type JsonObject } from '../../../local/api-gateway/json.ts'
import { objectIn, type CheckContext } from './context.ts'

const OLDEST_NODE = 22

/** The default of Lambda, in seconds. */
const DEFAULT_TIMEOUT = 3

/** The least whole number of seconds that is longer than the limit of a request. */
const LEAST_TIMEOUT = Math.floor(REQUEST_MS / 1_000) + 1

const VARIABLES = ['LANEKEEPER_AUTHORIZER', 'LANEKEEPER_STAGE']

export function checkFunctions(context: CheckContext): void {
  for (const functionId of new Set(context.authorizers.map((each) => each.functionId))) {
    const properties: JsonObject = context.resources.get(functionId)?.properties ?? {}
    const find = context.findAt(`function ${functionId}`, functionId)
    const { Runtime, Timeout, PackageType } = properties
    const runtime = Runtime === undefined ? 'none' : context.textOf(Runtime)
    const node = /^nodejs(\d+)/.exec(runtime ?? '')?.[1]
    if (runtime === null)
      find(
        'warning',
        'has a runtime that only the deployment knows; it must be nodejs22.x or newer',
        'Runtime',
      )
    else if (PackageType !== 'Image' && (node === undefined || Number(node) < OLDEST_NODE))
      find(
        'problem',
        `has the runtime ${runtime}, and the authorizer needs Node.js ${OLDEST_NODE} or newer; use nodejs24.x`,
        'Runtime',
      )
    const timeout = Timeout === undefined ? String(DEFAULT_TIMEOUT) : context.textOf(Timeout)
    if (timeout === null || !Number.isFinite(Number(timeout)))
      find(
        'warning',
        `has a time limit that only the deployment knows; it must be at least ${LEAST_TIMEOUT} s`,
        'Timeout',
      )
    else if (Number(timeout) < LEAST_TIMEOUT)
      find(
        'warning',
        `is ended after ${timeout} s, before its own limit of ${REQUEST_MS / 1_000} s, so a slow issuer makes API Gateway answer 500; set ${LEAST_TIMEOUT} s`,
        'Timeout',
      )
    const variables = objectIn(properties['Environment'], 'Variables')
    for (const name of VARIABLES)
      if (isObject(variables[name]) && context.textOf(variables[name]) === null)
        find(
          'problem',
          `has a ${name} that only the deployment knows, so it is not compared as it will run; write its value`,
          `Environment.Variables.${name}`,
        )
    if (isObject(properties['Environment']) && isObject(properties['Environment']['Variables']) === false)
      find(
        'problem',
        'has variables that only the deployment knows; write LANEKEEPER_AUTHORIZER and LANEKEEPER_STAGE',
        'Environment',
      )
  }
}
