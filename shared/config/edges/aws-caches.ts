// `aws.caches`: the stages of API Gateway whose cached answers `lanekeeper revoke` removes. No edge reads it, so it is
// in no plan. API Gateway API reference, FlushStageAuthorizersCache and ResetAuthorizersCache.

import { isNonEmptyString, objectAt, type AddProblem } from '../checks.ts'
import type { Meanings } from '../meaning.ts'

interface CacheOfStage {
  /** The name of the stage; `$default` is one of an HTTP API. */
  readonly stage: string
  /** Default: that of whoever calls `lanekeeper revoke` (`AWS_REGION`, or the profile). */
  readonly region?: string
}

/** The answers of authorizers that API Gateway caches for a stage of a REST API or of an HTTP API. */
export type GatewayCacheConfig =
  | (CacheOfStage & {
      /** The id of the REST API. */
      readonly restApi: string
      readonly httpApi?: never
    })
  | (CacheOfStage & {
      /** The id of the HTTP API. */
      readonly httpApi: string
      readonly restApi?: never
    })

export const cachesMeanings = (): Meanings<'caches' | `caches[].${keyof typeof FORMS}`> => ({
  caches: {
    absent: 'none',
    meaning: 'stages whose cached answers `lanekeeper revoke` removes: [revocation.md](revocation.md)',
  },
  'caches[].restApi': { absent: 'this or `httpApi`', meaning: 'id of a REST API' },
  'caches[].httpApi': { absent: 'this or `restApi`', meaning: 'id of an HTTP API' },
  'caches[].stage': { absent: 'required', meaning: 'name of its stage' },
  'caches[].region': { absent: 'that of the caller', meaning: 'its region' },
})

/** What each member must look like. */
const FORMS = {
  restApi: [/^[A-Za-z0-9]{1,64}$/, 'must be the id of an API'],
  httpApi: [/^[A-Za-z0-9]{1,64}$/, 'must be the id of an API'],
  stage: [/^(?:[A-Za-z0-9_-]{1,128}|\$default)$/, 'must be the name of a stage'],
  region: [/^[a-z0-9-]+$/, 'must be the name of a region'],
} as const

const NAMES = Object.keys(FORMS) as readonly (keyof typeof FORMS)[]

function checkCache(value: unknown, path: string, addProblem: AddProblem): GatewayCacheConfig {
  const given = objectAt(value, path, addProblem, NAMES)
  const apis = NAMES.slice(0, 2).filter((name) => given[name] !== undefined)
  if (apis.length !== 1) addProblem(path, 'must have exactly one of restApi, httpApi')
  if (given['stage'] === undefined) addProblem(`${path}.stage`, 'is missing')
  for (const name of NAMES) {
    const [form, problem] = FORMS[name]
    const text = given[name]
    if (text !== undefined && (!isNonEmptyString(text) || !form.test(text)))
      addProblem(`${path}.${name}`, problem)
  }
  if (given['restApi'] !== undefined && given['stage'] === '$default')
    addProblem(`${path}.stage`, 'must be the name of a stage; a REST API has no $default')
  return given as unknown as GatewayCacheConfig
}

/** `null`: left out. */
export function checkCaches(value: unknown, addProblem: AddProblem): readonly GatewayCacheConfig[] | null {
  if (value === undefined) return null
  if (Array.isArray(value) && value.length > 0)
    return value.map((each, index) => checkCache(each, `aws.caches[${index}]`, addProblem))
  addProblem('aws.caches', 'must be a list of at least one')
  return null
}
