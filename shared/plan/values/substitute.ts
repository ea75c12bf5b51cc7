// `${env:NAME}` in a configuration: values that the environment of the deployment supplies. Refuses a variable that is
// missing or has a placeholder itself.

import { isJsonObject, type JsonObject } from '../../token/strict-json.ts'
import { isNonEmptyString, type AddProblem } from './checks.ts'

/** Says that a variable is missing. `path`: of the string that names it. */
export type ReportMissing = (path: string, name: string, addProblem: AddProblem) => void

const refuseMissing: ReportMissing = (path, name, addProblem) =>
  addProblem(path, `needs the environment variable ${name}, which is not set`, name)

/** Replaces `${env:NAME}` in every string below `value`, except where the variable is missing. */
export function substitute(
  value: unknown,
  env: JsonObject,
  path: string,
  addProblem: AddProblem,
  reportMissing: ReportMissing = refuseMissing,
): unknown {
  const below = (item: unknown, at: string) => substitute(item, env, at, addProblem, reportMissing)
  if (typeof value === 'string') {
    return value.replace(/\$\{env:([^}]*)(\}?)/g, (whole, name: string, brace: string) => {
      const found = Object.hasOwn(env, name) ? env[name] : undefined
      if (brace === '') addProblem(path, `has a "${whole}" that does not end with "}"`)
      else if (!isNonEmptyString(found)) reportMissing(path, name, addProblem)
      else if (found.includes('${'))
        addProblem(path, `needs the environment variable ${name}, which has "\${" in it`)
      else return found
      return whole
    })
  }
  if (Array.isArray(value)) return value.map((item, index) => below(item, `${path}[${index}]`))
  if (!isJsonObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, below(item, `${path}.${name}`)]),
  )
}
