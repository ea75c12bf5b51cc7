// `Globals` of a SAM template: values that every function or API has unless it says otherwise. Maps are merged, lists
// joined, and any other value is replaced (SAM specification, "Globals Section").

import { isObject, type JsonObject } from '../../../local/api-gateway/json.ts'
import { functionOf } from '../functions.ts'

const SECTIONS: Readonly<Record<string, string>> = {
  'AWS::Serverless::Function': 'Function',
  'AWS::Serverless::Api': 'Api',
  'AWS::Serverless::HttpApi': 'HttpApi',
  'AWS::Serverless::SimpleTable': 'SimpleTable',
  'AWS::Serverless::WebSocketApi': 'WebSocketApi',
}

const isMap = (value: unknown): value is JsonObject => isObject(value) && functionOf(value) === null

function merge(global: unknown, own: unknown): unknown {
  if (Array.isArray(global) && Array.isArray(own)) return [...(global as unknown[]), ...(own as unknown[])]
  if (!isMap(global) || !isMap(own)) return own
  const names = [...new Set([...Object.keys(global), ...Object.keys(own)])]
  return Object.fromEntries(
    names.map((name) => {
      if (!Object.hasOwn(own, name)) return [name, global[name]] as const
      return [name, Object.hasOwn(global, name) ? merge(global[name], own[name]) : own[name]] as const
    }),
  )
}

/** The properties of a resource with those of `Globals`. */
export function withGlobals(type: string, properties: unknown, globals: JsonObject): JsonObject {
  const name = Object.hasOwn(SECTIONS, type) ? SECTIONS[type]! : ''
  const own = isObject(properties) ? properties : {}
  const merged = Object.hasOwn(globals, name) ? merge(globals[name], own) : own
  return isObject(merged) ? merged : own
}
