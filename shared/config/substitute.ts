// `${env:NAME}` in a configuration: values that the environment of the deployment supplies. Refuses a variable that is
// missing or has a placeholder itself.

import { isJsonObject, isNonEmptyString, type AddProblem, type JsonObject } from './checks.ts'

/** Replaces `${env:NAME}` in every string below `value`. */
export function substitute(value: unknown, env: JsonObject, path: string, addProblem: AddProblem): unknown {
  if (typeof value === 'string') {
    return value.replace(/\$\{env:([^}]*)(\}?)/g, (whole, name: string, brace: string) => {
      const found = Object.hasOwn(env, name) ? env[name] : undefined
      if (brace === '') addProblem(path, `has a "${whole}" that does not end with "}"`)
      else if (!isNonEmptyString(found))
        addProblem(path, `needs the environment variable ${name}, which is not set`, name)
      else if (found.includes('${'))
        addProblem(path, `needs the environment variable ${name}, which has "\${" in it`)
      else return found
      return whole
    })
  }
  if (Array.isArray(value))
    return value.map((item, index) => substitute(item, env, `${path}[${index}]`, addProblem))
  if (!isJsonObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, substitute(item, env, `${path}.${name}`, addProblem)]),
  )
}
