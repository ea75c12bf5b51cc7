// Converts CloudFormation to the model. A template that this gateway cannot run exactly as AWS does must not start: all
// problems are thrown together in one TemplateError, each with its logical ids. Does not check whether AWS would accept
// the template, nor Lambda permissions (without one, AWS answers 500).

import { readCloudFormation, UnresolvableError, type CloudFormation } from './cloud-formation.ts'
import { readHttpApi } from './http-template.ts'
import { isObject, isScalar } from './json.ts'
import type { LambdaFunction, Model } from './model.ts'
import { readRestApi } from './rest-template.ts'
import { readWebSocketApi } from './websocket-template.ts'
import {
  attempt,
  createReader,
  describeProblems,
  TemplateError,
  type Refusal,
  type TemplateReader,
} from './template-reader.ts'

export { TemplateError }

/** @throws {TemplateError} with every part of the template that this gateway cannot emulate. */
export function readTemplate(template: unknown): Model {
  const { model, refusals } = readModel(template)
  if (refusals.length > 0) throw new TemplateError(describeProblems(refusals))
  return model
}

/** The part of the model that can be read, and every refusal. A model with refusals must not run. */
export function readModel(template: unknown): { model: Model; refusals: readonly Refusal[] } {
  const refusals: Refusal[] = []
  const refuse: TemplateReader['refuse'] = (logicalId, problem, affects = 'compare') =>
    void refusals.push({ logicalId, problem, affects })
  const cloudFormation = openTemplate(template)
  const functions = functionsOf(cloudFormation, refuse)
  const reader = createReader(cloudFormation, functions, refuse)
  const restApi = readRestApi(reader)
  const httpApi = readHttpApi(reader)
  const webSocketApi = readWebSocketApi(reader)
  const model = {
    functions,
    ...(restApi && { restApi }),
    ...(httpApi && { httpApi }),
    ...(webSocketApi && { webSocketApi }),
  }
  return { model, refusals }
}

export function readFunctions(template: unknown): LambdaFunction[] {
  const problems: string[] = []
  const functions = functionsOf(openTemplate(template), (logicalId, problem) => {
    problems.push(`${logicalId}: ${problem}`)
  })
  if (problems.length > 0) throw new TemplateError(problems)
  return functions
}

/** The environment of a function. A variable in `overrides` needs no resolvable value in the template. */
export function readEnvironment(
  template: unknown,
  lambda: LambdaFunction,
  overrides: Record<string, string>,
): Record<string, string> {
  const { resolve } = openTemplate(template)
  const problems: string[] = []
  const values: [string, string][] = []
  for (const [name, value] of Object.entries(lambda.environment)) {
    if (Object.hasOwn(overrides, name)) continue
    const resolved = attempt(() => resolve(value))
    if (resolved.problem !== undefined) {
      problems.push(`${lambda.logicalId}: Environment.${name}: ${resolved.problem}`)
    } else if (!isScalar(resolved.value) || String(resolved.value).includes('{{resolve:')) {
      problems.push(`${lambda.logicalId}: Environment.${name} has no value before a deployment`)
    } else values.push([name, String(resolved.value)])
  }
  if (problems.length > 0) throw new TemplateError(problems)
  return { ...Object.fromEntries(values), ...overrides }
}

function openTemplate(template: unknown): CloudFormation {
  try {
    return readCloudFormation(template)
  } catch (error) {
    throw error instanceof UnresolvableError ? new TemplateError([error.message]) : error
  }
}

function functionsOf(
  { resources, resolve, physicalId }: CloudFormation,
  refuse: TemplateReader['refuse'],
): LambdaFunction[] {
  return resources.flatMap((resource) => {
    if (resource.type !== 'AWS::Lambda::Function') return []
    const { Environment, Handler, MemorySize, Runtime, Timeout } = resource.properties
    const definition = attempt(() => ({ name: physicalId(resource), handler: resolve(Handler) }))
    if (definition.problem !== undefined) {
      refuse(resource.logicalId, definition.problem)
      return []
    }
    const variables = isObject(Environment) ? Environment['Variables'] : undefined
    return {
      logicalId: resource.logicalId,
      name: definition.value.name,
      runtime: String(Runtime),
      handler: String(definition.value.handler),
      timeoutSeconds: Number(Timeout ?? 3),
      memoryMegabytes: Number(MemorySize ?? 128),
      environment: isObject(variables) ? variables : {},
    }
  })
}
