// From the configuration as written to the one of a stage: what the stage overrides, and values that the
// deployment's environment supplies. Routes are the same in every stage.

import { bagAt, optionalBagAt, isBag, isText, list, type Bag, type Report } from './checks.ts'

/** Replaces `${env:NAME}` in every string below `value`. */
export function substitute(value: unknown, env: Bag, path: string, report: Report): unknown {
  if (typeof value === 'string') {
    return value.replace(/\$\{env:([^}]*)(\}?)/g, (whole, name: string, brace: string) => {
      const found = Object.hasOwn(env, name) ? env[name] : undefined
      if (brace === '') report(path, `has a "${whole}" that does not end with "}"`)
      else if (!isText(found)) report(path, `needs the environment variable ${name}, which is not set`, name)
      else if (found.includes('${'))
        report(path, `needs the environment variable ${name}, which has "\${" in it`)
      else return found
      return whole
    })
  }
  if (Array.isArray(value))
    return value.map((item, index) => substitute(item, env, `${path}[${index}]`, report))
  if (!isBag(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, substitute(item, env, `${path}.${name}`, report)]),
  )
}

/** Members that a stage replaces as a whole. Nothing about what a route demands is among them. */
const REPLACED = ['resources', 'origin', 'aws', 'cors', 'reportOnly', 'publicUrls']

/** Lays the stage over the configuration: issuers member by member, the others whole. */
export function applyStage(config: Bag, stage: unknown, report: Report): Bag {
  const { stages: stagesGiven, ...base } = config
  const stages = optionalBagAt(stagesGiven, 'stages', report)
  for (const [name, overrides] of Object.entries(stages)) {
    bagAt(overrides, `stages.${name}`, report, ['issuers', ...REPLACED])
  }
  const known = list(Object.keys(stages)) || 'none'
  if (stage === undefined || stage === '') {
    if (Object.keys(stages).length > 0)
      report('stages', `needs one to be chosen (LANEKEEPER_STAGE); it has: ${known}`)
    return base
  }
  if (typeof stage !== 'string' || !Object.hasOwn(stages, stage)) {
    report('stages', `has no stage ${JSON.stringify(stage)} (LANEKEEPER_STAGE); it has: ${known}`)
    return base
  }
  const chosen = isBag(stages[stage]) ? stages[stage] : {}
  const { issuers: overrides } = chosen
  const whole = Object.fromEntries(
    REPLACED.filter((name) => name in chosen).map((name) => [name, chosen[name]]),
  )
  if (overrides === undefined) return { ...base, ...whole }
  const issuers = { ...(isBag(base['issuers']) ? base['issuers'] : {}) }
  for (const [name, members] of Object.entries(bagAt(overrides, `stages.${stage}.issuers`, report))) {
    if (!Object.hasOwn(issuers, name)) {
      report(
        `stages.${stage}.issuers.${name}`,
        `overrides an issuer that is not configured; there is: ${list(Object.keys(issuers))}`,
      )
    }
    const path = `stages.${stage}.issuers.${name}`
    const given = bagAt(members, path, report)
    issuers[name] = { ...(isBag(issuers[name]) ? issuers[name] : {}), ...given }
  }
  return { ...base, ...whole, issuers }
}
