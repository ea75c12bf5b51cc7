// Identity sources of an authorizer (developer guide, "API Gateway Lambda authorizer input", "Identity sources").
// All must be present and not empty, else the gateway answers 401 itself and the function is never called.
// Header names compare without regard to case, query string names with.

import { isScalar, memberAt } from './json.ts'
import type { IdentitySource } from './model.ts'
import { headerValues, queryPairs, type ReceivedRequest } from './request.ts'

/** The values in order of the sources, or `undefined` when one is missing or empty. */
export function readIdentity(
  sources: IdentitySource[],
  request: ReceivedRequest,
  context: unknown,
  stageVariables: Record<string, string>,
): string[] | undefined {
  const values = sources.map((source) => readSource(source, request, context, stageVariables))
  return values.every((value) => value !== undefined && value !== '') ? (values as string[]) : undefined
}

function readSource(
  { from, name }: IdentitySource,
  request: ReceivedRequest,
  context: unknown,
  stageVariables: Record<string, string>,
): string | undefined {
  switch (from) {
    case 'header':
      return headerValues(request, name).at(-1)
    case 'querystring':
      return queryPairs(request).findLast(([candidate]) => candidate === name)?.[1]
    case 'context':
      return textOf(memberAt(context, name))
    case 'stageVariables':
      return textOf(memberAt(stageVariables, name))
  }
}

function textOf(value: unknown): string | undefined {
  return isScalar(value) ? String(value) : undefined
}
