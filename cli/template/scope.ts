// One template of a deployment: its parameters, conditions, mappings, resources and outputs, evaluated as far as they
// can be before the deployment. Names of resources become those of the whole deployment. What stays unknown stays an
// intrinsic function, which local/api-gateway then refuses to read.

import { isObject, isScalar, type JsonObject } from '../../local/api-gateway/json.ts'
import {
  areEqual,
  callFunction,
  every,
  functionOf,
  join,
  not,
  partsOfSub,
  REMOVED,
  section,
  type Truth,
} from './functions.ts'
import { createCounter } from './limits.ts'

export interface ScopeOptions {
  readonly template: JsonObject
  /** Values of parameters: text, or what an enclosing template passes. */
  readonly parameters: ReadonlyMap<string, unknown>
  /** The name of a resource in the whole deployment. */
  readonly rename: (logicalId: string) => string
  /** The value that a template exports by a name. `undefined`: no template here exports it. */
  readonly imported: (name: string) => unknown
  /** The value of an output of the nested stack. `undefined`: it cannot be read here. */
  readonly nestedOutput: (logicalId: string, output: string) => unknown
  /** The contents of `AWS::Include`. `undefined`: the file is not here. */
  readonly include: (location: string) => unknown
}

export interface Scope {
  evaluate(value: unknown): unknown
  /** The resources that are deployed, or that may be, by their names in the whole deployment. */
  resources(): readonly (readonly [logicalId: string, resource: JsonObject])[]
  /** The value of each output, with the name that exports it. */
  outputs(): ReadonlyMap<string, { readonly value: unknown; readonly exportedAs: unknown }>
  /** The parameters whose default was taken for their value. */
  readonly assumed: ReadonlySet<string>
}

const isFromStore = (parameter: JsonObject): boolean =>
  String(parameter['Type']).startsWith('AWS::SSM::Parameter::')

const isList = (parameter: JsonObject): boolean =>
  /^(?:CommaDelimitedList|List<)/.test(String(parameter['Type']))

export function createScope(options: ScopeOptions): Scope {
  const { template, rename } = options
  const declared = section(template, 'Parameters')
  const mappings = section(template, 'Mappings')
  const conditions = section(template, 'Conditions')
  const assumed = new Set<string>()
  const visiting = new Set<string>()
  const count = createCounter()
  let depth = 0

  /** `undefined`: unknown. */
  function parameterValue(name: string): unknown {
    const parameter = Object.hasOwn(declared, name) ? declared[name] : undefined
    if (!isObject(parameter)) return undefined
    const given = options.parameters.get(name)
    if (given === undefined && (isFromStore(parameter) || !Object.hasOwn(parameter, 'Default')))
      return undefined
    if (given === undefined) assumed.add(name)
    const value = given ?? parameter['Default']
    return isList(parameter) && isScalar(value)
      ? String(value)
          .split(',')
          .map((item) => item.trim())
      : value
  }

  function reference(name: string): unknown {
    if (name === 'AWS::NoValue') return REMOVED
    if (name.startsWith('AWS::')) return { Ref: name }
    if (Object.hasOwn(declared, name)) return parameterValue(name) ?? { Ref: rename(name) }
    return { Ref: rename(name) }
  }

  function attribute(argument: unknown): unknown {
    const path = (Array.isArray(argument) ? argument : [argument]).map(String).join('.')
    const dot = path.indexOf('.')
    const [logicalId, name] = dot === -1 ? [path, ''] : [path.slice(0, dot), path.slice(dot + 1)]
    const output = /^Outputs\.(.+)$/.exec(name)?.[1]
    const value = output === undefined ? undefined : options.nestedOutput(logicalId, output)
    return value ?? { 'Fn::GetAtt': [rename(logicalId), name] }
  }

  function substitute(argument: unknown): unknown {
    const [pattern, given] = Array.isArray(argument) ? (argument as unknown[]) : [argument, {}]
    if (typeof pattern !== 'string') return { 'Fn::Sub': argument }
    const variables = isObject(given) ? given : {}
    const parts = partsOfSub(pattern).map((part) => {
      if (typeof part === 'string') return part
      if (Object.hasOwn(variables, part.name)) return evaluate(variables[part.name])
      return part.name.includes('.') ? attribute(part.name) : reference(part.name)
    })
    return join(parts.filter((part) => part !== REMOVED))
  }

  function choose(argument: unknown): unknown {
    const [name, whenTrue, whenFalse] = Array.isArray(argument) ? (argument as unknown[]) : []
    const truth = condition(String(name))
    if (truth !== undefined) return evaluate(truth ? whenTrue : whenFalse)
    const [one, other] = [evaluate(whenTrue), evaluate(whenFalse)]
    const isSame = one === other || JSON.stringify(one) === JSON.stringify(other)
    if (isSame && (one === REMOVED) === (other === REMOVED)) return one
    const shown = (each: unknown) => (each === REMOVED ? { Ref: 'AWS::NoValue' } : each)
    return { 'Fn::If': [name, shown(one), shown(other)] }
  }

  function condition(name: string): Truth {
    if (visiting.has(name) || !Object.hasOwn(conditions, name)) return undefined
    visiting.add(name)
    try {
      return truthOf(conditions[name])
    } finally {
      visiting.delete(name)
    }
  }

  function truthOf(expression: unknown): Truth {
    const [name, ...others] = isObject(expression) ? Object.keys(expression) : []
    const argument = name === undefined || others.length > 0 ? undefined : (expression as JsonObject)[name]
    const list = Array.isArray(argument) ? (argument as unknown[]) : []
    if (name === 'Condition') return condition(String(argument))
    if (name === 'Fn::Equals' && list.length === 2) return areEqual(evaluate(list[0]), evaluate(list[1]))
    if (name === 'Fn::Not') return not(truthOf(list[0]))
    if (name === 'Fn::And') return every(list.map(truthOf))
    if (name === 'Fn::Or') return not(every(list.map((each) => not(truthOf(each)))))
    return undefined
  }

  function transform(argument: unknown): unknown {
    const evaluated = evaluate(argument)
    const { Name, Parameters } = isObject(evaluated) ? evaluated : {}
    const location = isObject(Parameters) ? Parameters['Location'] : undefined
    const included =
      Name === 'AWS::Include' && typeof location === 'string' ? options.include(location) : undefined
    return included === undefined ? { 'Fn::Transform': evaluated } : evaluate(included)
  }

  function call(name: string, argument: unknown): unknown {
    if (name === 'Ref') return reference(String(argument))
    if (name === 'Fn::GetAtt') return attribute(argument)
    if (name === 'Fn::Sub') return substitute(argument)
    if (name === 'Fn::If') return choose(argument)
    if (name === 'Fn::Transform') return transform(argument)
    const evaluated = evaluate(argument)
    const value =
      name === 'Fn::ImportValue' && typeof evaluated === 'string'
        ? options.imported(evaluated)
        : callFunction(name, evaluated, mappings)
    return value ?? { [name]: evaluated }
  }

  function evaluate(value: unknown): unknown {
    count(depth)
    depth += 1
    try {
      if (Array.isArray(value)) return value.map(evaluate).filter((item) => item !== REMOVED)
      const called = functionOf(value)
      if (called !== null) return call(...called)
      if (!isObject(value)) return value
      const entries = Object.entries(value).map(([key, item]) => [key, evaluate(item)] as const)
      return Object.fromEntries(entries.filter(([, item]) => item !== REMOVED))
    } finally {
      depth -= 1
    }
  }

  return {
    evaluate: (value) => {
      const evaluated = evaluate(value)
      return evaluated === REMOVED ? undefined : evaluated
    },
    resources: () =>
      Object.entries(section(template, 'Resources')).flatMap(([logicalId, resource]) => {
        if (!isObject(resource)) return []
        const { Condition, ...others } = resource
        const truth = Condition === undefined ? true : condition(String(Condition))
        if (truth === false) return []
        const evaluated = evaluate(others) as JsonObject
        return [[rename(logicalId), truth === true ? evaluated : { ...evaluated, Condition }] as const]
      }),
    outputs: () =>
      new Map(
        Object.entries(section(template, 'Outputs')).flatMap(([name, output]) => {
          if (!isObject(output)) return []
          const { Value, Export } = output
          const exportedAs = isObject(Export) ? evaluate(Export['Name']) : undefined
          return [[name, { value: evaluate(Value), exportedAs }] as const]
        }),
      ),
    assumed,
  }
}
