// The intrinsic functions that can be evaluated before a deployment, on arguments that are evaluated already. One whose
// arguments only the deployment knows stays as it is (CloudFormation user guide, "Intrinsic function reference").

import { isObject, isScalar, type JsonObject } from '../../local/api-gateway/json.ts'

/** The name and the argument, if a value is an intrinsic function. */
export function functionOf(value: unknown): readonly [name: string, argument: unknown] | null {
  if (!isObject(value)) return null
  const [name, ...others] = Object.keys(value)
  if (name === undefined || others.length > 0 || !/^(?:Ref|Fn::\w+)$/.test(name)) return null
  return [name, value[name]]
}

const own = (object: unknown, name: unknown): unknown =>
  isObject(object) && isScalar(name) && Object.hasOwn(object, String(name)) ? object[String(name)] : undefined

/** The parts of a text, joined: one text if all are known, else `Fn::Join`. */
export function join(parts: readonly unknown[], delimiter = ''): unknown {
  return parts.every(isScalar) ? parts.join(delimiter) : { 'Fn::Join': [delimiter, [...parts]] }
}

function findInMap(argument: unknown, mappings: unknown): unknown {
  if (!Array.isArray(argument)) return undefined
  const [map, top, second, options] = argument as unknown[]
  return own(own(own(mappings, map), top), second) ?? own(options, 'DefaultValue')
}

function select(argument: unknown): unknown {
  if (!Array.isArray(argument) || !Array.isArray(argument[1]) || !isScalar(argument[0])) return undefined
  return (argument[1] as unknown[])[Number(argument[0])]
}

function split(argument: unknown): unknown {
  if (!Array.isArray(argument)) return undefined
  const [delimiter, text] = argument as unknown[]
  return typeof delimiter === 'string' && delimiter !== '' && typeof text === 'string'
    ? text.split(delimiter)
    : undefined
}

function joined(argument: unknown): unknown {
  if (!Array.isArray(argument)) return undefined
  const [delimiter, parts] = argument as unknown[]
  return isScalar(delimiter) && Array.isArray(parts) && parts.every(isScalar)
    ? parts.join(String(delimiter))
    : undefined
}

/** The value of a function. `undefined`: only the deployment knows it, or the template is wrong. */
export function callFunction(name: string, argument: unknown, mappings: unknown): unknown {
  switch (name) {
    case 'Fn::FindInMap':
      return findInMap(argument, mappings)
    case 'Fn::Select':
      return select(argument)
    case 'Fn::Split':
      return split(argument)
    case 'Fn::Join':
      return joined(argument)
    case 'Fn::Length':
      return Array.isArray(argument) ? argument.length : undefined
    default:
      return undefined
  }
}

/** The members of a list that exist: `AWS::NoValue` takes one away. */
export const REMOVED = Symbol('AWS::NoValue')

/** The parts of `Fn::Sub`: text, and names of references. `${!x}` is the text `${x}`. */
export function partsOfSub(pattern: string): readonly (string | { readonly name: string })[] {
  return pattern.split(/(\$\{[^}]*\})/).flatMap((part): (string | { name: string })[] => {
    if (!/^\$\{[^}]*\}$/.test(part)) return part === '' ? [] : [part]
    const name = part.slice(2, -1).trim()
    return name.startsWith('!') ? [`\${${name.slice(1)}}`] : [{ name }]
  })
}

/** Truth that may be unknown before a deployment. */
export type Truth = boolean | undefined

/** `undefined`: only the deployment knows whether the two are equal. */
export function areEqual(one: unknown, other: unknown): Truth {
  if (isScalar(one) && isScalar(other)) return String(one) === String(other)
  return JSON.stringify(one) === JSON.stringify(other) ? true : undefined
}

export function every(truths: readonly Truth[]): Truth {
  if (truths.includes(false)) return false
  return truths.includes(undefined) ? undefined : true
}

export const not = (truth: Truth): Truth => (truth === undefined ? undefined : !truth)

/** A section of a template, if it is one. */
export const section = (template: JsonObject, name: string): JsonObject => {
  const value = Object.hasOwn(template, name) ? template[name] : undefined
  return isObject(value) ? value : {}
}
