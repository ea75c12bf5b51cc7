// The view of a template for the readers of each API: resolved properties by resource type, and `refuse` for problems.
// A property that is neither applied nor known to be without effect is a problem.

import { UnresolvableError, type CloudFormation, type Resource } from './cloud-formation.ts'
import { EMULATED, isApiGatewayType, isCompared, isSet } from './emulated-properties.ts'
import type { JsonObject } from './json.ts'
import type { LambdaFunction } from './model.ts'

export class TemplateError extends Error {
  readonly problems: string[]

  constructor(problems: string[]) {
    super(['The local API Gateway cannot run this template:', ...problems].join('\n  - '))
    this.name = 'TemplateError'
    this.problems = problems
  }
}

/**
 * What a refusal makes impossible. `run`: only the local run; the routes and their authorizers are still known.
 * `compare`: the local run and the comparison with the configuration.
 */
export type AffectedUse = 'run' | 'compare'

export interface Refusal {
  readonly logicalId: string
  /** What is wrong with the resource. */
  readonly problem: string
  readonly affects: AffectedUse
}

/** One line for each problem, with the logical ids of all resources that have it. */
export function describeProblems(refusals: readonly Refusal[]): string[] {
  const idsOf = new Map<string, string[]>()
  for (const { logicalId, problem } of refusals)
    idsOf.set(problem, [...(idsOf.get(problem) ?? []), logicalId])
  return [...idsOf].map(([problem, ids]) => `${ids.join(', ')}: ${problem}`)
}

export interface TemplateReader {
  resources(type: string): { logicalId: string; id: string; properties: JsonObject }[]
  /** The logical id of the function that an authorizer's or integration's URI names. */
  functionIn(uri: unknown): string | undefined
  /** Adds a problem. `affects`: default `compare`. */
  refuse(logicalId: string, problem: string, affects?: AffectedUse): void
}

const affectedUseOf = (type: string, property?: string): AffectedUse =>
  isCompared(type, property) ? 'compare' : 'run'

export function createReader(
  { resources, resolve, physicalId }: CloudFormation,
  functions: LambdaFunction[],
  refuse: TemplateReader['refuse'],
): TemplateReader {
  function appliedProperties(resource: Resource): JsonObject | undefined {
    const emulated = EMULATED[resource.type]
    if (!emulated) {
      refuse(resource.logicalId, `${resource.type} is not emulated`, affectedUseOf(resource.type))
      return undefined
    }
    if (resource.condition !== undefined)
      refuse(resource.logicalId, 'a resource Condition is not evaluated', affectedUseOf(resource.type))
    const applied: JsonObject = {}
    for (const [name, value] of Object.entries(resource.properties)) {
      if (emulated.withoutEffect.includes(name)) continue
      if (!emulated.applied.includes(name)) {
        if (isSet(value))
          refuse(
            resource.logicalId,
            `the property ${name} is not emulated`,
            affectedUseOf(resource.type, name),
          )
        continue
      }
      const resolved = attempt(() => resolve(value))
      if (resolved.problem === undefined) applied[name] = resolved.value
      else
        refuse(
          resource.logicalId,
          `${name}: ${resolved.problem}`,
          resolved.isBroken ? 'compare' : affectedUseOf(resource.type, name),
        )
    }
    return applied
  }

  const apiResources = resources
    .filter((resource) => isApiGatewayType(resource.type))
    .flatMap((resource) => {
      const properties = appliedProperties(resource)
      const { logicalId, type } = resource
      return properties ? { logicalId, type, id: physicalId(resource), properties } : []
    })
  const functionIds = new Map(functions.map(({ name, logicalId }) => [name, logicalId]))

  return {
    resources: (type) => apiResources.filter((resource) => resource.type === type),
    functionIn(uri) {
      const name = typeof uri === 'string' ? /:function:([^:/]+)/.exec(uri)?.[1] : undefined
      return name === undefined ? undefined : functionIds.get(name)
    },
    refuse,
  }
}

type Attempt<T> = { problem?: undefined; value: T } | { problem: string; isBroken: boolean }

export function attempt<T>(compute: () => T): Attempt<T> {
  try {
    return { value: compute() }
  } catch (error) {
    if (error instanceof UnresolvableError) return { problem: error.message, isBroken: error.isBroken }
    throw error
  }
}

export interface Authorization<Authorizer> {
  authorizer?: Authorizer
  /** The authorization in place of a Lambda authorizer that this gateway can run. */
  otherAuthorization?: string
}

/** The authorization of a route or method: none, a Lambda authorizer that can run here, or another one. */
export function selectAuthorization<Authorizer>(
  authorizers: Map<string, Authorizer>,
  properties: JsonObject,
  refuse: (problem: string, affects?: AffectedUse) => void,
): Authorization<Authorizer> {
  const type = String(properties['AuthorizationType'] ?? 'NONE')
  if (type === 'NONE') return {}
  if (type !== 'CUSTOM') {
    refuse(`AuthorizationType ${type} is not emulated`, 'run')
    return { otherAuthorization: type }
  }
  const authorizer = authorizers.get(String(properties['AuthorizerId']))
  if (authorizer) return { authorizer }
  refuse('AuthorizerId names no Lambda authorizer that can run here')
  return { otherAuthorization: 'an authorizer that cannot be read here' }
}

/** `undefined` if API Gateway would not accept the value. */
export function readResultTtl(value: unknown, defaultSeconds: number): number | undefined {
  const seconds = Number(value ?? defaultSeconds)
  return Number.isInteger(seconds) && seconds >= 0 && seconds <= 3600 ? seconds : undefined
}

/** A reader that shows only the resources of one ApiGatewayV2 API. */
export const ofApi = (reader: TemplateReader, api: string): TemplateReader => ({
  ...reader,
  resources: (type) => reader.resources(type).filter(({ properties }) => String(properties['ApiId']) === api),
})
