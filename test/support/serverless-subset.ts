// The shipped serverless.yml with some of its APIs, reduced as a user would do it by hand.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../cli/build.ts'

export type EventKind = 'http' | 'httpApi' | 'websocket'

const SHIPPED = readFileSync(join(ROOT, 'serverless.yml'), 'utf8')
const FUNCTIONS = SHIPPED.indexOf('\nfunctions:\n')
const RESOURCES = SHIPPED.indexOf('\nresources:\n')

/** `keepResponses`: whether the resources that only a REST API needs stay. */
export function serverlessWith(kinds: readonly EventKind[], keepResponses = kinds.includes('http')): string {
  const functions = SHIPPED.slice(FUNCTIONS, RESOURCES)
    .split(/^(?= {2}\w| {4}\w| {6}- )/m)
    .filter((part) => {
      const kind = /^ {6}- (?:\{ )?(\w+):/.exec(part)?.[1]
      return kind === undefined || kinds.some((each) => each === kind)
    })
    .join('')
  const resources = SHIPPED.slice(RESOURCES)
  const first = resources.indexOf('      ResponseUnauthorized:')
  return SHIPPED.slice(0, FUNCTIONS) + functions + (keepResponses ? resources : resources.slice(0, first))
}
