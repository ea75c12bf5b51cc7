// Identity sources of an authorizer (developer guide, "API Gateway Lambda authorizer input", "Identity sources").
// If a value is missing or empty, the gateway answers 401 without calling the function. Header names are
// case-insensitive, query parameter names are case-sensitive.

import { isScalar, memberAt } from './json.ts'
import type { IdentitySource } from './model.ts'
import { headerValues, queryPairs, type ReceivedRequest } from './request.ts'

/** The values in the order of the sources, or `undefined` if one is missing or empty. */
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
