// Route selection of a REST API (developer guide, "REST API resources and methods"; path rules measured on AWS): first
// the resource, where for each segment a literal precedes {param} and that precedes {proxy+}; then its method; then
// ANY. A resource without the method is no match. Paths are compared as sent, without decoding.

import type { RestMethod, RestResource } from './model.ts'

export interface RestRoute {
  resource: RestResource
  pathParameters: Record<string, string> | null
  method: RestMethod | undefined
}

/** The methods that ANY covers. */
export const ANY_METHODS = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']

type Parameters = [name: string, value: string][]

export function selectRestRoute(
  resources: RestResource[],
  method: string,
  path: string,
): RestRoute | undefined {
  // A resource without methods is only a parent. Whether it hides a {proxy+} is undocumented; here it does not.
  const routable = resources.filter(({ methods }) => methods.size > 0)
  const segments = path === '/' ? [] : path.replace(/^\//, '').replace(/\/$/, '').split('/')
  const match = matchSegments(
    routable.map((resource) => ({ resource, rest: templateSegments(resource.path) })),
    segments,
  )
  if (!match) return undefined
  const { methods } = match.resource
  return {
    resource: match.resource,
    pathParameters: match.parameters.length > 0 ? Object.fromEntries(match.parameters) : null,
    method: methods.get(method) ?? (ANY_METHODS.includes(method) ? methods.get('ANY') : undefined),
  }
}

interface Candidate {
  resource: RestResource
  rest: string[]
}

function matchSegments(
  candidates: Candidate[],
  segments: string[],
): { resource: RestResource; parameters: Parameters } | undefined {
  const [segment, ...remaining] = segments
  if (segment === undefined) {
    const exact = candidates.find(({ rest }) => rest.length === 0)
    return exact && { resource: exact.resource, parameters: [] }
  }
  const following = (accepts: (template: string) => boolean) =>
    candidates
      .filter(({ rest }) => rest[0] !== undefined && accepts(rest[0]))
      .map(({ resource, rest }) => ({ resource, rest: rest.slice(1) }))

  const literal = matchSegments(
    following((template) => template === segment && !isParameter(template)),
    remaining,
  )
  if (literal || segment === '') return literal

  const names = new Set(candidates.map(({ rest }) => rest[0] ?? '').filter(isParameter))
  for (const template of names) {
    if (isGreedy(template)) continue
    const match = matchSegments(
      following((candidate) => candidate === template),
      remaining,
    )
    if (match) return { ...match, parameters: [[parameterName(template), segment], ...match.parameters] }
  }
  const greedy = candidates.find(({ rest }) => rest[0] !== undefined && isGreedy(rest[0]))
  return (
    greedy && {
      resource: greedy.resource,
      parameters: [[parameterName(greedy.rest[0] ?? ''), segments.join('/')]],
    }
  )
}

function templateSegments(path: string): string[] {
  return path === '/' ? [] : path.slice(1).split('/')
}

function isParameter(template: string): boolean {
  return template.startsWith('{') && template.endsWith('}')
}

function isGreedy(template: string): boolean {
  return template.startsWith('{') && template.endsWith('+}')
}

function parameterName(template: string): string {
  return template.slice(1, isGreedy(template) ? -2 : -1)
}
